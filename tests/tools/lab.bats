#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The laboratory generator against tools that nobody here wrote. LAB names the program, ROOT the project.

setup_file() {
	export OUT="$BATS_FILE_TMPDIR/fixtures"
	"$LAB" --all "$ROOT/tests/recipes" "$OUT"
}

need() {
	command -v "$1" > /dev/null || skip "$1 is not installed"
}

# The manifest's rows for regular files, folders and links, of a folder on disk.
truth_of() {
	(
		cd "$1"
		find . -mindepth 1 -type f -print0 | xargs -0 -r sha256sum > "$BATS_TEST_TMPDIR/sums"
		find . -mindepth 1 \( -type f -o -type d -o -type l \) -printf '%P\t%y\t%m\t%s\t%l\n' |
			awk -F '\t' -v OFS='\t' -v sums="$BATS_TEST_TMPDIR/sums" '
				BEGIN { while ((getline line < sums) > 0) sum[substr(line, 69)] = substr(line, 1, 64) }
				$2 == "f" { print $1, $2, sprintf("%04d", $3), $4, sum[$1] }
				$2 == "d" { print $1, $2, sprintf("%04d", $3), 0, "-" }
				$2 == "l" { print $1, $2, "0777", 0, $5 }'
	) | LC_ALL=C sort
}

same_as_unsquashfs() {
	local image tree="$BATS_TEST_TMPDIR/tree"
	for image; do
		rm -rf "$tree"
		# without root, unsquashfs says 2 for the device nodes it may not make
		unsquashfs -no-xattrs -d "$tree" "$OUT/$image.bin" > /dev/null 2>&1 || [ $? -eq 2 ]
		truth_of "$tree" > "$BATS_TEST_TMPDIR/got"
		awk -F '\t' -v OFS='\t' '!/^#/ && $3 != "s" { print $2, $3, $4, $5, $6 }' "$OUT/$image.tsv" |
			LC_ALL=C sort > "$BATS_TEST_TMPDIR/want"
		[ -s "$BATS_TEST_TMPDIR/want" ]
		diff "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got" || { echo "in $image"; return 1; }
		unsquashfs -lls "$OUT/$image.bin" | awk '/^[cbps]/ { sub("^squashfs-root/", "", $NF); print $NF }' |
			LC_ALL=C sort > "$BATS_TEST_TMPDIR/got"
		awk -F '\t' '$3 == "s" { print $2 }' "$OUT/$image.tsv" | LC_ALL=C sort | diff - "$BATS_TEST_TMPDIR/got"
	done
}

@test "the same recipe gives the same bytes" {
	"$LAB" --all "$ROOT/tests/recipes" "$BATS_TEST_TMPDIR/again"
	diff -r "$OUT" "$BATS_TEST_TMPDIR/again"
}

@test "unsquashfs reads versions 1 to 3 in both byte orders as the manifest says" {
	need unsquashfs
	same_as_unsquashfs squashfs-v1-le-gzip squashfs-v1-be-gzip squashfs-v2-le-gzip squashfs-v2-be-gzip \
		squashfs-v2-le-tails squashfs-v3-le-gzip squashfs-v3-be-gzip squashfs-v3-le-stored
}

@test "unsquashfs reads version 4 with every compressor as the manifest says" {
	need unsquashfs
	same_as_unsquashfs squashfs-v4-le-gzip squashfs-v4-le-xz squashfs-v4-le-lzo squashfs-v4-le-lz4 \
		squashfs-v4-le-zstd squashfs-v4-le-lzma squashfs-v4-le-xz-bcj-arm squashfs-v4-le-stored squashfs-v4-le-many
}

@test "owners, times and device numbers are those of the recipe" {
	need unsquashfs
	for v in v1-be v2-le v3-be v4-le; do
		TZ=UTC unsquashfs -lln "$OUT/squashfs-$v-gzip.bin" > "$BATS_TEST_TMPDIR/list"
		grep -E '^-rw-r--r-- 0/0 +30 2014-01-02 03:04 squashfs-root/etc/passwd$' "$BATS_TEST_TMPDIR/list"
		grep -E '^-rw------- 1000/100 +30 2014-06-13 01:02 squashfs-root/etc/copy$' "$BATS_TEST_TMPDIR/list"
		grep -E '^crw------- 0/0 +5, +1 .* squashfs-root/dev/console$' "$BATS_TEST_TMPDIR/list"
		grep -E '^brw-r----- 0/0 +31, +0 .* squashfs-root/dev/mtdblock0$' "$BATS_TEST_TMPDIR/list"
		grep -E '^-rwsr-xr-x .* squashfs-root/bin/busybox$' "$BATS_TEST_TMPDIR/list"
		grep -E '^prw------- 1000/5 .* squashfs-root/var/run/pipe$' "$BATS_TEST_TMPDIR/list"
	done
}

@test "readelf is content with the program for each machine" {
	need readelf
	for machine in mips-be mips-le arm aarch64 ppc-be x86-64; do
		for kind in exec lib static 'lib strip'; do
			echo "elf machine $machine kind $kind { needed libc.so.0; import socket; export lab; string \"inert\" }" \
				> "$BATS_TEST_TMPDIR/x.recipe"
			"$LAB" "$BATS_TEST_TMPDIR/x.recipe" "$BATS_TEST_TMPDIR/x"
			# its status says only that it met no unwind table (ARM without section headers)
			readelf -aW "$BATS_TEST_TMPDIR/x" > "$BATS_TEST_TMPDIR/said" 2> "$BATS_TEST_TMPDIR/moaned" || true
			[ ! -s "$BATS_TEST_TMPDIR/moaned" ]
			! grep -iE 'warning|error|corrupt' "$BATS_TEST_TMPDIR/said"
			[[ $kind == static ]] || readelf -sDW "$BATS_TEST_TMPDIR/x" | grep -q 'UND socket'
		done
	done
}

