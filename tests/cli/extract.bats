#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Extraction can hurt nobody and loses nothing silently. GIFTHORSE names the program, FIXTURES the images of
# the laboratory.

bats_require_minimum_version 1.5.0

setup() {
	: "${GIFTHORSE:?names the program to test}" "${FIXTURES:?names the images of the laboratory}"
	cd "$BATS_TEST_TMPDIR" || return
	image=$FIXTURES/squashfs-v4-le-xz.bin
}

teardown() {
	if [ -e "$BATS_TEST_TMPDIR/mounted" ]; then
		umount "$BATS_TEST_TMPDIR/small"
	fi
}

# A folder `small` on a disk of $1 KiB, or skip.
small_disk() {
	mkdir small
	[ "$(id -u)" -eq 0 ] || skip "only root may mount a small disk"
	mount -t tmpfs -o "size=${1}k" none small || skip "no mount here"
	: > mounted
}

# Everything in the folder but what is in $1, with sizes and times: to see what an extraction changed outside.
rest() {
	find . -path "./$1" -prune -o -path './rest.*' -prune -o -printf '%p %y %s %m %T@ %l\n' | grep -v '^\. ' | sort
}

# What could be written is; 1 says that a piece of the image was damaged.
extracts() {
	timeout 20 "$GIFTHORSE" extract "$@" > /dev/null || [ $? -eq 1 ]
}

@test "nothing is written outside the target whatever the names say" {
	mkdir -p up/in
	echo here > up/canary
	: > rest.before
	: > rest.after
	for name in names-absolute-dotdot squashfs-names; do
		rest up/in > rest.before
		extracts "$FIXTURES/evil/$name.bin" -C "up/in/$name"
		rest up/in > rest.after
		cmp rest.before rest.after
		[ ! -e /evil-absolute ]
		[ ! -e /abs ]
		[ ! -e /tmp/evil-through-link ]
		# no device, FIFO or socket, no setuid bit, and every name that is a file is told about
		run find up/in \( -type b -o -type c -o -type p -o -type s -o -perm /7000 \)
		[ -z "$output" ]
		grep -rq fine "up/in/$name"
	done
}

@test "what has an impossible name is written under another one, and the report says which" {
	"$GIFTHORSE" extract "$FIXTURES/evil/names-absolute-dotdot.bin" -C out > /dev/null
	# every content of the archive is there, once
	for text in first second composed decomposed "a file" "in a file" bits fine; do
		[ "$(grep -rxl --exclude=gifthorse-report.json "$text" out | wc -l)" -eq 1 ]
	done
	[ "$(grep -rxl --exclude=gifthorse-report.json evil out | wc -l)" -eq 5 ]
	[ "$(jq '[.. | .notes? // empty | .[] | select(.text | startswith("written as "))] | length' \
		out/gifthorse-report.json)" -eq 6 ]
}

@test "folders that lead to themselves end" {
	for name in squashfs-directory-loop squashfs-v3-directory-loop squashfs-deep; do
		extracts "$FIXTURES/evil/$name.bin" -C "$name"
		[ "$(find "$name/0x0-squashfs" -type f | wc -l)" -eq 1 ]
	done
}

@test "nothing that exists is overwritten without --force" {
	"$GIFTHORSE" extract "$image" -C out > /dev/null
	echo mine > out/mine
	echo changed > out/0x0-squashfs/etc/passwd
	cp -a out before
	run --separate-stderr "$GIFTHORSE" extract "$image" -C out
	[ "$status" -eq 2 ]
	[[ "$stderr" == *exists* ]]
	diff -r --no-dereference before out
	run "$GIFTHORSE" extract --force "$image" -C out
	[ "$status" -eq 0 ]
	grep -q root out/0x0-squashfs/etc/passwd
	[ "$(cat out/mine)" = mine ]
	run find out -name '.gifthorse-*'
	[ -z "$output" ]
}

@test "--force follows no link out of the target" {
	mkdir -p out elsewhere
	echo mine > elsewhere/etc
	ln -s ../elsewhere out/0x0-squashfs
	ln -s ../elsewhere/etc out/gifthorse-report.json
	run "$GIFTHORSE" extract "$image" -C out
	[ "$status" -eq 2 ]
	run "$GIFTHORSE" extract --force "$image" -C out
	[ "$(cat elsewhere/etc)" = mine ]
	[ "$(ls elsewhere)" = etc ]
}

