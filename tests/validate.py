#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds JSON reports against schema/report-1.json: validate.py SCHEMA REPORT..."""
import json
import sys

import jsonschema


def main(schema_path, *reports):
    with open(schema_path, encoding="utf-8") as f:
        schema = json.load(f)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    bad = 0
    for path in reports:
        try:
            with open(path, encoding="utf-8") as f:
                report = json.load(f)
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            bad = 1
            continue
        for error in sorted(validator.iter_errors(report), key=lambda e: list(map(str, e.absolute_path))):
            # A oneOf hides its reason one layer down.
            leaf = jsonschema.exceptions.best_match([error]) or error
            where = "/".join(map(str, leaf.absolute_path))
            print(f"{path}: at /{where}: {leaf.message[:400]}", file=sys.stderr)
            bad = 1
    return bad


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: validate.py SCHEMA REPORT...")
    sys.exit(main(*sys.argv[1:]))
