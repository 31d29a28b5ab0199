#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the packages of some sections of a list that are missing: packages.sh FILE SECTION...
set -eu
list=$1
shift
missing=
for section in "$@"; do
	for package in $(awk -v want="[$section]" '/^\[/ { on = $0 == want } on && !/^[#[]/ && NF { print $1 }' "$list"); do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		*' installed') ;;
		*) missing="$missing $package" ;;
		esac
	done
done
[ -n "$missing" ] || exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
# shellcheck disable=SC2086 # words are wanted
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
