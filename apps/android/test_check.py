"""What the check of packages finds: python3 -m unittest (in this folder)."""

import io
import pathlib
import struct
import tempfile
import unittest
import zipfile
import zlib

import binaries
import check
import package

FUNCTIONS = ["uniffi_moue_ffi_fn_find", "ffi_moue_ffi_rustbuffer_free"]
BINDINGS = "".join(f"    external fun {name}(\n    ): Long\n" for name in FUNCTIONS)


def elf(machine: int = 183, align: int = 16384, functions: list[str] = FUNCTIONS, needed: str = "libc.so") -> bytes:
    """A shared library of 64 bits with nothing but tables."""
    strings = b"\0"
    places = []
    for name in [needed, *functions]:
        places.append(len(strings))
        strings += name.encode() + b"\0"
    symbols = bytes(24) + b"".join(struct.pack("<IBBHQQ", at, 0x12, 0, 1, 64, 4) for at in places[1:])
    dynamic = struct.pack("<qQqQ", 1, places[0], 0, 0)
    start = 64 + 56
    offsets = [start, start + len(strings), start + len(strings) + len(symbols)]
    sections = offsets[2] + len(dynamic)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, sections, 0, 64, 56, 1, 64, 4, 0)
    segment = struct.pack("<II6Q", 1, 5, 0, 0, 0, sections, sections, align)
    table = bytes(64)
    for kind, at, size, link in ((3, 0, strings, 0), (11, 1, symbols, 1), (6, 2, dynamic, 1)):
        table += struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, offsets[at], len(size), link, 0, 1, 0)
    return head + segment + strings + symbols + dynamic + table


def dex(names: list[str]) -> bytes:
    """A dex file that defines empty classes."""
    count = len(names)
    strings, types = 112, 112 + 4 * count
    definitions = types + 4 * count
    data = definitions + 32 * count
    texts, offsets = b"", []
    for name in names:
        offsets.append(data + len(texts))
        texts += bytes([len(name) + 2]) + b"L" + name.replace(".", "/").encode() + b";\0"
    rest = bytearray(100)
    rest[44:60] = struct.pack("<4I", count, strings, count, types)
    rest[84:92] = struct.pack("<II", count, definitions)
    rest += struct.pack(f"<{count}I", *offsets) + struct.pack(f"<{count}I", *range(count))
    for i in range(count):
        rest += struct.pack("<8I", i, 0, 0, 0, 0, 0, 0, 0)
    rest += texts
    return b"dex\n035\0" + struct.pack("<I", zlib.adler32(rest)) + rest


