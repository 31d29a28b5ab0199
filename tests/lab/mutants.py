#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks small images of every format in every header byte and scans what comes out.

	tests/lab/mutants.py GIFTHORSE LAB [KEEP]

Of each recipe below: cut at every byte of its headers and around every landmark, one bit flipped in every
header byte, and every header word as 0, -1, 2^31 (of eight bytes, 2^63) and just past the end, in both
byte orders and where a format writes numbers as text, as text. One scan takes a folder of hundreds. It must end with 0, 1 or 2, name every image in its
report, and no image may end its worker: not by a crash, not by nonsense, not by time or memory. Trees
must be without holes. What fails is copied to KEEP.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import truth

TREE = 'root 0755; dir etc; file etc/passwd text "root:x:0:0::/:/bin/sh\\n"; file big { prose 9000 seed 3 }; link sh big'
CONTENT = "prose 3000 seed 5"
SQUASH = "squashfs version %s block 4096 pad 1 time 1 { " + TREE + " }"
ARCHIVE = 'time 1 { file a text "first\\n"; dir d; file d/b { prose 700 seed 9 }; link l a }'

# name: (recipe, bytes of header at the start, bytes of header at the end)
IMAGES = {
    "tplink-v1": ('tplink-v1 vendor "TP-LINK Technologies" version "ver. 1.0" size 0x4000 {'
                  ' kernel { lzma dict 64k { %s } } rootfs at 0x1000 { %s } }'
                  % (CONTENT, SQUASH % "4 compressor xz"), 0x200, 0),
    "tplink-v2": ("tplink-v2 size 0x4000 { kernel { lzma dict 64k { %s } } rootfs at 0x1000 { %s } }"
                  % (CONTENT, SQUASH % "4 compressor xz"), 0x200, 0),
    "uimage": ("uimage name n type kernel comp lzma time 1 { lzma dict 64k { %s } }" % CONTENT, 64, 0),
    "uimage-multi": ("uimage name n type multi comp none time 1 { image { %s } image { text abc } }" % CONTENT, 76, 0),
    "trx": ("trx version 1 { part { lzma dict 64k { %s } } part align 0x400 { %s } }"
            % (CONTENT, SQUASH % "4 compressor xz"), 28, 0),
    "squashfs-v1": (SQUASH % "1 order big compressor gzip", 51, 64),
    "squashfs-v2": (SQUASH % "2 order little compressor lzma", 63, 64),
    "squashfs-v3": (SQUASH % "3 order big compressor lzma", 119, 64),
    "squashfs-v3-raw": (SQUASH % "3 order little compressor lzma-raw", 119, 0),
    "squashfs-v4-gzip": (SQUASH % "4 compressor gzip export", 96, 96),
    "squashfs-v4-xz-big": (SQUASH % "4 order big compressor xz", 96, 64),
    # nothing compressed behind the data: inodes, directories and tables lie open at the end
    "squashfs-v4-open": (SQUASH % "4 compressor none store-inodes tails", 96, 480),
    "squashfs-v3-open": (SQUASH % "3 order big compressor gzip store-inodes tails", 119, 320),
    "gzip": ("gzip name n { %s }" % CONTENT, 24, 8),
    "lzma": ("lzma dict 64k { %s }" % CONTENT, 20, 0),
    "xz": ("xz { %s }" % CONTENT, 40, 48),
    "bzip2": ("bzip2 { %s }" % CONTENT, 32, 12),
    "zstd": ("zstd { %s }" % CONTENT, 24, 4),
    "lz4": ("lz4 { %s }" % CONTENT, 24, 8),
    "lz4-legacy": ("lz4-legacy { %s }" % CONTENT, 16, 0),
    "lzop": ("lzop name n { %s }" % CONTENT, 64, 4),
    "cpio-newc": ("cpio kind newc " + ARCHIVE, 240, 124),
    "cpio-odc": ("cpio kind odc " + ARCHIVE, 84, 0),
    "cpio-bin": ("cpio kind bin " + ARCHIVE, 60, 0),
    "tar": ("tar " + ARCHIVE, 512, 0),
    "zip": ("zip " + ARCHIVE, 40, 260),
}
# numbers in text, by the first part of a name
TEXTS = {
    "cpio-newc": (b"00000000", b"FFFFFFFF", b"80000000", b"7fffffff"),
    "cpio-odc": (b"000000", b"777777", b"00000000000", b"77777777777", b"20000000000"),
    "tar": (b"00000000000\0", b"77777777777\0", b"20000000000\0", b"\xff" * 12, b"\x80" + bytes(3) + b"\x80" + bytes(7)),
}
# formats with numbers of eight bytes
WIDE = ("squashfs-v3", "squashfs-v4", "lzma", "lz4", "zstd", "xz", "zip")
WORDS = {4: (0, 0xFFFFFFFF, 1 << 31), 8: (0xFFFFFFFFFFFFFFFF, 1 << 63)}


