#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# schema.sh SAMPLES VALIDATE: the reports of the sample program hold against the schema, and a broken one does not.
set -e
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" > "$folder/report.json"
"$2" "$folder/report.json"
sed 's/"verdict": "suspicious"/"verdict": "clean"/' "$folder/report.json" > "$folder/broken.json"
if "$2" "$folder/broken.json" 2> /dev/null; then
	echo "the schema takes a verdict that does not exist" >&2
	exit 1
fi
sed 's/"complete": true/"complete": true, "extra": 1/' "$folder/report.json" > "$folder/broken.json"
if "$2" "$folder/broken.json" 2> /dev/null; then
	echo "the schema takes members it does not know" >&2
	exit 1
fi
