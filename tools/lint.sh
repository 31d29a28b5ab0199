#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What machines can say about the source: lint.sh BUILD_CLANG BUILD_ANALYZER
# Layout by clang-format (of .c files; headers may align by hand), then clang-tidy with .clang-tidy, gcc -fanalyzer
# and shellcheck. Each one runs, also when one before it was not content; exit 0 means all were.
set -eu
clang=$1 analyzer=$2
jobs=$(nproc)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
bad=0

# What git knows, or everything where there is no git; what is gone from the disk is not looked at.
files() {
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard
	else
		find . -type f ! -path './build*' ! -path './.git/*' | sed 's,^\./,,'
	fi | while read -r file; do [ ! -f "$file" ] || echo "$file"; done | sort -u
}

verdict() { # NAME STATUS
	if [ "$2" = 0 ]; then
		echo "$1: clean"
	else
		echo "$1: NOT CLEAN"
		bad=1
	fi
}

status=0
files | grep -E '^(src|tests|fuzz|tools)/.*\.c$' | tr '\n' '\0' |
	xargs -0 clang-format --dry-run -Werror 2>"$log" || status=$?
sed -n 's/^\(.*\):[0-9]*:[0-9]*: error: .*/\1/p' "$log" | sort | uniq -c
verdict clang-format $status

# Sources that the build makes must be there to be included.
status=0
ninja -C "$clang" >"$log" 2>&1 || { grep -E '^FAILED|(error|ERROR):' "$log"; status=1; }
files | grep -E '^src/.*\.c$' | tr '\n' '\0' |
	xargs -0 -n 1 -P "$jobs" clang-tidy -p "$clang" -quiet >"$log" 2>/dev/null || status=$?
grep -E '(warning|error):' "$log" | sed "s,^$PWD/,,; s,^.*/\.\./,," | sort -u
verdict clang-tidy $status

status=0
# shellcheck disable=SC2046 # words are wanted
ninja -C "$analyzer" -k 0 src/app/gifthorse $(ninja -C "$analyzer" -t targets all | sed -n 's/^\(src\/lib[^:/]*\.a\): .*/\1/p') \
	>"$log" 2>&1 || status=$?
grep -E '(warning|error):' "$log" | sed 's,^\(\.\./\)*,,' | sort -u
verdict 'gcc -fanalyzer' $status

status=0
files | while read -r file; do
	case $file in
	*.sh) echo "$file" ;;
	*.[ch] | *.md | fuzz/seeds/*) ;;
	*) head -c 64 "$file" | head -1 | grep -qaE '^#!.*[/ ](ba)?sh$' && echo "$file" ;;
	esac
done | tr '\n' '\0' | xargs -0 shellcheck --severity=warning || status=$?
verdict shellcheck $status

exit $bad
