# SPDX-License-Identifier: Apache-2.0
"""What the tests on the built command share: running it, reading manifests and reports, comparing, TAP.

A manifest is the truth about the volumes of one image: offset, path, type (f d l s), mode, size and
SHA-256 or target, tab-separated. An offset like `64>30000` stands in what the stream at 64 unpacks to.
"""
import csv
import hashlib
import json
import os
import subprocess
import sys

TYPES = {"file": "f", "dir": "d", "link": "l"}
OPTIONS = ["--color", "never"]


def nodes(node):
    """A node of a report's tree and all below it, in order."""
    yield node
    for child in node.get("children", []):
        yield from nodes(child)


def volumes(tree):
    """Key of a manifest -> node, for every volume of a tree."""
    found = {}

    def look(node, way):
        for child in node.get("children", []):
            if child["kind"] == "volume":
                found[">".join(map(str, [*way, child["offset"]]))] = child
            look(child, [*way, child["offset"]] if "decoded_size" in child else way)

    look(tree, [])
    return found


def manifest(path):
    """Key -> {path: (type, mode, size, SHA-256 or target)}; paths and targets are bytes."""
    truth = {}
    with open(path, newline="", encoding="utf-8", errors="surrogateescape") as f:
        for row in csv.reader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row or row[0].startswith("#"):
                continue
            key, name, kind, mode, size, value = row
            truth.setdefault(key, {})[os.fsencode(name)] = (kind, int(mode, 8), int(size), os.fsencode(value))
    return truth


def raw(record, key):
    """A text of a report as the bytes that were found."""
    return bytes.fromhex(record[key + "_hex"]) if key + "_hex" in record else os.fsencode(record[key])


def on_disk(folder):
    """What stands below a folder: path -> (type, size, SHA-256 or target); links are not followed."""
    found = {}
    folder = os.fsencode(folder)
    for where, dirs, files in os.walk(folder):
        for name in dirs + files:
            full = os.path.join(where, name)
            path = os.path.relpath(full, folder)
            if os.path.islink(full):
                found[path] = ("l", 0, os.readlink(full))
            elif os.path.isdir(full):
                found[path] = ("d", 0, b"-")
            else:
                with open(full, "rb") as f:
                    data = f.read()
                found[path] = ("f", len(data), hashlib.sha256(data).hexdigest().encode())
    return found


def compare(expected, target, node):
    """What is wrong with an extracted volume, as lines."""
    wrong = []
    written = on_disk(os.path.join(target, node["folder"]))
    recorded = {raw(e, "path"): e for e in node["volume"]["entries"]}
    for path, (kind, mode, size, value) in expected.items():
        entry = recorded.pop(path, None)
        if entry is None:
            wrong.append(f"{path}: not recorded")
            continue
        if int(entry["mode"], 8) & 0o7777 != mode & 0o7777:
            wrong.append(f"{path}: mode {entry['mode']}, wanted {mode:04o}")
        if kind == "s":
            if entry["type"] in TYPES:
                wrong.append(f"{path}: is a {entry['type']}, wanted a special file")
            continue
        got = written.pop(path, None)
        want = (kind, size if kind == "f" else 0, value)
        if got != want:
            wrong.append(f"{path}: {got}, wanted {want}")
    above = {path[:i] for path in expected for i, c in enumerate(path) if c == 0x2F}  # an archive may leave folders out
    wrong += [f"{path}: written, but not in the image" for path in written if path not in above or written[path][0] != "d"]
    wrong += [f"{path}: recorded, but not in the image" for path in recorded]
    return wrong


def read_report(path):
    """The one image of a report."""
    with open(path, encoding="utf-8") as f:
        return json.load(f)["images"][0]


def reproduce(gifthorse, image, truth, target):
    """Extracts an image; what is wrong, held against its manifest."""
    run = subprocess.run([gifthorse, "extract", image, "-C", target, *OPTIONS], capture_output=True, text=True)
    if run.returncode == 2:
        return [run.stderr.strip() or "extract failed"]
    there = volumes(read_report(os.path.join(target, "gifthorse-report.json"))["tree"])
    wrong = []
    for key, entries in truth.items():
        if key not in there:
            wrong.append(f"no volume at {key}, only at {', '.join(there) or 'no place'}")
        else:
            wrong += compare(entries, target, there[key])
    return wrong


def holes(node):
    """Children cover what they stand in, in order: lines that say where they do not."""
    children = node.get("children", [])
    if node["kind"] == "volume":
        start = end = None  # the files of a volume stand where its format put them
    elif "decoded_size" in node:
        start, end = 0, node["decoded_size"]
    else:
        start, end = node["offset"], node["offset"] + node["size"]
    wrong = []
    if start is not None and children:
        at = start
        for child in children:
            if child["offset"] != at:
                wrong.append(f"node {child['id']} starts at {child['offset']}, wanted {at}")
            at = child["offset"] + child["size"]
        if at != end:
            wrong.append(f"the children of node {node['id']} end at {at}, wanted {end}")
    for child in children:
        wrong += holes(child)
    return wrong


class Tap:
    """Test lines; at the end the plan and the exit status."""

    def __init__(self):
        self.n = self.failed = 0

    def test(self, name, wrong):
        self.n += 1
        self.failed += bool(wrong)
        print(f"{'not ' if wrong else ''}ok {self.n} - {name}")
        for line in wrong[:5]:
            for part in str(line).splitlines():
                print(f"# {part}")
        if len(wrong) > 5:
            print(f"# … and {len(wrong) - 5} more")
        sys.stdout.flush()

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}")

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0
