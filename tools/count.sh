#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Adds up what Meson's tests said in some build folders; the last line is "N passed, N failed".
# A TAP program counts by its lines, any other by its exit. A folder without a log is a failure.
set -eu
passed=0 failed=0 skipped=0
for build in "$@"; do
	log=$build/meson-logs/testlog.json
	if [ ! -s "$log" ] || [ -e "$build.broken" ]; then
		echo "$build: was not built or not tested"
		failed=$((failed + 1))
		rm -f "$build.broken"
		[ -s "$log" ] || continue
	fi
	counts=$(jq -rs '
		def lines: (.stdout // "") | split("\n");
		map(. as $t
		  | [lines[] | select(test("^(not )?ok\\b"))] as $tap
		  | if ($tap | length) > 0 then
		      { p: [$tap[] | select(test("^ok\\b") and (test("# *SKIP"; "i") | not))] | length,
		        s: [$tap[] | select(test("# *SKIP"; "i"))] | length,
		        f: [$tap[] | select(test("^not ok\\b") and (test("# *SKIP"; "i") | not))] | length }
		      # cmocka says "not ok # SKIP", which Meson takes for a failure
		      | if .f == 0 and .s == 0 and ($t.result | IN("OK", "SKIP") | not) then .f = 1 else . end
		    else
		      { p: (if $t.result == "OK" then 1 else 0 end),
		        s: (if $t.result == "SKIP" then 1 else 0 end),
		        f: (if ($t.result | IN("OK", "SKIP")) then 0 else 1 end) }
		    end)
		| [(map(.p) | add // 0), (map(.f) | add // 0), (map(.s) | add // 0)] | @tsv' "$log")
	# shellcheck disable=SC2086
	set -- $counts "$@"
	printf '%-20s %5d passed %3d failed %3d skipped\n' "$build" "$1" "$2" "$3"
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	shift 3
done
[ "$skipped" = 0 ] || echo "$skipped skipped (what was missing stands in the logs)"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
