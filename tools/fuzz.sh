#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Long fuzzing: fuzz.sh BUILD SECONDS [TARGET...]. Each target runs in its turn over its seeds and a
# growing corpus in BUILD/corpus; crashes stay in BUILD/crashes. Prints processor time per target.
set -eu
build=$1 seconds=$2
shift 2
# shellcheck disable=SC2046 # words are wanted
[ $# -gt 0 ] || set -- $(find "$build/fuzz" -maxdepth 1 -type f -name 'fuzz_*' | sed 's/.*fuzz_//' | sort)
mkdir -p "$build/crashes"
worst=0
for target in "$@"; do
	corpus=$build/corpus/$target
	mkdir -p "$corpus"
	seeds=fuzz/seeds/$target
	[ -d "$seeds" ] || seeds=$(find fuzz/seeds -maxdepth 1 -name 'format_*')
	log=$build/crashes/$target.log
	status=0
	# shellcheck disable=SC2086 # no seeds, no word
	ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 \
		"$build/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -max_len=65536 \
		-artifact_prefix="$build/crashes/$target-" -print_final_stats=1 "$corpus" $seeds >"$log" 2>&1 || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	printf '%-28s %6s s  %12s runs  %s\n' "$target" "$seconds" "${runs:-?}" "$([ $status = 0 ] && echo ok || echo "FAILED, see $log")"
	[ $status = 0 ] || worst=1
done
exit $worst
