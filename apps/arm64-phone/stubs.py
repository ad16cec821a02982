"""Stub libraries with the public symbols of Android's C library, for linking without the NDK.

    stubs.py LISTS API FOLDER

LISTS is a folder with bionic's own lists of symbols (`libc.map.txt`, `libdl.map.txt`, `libm.map.txt`). It
proves that a library needs nothing that Android of this API level lacks; releases are linked by the NDK.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys

ARCH = "arm64"
ARCHS = {"arm", "arm64", "x86", "x86_64", "riscv64", "mips", "mips64"}

# Not for apps.
PRIVATE = {"platform-only", "apex", "llndk", "systemapi", "future"}

# Rust's panics are logged by these.
LOG = ["__android_log_write", "__android_log_print", "__android_log_vprint", "__android_log_assert"]

HEAD = """--- !ifs-v1
IfsVersion: 3.0
SoName: {}
Target: {{ ObjectFormat: ELF, Arch: AArch64, Endianness: little, BitWidth: 64 }}
Symbols:
"""


@dataclasses.dataclass
class Section:
    """A version of the library, and whether what follows in it is public."""

    since: int = 0
    public: bool = True


def since(tags: list[str]) -> int:
    """The API level from which on a symbol is there."""
    levels = [t.split("=")[1] for t in tags if re.fullmatch(rf"introduced(-{ARCH})?=\d+", t)]
    return max(map(int, levels), default=0)


def section(line: str) -> Section | None:
    """The section that a line begins, if it does."""
    head = re.match(r"^(\w+)\s*{\s*(?:#\s*(.*))?$", line)
    if head is None:
        return None
    tags = (head.group(2) or "").split()
    hidden = "PRIVATE" in head.group(1) or "PLATFORM" in head.group(1) or "platform-only" in tags
    # Symbols of the section LIBC_O have no level of their own.
    level = since(tags) or {"LIBC_O": 26}.get(head.group(1), 0)
    return Section(level, not hidden)


def symbols(path: pathlib.Path, api: int) -> list[tuple[str, str]]:
    """Names and kinds of what an app of this level may use."""
    current = Section()
    found = []
    for line in path.read_text().splitlines():
        current = section(line) or current
        if re.match(r"^\s*local:", line):
            current.public = False
        symbol = re.match(r"^\s*([A-Za-z_]\w*);\s*(?:#\s*(.*))?$", line)
        if symbol is None or not current.public:
            continue
        tags = (symbol.group(2) or "").split()
        archs = ARCHS.intersection(tags)
        if PRIVATE.intersection(tags) or (archs and ARCH not in archs):
            continue
        if max(since(tags), current.since) <= api:
            found.append((symbol.group(1), "Object" if "var" in tags else "Func"))
    return found


def write(folder: pathlib.Path, name: str, names: list[tuple[str, str]]) -> None:
    """A stub library of these symbols."""
    text = HEAD.format(name)
    for symbol, kind in sorted(set(names)):
        size = ", Size: 8" if kind == "Object" else ""
        text += f"  - {{ Name: {symbol}, Type: {kind}{size} }}\n"
    source = folder / f"{name}.ifs"
    source.write_text(text + "...\n")
    command = ["llvm-ifs-19", "--input-format=IFS", f"--output-elf={folder / name}", source]
    subprocess.run(command, check=True)


def main() -> None:
    lists, api, folder = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    for library in ("libc", "libm", "libdl"):
        write(folder, f"{library}.so", symbols(lists / f"{library}.map.txt", api))
    write(folder, "liblog.so", [(name, "Func") for name in LOG])


if __name__ == "__main__":
    main()
