#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a corpus test on the laboratory's SquashFS images: as_corpus.sh TEST LAB RECIPES DEMO
set -eu
test=$1 lab=$2 recipes=$3 demo=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/expected" "$folder/formats"
"$lab" --all "$recipes" "$folder/made"
"$lab" --all "$demo" "$folder/made"
for truth in "$folder"/made/squashfs-*.tsv "$folder"/made/clean.tsv "$folder"/made/tampered.tsv; do
	name=$(basename "$truth" .tsv)
	mv "$truth" "$folder/expected/$name.tsv"
	mv "$folder/made/$name.bin" "$folder/formats/$name"
done
GIFTHORSE_CORPUS=$folder "$test"
