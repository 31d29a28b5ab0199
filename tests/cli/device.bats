#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A device in pieces: a folder of its partitions is read as the tar of them is.
bats_require_minimum_version 1.5.0

setup() {
	: "${GIFTHORSE:?names the program to test}"
	work=$(mktemp -d)
	mkdir "$work/device"
	head -c 70000 /dev/zero >"$work/device/mtd0"
	printf 'hsqs' >"$work/device/mtd1_rootfs.bin"
	printf 'dev:    size   erasesize  name\nmtd0: 00011170 00010000 "u-boot"\n' >"$work/device/proc_mtd"
}

teardown() {
	rm -rf "$work"
}

@test "a folder is one device for tree" {
	run --separate-stderr "$GIFTHORSE" tree --json - "$work/device"
	[ "$status" -eq 0 ]
	[[ "$output" == *'"format": "mtds"'* ]]
	[[ "$output" == *'mtd0 u-boot, 70000 bytes'* ]]
}

@test "a scan of a folder is one of each file, with --device of one device" {
	run "$GIFTHORSE" scan "$work/device"
	[[ "$output" == *"3 images"* ]]
	run "$GIFTHORSE" scan --device "$work/device"
	[[ "$output" != *"3 images"* ]]
	[ "$status" -eq 0 ]
}

@test "a folder without files is refused" {
	mkdir "$work/empty"
	run --separate-stderr "$GIFTHORSE" tree "$work/empty"
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"no file below this folder"* ]]
}

@test "what is of one device alone is masked unless it is asked for" {
	: "${FIXTURES:?names the images of the laboratory}"
	run "$GIFTHORSE" tree --json - "$FIXTURES/device-nor.bin"
	[[ "$output" == *"00:04:ff:xx:xx:xx"* ]]
	[[ "$output" != *"00:04:ff:00:00:01"* ]]
	run "$GIFTHORSE" tree --show-secrets --json - "$FIXTURES/device-nor.bin"
	[[ "$output" == *"00:04:ff:00:00:01"* ]]
}
