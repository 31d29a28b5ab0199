# SPDX-License-Identifier: Apache-2.0
"""The tampering laboratory: a real root file system, one named change, a container that no device accepts.

    recipe NAME
        says WORDS                what the change is
        add PROGRAM PATH          an inert program (programs/PROGRAM.recipe, for the root's own CPU)
        append PATH LINE          a line at the end of a text; made where it is not there and has a folder
        write PATH MODE TEXT      a file
        copy PATH TO MODE         a file of the root once more
        tail PATH N               N bytes behind a file
        hide-form PATH HOW        style, hidden, disabled, removed: what becomes of the form that uploads a file
        behind N                  N bytes behind the file system; behind-program PROGRAM

PATH may be @start, @page, @passwd or @neighbour. NotHere is raised where a root has none.

Two levels of care. A careless intruder adds programs as they came out of his own tools, owned by himself, written today.
A careful one builds with the vendor's tools (the program is a copy of one of the root's own with the strings of the
recipe's program written over its texts), and copies owner, mode and time from a neighbour.

Nothing here works: programs are one branch to themselves or untouched copies of the vendor's own, and the container is a
uImage of type "filesystem" for a CPU that does not exist.
"""
import hashlib, json, os, re, shutil, struct, subprocess, tempfile, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
TODAY = 1790000000  # a constant: same input, same image


class NotHere(Exception):
    pass


def blocks(path, word):
    """[(name, [line, …])] of a file of indented blocks."""
    out = []
    for line in open(path):
        line = line.rstrip("\n")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if line.startswith(word + " "):
            out.append((line.split()[1], []))
        else:
            out[-1][1].append(line.strip())
    return out


def recipes():
    return {name: lines for name, lines in blocks(os.path.join(HERE, "recipes.txt"), "recipe")}


def families():
    out = {}
    for line in open(os.path.join(HERE, "families.txt")):
        if line.strip() and not line.startswith("#"):
            name, parts = line.split("=")
            out[name.strip()] = parts.split()
    return out


