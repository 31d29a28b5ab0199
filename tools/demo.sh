#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demonstration: demo.sh BUILD. A laboratory router image and its tampered twin are generated into
# demo/ and scanned. The images are inert: no device accepts their headers, their programs do nothing.
set -eu
build=$1
gifthorse=$build/src/app/gifthorse
lab=$build/tools/gifthorse-lab
color=never
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] && color=always

say() { printf '\n$ %s\n' "$*"; }

mkdir -p demo
for name in clean tampered; do
	say "gifthorse-lab tools/demo/$name.recipe demo/$name.bin"
	"$lab" "tools/demo/$name.recipe" "demo/$name.bin"
done
say "gifthorse scan demo/clean.bin"
"$gifthorse" scan --color "$color" demo/clean.bin
say "gifthorse scan demo/tampered.bin"
status=0
"$gifthorse" scan --color "$color" demo/tampered.bin || status=$?
printf '\nexit status %s: 1 says that something at or above "suspicious" was found.\n' "$status"
printf 'Look further: %s tree demo/tampered.bin\n' "$gifthorse"
[ "$status" = 1 ]
