"""Reads what packages have inside: shared libraries (ELF) and classes (dex)."""

import dataclasses
import struct
import zlib

# Processor numbers of ELF, by the ABI's folder.
MACHINES = {"arm64-v8a": 183, "armeabi-v7a": 40, "x86_64": 62}

LOAD, DYNAMIC, DYNAMIC_SYMBOLS, NEEDED = 1, 6, 11, 1


@dataclasses.dataclass
class Library:
    """What is asked of a shared library."""

    machine: int
    wide: bool
    # Alignments of the segments that are loaded, and whether each lies as its alignment wants.
    alignments: list[int]
    placed: bool
    needed: list[str]
    functions: set[str]


class Elf:
    """A file of 32 or 64 bits, little-endian."""

    def __init__(self, data: bytes) -> None:
        if data[:4] != b"\x7fELF" or len(data) < 64 or data[4] not in (1, 2) or data[5] != 1:
            raise ValueError("not a little-endian ELF file")
        self.data, self.wide = data, data[4] == 2

    def table(self, narrow: tuple[int, int, str], wide: tuple[int, int, str]) -> list[tuple[int, ...]]:
        """Entries of a table: where its offset and its entries' size are noted, and an entry's form."""
        at, sizes, form = wide if self.wide else narrow
        (offset,) = struct.unpack_from("<Q" if self.wide else "<I", self.data, at)
        size, count = struct.unpack_from("<HH", self.data, sizes)
        return [struct.unpack_from(form, self.data, offset + size * i) for i in range(count)]

    def segments(self) -> list[tuple[int, int, int]]:
        """Offset, address and alignment of what is loaded."""
        entries = self.table((28, 42, "<8I"), (32, 54, "<II6Q"))
        order = (2, 3, 7) if self.wide else (1, 2, 7)
        return [(e[order[0]], e[order[1]], e[order[2]]) for e in entries if e[0] == LOAD]

    def sections(self) -> list[tuple[int, int, int, int]]:
        """Type, offset, size and link of each section."""
        entries = self.table((32, 46, "<10I"), (40, 58, "<IIQQQQIIQQ"))
        return [(e[1], e[4], e[5], e[6]) for e in entries]

    def items(self, kind: int, narrow: str, wide: str) -> list[tuple[bytes, tuple[int, ...]]]:
        """Entries of the section of a kind, each with the strings that it points into."""
        sections = self.sections()
        form = wide if self.wide else narrow
        found = []
        for type_, offset, size, link in sections:
            if type_ == kind:
                strings = self.data[sections[link][1] : sections[link][1] + sections[link][2]]
                found += [(strings, entry) for entry in struct.iter_unpack(form, self.data[offset : offset + size])]
        return found


def text(strings: bytes, at: int) -> str:
    return strings[at : strings.index(b"\0", at)].decode()


def library(data: bytes) -> Library:
    """Reads a shared library; fails with `ValueError` or `struct.error`."""
    elf = Elf(data)
    segments = elf.segments()
    needed = [text(s, e[1]) for s, e in elf.items(DYNAMIC, "<iI", "<qQ") if e[0] == NEEDED]
    functions = set()
    for strings, entry in elf.items(DYNAMIC_SYMBOLS, "<IIIBBH", "<IBBHQQ"):
        section = entry[3] if elf.wide else entry[5]
        # Section 0 is that of symbols from other libraries.
        if section:
            functions.add(text(strings, entry[0]))
    return Library(
        machine=struct.unpack_from("<H", data, 18)[0],
        wide=elf.wide,
        alignments=[align for _, _, align in segments],
        placed=all(offset % align == address % align for offset, address, align in segments if align > 1),
        needed=needed,
        functions=functions,
    )


def classes(dex: bytes) -> set[str]:
    """Names of the classes that a dex file defines."""
    if dex[:4] != b"dex\n" or len(dex) < 112:
        raise ValueError("not a dex file")
    if zlib.adler32(dex[12:]) != struct.unpack_from("<I", dex, 8)[0]:
        raise ValueError("its checksum is wrong")
    strings, _, types = struct.unpack_from("<III", dex, 60)
    count, definitions = struct.unpack_from("<II", dex, 96)
    names = set()
    for i in range(count):
        (kind,) = struct.unpack_from("<I", dex, definitions + 32 * i)
        (string,) = struct.unpack_from("<I", dex, types + 4 * kind)
        (at,) = struct.unpack_from("<I", dex, strings + 4 * string)
        # The length in UTF-16, seven bits a byte, comes first.
        while dex[at] & 0x80:
            at += 1
        names.add(text(dex, at + 1).removeprefix("L").removesuffix(";").replace("/", "."))
    return names
