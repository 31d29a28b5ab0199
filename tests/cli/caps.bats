#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What programs can do, their texts, their code. The program that is looked at is the one that is tested.

setup() {
	: "${GIFTHORSE:?names the program to test}"
	: "${FIXTURES:?the folder of the laboratory images}"
	cd "$BATS_TEST_TMPDIR" || return
}

bats_require_minimum_version 1.5.0

rule() {
	mkdir -p rules
	cat > "rules/$1.yml" <<END
rule:
  meta:
    name: $1
    namespace: test/$1
    scopes:
      static: $2
  features:
    - $3
END
}

@test "capabilities of a program, with the reason and its code" {
	rule opens-null function 'call: {api: [open, openat, open64], arguments: {0: /dev/null}}'
	rule waits file 'or: [import: setrlimit, import: setrlimit64]'
	rule never function 'api: no_such_function'
	run --separate-stderr "$GIFTHORSE" caps --rules rules "$GIFTHORSE"
	[ "$status" -eq 0 ]
	[[ "$output" == *" functions, "* ]]
	[[ "$output" == *"waits"* ]]
	[[ "$output" != *"never"* ]]
	run --separate-stderr "$GIFTHORSE" caps --rules rules --why waits "$GIFTHORSE"
	[ "$status" -eq 0 ]
	[[ "$output" == *"import setrlimit"* ]]
	[[ "$output" != *"opens-null"* ]]
}

@test "a rule that is wrong is named and stops nothing" {
	rule waits file 'or: [import: setrlimit, import: setrlimit64]'
	rule bad function 'mnemonic: xor'
	run --separate-stderr "$GIFTHORSE" caps --rules rules "$GIFTHORSE"
	[ "$status" -eq 0 ]
	[[ "$output" == *"waits"* ]]
	[[ "$stderr" == *"rules/bad.yml:8: the feature 'mnemonic' is not supported"* ]]
}

@test "texts of a program with who uses them" {
	"$GIFTHORSE" strings "$GIFTHORSE" > out
	grep -q 'there is no option' out || grep -q "there is no %s" out
	"$GIFTHORSE" strings --json - "$GIFTHORSE" | jq -e '.images[0].programs | map(.rows | length) | add > 500' > /dev/null
}

@test "the code of one function" {
	run --separate-stderr "$GIFTHORSE" disasm --function main "$GIFTHORSE"
	[ "$status" -eq 0 ]
	[[ "$output" == *"main:"* ]]
	[ "${#lines[@]}" -gt 20 ]
	[ "$(grep -c ':$' <<< "$output")" -eq 1 ]
}

@test "programs inside an image are found, and one of them is picked" {
	mkdir -p root/bin
	cp "$GIFTHORSE" root/bin/one
	cp "$GIFTHORSE" root/bin/two
	tar -cf image root
	"$GIFTHORSE" caps --json all.json image > /dev/null
	[ "$(jq -c '[.images[0].programs[].path]' all.json)" = '["root/bin/one","root/bin/two"]' ]
	run --separate-stderr "$GIFTHORSE" disasm --program root/bin/two --function main image
	[ "$status" -eq 0 ]
	[[ "$output" == "root/bin/two"* ]]
	run --separate-stderr "$GIFTHORSE" caps --program no/such/file image
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"there is no program in it at no/such/file"* ]]
}

@test "the document keeps to its schema, and two runs are the same" {
	"$GIFTHORSE" caps --json a.json "$GIFTHORSE" > /dev/null
	"$GIFTHORSE" caps --jobs 1 --json b.json "$GIFTHORSE" > /dev/null
	cmp a.json b.json
	[ "$(jq -r '.images[0].job' a.json)" = caps ]
	[ "$(jq '.images[0].programs | length' a.json)" -eq 1 ]
}
