#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Same input, same report, byte for byte: same.sh ROOT GIFTHORSE LAB
set -eu
# shellcheck source=law.sh
. "$(dirname "$0")/law.sh"
root=$1 gifthorse=$2 lab=$3
out=$scratch/out

report() { # FILE OPTIONS
	to=$1
	shift
	status=0
	"$gifthorse" "$@" --json "$to" "$image" >"$to.text" || status=$?
	[ "$status" -lt 2 ] || echo "exit status $status" >>"$to"
}
same() { # what, one, other
	if [ ! -s "$2" ] || [ ! -s "$3" ]; then
		echo "no report" >"$out"
	else
		cmp "$2" "$3" >"$out" 2>&1 || diff "$2" "$3" | head -6 >>"$out"
	fi
	law "$1 ($name)" "$out"
}

for recipe in "$root/tools/demo/tampered.recipe" "$root/tests/laws/many-layers.recipe"; do
	name=$(basename "$recipe" .recipe)
	image=$scratch/$name.bin
	"$lab" "$recipe" "$image"

	report "$scratch/a" scan --files --jobs 1
	report "$scratch/b" scan --files --jobs 1
	report "$scratch/c" scan --files --jobs 2
	report "$scratch/d" scan --files --jobs 7
	same "two scans give one report" "$scratch/a" "$scratch/b"
	same "one thread and two give one report" "$scratch/a" "$scratch/c"
	same "one thread and seven give one report" "$scratch/a" "$scratch/d"
	same "the text is the same as well" "$scratch/a.text" "$scratch/d.text"

	# A budget that ends in the middle of the work: what is left out must not be chance.
	report "$scratch/e" scan --files --jobs 1 --max-bytes 3M
	report "$scratch/f" scan --files --jobs 7 --max-bytes 3M
	same "a budget ends at the same place with any number of threads" "$scratch/e" "$scratch/f"
	if cmp -s "$scratch/a" "$scratch/e"; then echo "a budget of 3 MiB changed nothing" >"$out"; else : >"$out"; fi
	law "that budget is too small for the image ($name)" "$out"

	report "$scratch/g" tree --jobs 1
	report "$scratch/h" tree --jobs 7
	same "the structure is the same with any number of threads" "$scratch/g" "$scratch/h"
	rm -f "$scratch"/[a-h] "$scratch"/[a-h].text
done

# Many images at once: their reports come in the order they were named, whatever ended first.
image=$scratch/many-layers.bin
for jobs in 1 4; do
	"$gifthorse" scan --jobs $jobs --json "$scratch/all$jobs" "$scratch/many-layers.bin" "$root/README.md" \
		"$scratch/tampered.bin" "$root/LICENSE" >/dev/null || :
done
name="four images"
same "images scanned together are reported in their order" "$scratch/all1" "$scratch/all4"

laws_end
