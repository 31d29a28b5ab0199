#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tampering laboratory upon the laboratory's own router, as an ordinary test: lab.py GIFTHORSE LAB CLEAN.recipe (TAP).

bench/detect does the same to real roots, and measures.
"""
import json, os, shutil, subprocess, sys, tempfile

import tamper

FOUND = ["bind-shell-as-udhcp", "hidden-form", "telnet-line", "fetch-and-run-line", "authorized-key-root",
         "backconnect-as-kworker"]
CARELESS = ["bind-shell-as-udhcp"]  # done carefully it leaves a name alone in this small root


def main():
    gifthorse, lab, recipe = sys.argv[1:4]
    if not shutil.which("mksquashfs"):
        print("1..0 # SKIP no mksquashfs")
        return 0
    recipes, failed, n = tamper.recipes(), 0, 0
    with tempfile.TemporaryDirectory() as tmp:
        clean = os.path.join(tmp, "clean.bin")
        subprocess.run([lab, recipe, clean], check=True)
        root = tamper.Root({"gifthorse": gifthorse, "lab": lab}, clean, tmp)
        print(f"1..{2 * len(FOUND) + 2 - len(CARELESS)}")

        def tell(good, what):
            nonlocal failed, n
            n += 1
            failed += not good
            print(f"{'ok' if good else 'not ok'} {n} - {what}")

        def report(image, command):
            out = subprocess.run([gifthorse, command, *(["--files"] if command == "tree" else []), "--json", "-", image],
                                 capture_output=True, check=False)
            return json.loads(out.stdout)["images"][0]

        image, _ = tamper.tamper(root, [], True, tmp)
        tell(report(image, "scan")["verdict"] not in ("suspicious", "malicious"), "the untouched root is not suspicious")
        again = {e["path"]: e for e in max(root.volumes(report(image, "tree")["tree"]),
                                           key=lambda v: len(v["volume"]["entries"]))["volume"]["entries"]}
        keys = ("type", "mode", "uid", "gid", "sha256", "target", "major", "minor")
        same = all(again.get(p) and all(again[p].get(k) == e.get(k) for k in keys) and
                   (e["type"] == "link" or again[p]["mtime"] == e["mtime"] or e["type"] not in ("file", "dir"))
                   for p, e in root.entries.items())
        tell(same and len(again) == len(root.entries), "packed again it has the same entries, byte for byte")
        for name in FOUND:
            for careful in (False,) if name in CARELESS else (False, True):
                image, _ = tamper.tamper(root, recipes[name], careful, tmp)
                verdict = report(image, "scan")["verdict"]
                tell(verdict in ("suspicious", "malicious"),
                     f"{name}, {'careful' if careful else 'careless'}: {verdict}")
    return failed > 0


sys.exit(main())
