# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# For the law tests, sourced: `law NAME FILE` passes when FILE, a list of offences, is empty; `laws_end`
# prints the plan. TAP, so that Meson counts each law.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
laws=0 broken=0

law() {
	laws=$((laws + 1))
	if [ -s "$2" ]; then
		broken=$((broken + 1))
		echo "not ok $laws - $1"
		head -20 "$2" | sed 's/^/# /'
	else
		echo "ok $laws - $1"
	fi
}

skip() {
	laws=$((laws + 1))
	echo "ok $laws - $1 # SKIP $2"
}

laws_end() {
	echo "1..$laws"
	[ "$broken" = 0 ]
}
