#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `make demo` shows: the laboratory router is quiet, and each thing planted in its twin is told.

setup() {
	: "${GIFTHORSE:?names the program to test}" "${LAB:?names gifthorse-lab}" "${ROOT:?names the source tree}"
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the clean router shows nothing worth a look" {
	"$LAB" "$ROOT/tools/demo/clean.recipe" clean.bin
	run "$GIFTHORSE" scan --fail-on notice clean.bin
	[ "$status" -eq 0 ]
	[[ "$output" == "NOTHING FOUND"* ]]
}

@test "the tampered router shows every change" {
	"$LAB" "$ROOT/tools/demo/tampered.recipe" tampered.bin
	run "$GIFTHORSE" scan tampered.bin
	[ "$status" -eq 1 ]
	for id in BOOT/starts-known-implant KNOWN-IMPLANT/horse-shell UPGRADE-BLOCKED/hidden-form ACCOUNTS/second-root; do
		[[ "$output" == *"id        $id (sure: "* ]] || { echo "no $id"; return 1; }
	done
	[[ "$output" == *"web/userRpm/SoftwareUpgradeRpm.htm, line 3"* ]]
}
