#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small images that unpack to very much: bounded memory, bounded time, and the report says which limit held.

	tests/lab/bombs.py GIFTHORSE FIXTURES
"""
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import truth

SECONDS, KIB = 60, 1 << 20
SLOWER = 5 if "GIFTHORSE_SLOW" in os.environ else 1  # under sanitizers


def zips(data, n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(n):
            z.writestr(zipfile.ZipInfo(f"{i:x}.zip"), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def forty_two():
    """Five layers of sixteen, 64 MiB of zeros in each of the innermost: 64 TiB."""
    data = zips(bytes(64 << 20), 1)
    for _ in range(5):
        data = zips(data, 16)
    return data


def many_layers():
    data = b"the end\n" * 100
    for _ in range(200):
        data = gzip.compress(data, mtime=0)
    return data


def long_stream():
    """Half a GiB of zeros, packed three times."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as f:
        for _ in range(512):
            f.write(bytes(1 << 20))
    return gzip.compress(gzip.compress(out.getvalue(), mtime=0), mtime=0)


# name, bytes or name of a fixture, options, text that the report must hold ("" where no limit is met)
BOMBS = [
    ("zips of zips of zips", forty_two, ["--max-bytes", "1G"], "the budget of unpacked bytes is spent"),
    ("two hundred layers of gzip", many_layers, [], "deeper than"),
    ("half a GiB of zeros", long_stream, [], ""),
    ("half a GiB of zeros where 64 MiB are allowed", long_stream, ["--max-bytes", "64M"], "limit: more than"),
    ("a million names", "cpio-million-names", [], ""),
    ("a million names where a thousand are allowed", "cpio-million-names", ["--max-nodes", "1000"], "budget of nodes"),
    ("a gzip of 48 MiB of zeros", "gzip-bomb", [], ""),
    ("six layers of gzip", "gzip-nested", [], ""),
    ("a SquashFS that claims gigabytes", "squashfs-claims-gigabytes", [], "the budget of unpacked bytes is spent"),
    ("a SquashFS that counts to the end", "squashfs-counts", [], "is too large"),
    ("an LZMA that claims too much", "lzma-claims", [], ""),
    ("zips in zips", "zip-nested", [], ""),
    ("folders that lead to themselves", "squashfs-directory-loop", [], "a directory met before"),
    ("folders that lead to themselves, version 3", "squashfs-v3-directory-loop", [], "a directory met before"),
    ("very deep folders", "squashfs-deep", [], ""),
]


def run(words):
    """Exit status, seconds, the most memory one of the processes had, standard output and error."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        child = subprocess.Popen(words, stdout=out, stderr=err)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        return child.returncode, seconds, used.ru_maxrss, out.read(), err.read().decode(errors="replace")


def check(gifthorse, image, options, says):
    status, seconds, kib, out, err = run([gifthorse, "scan", "--json", "-", *options, image])
    wrong = []
    if status not in (0, 1, 2):
        wrong.append(f"exit status {status}: {err}")
    if seconds > SECONDS * SLOWER:
        wrong.append(f"took {seconds:.1f} s")
    if kib > KIB * SLOWER:
        wrong.append(f"took {kib >> 10} MiB")
    try:
        report = json.loads(out)["images"][0]
    except ValueError as error:
        return wrong + [f"{error}: {err}"], ""
    if report["end"] not in ("whole", "budget"):
        wrong.append(f"ended in {report['end']} ({report['end_detail']})")
    if report["end"] == "budget" and (status != 2 or not any(f["id"] == "UNFINISHED/budget" for f in report["findings"])):
        wrong.append("a budget ended the scan and nobody hears of it")
    if says and says not in out.decode():
        wrong.append(f"the report does not say {says!r}")
    return wrong, f" ({seconds:.1f} s, {kib >> 10} MiB, {report['end']})"


def main():
    gifthorse, fixtures = map(os.path.abspath, sys.argv[1:3])
    tap = truth.Tap()
    with tempfile.TemporaryDirectory(prefix="gifthorse-bombs-") as work:
        for name, source, options, says in BOMBS:
            image = os.path.join(fixtures, "evil", f"{source}.bin")
            if callable(source):
                image = os.path.join(work, "image")
                with open(image, "wb") as f:
                    f.write(source())
            wrong, how = check(gifthorse, image, options, says)
            tap.test(name, wrong)
            print(f"# {how}")
    return tap.end()


sys.exit(main())
