#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the n-th allocation fail, for many n, and asks for an ordinary answer each time.

	tests/torture.py GIFTHORSE IMAGE

Needs a build with -Dtorture=true. Whatever fails, the command must end with 0, 1 or 2, never by a
signal, and never say that its worker crashed; it must say something on one of its outputs.
"""
import json, os, subprocess, sys


def points():
    yield from range(1, 120)
    n = 120
    while n < 60000:
        yield n
        n = n * 21 // 20 + 1


def main():
    gifthorse, image = sys.argv[1:3]
    failed = tried = refused = 0
    for n in points():
        run = subprocess.run([gifthorse, "scan", "--jobs", "2", "--json", "-", image], capture_output=True,
                             env=dict(os.environ, GH_FAIL_AT=str(n)), timeout=60)
        tried += 1
        wrong = None
        if run.returncode not in (0, 1, 2):
            wrong = f"ended with {run.returncode}"
        elif run.returncode == 2 and not run.stderr and not run.stdout:
            wrong = "said nothing"
        elif run.stdout:
            try:
                for report in json.loads(run.stdout)["images"]:
                    if report.get("end") in ("crash", "nonsense"):
                        wrong = f"the worker: {report['end_detail']}"
            except ValueError as error:
                if run.returncode != 2:
                    wrong = f"half a document: {error}"
        refused += run.returncode == 2
        if wrong:
            failed += 1
            print(f"# GH_FAIL_AT={n}: {wrong}")
    print("1..2")
    print(f"{'not ' if failed else ''}ok 1 - {tried} failing allocations, each an ordinary answer")
    print(f"{'not ' if refused == 0 else ''}ok 2 - {refused} of them ended the scan")
    return failed > 0 or refused == 0


sys.exit(main())
