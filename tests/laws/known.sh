#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What gifthorse knows is tested, fuzzed and written down: known.sh ROOT KNOWN [GIFTHORSE]
# KNOWN is the program of known.c. `known.sh --bless ROOT KNOWN` writes docs/formats.md and docs/checks.md anew.
set -eu
here=$(dirname "$0")
if [ "$1" = --bless ]; then
	for page in formats checks; do "$3" $page >"$2/docs/$page.md"; done
	exit 0
fi
# shellcheck source=law.sh
. "$here/law.sh"
root=$1 known=$2 gifthorse=${3-}
out=$scratch/out
"$known" names >"$scratch/names"
sed -n 's/^format //p' "$scratch/names" >"$scratch/formats"
sed -n 's/^check //p' "$scratch/names" >"$scratch/checks"

for page in formats checks; do
	"$known" $page | diff "$root/docs/$page.md" - >"$out" 2>&1 || :
	law "docs/$page.md is what the library says of its $page (known.sh --bless writes it)" "$out"
	if [ -n "$gifthorse" ]; then
		"$gifthorse" $page | grep -oE '^[^ ]+' | diff "$scratch/$page" - >"$out" || :
		law "gifthorse $page lists the same" "$out"
	else
		skip "gifthorse $page lists the same" "no program"
	fi
done

while read -r name; do
	c=$(echo "$name" | tr - _)
	[ -n "$(find "$root/fuzz/seeds/format_$c" -type f 2>/dev/null | head -1)" ] || echo "fuzz/seeds/format_$c/ has no seed"
done <"$scratch/formats" >"$out"
law "every format has a seed for its fuzz target" "$out"

while read -r name; do
	c=$(echo "$name" | tr - _)
	find "$root/tests/recipes" -name "$name.recipe" -o -name "$name-*.recipe" | grep -q . ||
		grep -rqE "gh_format_$c\\b|\"$name\"" "$root/tests/unit/format" || echo "$name has neither recipe nor test"
done <"$scratch/formats" >"$out"
law "every format has a recipe of the laboratory or a unit test" "$out"

while read -r id; do
	c=$(echo "$id" | tr 'A-Z-' 'a-z_')
	grep -rqE "gh_check_$c\\b|\"${id}[\"/]" "$root/tests" --include='*_test.c' --include='*.bats' --include='*.sh' || echo "$id has no test"
done <"$scratch/checks" >"$out"
law "every check has a test" "$out"

while read -r id; do
	[ -z "$gifthorse" ] || "$gifthorse" explain "$id" >"$scratch/explained" 2>&1 || echo "$id cannot be explained"
done <"$scratch/checks" >"$out"
law "every check can be explained" "$out"

grep -vE '^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$' "$scratch/checks" >"$out" || :
law "ids of checks are upper case" "$out"
grep -vE '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' "$scratch/formats" >"$out" || :
law "names of formats are lower case" "$out"
sort "$scratch/names" | uniq -d >"$out"
law "no name is given twice" "$out"
LC_ALL=C sort "$scratch/formats" | diff "$scratch/formats" - >"$out" || :
law "formats are listed in alphabetical order" "$out"
LC_ALL=C sort "$scratch/checks" | diff "$scratch/checks" - >"$out" || :
law "checks are listed in alphabetical order" "$out"

laws_end
