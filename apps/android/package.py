"""Packs and checks what Android's own tools would pack.

    package.py aar FOLDER CLASSES OUT.aar           an AAR of FOLDER/jni and compiled classes
    package.py apk OUT.apk RESOURCES DEX ABI=SO …   an unsigned APK, libraries on pages of 16 KB
    package.py check PACKAGE                        fails if anything in it is wrong
"""

import io
import pathlib
import struct
import sys
import zipfile

PAGE = 16384

# Extra field of a ZIP entry that pads its data to a multiple, as apksigner knows it.
ALIGNMENT = 0xD935

# Bytes of the largest package for one ABI: 12 MB of an app, 8 MB of a library.
MOST = {".apk": 12_000_000, ".aar": 8_000_000}

MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.moue">
  <uses-sdk android:minSdkVersion="24"/>
</manifest>
"""

# For R8 in apps that use the library: JNA finds classes by name.
RULES = """-keep class com.sun.jna.** { *; }
-keep class dev.moue.** { *; }
-dontwarn java.awt.**
"""

METADATA = "aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk=24\n"


def add(package: zipfile.ZipFile, name: str, data: bytes, stored: bool = False) -> None:
    """Adds a file with a fixed time, so that the same input gives the same package."""
    info = zipfile.ZipInfo(name, (1981, 1, 1, 1, 1, 2))
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    if stored:
        multiple = PAGE if name.endswith(".so") else 4
        start = package.fp.tell() + 30 + len(name.encode()) + 6
        padding = -start % multiple
        info.extra = struct.pack("<HHH", ALIGNMENT, 2 + padding, multiple) + bytes(padding)
    package.writestr(info, data)


def pack_aar(folder: pathlib.Path, classes: pathlib.Path, out: pathlib.Path) -> None:
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as package:
        for path in sorted(p for p in classes.rglob("*") if p.is_file()):
            add(package, path.relative_to(classes).as_posix(), path.read_bytes())
    with zipfile.ZipFile(out, "w") as package:
        add(package, "AndroidManifest.xml", MANIFEST.encode())
        add(package, "classes.jar", jar.getvalue())
        add(package, "R.txt", b"")
        add(package, "proguard.txt", RULES.encode())
        add(package, "META-INF/com/android/build/gradle/aar-metadata.properties", METADATA.encode())
        for path in sorted((folder / "jni").rglob("*.so")):
            add(package, path.relative_to(folder).as_posix(), path.read_bytes())


def pack_apk(out: str, resources: str, dex: str, libraries: list[str]) -> None:
    with zipfile.ZipFile(out, "w") as package:
        with zipfile.ZipFile(resources) as base:
            for item in base.infolist():
                add(package, item.filename, base.read(item), item.compress_type == zipfile.ZIP_STORED)
        for path in sorted(pathlib.Path(dex).glob("*.dex")):
            add(package, path.name, path.read_bytes())
        for library in libraries:
            abi, path = library.split("=", 1)
            add(package, f"lib/{abi}/{pathlib.Path(path).name}", pathlib.Path(path).read_bytes(), True)


def segments(library: bytes) -> list[int]:
    """Alignments of the loaded segments of a 64-bit ELF file."""
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    (offset,) = struct.unpack_from("<Q", library, 32)
    size, count = struct.unpack_from("<HH", library, 54)
    headers = [struct.unpack_from("<II6Q", library, offset + size * i) for i in range(count)]
    return [header[7] for header in headers if header[0] == 1]


def data_offset(file: io.BufferedReader, item: zipfile.ZipInfo) -> int:
    """Where the data of an entry starts in its package."""
    file.seek(item.header_offset)
    header = struct.unpack("<4s5H3L2H", file.read(30))
    return item.header_offset + 30 + header[9] + header[10]


def problems(path: pathlib.Path) -> list[str]:
    """What is wrong with a package."""
    found = []
    if path.stat().st_size > MOST[path.suffix]:
        found.append(f"{path.stat().st_size} bytes, at most {MOST[path.suffix]}")
    with zipfile.ZipFile(path) as package, path.open("rb") as file:
        names = package.namelist()
        needed = {".apk": ["AndroidManifest.xml", "classes.dex", "resources.arsc"], ".aar": ["AndroidManifest.xml", "classes.jar", "proguard.txt", "R.txt"]}
        found += [f"{name} is missing" for name in needed[path.suffix] if name not in names]
        libraries = [item for item in package.infolist() if item.filename.endswith(".so")]
        if not any(item.filename.endswith("/libmoue_ffi.so") for item in libraries):
            found.append("there is no libmoue_ffi.so")
        for item in libraries:
            if any(align % PAGE for align in segments(package.read(item))):
                found.append(f"{item.filename}: segments on pages below 16 KB")
            if path.suffix == ".apk" and (item.compress_type or data_offset(file, item) % PAGE):
                found.append(f"{item.filename}: not stored on a page of 16 KB")
    return found


def check(path: pathlib.Path) -> None:
    found = problems(path)
    for problem in found:
        print(f"{path}: {problem}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"{path}: {path.stat().st_size} bytes, in order")


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "aar":
        pack_aar(pathlib.Path(rest[0]), pathlib.Path(rest[1]), pathlib.Path(rest[2]))
        check(pathlib.Path(rest[2]))
    elif what == "apk":
        pack_apk(rest[0], rest[1], rest[2], rest[3:])
    elif what == "check":
        check(pathlib.Path(rest[0]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
