#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shared library shows its public names and no other: exports.sh LIBRARY HEADER
set -eu
# shellcheck source=law.sh
. "$(dirname "$0")/law.sh"
out=$scratch/out

nm -D --defined-only "$1" | awk '{ print $NF }' | sed 's/@.*//' | sort -u >"$scratch/there"
# What the sanitizers and the linker put into every library is not ours.
grep -vE '^(gifthorse_|_init$|_fini$|_edata$|_end$|__bss_start$|__asan|__ubsan|__odr_asan|__sanitizer|___asan)' "$scratch/there" >"$out" || :
law "only gifthorse_ names are exported" "$out"

grep -oE 'GIFTHORSE_API [^;]*' "$2" | grep -oE '\bgifthorse_[a-z_]+\(' | tr -d '(' | sort -u >"$scratch/told"
comm -13 "$scratch/there" "$scratch/told" >"$out"
law "every function of the public header is exported" "$out"
grep '^gifthorse_' "$scratch/there" | comm -13 "$scratch/told" - >"$out"
law "every exported function stands in the public header" "$out"

objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }' | grep -iE 'lzo2|readline|gmp' >"$out" || :
law "no GPL library is linked" "$out"

laws_end
