#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# page.sh GIFTHORSE SCDOC PAGE: a man page, with the options of a command where "@OPTIONS command@" stands.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
while IFS= read -r line || [ -n "$line" ]; do
	case $line in
	@OPTIONS\ *@)
		name=${line#@OPTIONS }
		"$1" --man-options "${name%@}"
		;;
	*) printf '%s\n' "$line" ;;
	esac
done < "$3" > "$folder/page.scd"
"$2" < "$folder/page.scd"
