#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The structure of an image: as text, as a picture, read twice.

setup() {
	: "${GIFTHORSE:?names the program to test}"
	: "${FIXTURES:?the folder of the laboratory images}"
	cd "$BATS_TEST_TMPDIR" || return
	image="$FIXTURES/tplink-v1-boot.bin"
}

bats_require_minimum_version 1.5.0

# The boxes of a picture, and that it is XML without anything that runs or is fetched.
boxes() {
	python3 - "$1" <<'END'
import sys, xml.etree.ElementTree as tree
names = [e.tag.split('}')[1] for e in tree.parse(sys.argv[1]).iter()]
assert set(names) <= {'svg', 'style', 'rect', 'text', 'g', 'title', 'path'}, set(names)
print(names.count('g'))
END
}

@test "every laboratory image reads the same a second time" {
	for file in "$FIXTURES"/*.bin; do
		run "$GIFTHORSE" tree --verify "$file"
		[ "$status" -le 1 ]
		[[ "$output" == *"read again: "*": all as told"* ]]
	done
}

@test "the second reading is told in JSON, too" {
	"$GIFTHORSE" tree --verify --json again.json "$image" > /dev/null
	[ "$(jq '.images[0].read_again.differing' again.json)" -eq 0 ]
	[ "$(jq '.images[0].read_again.regions' again.json)" -gt 5 ]
	"$GIFTHORSE" tree --json once.json "$image" > /dev/null
	[ "$(jq '.images[0] | has("read_again")' once.json)" = false ]
}

@test "the picture has a box for every node of the image's own space" {
	"$GIFTHORSE" tree --map map.svg --json tree.json "$image" > /dev/null
	# what stands in a stream or a file is of another space
	nodes=$(jq 'def own: if .kind == "image" or (has("decoded_size") | not) then .children[]? | ., own else empty end;
		[.images[0].tree | own | select(.size > 0)] | length' tree.json)
	[ "$(boxes map.svg)" -eq "$nodes" ]
	[ "$nodes" -gt 5 ]
}

@test "a hostile name is a name in the picture, and an empty image has one" {
	cp "$image" '<script>alert(1)'
	"$GIFTHORSE" tree --map map.svg '<script>alert(1)' > /dev/null
	boxes map.svg
	: > empty
	"$GIFTHORSE" tree --map empty.svg empty > /dev/null
	[ "$(boxes empty.svg)" -eq 0 ]
}

@test "a picture that cannot be written is status 2, and half of one has no name" {
	run --separate-stderr "$GIFTHORSE" tree --map no/where.svg "$image"
	[ "$status" -eq 2 ]
	[[ "$stderr" == *no/where.svg* ]]
	run "$GIFTHORSE" tree --map half.svg missing.bin
	[ "$status" -eq 2 ]
	[ ! -e half.svg ]
	[ -z "$(find . -name '*partial*')" ]
}

@test "a piece that is cut short is said to be, and is status 1" {
	run "$GIFTHORSE" tree "$image"
	[ "$status" -eq 0 ]
	head -c 3000 "$FIXTURES/squashfs-v4-le-stored.bin" > cut.bin
	run "$GIFTHORSE" tree --json cut.json cut.bin
	[ "$status" -eq 1 ]
	[ "$(jq '[.images[0].tree | .. | .status? | select(. == "partial" or . == "damaged")] | length' cut.json)" -ge 1 ]
}
