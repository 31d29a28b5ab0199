#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the command against every image of the laboratory.

	tests/lab/fixtures.py GIFTHORSE FIXTURES

Each NAME.bin is extracted and compared with its manifest NAME.tsv (not those below evil/, whose names
no disk can say); its tree must be without holes, its scan the same bytes with one thread and with two,
and every report must keep to the schema.
"""
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import truth

ENDS = {"whole", "budget"}


def beside(target, tree):
    """Everything below the target is a folder or file that the report names, with the bytes it says."""
    wrong = []
    known = {"gifthorse-report.json"}
    for node in truth.nodes(tree):
        if "folder" not in node:
            continue
        known.add(node["folder"].split("/")[0])
        path = os.path.join(target, node["folder"])
        if node["kind"] == "volume":
            if not os.path.isdir(path):
                wrong.append(f"{node['folder']}: no such folder")
            continue
        with open(path, "rb") as f:
            size = len(f.read())
        if size != node.get("decoded_size", node["size"]):
            wrong.append(f"{node['folder']}: {size} bytes, the report says otherwise")
    return wrong + [f"{name}: not in the report" for name in sorted(set(os.listdir(target)) - known)]


def extracts(gifthorse, image, work):
    target = os.path.join(work, "out")
    wrong = truth.reproduce(gifthorse, image, truth.manifest(image[:-4] + ".tsv"), target)
    if not wrong:
        wrong = beside(target, truth.read_report(os.path.join(target, "gifthorse-report.json"))["tree"])
    return wrong


def report(gifthorse, work, name, *words):
    """Runs the command; its report as bytes, and what is wrong with it."""
    run = subprocess.run([gifthorse, *words, "--json", "-"], capture_output=True)
    path = os.path.join(work, name + ".json")
    with open(path, "wb") as f:
        f.write(run.stdout)
    if run.returncode not in (0, 1, 2):
        return run.stdout, [f"{words[0]}: exit status {run.returncode}: {run.stderr.decode(errors='replace')}"]
    try:
        image = json.loads(run.stdout)["images"][0]
    except ValueError as error:
        return run.stdout, [f"{words[0]}: {error}: {run.stderr.decode(errors='replace')}"]
    wrong = [f"{words[0]}: ended in {image['end']} ({image['end_detail']})"] if image["end"] not in ENDS else []
    if run.returncode == 2 and image["end"] == "whole":
        wrong.append(f"{words[0]}: exit status 2, but the report is whole")
    return run.stdout, wrong + truth.holes(image["tree"])


def check(gifthorse, fixtures, name, work):
    image = os.path.join(fixtures, name + ".bin")
    evil = name.startswith("evil/")
    files = [] if evil else ["--files"]  # one of those has a million
    os.makedirs(work)
    wrong = [] if evil else extracts(gifthorse, image, work)
    _, more = report(gifthorse, work, "tree", "tree", image)
    one, first = report(gifthorse, work, "one", "scan", *files, "--jobs", "1", image)
    two, _ = report(gifthorse, work, "two", "scan", *files, "--jobs", "2", image)
    wrong += more + first
    if one != two:
        wrong.append("scan --jobs 2 says something else than --jobs 1")
    return wrong


def keeps_to_schema(work, n):
    paths = [os.path.join(work, str(i), name + ".json") for i in range(n) for name in ("tree", "one")]
    run = subprocess.run([os.path.join(HERE, "..", "validate.sh"), *paths], capture_output=True, text=True)
    return run.returncode, run.stderr.splitlines()


def main():
    gifthorse, fixtures = map(os.path.abspath, sys.argv[1:3])
    names = sorted(os.path.relpath(os.path.join(where, name), fixtures)[:-4]
                   for where, _, files in os.walk(fixtures) for name in files if name.endswith(".bin"))
    tap = truth.Tap()
    if not names:
        tap.test("there are fixtures", [f"none in {fixtures}"])
    with tempfile.TemporaryDirectory(prefix="gifthorse-lab-") as work, ThreadPoolExecutor(2) as team:
        jobs = [(name, team.submit(check, gifthorse, fixtures, name, os.path.join(work, str(i))))
                for i, name in enumerate(names)]
        for name, job in jobs:
            try:
                tap.test(name, job.result())
            except (OSError, KeyError, ValueError) as error:
                tap.test(name, [repr(error)])
        status, wrong = keeps_to_schema(work, len(names))
        if status == 77:
            tap.skip("every report keeps to the schema", " ".join(wrong))
        else:
            tap.test("every report keeps to the schema", wrong if status else [])
    return tap.end()


sys.exit(main())
