#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds JSON reports against the schema, by a validator that is not ours (Debian: python3-jsonschema).
#	tests/validate.sh REPORT...
# Exit status 77: the validator is not installed.
here=$(dirname "$0")
for python in python3 /usr/bin/python3; do
	if "$python" -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
		exec "$python" "$here/validate.py" "$here/../schema/report-1.json" "$@"
	fi
done
echo "validate.sh: python3-jsonschema 4 is not installed" >&2
exit 77
