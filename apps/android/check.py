"""Says what is wrong with an APK or an AAR.

    check.py PACKAGE --bindings MOUE.KT [--reports FOLDER]

MOUE.KT is what `cargo xtask bindings` generates: the library must have the functions that it calls.
FOLDER has R8's reports `usage.txt` and `seeds.txt`.
"""

import argparse
import io
import pathlib
import re
import struct
import sys
import zipfile

import binaries

PAGE = 16384

# Bytes of the largest package for one ABI: 12 MB of an app, 8 MB of a library.
MOST = {".apk": 12_000_000, ".aar": 8_000_000}

NEEDED = {
    ".apk": ["AndroidManifest.xml", "classes.dex", "resources.arsc"],
    ".aar": [
        "AndroidManifest.xml",
        "classes.jar",
        "proguard.txt",
        "R.txt",
        "META-INF/com/android/build/gradle/aar-metadata.properties",
    ],
}

# What every phone has.
SYSTEM = {"libc.so", "libm.so", "libdl.so", "liblog.so"}

# What an app on a phone has no use for.
# (Classes of `android` are stubs that R8 adds for what newer systems have.)
FOREIGN = ("org.junit.", "junit.", "org.robolectric.", "androidx.test.", "java.", "com.sun.jna.platform.")

# Whose classes a rule may keep although no code of the app reaches them: the manifest's, those that native code
# finds by name, and those that androidx' and Kotlin's own rules name. All other classes are reached from these.
ROOTS = re.compile(
    r"(dev\.moue|com\.sun\.jna|androidx|kotlinx?)\.[\w$.]+"
    # The former names of androidx' classes, under which systems read them.
    r"|android\.support\.v4\.[\w$.]+Parcelizer"
)


def functions(bindings: str) -> set[str]:
    """The native functions that the generated Kotlin declares."""
    return set(re.findall(r"external fun ((?:uniffi|ffi)_moue_ffi_\w+)\(", bindings))


def data_offset(file: io.BufferedReader, item: zipfile.ZipInfo) -> int:
    """Where the data of an entry starts in its package."""
    file.seek(item.header_offset)
    header = struct.unpack("<4s5H3L2H", file.read(30))
    return item.header_offset + 30 + header[9] + header[10]


def in_library(name: str, data: bytes, wanted: set[str]) -> list[str]:
    """What is wrong with a shared library."""
    try:
        library = binaries.library(data)
    except (ValueError, struct.error, IndexError) as error:
        return [f"{name}: {error}"]
    found = []
    if library.machine != binaries.MACHINES.get(pathlib.PurePath(name).parent.name):
        found.append(f"{name}: built for processor {library.machine}")
    # Phones of 32 bits have pages of 4 KB.
    page = PAGE if library.wide else 4096
    if not library.alignments or any(align % page for align in library.alignments) or not library.placed:
        found.append(f"{name}: segments on pages below {page // 1024} KB")
    if others := sorted(set(library.needed) - SYSTEM):
        found.append(f"{name}: needs {', '.join(others)}")
    if name.endswith("/libmoue_ffi.so") and (lacking := sorted(wanted - library.functions)):
        found.append(f"{name}: lacks {len(lacking)} functions, {lacking[0]} among them")
    return found


def in_classes(package: zipfile.ZipFile, reports: pathlib.Path | None) -> list[str]:
    """What is wrong with the classes of an app."""
    names: set[str] = set()
    for item in package.namelist():
        if re.fullmatch(r"classes\d*\.dex", item):
            try:
                names |= binaries.classes(package.read(item))
            except (ValueError, struct.error, IndexError) as error:
                return [f"{item}: {error}"]
    found = [f"{name} is not for phones" for name in sorted(names) if name.startswith(FOREIGN)]
    if "dev.moue.app.MainActivity" not in names:
        found.append("the app's activity is missing")
    if reports is None:
        return found
    # A class on a line of its own was removed; one with a colon has lost some members.
    removed = {line for line in (reports / "usage.txt").read_text().splitlines() if line[:1].strip() and line[-1] != ":"}
    if unused := sorted(names & removed):
        found.append(f"{len(unused)} classes that nothing uses, {unused[0]} among them")
    roots = {line.split(":")[0] for line in (reports / "seeds.txt").read_text().splitlines() if line}
    if kept := sorted(root for root in roots if not ROOTS.fullmatch(root)):
        found.append(f"{len(kept)} classes that only a rule keeps, {kept[0]} among them")
    return found


