#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the command says when it is asked for something odd. GIFTHORSE names the program.

setup() {
	: "${GIFTHORSE:?names the program to test}"
	cd "$BATS_TEST_TMPDIR" || return
	head -c 65536 /dev/zero > zeros.bin
	: > empty.bin
	export TERM=xterm
	unset NO_COLOR
}

# 2, one line on standard error that starts with the program's name, nothing on standard output.
refused() {
	run --separate-stderr "$GIFTHORSE" "$@"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ "$stderr" == "gifthorse: "* ]]
}

bats_require_minimum_version 1.5.0

@test "without a command there is short help and status 2" {
	run --separate-stderr "$GIFTHORSE"
	[ "$status" -eq 2 ]
	[ -z "$output" ]
	[[ "$stderr" == *"gifthorse scan"* ]]
}

@test "help and version go to standard output with status 0" {
	for words in --help -h --version -V "scan --help" "tree -h" "extract --help" "formats --help" "scan --version"; do
		# shellcheck disable=SC2086
		run --separate-stderr "$GIFTHORSE" $words
		[ "$status" -eq 0 ]
		[ -n "$output" ]
		[ -z "$stderr" ]
	done
}

@test "an unknown command or option points at --help" {
	refused sacn x
	[[ "$stderr" == *"'sacn'"*"--help"* ]]
	refused scan --sesame x
	[[ "$stderr" == *"--sesame"*"scan --help"* ]]
	refused scan -z x
	[[ "$stderr" == *"-z"*"scan --help"* ]]
	refused tree --fail-on notice x
	[[ "$stderr" == *"--fail-on"* ]]
	refused --sesame
}

@test "an option without its value is told" {
	refused scan zeros.bin --jobs
	[[ "$stderr" == *"--jobs needs N"* ]]
	refused extract zeros.bin -C
	[[ "$stderr" == *"--directory needs DIR"* ]]
}

@test "a number must be one, and in range" {
	for value in "" 0 -1 abc 1x 1.5 " 1" 99999999999999999999; do
		refused scan --jobs "$value" zeros.bin
		refused scan --timeout "$value" zeros.bin
		refused scan --max-depth "$value" zeros.bin
		refused scan --max-nodes "$value" zeros.bin
		refused scan --max-bytes "$value" zeros.bin
	done
	for value in 1Q 1KK K 1Ki 9999999999T 1k1; do
		refused scan --max-bytes "$value" zeros.bin
	done
}

@test "sizes take K, M, G and T" {
	for value in 1000000 900K 900k 64M 2G 1T; do
		run "$GIFTHORSE" scan --quiet --max-bytes "$value" zeros.bin
		[ "$status" -eq 0 ]
	done
}

@test "words must be among those there are" {
	refused scan --fail-on dreadful zeros.bin
	[[ "$stderr" == *"dreadful"*"suspicious"* ]]
	refused scan --color blue zeros.bin
	refused --completions tcsh
}

@test "too few and too many images are told" {
	refused scan
	[[ "$stderr" == *"IMAGE"* ]]
	refused tree
	refused tree zeros.bin empty.bin
	refused explain
	refused formats zeros.bin
}

@test "extract wants to know where" {
	refused extract zeros.bin
	[[ "$stderr" == *"-C DIR"* ]]
}

@test "what cannot be read is status 2 and does not stop the others" {
	run --separate-stderr "$GIFTHORSE" scan --quiet nowhere.bin zeros.bin
	[ "$status" -eq 2 ]
	[[ "$output" == "zeros.bin: "* ]]
	[[ "$stderr" == *"nowhere.bin"* ]]
	refused tree nowhere.bin
	mkdir folder
	refused tree folder
	mkfifo pipe
	run timeout 10 "$GIFTHORSE" scan pipe
	[ "$status" -eq 2 ]
}

@test "an empty image is an image" {
	run --separate-stderr "$GIFTHORSE" scan empty.bin
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
}

@test "a folder stands for every file below it, in order" {
	mkdir -p folder/b folder/a
	cp zeros.bin folder/b/2.bin
	cp zeros.bin folder/a/1.bin
	cp zeros.bin folder/3.bin
	ln -s /dev/zero folder/link
	run "$GIFTHORSE" scan --quiet folder
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -eq 3 ]
	[[ "${lines[0]}" == "folder/3.bin: "* ]]
	[[ "${lines[1]}" == "folder/a/1.bin: "* ]]
	[[ "${lines[2]}" == "folder/b/2.bin: "* ]]
	mkdir nothing
	refused scan nothing
}