class Root:
    """A real root file system: entries with all their metadata, contents by path."""

    def __init__(self, tools, image, tmp):
        self.tools, self.name = tools, os.path.basename(image)
        tree = json.loads(subprocess.run([tools["gifthorse"], "tree", "--files", "--json", "-", image],
                                         capture_output=True, check=False).stdout)
        node = max(self.volumes(tree["images"][0]["tree"]), key=lambda n: len(n["volume"]["entries"]))
        self.facts = {f["key"]: f["value"] for f in node.get("facts", [])}
        out = os.path.join(tmp, "extracted")
        subprocess.run([tools["gifthorse"], "extract", "-q", image, "-C", out], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.folder = self.find(out, node["folder"])
        self.entries = {e["path"]: e for e in node["volume"]["entries"]}
        self.cpu = self.machine()

    @staticmethod
    def volumes(node):
        if node.get("format") == "squashfs" and (node.get("volume") or {}).get("entries"):
            yield node
        for child in node.get("children", []):
            yield from Root.volumes(child)

    @staticmethod
    def find(out, name):
        for folder, names, _ in os.walk(out):
            if name in names or os.path.basename(folder) == name:
                return os.path.join(folder, name) if name in names else folder
        raise FileNotFoundError(name)

    def read(self, path):
        with open(os.path.join(self.folder, path), "rb") as f:
            return f.read()

    def programs(self):
        return [p for p, e in sorted(self.entries.items()) if e["type"] == "file" and e.get("content") == "elf"
                and "lib" not in p.split("/") and e["size"] > 9000]

    def machine(self):
        head = self.read(self.programs()[0])[:20]
        big = head[5] == 2
        number = struct.unpack(">H" if big else "<H", head[18:20])[0]
        return {(8, True): "mips-be", (8, False): "mips-le", (40, False): "arm", (183, False): "aarch64",
                (20, True): "ppc-be"}[number, big]

    def start(self):
        for path in ("etc/rc.d/rcS", "etc/init.d/rcS", "etc/rc.local", "etc/init.d/S10boot", "etc/init.d/boot",
                     "etc/preinit", "sbin/rc.sh"):
            e = self.entries.get(path)
            if e and e["type"] == "file":
                return path
        raise NotHere("no start script")

    def page(self):
        for path, e in sorted(self.entries.items()):
            if e["type"] == "file" and re.search(r"\.(html?|asp|php|lua)$", path, re.I) and e["size"] < 200000:
                text = self.read(path)
                if re.search(rb"<form[^>]*multipart/form-data", text, re.I) and \
                        re.search(rb"upgrade|firmware|softup", path.encode() + text, re.I):
                    return path
        raise NotHere("no firmware-upgrade page")

    def passwd(self):
        for path in ("etc/passwd", "etc/passwd.org", "etc/passwd.default", "etc/passwd.orig"):
            e = self.entries.get(path)
            if e and e["type"] == "file":
                return path
        raise NotHere("no account file")

    def neighbour(self):
        return self.programs()[len(self.programs()) // 2]

    def place(self, word):
        names = {"@start": self.start, "@page": self.page, "@passwd": self.passwd, "@neighbour": self.neighbour}
        return names[word]() if word in names else word


class Tampered:
    def __init__(self, root, careful, exact):
        self.root, self.careful, self.exact = root, careful, exact
        self.entries = {p: dict(e) for p, e in root.entries.items()}
        self.new = {}  # path: bytes
        self.behind = b""
        self.touched = []

    def read(self, path):
        if path in self.new:
            return self.new[path]
        if self.entries.get(path, {}).get("type") != "file":
            return None
        return self.root.read(path)

    def folder(self, path):
        """The folder of a path as the root has it: a link is followed once; what is missing is made."""
        parent = os.path.dirname(path)
        at = ""
        for part in parent.split("/") if parent else []:
            at = at + "/" + part if at else part
            e = self.entries.get(at)
            if e is None:
                self.entries[at] = self.meta({"type": "dir", "mode": "0755"}, at)
            elif e["type"] == "link":
                raise NotHere(at + " is a link")
        return path

    def meta(self, entry, path):
        if self.careful:
            parent = os.path.dirname(path)
            near = [e for p, e in self.root.entries.items() if os.path.dirname(p) == parent and e["type"] == "file"]
            near = near or [e for e in self.root.entries.values() if e["type"] == "file"]
            entry.update(uid=near[0]["uid"], gid=near[0]["gid"], mtime=near[len(near) // 2]["mtime"])
        else:
            entry.update(uid=1000, gid=1000, mtime=TODAY)
        return entry

    def put(self, path, content, mode=None):
        self.folder(path)
        old = self.entries.get(path)
        if old and old["type"] != "file":
            raise NotHere(path + " is no file")
        if old:
            if not self.careful:
                old["mtime"] = TODAY
            if mode:
                old["mode"] = mode
        else:
            self.entries[path] = self.meta({"type": "file", "mode": mode or "0644"}, path)
        self.new[path] = content
        self.touched.append(path)

    def program(self, name, kind=".recipe"):
        text = open(os.path.join(HERE, "programs", name + kind)).read().replace("@MACHINE@", self.root.cpu)
        with tempfile.TemporaryDirectory() as tmp:
            recipe, out = os.path.join(tmp, "p.recipe"), os.path.join(tmp, "p.bin")
            open(recipe, "w").write(text)
            subprocess.run([self.root.tools["lab"], recipe, out], check=True)
            made = open(out, "rb").read()
        return self.disguise(made, text) if self.careful else made

    def disguise(self, made, text):
        """As if the vendor's tools had built it: one of the root's programs with other texts in it."""
        host = bytearray(self.root.read(self.root.neighbour()))
        words = [w.encode().decode("unicode_escape").encode("latin-1")
                 for line in text.splitlines() if line.strip().startswith("string")
                 for w in re.findall(r'"((?:[^"\\]|\\.)*)"', line)]
        holes = [m for m in re.finditer(rb"[\x20-\x7e]{12,}\0", bytes(host)) if m.start() > 0x400]
        holes.sort(key=lambda m: m.start() - m.end())
        for word, hole in zip(words, holes):
            room = hole.end() - hole.start() - 1
            host[hole.start():hole.end()] = word[:room].ljust(room, b"\0") + b"\0"
        return bytes(host)

    def run(self, line):
        words = re.findall(r'"(?:[^"\\]|\\.)*"|\S+', line)
        words = [w[1:-1].encode().decode("unicode_escape") if w.startswith('"') else w for w in words]
        verb, args = words[0], words[1:]
        if args and args[0].startswith("@"):
            args[0] = self.root.place(args[0])
        if verb == "says":
            return
        if verb == "add":
            self.put(args[1], self.program(args[0]), "0755")
        elif verb == "append":
            before = self.read(args[0]) or b""
            if before and not before.endswith(b"\n"):
                before += b"\n"
            self.put(args[0], before + args[1].encode() + b"\n")
        elif verb == "write":
            self.put(args[0], args[2].encode(), args[1])
        elif verb == "copy":
            self.put(args[1], self.read(args[0]), args[2])
        elif verb == "tail":
            noise = b"".join(hashlib.sha256(bytes([i & 255, i >> 8])).digest() for i in range(int(args[1]) // 32))
            self.put(args[0], self.read(args[0]) + noise)
        elif verb == "hide-form":
            self.put(args[0], hide(self.read(args[0]), args[1]))
        elif verb == "behind":
            self.behind += b"".join(hashlib.sha256(struct.pack("<I", i)).digest() for i in range(int(args[0]) // 32))
        elif verb == "behind-program":
            self.behind += self.program(args[0])
        else:
            raise ValueError(line)

    def pack(self, tmp):
        """SquashFS with the settings of the original where mksquashfs has them, in a uImage for no device."""
        folder, pseudo = os.path.join(tmp, "root"), os.path.join(tmp, "pseudo")
        shutil.rmtree(folder, ignore_errors=True)
        os.mkdir(folder)
        lines = []
        for path, e in sorted(self.entries.items()):
            at, kind, mode = os.path.join(folder, path), e["type"], e["mode"]
            own = f"{mode} {e['uid']} {e['gid']}"
            quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
            if kind == "dir":
                os.makedirs(at, exist_ok=True)
                lines.append(f"{quoted} m {own}")
            elif kind == "file":
                os.makedirs(os.path.dirname(at), exist_ok=True)
                content = self.new.get(path)
                if content is None:
                    shutil.copyfile(os.path.join(self.root.folder, path), at)
                else:
                    open(at, "wb").write(content)
                lines.append(f"{quoted} m {own}")
            elif kind == "link" and not e.get("hard_link"):
                os.makedirs(os.path.dirname(at), exist_ok=True)
                os.symlink(e["target"], at)
            elif kind in ("char", "block"):
                lines.append(f"{quoted} {kind[0]} {own} {e['major']} {e['minor']}")
            else:
                continue
            if os.path.lexists(at):
                os.utime(at, (e["mtime"], e["mtime"]), follow_symlinks=False)
        for path, e in self.entries.items():  # what was made in them moved their time
            if e["type"] == "dir":
                os.utime(os.path.join(folder, path), (e["mtime"], e["mtime"]))
        open(pseudo, "w").write("\n".join(lines) + "\n")
        out = os.path.join(tmp, "root.squashfs")
        if os.path.exists(out):
            os.remove(out)
        compressor = self.root.facts.get("compressor", "xz").split()[0] if self.exact else "gzip"
        compressor = compressor if compressor in ("gzip", "xz", "lzo", "zstd", "lz4") else "xz"
        fast = ["-Xcompression-level", "1"] if not self.exact else []
        made = self.root.facts.get("created")
        when = TODAY if not self.careful or not made else int(
            subprocess.run(["date", "-d", made, "+%s"], capture_output=True, text=True, check=True).stdout)
        subprocess.run(["mksquashfs", folder, out, "-no-progress", "-quiet", "-no-xattrs", "-comp", compressor, *fast, "-b", self.root.facts.get("block-size", "131072"), "-pf", pseudo, "-mkfs-time", str(when)],
                       check=True, stdout=subprocess.DEVNULL)
        body = open(out, "rb").read()
        body += b"\xff" * (-len(body) % 65536) + self.behind
        image = os.path.join(tmp, "image.bin")
        open(image, "wb").write(uimage(body, when) + body)
        return image


def hide(text, how):
    form = re.search(rb"<form\b[^>]*multipart/form-data[^>]*>", text, re.I)
    if how == "style":
        return text[:form.end() - 1] + b' style="display:none"' + text[form.end() - 1:]
    if how == "hidden":
        return text[:form.end() - 1] + b" hidden" + text[form.end() - 1:]
    if how == "disabled":
        return re.sub(rb"(<input\b[^>]*type=[\"']?file[\"']?)", rb"\1 disabled", text, flags=re.I)
    end = re.search(rb"</form>", text[form.end():], re.I)
    stop = form.end() + (end.end() if end else 0)
    return text[:form.start()] + text[stop:]


def uimage(body, when):
    """A uImage header for no CPU and no operating system that exists (0xfe): no boot loader takes it."""
    def head(crc):
        return struct.pack(">7I4B32s", 0x27051956, crc, when, len(body), 0xffffffff, 0xffffffff,
                           zlib.crc32(body), 0xfe, 0xfe, 7, 0, b"laboratory, for no device")
    return head(zlib.crc32(head(0)))


def tamper(root, lines, careful, tmp, exact=False):
    """`exact`: packed with the original's own compressor, which takes ten times longer."""
    t = Tampered(root, careful, exact)
    for line in lines:
        t.run(line)
    return t.pack(tmp), t.touched