class Packages(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "usage.txt").write_text("androidx.compose.material3.DatePicker\nandroidx.core.A:\n    void b()\n")
        (self.folder / "seeds.txt").write_text("dev.moue.app.MainActivity\ncom.sun.jna.Native: int malloc(long)\n")

    def apk(self, library: bytes, names: list[str], compress: bool = False, leave: str = "") -> list[str]:
        path = self.folder / "app.apk"
        with zipfile.ZipFile(path, "w") as out:
            package.add(out, "AndroidManifest.xml", b"manifest")
            package.add(out, "resources.arsc", b"resources", not compress)
            package.add(out, "classes.dex", dex(names))
            for name in ("libmoue_ffi.so", "libjnidispatch.so"):
                if name != leave:
                    package.add(out, f"lib/arm64-v8a/{name}", library, True)
        return check.problems(path, check.functions(BINDINGS), self.folder)

    def only(self, found: list[str], expected: str) -> None:
        self.assertEqual([expected in problem for problem in found], [True] * max(1, len(found)), found)

    def test_a_good_app_has_no_problems(self) -> None:
        self.assertEqual(self.apk(elf(), ["dev.moue.app.MainActivity", "androidx.core.A"]), [])

    def test_small_pages_are_found(self) -> None:
        self.only(self.apk(elf(align=4096), ["dev.moue.app.MainActivity"]), "segments on pages below 16 KB")

    def test_another_processor_is_found(self) -> None:
        self.only(self.apk(elf(machine=62), ["dev.moue.app.MainActivity"]), "built for processor 62")

    def test_functions_that_are_missing_are_found(self) -> None:
        found = self.apk(elf(functions=FUNCTIONS[:1]), ["dev.moue.app.MainActivity"])
        self.only(found, "lacks 1 functions, ffi_moue_ffi_rustbuffer_free")

    def test_libraries_that_phones_lack_are_found(self) -> None:
        self.only(self.apk(elf(needed="libgcc_s.so.1"), ["dev.moue.app.MainActivity"]), "needs libgcc_s.so.1")

    def test_what_is_compressed_or_missing_is_found(self) -> None:
        self.only(self.apk(elf(), ["dev.moue.app.MainActivity"], compress=True), "resources.arsc: not stored")
        found = self.apk(elf(), ["dev.moue.app.MainActivity"], leave="libjnidispatch.so")
        self.only(found, "lib/arm64-v8a/libjnidispatch.so is missing")
        self.only(self.apk(b"text", ["dev.moue.app.MainActivity"]), "not a little-endian ELF file")

    def test_a_library_off_its_page_is_found(self) -> None:
        self.apk(elf(), ["dev.moue.app.MainActivity"])
        path = self.folder / "app.apk"
        # What other tools write knows nothing of pages.
        with zipfile.ZipFile(path) as old:
            files = {name: old.read(name) for name in old.namelist()}
        with zipfile.ZipFile(path, "w") as out:
            for name, data in files.items():
                out.writestr(name, data)
        found = check.problems(path, check.functions(BINDINGS))
        self.assertTrue(any("not stored on a multiple of 16384" in problem for problem in found), found)

    def test_wrong_classes_are_found(self) -> None:
        app = "dev.moue.app.MainActivity"
        self.only(self.apk(elf(), []), "the app's activity is missing")
        self.only(self.apk(elf(), [app, "org.junit.Test"]), "org.junit.Test is not for phones")
        self.only(self.apk(elf(), [app, "androidx.compose.material3.DatePicker"]), "1 classes that nothing uses")
        (self.folder / "seeds.txt").write_text("com.example.Kept\n")
        self.only(self.apk(elf(), [app]), "only a rule keeps, com.example.Kept")

    def test_a_damaged_dex_file_is_found(self) -> None:
        whole = dex(["dev.moue.app.MainActivity"])
        for bad in (b"", whole[:-1], whole[:50], whole[:12] + bytes(200)):
            with self.assertRaises((ValueError, struct.error)):
                binaries.classes(bad)

    def aar(self, classes: dict[str, bytes], libraries: dict[str, bytes]) -> list[str]:
        jar = io.BytesIO()
        with zipfile.ZipFile(jar, "w") as out:
            for name, data in classes.items():
                out.writestr(name, data)
        path = self.folder / "moue.aar"
        with zipfile.ZipFile(path, "w") as out:
            for name in check.NEEDED[".aar"]:
                package.add(out, name, jar.getvalue() if name == "classes.jar" else b"")
            for name, data in libraries.items():
                package.add(out, name, data)
        return check.problems(path, check.functions(BINDINGS))

    def test_libraries_for_apps(self) -> None:
        own = {f"dev/moue/{name}.class": b"" for name in ("Finder", "MoueCamera", "android/Drawing")}
        good = {"jni/arm64-v8a/libmoue_ffi.so": elf(), "jni/x86_64/libmoue_ffi.so": elf(machine=62)}
        self.assertEqual(self.aar(own, good), [])
        self.only(self.aar({**own, "kotlin/Unit.class": b""}, good), "kotlin/Unit.class is not its own")
        self.only(self.aar({}, good), "is missing")
        self.only(self.aar(own, {}), "there is no library")
        self.only(self.aar(own, {"lib/arm64-v8a/libmoue_ffi.so": elf()}), "is no folder of libraries")


if __name__ == "__main__":
    unittest.main()
