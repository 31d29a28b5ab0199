#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A worker that dies, hangs or is stopped from outside is a finding about the image, and never a lost report.

	tests/lab/killed.py GIFTHORSE

The image is slow: noise with a great many headers of LZMA in it. The worker is the child that holds the
image; it is found by its parent's number in /proc.
"""
import json
import lzma
import os
import signal
import subprocess
import sys
import tempfile
import time
import zlib

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import truth


def slow_image(mib):
    """A gzip stream of text, then LZMA streams of four MiB each, none like the other."""
    part = b"".join(b"line %d of the image\n" % i for i in range(200000))
    filters = [{"id": lzma.FILTER_LZMA1, "preset": 0, "dict_size": 1 << 16}]
    head = zlib.compressobj(1, zlib.DEFLATED, 31)
    out = [head.compress(part) + head.flush()]
    for i in range(mib // 4):
        out.append(lzma.compress(b"%d" % i + part, format=lzma.FORMAT_ALONE, filters=filters))
    return b"".join(out)


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            return [int(n) for n in f.read().split()]
    except OSError:
        return []


def worker_of(child):
    """The worker that scans: the child of `child` that comes after the one that compiles rules."""
    until = time.monotonic() + 30
    while time.monotonic() < until and child.poll() is None:
        for pid in children(child.pid):
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                    ticks = sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13]))
            except OSError:
                continue
            if ticks >= 20:  # a fifth of a second of its own: well into the image
                return pid
        time.sleep(0.01)
    return None


def send(gifthorse, words, how):
    """Starts the command, does `how` to its worker; exit status, output and error, or None without a worker."""
    child = subprocess.Popen([gifthorse, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    worker = worker_of(child)
    if worker:
        try:
            os.kill(worker, how)
        except ProcessLookupError:
            worker = None
    out, err = child.communicate(timeout=120)
    return (child.returncode, out, err.decode(errors="replace")) if worker else None


def unfinished(ended, id, end):
    """What is wrong with a report that must tell of an unfinished scan."""
    if ended is None:
        return ["no worker was there long enough"]
    status, out, err = ended
    try:
        image = json.loads(out)["images"][0]
    except (ValueError, IndexError) as error:
        return [f"exit status {status}: {error}: {err}"]
    wrong = []
    if image.get("end") != end:
        wrong.append(f"ended in {image.get('end')}, wanted {end}")
    if image.get("complete") is not False:
        wrong.append("the report calls itself complete")
    if id not in [f["id"] for f in image.get("findings", [])]:
        wrong.append(f"no finding {id}")
    return wrong


def partial_after(how):
    def test(gifthorse, image, work):
        ended = send(gifthorse, ["scan", "--jobs", "1", "--fail-on", "malicious", "--json", "-", image], how)
        wrong = unfinished(ended, "UNFINISHED/crash", "crash")
        if ended and ended[0] != 2:
            wrong.append(f"exit status {ended[0]}")
        if ended and not wrong and f"signal {int(how)}" not in ended[1].decode():
            wrong.append("the report does not say which signal")
        return wrong
    return test


def extraction_is_named_half(gifthorse, image, work):
    target = os.path.join(work, "half")
    ended = send(gifthorse, ["extract", "--jobs", "1", "--json", "-", image, "-C", target], signal.SIGKILL)
    wrong = unfinished(ended, "UNFINISHED/crash", "crash")
    names = os.listdir(target)
    if ended and ended[0] != 2:
        wrong.append(f"exit status {ended[0]}")
    if [n for n in names if not n.startswith(".gifthorse-partial-")]:
        wrong.append(f"in the target: {names}")
    if names and names[0] not in (ended[2] if ended else ""):
        wrong.append(f"standard error does not name {names[0]}: {ended and ended[2]}")
    return wrong


def stopped_worker_runs_out_of_time(gifthorse, image, work):
    ended = send(gifthorse, ["scan", "--jobs", "1", "--timeout", "2", "--json", "-", image], signal.SIGSTOP)
    wrong = unfinished(ended, "UNFINISHED/timeout", "timeout")
    return wrong + ([f"exit status {ended[0]}"] if ended and ended[0] != 2 else [])


def slow_image_runs_out_of_time(gifthorse, image, work):
    start = time.monotonic()
    run = subprocess.run([gifthorse, "scan", "--jobs", "1", "--timeout", "1", "--json", "-", image], capture_output=True)
    wrong = unfinished((run.returncode, run.stdout, run.stderr.decode()), "UNFINISHED/timeout", "timeout")
    if run.returncode != 2:
        wrong.append(f"exit status {run.returncode}")
    if time.monotonic() - start > 15:
        wrong.append("and took far longer than a second")
    return wrong


def others_go_on(gifthorse, image, work):
    plain = os.path.join(work, "plain")
    with open(plain, "wb") as f:
        f.write(bytes(4096))
    ended = send(gifthorse, ["scan", "--jobs", "1", "--json", "-", image, plain], signal.SIGKILL)
    if ended is None:
        return ["no worker was there long enough"]
    images = json.loads(ended[1])["images"]
    ends = [image["end"] for image in images]
    return [] if ends == ["crash", "whole"] else [f"ends: {ends}"]


def worker_dies_with_its_parent(gifthorse, image, work):
    child = subprocess.Popen([gifthorse, "scan", "--jobs", "1", image], stdout=subprocess.DEVNULL)
    worker = worker_of(child)
    child.kill()
    child.wait()
    if not worker:
        return ["no worker was there long enough"]
    for _ in range(500):
        try:
            with open(f"/proc/{worker}/stat", encoding="ascii") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return []
        except OSError:
            return []
        time.sleep(0.01)
    return [f"worker {worker} still runs"]


TESTS = {
    "a worker that is killed leaves a partial report": partial_after(signal.SIGKILL),
    "a worker with a fault leaves a partial report": partial_after(signal.SIGSEGV),
    "a worker out of processor time leaves a partial report": partial_after(signal.SIGXCPU),
    "an extraction whose worker is killed is named as half": extraction_is_named_half,
    "a worker that stands still runs out of time": stopped_worker_runs_out_of_time,
    "a slow image runs out of time": slow_image_runs_out_of_time,
    "one worker that dies does not stop the others": others_go_on,
    "a worker dies with its parent": worker_dies_with_its_parent,
}


def main():
    gifthorse = os.path.abspath(sys.argv[1])
    tap = truth.Tap()
    with tempfile.TemporaryDirectory(prefix="gifthorse-killed-") as work:
        image = os.path.join(work, "slow.bin")
        with open(image, "wb") as f:
            f.write(slow_image(400))
        for name, test in TESTS.items():
            try:
                tap.test(name, test(gifthorse, image, work))
            except (OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
                tap.test(name, [repr(error)])
    return tap.end()


sys.exit(main())