def in_files(path: pathlib.Path, package: zipfile.ZipFile, wanted: set[str]) -> list[str]:
    """What is wrong with the layout and the libraries of a package."""
    items = package.infolist()
    names = {item.filename for item in items}
    found = [f"{name} is missing" for name in NEEDED[path.suffix] if name not in names]
    libraries = [item for item in items if item.filename.endswith(".so")]
    folder = "lib" if path.suffix == ".apk" else "jni"
    abis = {pathlib.PurePath(item.filename).parent.as_posix() for item in libraries}
    # JNA comes with an app; a library leaves it to the app's build.
    parts = ["libmoue_ffi.so"] + ["libjnidispatch.so"] * (path.suffix == ".apk")
    found += [f"{abi}/{part} is missing" for abi in sorted(abis) for part in parts if f"{abi}/{part}" not in names]
    found += [f"{abi} is no folder of libraries" for abi in sorted(abis) if pathlib.PurePath(abi).parent.name != folder]
    if not abis:
        found.append("there is no library")
    sizes = {abi: sum(i.compress_size for i in libraries if i.filename.startswith(abi + "/")) for abi in abis}
    for abi, size in sizes.items():
        one = path.stat().st_size - sum(sizes.values()) + size
        if one > MOST[path.suffix]:
            found.append(f"{one} bytes with {abi}, at most {MOST[path.suffix]}")
    for item in libraries:
        found += in_library(item.filename, package.read(item), wanted)
    if path.suffix == ".apk":
        found += in_place(path, items)
    return found


def in_place(path: pathlib.Path, items: list[zipfile.ZipInfo]) -> list[str]:
    """What an app's package must not compress, as the system maps it into memory, and where it must lie."""
    found = []
    with path.open("rb") as file:
        for item in items:
            # From Android 11 on, the table of resources too.
            page = PAGE if item.filename.endswith(".so") else 4 if item.filename == "resources.arsc" else None
            if page and (item.compress_type or data_offset(file, item) % page):
                found.append(f"{item.filename}: not stored on a multiple of {page} bytes")
    return found


def in_jar(package: zipfile.ZipFile) -> list[str]:
    """What is wrong with the classes of a library."""
    with zipfile.ZipFile(io.BytesIO(package.read("classes.jar"))) as jar:
        names = set(jar.namelist())
    needed = ["dev/moue/Finder.class", "dev/moue/MoueCamera.class", "dev/moue/android/Drawing.class"]
    found = [f"classes.jar: {name} is missing" for name in needed if name not in names]
    # What another library or the app has too stops the app's build.
    others = sorted(n for n in names if n.endswith(".class") and not n.startswith("dev/moue/"))
    return found + [f"classes.jar: {name} is not its own" for name in others[:3]]


def problems(path: pathlib.Path, wanted: set[str], reports: pathlib.Path | None = None) -> list[str]:
    """Everything that is wrong with a package, one sentence each."""
    try:
        with zipfile.ZipFile(path) as package:
            found = in_files(path, package, wanted)
            if path.suffix == ".apk":
                found += in_classes(package, reports)
            elif "classes.jar" in package.namelist():
                found += in_jar(package)
    except zipfile.BadZipFile as error:
        return [str(error)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("package", type=pathlib.Path)
    parser.add_argument("--bindings", type=pathlib.Path, required=True)
    parser.add_argument("--reports", type=pathlib.Path)
    options = parser.parse_args()
    wanted = functions(options.bindings.read_text())
    if not wanted:
        sys.exit(f"{options.bindings} declares no functions")
    found = problems(options.package, wanted, options.reports)
    for problem in found:
        print(f"{options.package}: {problem}", file=sys.stderr)
    if found:
        sys.exit(1)
    print(f"{options.package}: {options.package.stat().st_size} bytes, in order")


if __name__ == "__main__":
    main()