@test "a target that is a file, or below nothing, is status 2" {
	echo mine > file
	run --separate-stderr "$GIFTHORSE" extract "$image" -C file
	[ "$status" -eq 2 ]
	[[ "$stderr" == *file* ]]
	[ "$(cat file)" = mine ]
	run --separate-stderr "$GIFTHORSE" extract "$image" -C nowhere/out
	[ "$status" -eq 2 ]
	[[ "$stderr" == *nowhere* ]]
	[ ! -e nowhere ]
}

@test "a full disk is status 2, says what is missing and names the half" {
	small_disk 160
	run --separate-stderr "$GIFTHORSE" extract "$image" -C small/out
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"o space left"* ]]
	[[ "$stderr" == *.gifthorse-partial-* ]]
	# what is there and what is missing make a whole (the file that did not fit may count as both)
	[[ "$stderr" =~ ([0-9]+)\ missing ]]
	there=$(find small/out \( -type f -o -type l \) | wc -l)
	whole=$(grep -c "$(printf '\t[fl]\t')" "${image%.bin}.tsv")
	sum=$((there + BASH_REMATCH[1]))
	[ "$sum" -ge "$whole" ]
	[ "$sum" -le "$((whole + 2))" ]
	run bash -c 'ls -A small/out | grep -v "^[.]gifthorse-partial-"'
	[ -z "$output" ]
}

@test "a disk that is full from the start is status 2" {
	small_disk 64
	head -c 1000000 /dev/zero > small/filler || true
	run --separate-stderr "$GIFTHORSE" extract "$image" -C small/out
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"o space left"* ]]
	run --separate-stderr "$GIFTHORSE" scan --json small/out.json "$image"
	[ "$status" -eq 2 ]
	[ ! -e small/out.json ]
	[ "$(find small -name '*partial*' -type f | wc -l)" -eq 0 ]
}

@test "files that may not grow are status 2, and nothing of the half has a final name" {
	# shellcheck disable=SC2016
	run --separate-stderr bash -c 'ulimit -f 100; exec "$GIFTHORSE" extract "$0" -C out' "$image"
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"gifthorse: "* ]]
	run bash -c 'ls -A out | grep -v "^[.]gifthorse-partial-"'
	[ -z "$output" ]
}

@test "two at once in one target do not mix" {
	for round in 1 2 3; do
		"$GIFTHORSE" extract "$image" -C "out$round" > /dev/null 2> first.err &
		one=$!
		"$GIFTHORSE" extract "$image" -C "out$round" > /dev/null 2> second.err &
		two=$!
		a=0
		b=0
		wait "$one" || a=$?
		wait "$two" || b=$?
		# one of them is first; the other says what is there already
		[ "$((a + b))" -eq 2 ]
		grep -q exist first.err second.err
		"$GIFTHORSE" extract --force "$image" -C alone > /dev/null
		diff -r --no-dereference --exclude=gifthorse-report.json alone "out$round"
		jq -e '.images[0].end == "whole"' "out$round/gifthorse-report.json"
		[ -z "$(find "out$round" -name '.gifthorse-*')" ]
	done
}

@test "two at once with different images share a target" {
	"$GIFTHORSE" extract "$image" -C out > /dev/null
	run "$GIFTHORSE" extract "$FIXTURES/gzip.bin" -C out
	# the report of the first is not overwritten
	[ "$status" -eq 2 ]
	jq -e '.images[0].name | endswith("squashfs-v4-le-xz.bin")' out/gifthorse-report.json
}

@test "what was overwritten or deleted is left out, or stands beside with --history" {
	image=$BATS_TEST_DIRNAME/../../fuzz/seeds/format_ubifs/index-and-journal
	"$GIFTHORSE" extract "$image" -C now > /dev/null
	[ "$(cat now/0x0-ubifs/file)" = new ]
	[ ! -e now/0x0-ubifs/gone ]
	[ ! -e now/0x0-ubifs.history ]
	"$GIFTHORSE" extract --history "$image" -C both > /dev/null
	diff -r now/0x0-ubifs both/0x0-ubifs
	[ "$(cat both/0x0-ubifs.history/file)" = hello ]
	[ "$(cat both/0x0-ubifs.history/gone)" = abc ]
}
