#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Inputs that are none: what cannot be opened, what is empty, what is no file. GIFTHORSE names the program.

bats_require_minimum_version 1.5.0

setup() {
	: "${GIFTHORSE:?names the program to test}"
	cd "$BATS_TEST_TMPDIR" || return
	head -c 65536 /dev/zero > zeros.bin
	: > empty.bin
}

# Runs a command line of gifthorse as somebody who may not read everything.
as_nobody() {
	if [ "$(id -u)" -ne 0 ]; then
		"$@"
		return
	fi
	command -v setpriv > /dev/null || skip "no setpriv to become somebody else"
	cp "$GIFTHORSE" ./gifthorse
	chmod 755 . ./gifthorse
	setpriv --reuid 65534 --regid 65534 --clear-groups ./gifthorse --version > /dev/null ||
		skip "nobody cannot run programs here"
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups ./gifthorse "$@"
}

@test "a file of zeros is padding for every command" {
	run "$GIFTHORSE" scan --json out.json zeros.bin
	[ "$status" -eq 0 ]
	[ "$(jq -r '.images[0].coverage.padding' out.json)" = 65536 ]
	run "$GIFTHORSE" tree zeros.bin
	[ "$status" -eq 0 ]
	[[ "$output" == *"padding 0x00"* ]]
	run "$GIFTHORSE" extract zeros.bin -C out
	[ "$status" -eq 0 ]
	[ "$(ls -A out)" = gifthorse-report.json ]
}

@test "an empty file is an image of no bytes for every command" {
	for command in scan tree; do
		run "$GIFTHORSE" "$command" --json out.json empty.bin
		[ "$status" -eq 0 ]
		[ "$(jq -r '.images[0].size' out.json)" = 0 ]
		"$BATS_TEST_DIRNAME/../validate.sh" out.json
	done
	run "$GIFTHORSE" extract empty.bin -C out
	[ "$status" -eq 0 ]
	run bash -c '"$GIFTHORSE" scan - < /dev/null'
	[ "$status" -eq 0 ]
}

@test "a folder where an image was meant is status 2" {
	mkdir folder
	run --separate-stderr "$GIFTHORSE" extract folder -C out
	[ "$status" -eq 2 ]
	[[ "$stderr" == "gifthorse: folder: "* ]]
	[ ! -e out ] || [ -z "$(ls -A out)" ]
	run "$GIFTHORSE" tree folder
	[ "$status" -eq 2 ]
	run "$GIFTHORSE" scan folder
	[ "$status" -eq 2 ]
}

@test "a FIFO, a socket and a device are no images, and nobody waits for them" {
	mkfifo pipe
	for command in "scan pipe" "tree pipe" "extract pipe -C out" "scan /dev/zero" "tree /dev/null"; do
		# shellcheck disable=SC2086
		run --separate-stderr timeout 10 "$GIFTHORSE" $command
		[ "$status" -eq 2 ]
		[[ "$stderr" == "gifthorse: "*": "* ]]
		[ -z "$output" ]
	done
	if command -v python3 > /dev/null; then
		python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("plug")'
		run timeout 10 "$GIFTHORSE" scan plug
		[ "$status" -eq 2 ]
	fi
}

@test "a FIFO below a folder is passed over, a link that leads nowhere too" {
	mkdir folder
	mkfifo folder/pipe
	ln -s nowhere folder/link
	ln -s . folder/loop
	cp zeros.bin folder/image.bin
	run timeout 10 "$GIFTHORSE" scan --quiet folder
	[[ "$output" == "folder/image.bin: "* ]]
	[ "${#lines[@]}" -eq 1 ]
}

@test "an image without permission is status 2 and does not stop the others" {
	cp zeros.bin secret.bin
	chmod 000 secret.bin
	run --separate-stderr as_nobody "$GIFTHORSE" scan --quiet secret.bin zeros.bin
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"secret.bin"*"ermission denied"* ]]
	[[ "$output" == "zeros.bin: "* ]]
}

@test "a folder without permission is told, and the rest is scanned" {
	mkdir -p folder/closed
	cp zeros.bin folder/1.bin
	cp zeros.bin folder/closed/2.bin
	chmod 755 folder
	chmod 000 folder/closed
	run --separate-stderr as_nobody "$GIFTHORSE" scan --quiet folder
	chmod 755 folder/closed
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"closed"*"ermission denied"* ]]
	[[ "$output" == "folder/1.bin: "* ]]
}

@test "a target without permission is status 2 and says so" {
	mkdir closed
	chmod 555 closed
	run --separate-stderr as_nobody "$GIFTHORSE" extract zeros.bin -C closed
	[ "$status" -eq 2 ]
	[[ "$stderr" == *"ermission denied"* ]]
	[ -z "$(ls -A closed)" ]
}

@test "names that are too long, that loop or hold a new line are told on one line" {
	long=$(printf 'a%.0s' $(seq 300))
	ln -s loop loop
	for name in "$long" loop "$(printf 'a\nb')" "zeros.bin/inside"; do
		run --separate-stderr "$GIFTHORSE" scan "$name"
		[ "$status" -eq 2 ]
		[ "${#stderr_lines[@]}" -eq 1 ]
	done
}

@test "an image that shrinks while it is read does no harm" {
	head -c 50000000 /dev/urandom > shrinks.bin
	"$GIFTHORSE" scan --json out.json shrinks.bin > text 2>&1 &
	job=$!
	sleep 0.1
	: > shrinks.bin
	code=0
	wait "$job" || code=$?
	[ "$code" -le 2 ]
	jq -e '.images | length == 1' out.json
}

@test "a standard output that is closed or full is status 2, and says so" {
	for command in "scan zeros.bin" "tree zeros.bin" "scan --json - zeros.bin" "extract zeros.bin -C out --force" formats; do
		run bash -c "\"\$GIFTHORSE\" $command > /dev/full"
		[ "$status" -eq 2 ]
		[[ "$output" == *"gifthorse: standard output: "* ]]
		run bash -c "\"\$GIFTHORSE\" $command >&-"
		[ "$status" -eq 2 ]
	done
}

@test "a JSON file keeps what it had when the new one cannot be written" {
	echo before > out.json
	# shellcheck disable=SC2016
	run bash -c 'trap "" XFSZ; ulimit -f 1; "$GIFTHORSE" scan --json out.json $(for i in $(seq 20); do echo zeros.bin; done) > text'
	[ "$status" -eq 2 ]
	[ "$(cat out.json)" = before ]
	run find . -name '*.partial-*'
	[ -z "$output" ]
	run "$GIFTHORSE" scan --json out.json --jobs 0 zeros.bin
	[ "$status" -eq 2 ]
	[ "$(cat out.json)" = before ]
}