@test "standard input is an image" {
	run bash -c '"$GIFTHORSE" scan --quiet - < zeros.bin'
	[ "$status" -eq 0 ]
	run bash -c 'cat zeros.bin | "$GIFTHORSE" scan --quiet -'
	[ "$status" -eq 0 ]
}

@test "a pipe gets neither colour nor progress" {
	"$GIFTHORSE" scan zeros.bin > out 2> err
	[ ! -s err ]
	! grep -q "$(printf '\033')" out
}

@test "colour is for those who ask" {
	"$GIFTHORSE" scan --color always zeros.bin > out
	grep -q "$(printf '\033')" out
	NO_COLOR=1 "$GIFTHORSE" scan --color auto zeros.bin > out
	! grep -q "$(printf '\033')" out
}

@test "--json - is JSON and nothing else" {
	"$GIFTHORSE" scan --json - zeros.bin empty.bin > out
	run jq -r '.schema, (.images | length), .images[0].name' out
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "gifthorse-report-1" ]
	[ "${lines[1]}" = 2 ]
	[ "${lines[2]}" = zeros.bin ]
	"$BATS_TEST_DIRNAME/../validate.sh" out
}

@test "an image that could not be read stands in the JSON" {
	run "$GIFTHORSE" scan --json out.json nowhere.bin zeros.bin
	[ "$status" -eq 2 ]
	[ "$(jq -r '.images[0].name' out.json)" = nowhere.bin ]
	[ "$(jq -r '.images[0].error' out.json)" != null ]
	[ "$(jq -r '.images[1].job' out.json)" = scan ]
	"$BATS_TEST_DIRNAME/../validate.sh" out.json
}

@test "a JSON file appears whole or not at all" {
	mkdir readonly
	refused scan --json nowhere/out.json zeros.bin
	refused scan --json readonly zeros.bin
	"$GIFTHORSE" tree --json out.json zeros.bin > text
	[ -s text ]
	jq -e . out.json > /dev/null
	run find . -name '*.partial-*'
	[ -z "$output" ]
	run "$GIFTHORSE" scan --json /dev/full zeros.bin
	[ "$status" -eq 2 ]
}

@test "a full or closed standard output is status 2" {
	run bash -c '"$GIFTHORSE" scan zeros.bin > /dev/full'
	[ "$status" -eq 2 ]
	[[ "$output" == *"standard output"* ]]
	run bash -c '"$GIFTHORSE" scan --json - zeros.bin > /dev/full'
	[ "$status" -eq 2 ]
	run bash -c '"$GIFTHORSE" --help >&-'
	[ "$status" -eq 2 ]
	run bash -c '(sleep 0.2; "$GIFTHORSE" scan zeros.bin; echo $? > code) | true; sleep 1; cat code'
	[[ "$output" == *2 ]]
}

@test "a name that would speak to a terminal is not heard" {
	run "$GIFTHORSE" scan "$(printf 'no\033[2Jwhere')"
	[ "$status" -eq 2 ]
	[[ "$output" != *"$(printf '\033')"* ]]
}

@test "explain knows every check, and a finding's id" {
	for id in $("$GIFTHORSE" checks | cut -d' ' -f1); do
		run "$GIFTHORSE" explain "$id"
		[ "$status" -eq 0 ]
		[[ "$output" == *why* ]]
	done
	run "$GIFTHORSE" explain ACCOUNTS/second-root
	[ "$status" -eq 0 ]
	refused explain NOTHING
}

@test "formats lists what can be unpacked" {
	run "$GIFTHORSE" formats
	[ "$status" -eq 0 ]
	[[ "$output" == *squashfs* ]]
	[[ "$output" == *tplink-v1* ]]
}

@test "completions name every command and option" {
	for shell in bash zsh fish; do
		"$GIFTHORSE" --completions "$shell" > completion
		for word in scan tree extract formats checks explain fail-on max-bytes directory; do
			grep -q -- "$word" completion
		done
	done
	"$GIFTHORSE" --completions bash > completion.bash
	bash -n completion.bash
	run bash -c 'source ./completion.bash; COMP_WORDS=(gifthorse scan --fa); COMP_CWORD=2; _gifthorse; echo "${COMPREPLY[*]}"'
	[ "$output" = "--fail-on" ]
	run bash -c 'source ./completion.bash; COMP_WORDS=(gifthorse scan --fail-on su); COMP_CWORD=3; _gifthorse; echo "${COMPREPLY[*]}"'
	[ "$output" = "suspicious" ]
}
