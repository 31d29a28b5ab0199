#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Do the documents name only what exists? words.py ROOT

Looks at what stands in `code` and in fenced blocks of the documents: paths below the root, links,
`make` targets, `gifthorse` commands and options. Prints one line an offence.
"""
import os, re, sys

ROOMS = ("src", "tests", "tools", "docs", "fuzz", "rules", "schema", "bench", "man", "include/gifthorse")
PLACEHOLDER = re.compile(r"[<>*{}$…]|NAME|\bname\b|\bthing\b|\bROOM\b")


def documents(root):
    for where, dirs, files in os.walk(root):
        dirs[:] = sorted(d for d in dirs if d[0] != "." and not d.startswith("build") and d not in ("seeds", "recipes"))
        for name in sorted(files):
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(where, name), root)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def main():
    root = sys.argv[1]
    targets = set(re.findall(r"^([a-z-]+):(?!=)", read(os.path.join(root, "Makefile")), re.M))
    cli = os.path.join(root, "src/app/cli")
    source = "".join(read(os.path.join(cli, f)) for f in sorted(os.listdir(cli)) if f.endswith(".c"))
    # the tables of commands and of options
    commands = set(re.findall(r'^\t\{ ?"([a-z]+)"', source, re.M)) | set(re.findall(r'\.name = "([a-z]+)"', source))
    options = set(re.findall(r'^\t\{ (?:0|\'.\'), "([a-z-]+)"', source, re.M)) | {"man-options", "completions"}
    for path in documents(root):
        text = read(os.path.join(root, path))
        code = "\n".join(re.findall(r"```[a-z]*\n(.*?)```", text, re.S))
        code += "\n" + "\n".join(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S)))
        code = re.sub(r"#.*", "", code)
        for word in re.findall(r"(?<![\w./-])(?:%s)/[\w./+-]*[\w/]" % "|".join(ROOMS), code):
            line = next((l for l in code.split("\n") if word in l), "")
            rest = line[line.index(word) + len(word):][:1]
            if PLACEHOLDER.search(word) or rest in ("<", "*", "{", "$", "…") or "/lib" in word:
                continue
            if not os.path.exists(os.path.join(root, word)):
                # a page about a room may speak from within src/
                if not os.path.exists(os.path.join(root, "src", word)):
                    print(f"{path}: {word} does not exist")
        for target in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", code, re.M):
            if target not in targets:
                print(f"{path}: make {target}: no such target")
        for command in re.findall(r"(?:^|\s|/)gifthorse ([a-z]+)\b", code, re.M):
            if command not in commands:
                print(f"{path}: gifthorse {command}: no such command")
        for option in re.findall(r"gifthorse [a-z]+ [^\n#]*?--([a-z-]+)", code):
            if option not in options:
                print(f"{path}: --{option}: no such option")
        for link in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in link and not os.path.exists(os.path.join(root, os.path.dirname(path), link)):
                print(f"{path}: the link {link} leads nowhere")


main()