def mutants(name, image, head, tail):
    """(what was done, bytes), each once, without the image itself."""
    spots = sorted(set(range(min(head, len(image)))) | set(range(max(0, len(image) - tail), len(image))))
    landmarks = {n + d for n in (head, len(image) // 2, len(image) - tail, len(image)) for d in (-1, 0, 1)}
    for at in sorted(set(spots) | {n for n in landmarks if 0 <= n < len(image)}):
        yield f"cut-{at}", image[:at]
    for at in spots:
        changed = bytearray(image)
        changed[at] ^= 1 << (at * 5 % 8)
        yield f"flip-{at}", bytes(changed)
    for width, values in WORDS.items():
        for at in spots:
            # numbers of short headers stand anywhere, of long ones and of tables at multiples of four
            step = 1 if at < head <= 128 else 2 if name == "zip" else 4
            if at % step or at + width > len(image) or (width == 8 and not name.startswith(WIDE)):
                continue
            for value in values + ((len(image) + 1,) if width == 4 else ()):
                for order in ("little", "big"):
                    yield f"word-{at}-{width}-{value:x}-{order}", (
                        image[:at] + value.to_bytes(width, order) + image[at + width:])
    for i, text in enumerate(TEXTS.get(name, ())):
        for at in spots:
            if at % (4 if head > 256 else 2) == 0 and at + len(text) <= len(image):
                yield f"text-{at}-{i}", image[:at] + text + image[at + len(text):]


def generate(lab, recipe, work):
    source, image = os.path.join(work, "image.recipe"), os.path.join(work, "image.bin")
    with open(source, "w", encoding="utf-8") as f:
        f.write(recipe + "\n")
    subprocess.run([lab, source, image], check=True)
    with open(image, "rb") as f:
        return f.read()


def spread(name, image, head, tail, folder):
    """Writes the mutants that differ, and the image itself as "whole"; how many there are."""
    seen = set()
    n = 0
    os.makedirs(folder)
    for what, data in [("whole", image), *mutants(name, image, head, tail)]:
        if data in seen:
            continue
        seen.add(data)
        with open(os.path.join(folder, what), "wb") as f:
            f.write(data)
        n += 1
    return n


def understood(name, tree):
    formats = {node["format"] or "none" for node in truth.nodes(tree)}
    return "archive" in formats if name in ("tar", "zip") else any(name.startswith(f) for f in formats)


def scan(gifthorse, folder, n):
    """What is wrong: (name of the mutant or None, line)."""
    out = folder + ".json"
    run = subprocess.run([gifthorse, "scan", "--quiet", "--json", out, folder], capture_output=True)
    if run.returncode not in (0, 1, 2):
        return [(None, f"exit status {run.returncode}: {run.stderr.decode(errors='replace')}")]
    with open(out, encoding="utf-8") as f:
        images = json.load(f)["images"]
    wrong = [] if len(images) == n else [(None, f"{len(images)} images in the report, wanted {n}")]
    for image in images:
        name = os.path.basename(image["name"])
        if "error" in image:
            wrong.append((name, f"{name}: {image['error']}"))
            continue
        if name == "whole" and not understood(os.path.basename(folder), image["tree"]):
            wrong.append((name, "the unbroken image is not understood: this test would test nothing"))
        if image["end"] not in ("whole", "budget"):
            wrong.append((name, f"{name}: ended in {image['end']} ({image['end_detail']})"))
        wrong += [(name, f"{name}: {line}") for line in truth.holes(image["tree"])]
    return wrong


def main():
    gifthorse, lab = map(os.path.abspath, sys.argv[1:3])
    keep = sys.argv[3] if len(sys.argv) > 3 else None
    tap = truth.Tap()
    total = 0
    with tempfile.TemporaryDirectory(prefix="gifthorse-mutants-") as work:
        for name, (recipe, head, tail) in IMAGES.items():
            folder = os.path.join(work, name)
            image = generate(lab, recipe, work)
            n = spread(name, image, head, tail, folder)
            wrong = scan(gifthorse, folder, n)
            for mutant, _ in wrong:
                if keep and mutant:
                    os.makedirs(keep, exist_ok=True)
                    shutil.copy(os.path.join(folder, mutant), os.path.join(keep, f"{name}.{mutant}"))
            shutil.rmtree(folder)
            total += n
            tap.test(f"{n - 1} broken images of {name}", [line for _, line in wrong])
    print(f"# {total} images in all")
    return tap.end()


sys.exit(main())
