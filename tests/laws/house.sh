#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the house is built: house.sh ROOT. Rooms and their map, lengths, words that have no place here.
set -eu
# shellcheck source=law.sh
. "$(dirname "$0")/law.sh"
cd "$1"
all=$scratch/all code=$scratch/code src=$scratch/src out=$scratch/out

# What belongs to the project: what git knows, or everything where there is no git.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	git ls-files >"$all"
else
	find . -type f ! -path './build*' ! -path './.git/*' ! -path './demo/*' | sed 's,^\./,,' >"$all"
fi
while read -r file; do [ ! -f "$file" ] || echo "$file"; done <"$all" | sort >"$scratch/there"
mv "$scratch/there" "$all"
grep -E '\.([ch]|sh|py|awk|bats|yar)$' "$all" >"$code" || :
grep -E '^src/.*\.[ch]$' "$all" >"$src" || :

xargs awk -f tools/rooms.awk docs/rooms.txt <"$src" >"$out" || :
law "rooms use only the rooms that docs/rooms.txt allows" "$out"

# "| room | uses | …" of ARCHITECTURE.md against "room: uses" of docs/rooms.txt
sed -n '/^## The rooms/,/^## [^T]/p' ARCHITECTURE.md |
	awk -F'|' '$2 ~ /^ `[a-z]+` *$/ { gsub(/[` ]/, "", $2); gsub(/^ +| +$/, "", $3); if ($3 == "-") $3 = ""
		print $2 ":" ($3 ? " " $3 : "") }' >"$scratch/map"
sed -n 's/^\([a-z]*:\) */\1 /p' docs/rooms.txt | sed 's/ *$//' >"$scratch/rooms"
diff "$scratch/map" "$scratch/rooms" >"$out" || :
law "the map in ARCHITECTURE.md is that of docs/rooms.txt" "$out"

cut -d/ -f2 "$src" | sort -u >"$scratch/folders"
cut -d: -f1 "$scratch/rooms" | sort | diff "$scratch/folders" - >"$out" || :
law "every room is a folder of src/, and every folder a room" "$out"

while read -r room; do [ -f "docs/rooms/$room.md" ] || echo "docs/rooms/$room.md is missing"; done <"$scratch/folders" >"$out"
law "every room has a page in docs/rooms/" "$out"

while read -r file; do
	head -2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file"
done <"$code" >"$out"
law "every source file begins with its licence" "$out"

xargs wc -l <"$src" | awk '$2 != "total" && $1 > 500 { print $2 " has " $1 " lines" }' >"$out"
law "no file of src/ is longer than 500 lines" "$out"

# shellcheck disable=SC2016 # awk has fields of its own
xargs awk 'length($0) > 160 && !/"/ { print FILENAME ":" FNR ": " length($0) " columns" }' <"$src" >"$out"
law "no line of src/ is far too long" "$out"

xargs grep -nwE 'TODO|FIXME' <"$src" >"$out" || :
law "no promise is left in the source" "$out"

banned='strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|strtok|strtok_r|system|popen|alloca'
xargs grep -nE "(^|[^A-Za-z0-9_])($banned)[[:space:]]*\(" <"$src" | grep -vE ':[[:space:]]*(/?\*|//)' >"$out" || :
law "functions without a bound, and shells, are not called" "$out"

# Handlers read through the cursor: nobody steps through bytes of an image by pointer arithmetic of integers.
xargs grep -nE '\(const (uint16_t|uint32_t|uint64_t|struct [a-z_]+) \*\)[^)]*ptr' <"$src" >"$out" || :
law "no integer is read by casting a pointer into an image" "$out"

# Written in two halves, so that this line is not an offence itself.
grep -v '^fuzz/seeds/' "$all" | tr '\n' '\0' |
	xargs -0 grep -nIE '(^|[^A-Za-z0-9_.])/(work|tmp/brief)''/' >"$out" 2>/dev/null || :
law "nothing names a place on the machine of an author" "$out"

python3 tests/laws/words.py . >"$out" || :
law "documents name only files, commands and targets that exist" "$out"

laws_end
