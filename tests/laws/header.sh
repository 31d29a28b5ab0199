#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The public header stands alone: header.sh INCLUDE. As C11 by gcc and clang, as C++17 by clang.
set -eu
# shellcheck source=law.sh
. "$(dirname "$0")/law.sh"
out=$scratch/out
header=$1/gifthorse/gifthorse.h

try() { # name, compiler, options
	name=$1
	shift
	if command -v "$1" >/dev/null; then
		"$@" -Wall -Wextra -Wpedantic -Werror -fsyntax-only "$scratch/one.$kind" >"$out" 2>&1 || [ -s "$out" ] || echo failed >"$out"
		law "the public header compiles alone as $name" "$out"
	else
		skip "the public header compiles alone as $name" "no $1"
	fi
}

for kind in c cpp; do echo "#include \"$header\"" >"$scratch/one.$kind"; done
kind=c
try "C11 (gcc)" gcc -std=c11 -xc
try "C11 (clang)" clang -std=c11 -xc -Weverything -Wno-padded -Wno-reserved-macro-identifier
kind=cpp
try "C++17 (clang)" clang -std=c++17 -xc++

# Its names are its own.
printf '#include "%s"\n' "$header" >"$scratch/one.c"
gcc -std=c11 -dM -E "$scratch/one.c" | awk '{ print $2 }' | sed 's/(.*//' | sort >"$scratch/with"
printf '#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n' >"$scratch/two.c"
gcc -std=c11 -dM -E "$scratch/two.c" | awk '{ print $2 }' | sed 's/(.*//' | sort >"$scratch/without"
comm -23 "$scratch/with" "$scratch/without" | grep -v '^GIFTHORSE_' >"$out" || :
law "the public header defines no macro but GIFTHORSE_…" "$out"

laws_end
