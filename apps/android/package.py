"""Packs what Android's own tools would pack; `check.py` says whether it is right.

    package.py aar FOLDER CLASSES OUT.aar           an AAR of FOLDER/jni and compiled classes
    package.py apk OUT.apk RESOURCES DEX ABI=SO …   an unsigned APK, libraries on pages of 16 KB
"""

import io
import pathlib
import struct
import sys
import zipfile

PAGE = 16384

# Extra field of a ZIP entry that pads its data to a multiple, as apksigner knows it.
ALIGNMENT = 0xD935

MANIFEST = """<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="dev.moue">
  <uses-sdk android:minSdkVersion="24"/>
</manifest>
"""

# For R8 in apps that use the library.
RULES = pathlib.Path(__file__).with_name("library.pro")

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
        add(package, "proguard.txt", RULES.read_bytes())
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


def main() -> None:
    what, *rest = sys.argv[1:]
    if what == "aar":
        pack_aar(pathlib.Path(rest[0]), pathlib.Path(rest[1]), pathlib.Path(rest[2]))
    elif what == "apk":
        pack_apk(rest[0], rest[1], rest[2], rest[3:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