@test "streams come out of the usual tools as they went in" {
	echo 'prose 50000 seed 21' > "$BATS_TEST_TMPDIR/plain.recipe"
	"$LAB" "$BATS_TEST_TMPDIR/plain.recipe" "$BATS_TEST_TMPDIR/plain"
	for pair in gzip:gzip bzip2:bzip2 xz:xz xz-bcj-arm:xz lzma:xz lzma-unknown-size:xz lzma-lc0-lp2:xz zstd:zstd lz4:lz4 \
		lz4-legacy:lz4 lzop:lzop; do
		command -v "${pair#*:}" > /dev/null || continue
		"${pair#*:}" -dc < "$OUT/${pair%:*}.bin" | cmp - "$BATS_TEST_TMPDIR/plain"
	done
}

@test "tar, cpio and unzip list what the manifest says" {
	tar -tf "$OUT/tar.bin" | diff - <(awk -F '\t' '!/^#/ { print $2 }' "$OUT/tar.tsv" | sed 's,^etc$,etc/,') ||
		tar -tf "$OUT/tar.bin" | sed 's,/$,,' | diff - <(awk -F '\t' '!/^#/ { print $2 }' "$OUT/tar.tsv")
	if command -v cpio > /dev/null; then
		for kind in newc crc odc bin; do
			cpio --quiet -it < "$OUT/cpio-$kind.bin" | diff - <(awk -F '\t' '!/^#/ { print $2 }' "$OUT/cpio-$kind.tsv")
		done
	fi
	if command -v unzip > /dev/null; then
		unzip -tq "$OUT/zip.bin"
	fi
}

@test "a TP-Link header carries the MD5 of its bytes with the public salt" {
	image="$OUT/tplink-v1.bin"
	{
		head -c 76 "$image"
		printf '\xdc\xd7\x3a\xa5\xc3\x95\x98\xfb\xdd\xf9\xe7\xf4\x0e\xae\x47\x38'
		tail -c +93 "$image"
	} | md5sum | cut -c 1-32 > "$BATS_TEST_TMPDIR/want"
	od -An -tx1 -j 76 -N 16 "$image" | tr -d ' \n' | diff - <(tr -d '\n' < "$BATS_TEST_TMPDIR/want")
	! cmp -s -i 76 -n 16 "$image" "$OUT/evil/tplink-wrong-md5.bin"
}

@test "the tampered image differs from the clean one in what was planted, and in nothing else" {
	"$LAB" --manifest "$ROOT/tools/demo/clean.recipe" > "$BATS_TEST_TMPDIR/clean"
	"$LAB" --manifest "$ROOT/tools/demo/tampered.recipe" > "$BATS_TEST_TMPDIR/tampered"
	diff "$BATS_TEST_TMPDIR/clean" "$BATS_TEST_TMPDIR/tampered" | awk -F '\t' '/^[<>]/ { print $2 }' | sort -u |
		diff - <(printf '%s\n' etc/passwd etc/rc.d/rcS etc/shadow usr/bin/sheel usr/bin/udhcp \
			web/userRpm/SoftwareUpgradeRpm.htm)
	[ "$(grep -c . "$BATS_TEST_TMPDIR/clean")" -gt 60 ]
}

@test "no image names a device: every TP-Link hardware id is ffffffff" {
	for image in "$OUT"/tplink-v1*.bin; do
		[ "$(od -An -tx1 -j 64 -N 4 "$image" | tr -d ' ')" = ffffffff ]
	done
	"$LAB" "$ROOT/tools/demo/tampered.recipe" "$BATS_TEST_TMPDIR/tampered.bin"
	[ "$(od -An -tx1 -j 64 -N 4 "$BATS_TEST_TMPDIR/tampered.bin" | tr -d ' ')" = ffffffff ]
}

@test "a mistake in a recipe is told with file and line" {
	local recipe="$BATS_TEST_TMPDIR/wrong.recipe"
	while IFS='|' read -r text line words; do
		printf "$text" > "$recipe"
		run "$LAB" "$recipe" "$BATS_TEST_TMPDIR/x"
		[ "$status" -eq 2 ]
		[[ "$output" == "$recipe:$line: "*"$words"* ]] || { echo "$text gave $output"; return 1; }
	done <<'ROWS'
text a\nfrobnicate\n|2|nobody knows
text "no end\n|1|text without end
gzip {\n text a\n|3|the file ends inside a block
text a\n}\n|2|a brace without its partner
gzip colour 3 { text a }\n|1|knows no "colour"
zeros many\n|1|is not a number
zeros 8\nat 4\n|2|is taken
squashfs version 5 { }\n|1|versions are 1 to 4
squashfs {\n file a\n file a\n}\n|3|the name is taken
squashfs {\n dir a\n loop a/b a\n}\n|1|a loop needs store-inodes
in nothing { remove a }\n|1|nothing carries this id
text "\\q"\n|1|unknown escape
ROWS
	run "$LAB" "$BATS_TEST_TMPDIR/absent.recipe" "$BATS_TEST_TMPDIR/x"
	[ "$status" -eq 2 ]
	run "$LAB" --bogus
	[ "$status" -eq 2 ]
}
