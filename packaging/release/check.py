"""Says what a package lacks of `contents.toml`."""

import gzip
import io
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from . import archives

CONTENTS = tomllib.loads((Path(__file__).parent / "contents.toml").read_text())
SYSTEMS = {"-linux-": "linux", "-apple-": "apple", "-windows-": "windows"}
#: The first bytes of programs: of Linux, macOS (two processors, one, the same of x86-64), and Windows.
PROGRAMS = (b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"MZ")

Files = dict[str, tuple[bytes, int]]


def from_tar(tar: tarfile.TarFile) -> Iterator[tuple[str, bytes, int]]:
    for entry in tar.getmembers():
        if entry.isfile():
            yield entry.name.removeprefix("./"), tar.extractfile(entry).read(), entry.mode


def from_zip(packed: zipfile.ZipFile) -> Iterator[tuple[str, bytes, int]]:
    for entry in packed.infolist():
        yield entry.filename, packed.read(entry), entry.external_attr >> 16 & 0o777


def from_msi(package: Path) -> Iterator[tuple[str, bytes, int]]:
    """The files of an installer, below the folder that it makes."""
    with TemporaryDirectory() as folder:
        subprocess.run(["msiextract", "-C", folder, package], check=True, stdout=subprocess.DEVNULL)
        for path in archives.files(Path(folder)):
            yield path.relative_to(folder).as_posix(), path.read_bytes(), archives.mode(path)


def read(package: Path) -> Files:
    """All files of a package with their contents and modes; those of archives without the folder's name."""
    if package.suffix == ".deb":
        result = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, stdout=subprocess.PIPE)
        with tarfile.open(fileobj=io.BytesIO(result.stdout)) as tar:
            return {name: (content, mode) for name, content, mode in from_tar(tar)}
    return {below(package, name): (content, mode) for name, content, mode in entries(package)}


def entries(package: Path) -> Iterator[tuple[str, bytes, int]]:
    """The files of what has a folder around them."""
    if package.suffix == ".msi":
        yield from from_msi(package)
    elif package.suffix == ".zip":
        with zipfile.ZipFile(package) as packed:
            yield from from_zip(packed)
    else:
        with tarfile.open(package) as tar:
            yield from from_tar(tar)


def below(package: Path, name: str) -> str:
    """A name without the folders that an archive or an installer puts around all files."""
    top = "moue/" if package.suffix == ".msi" else package.name.removesuffix(".zip").removesuffix(".tar.gz") + "/"
    return name[name.index(top) + len(top) :] if top in name else f"outside of the folder: {name}"


def required(package: Path) -> list[str]:
    """The names that a package must have, by its own name."""
    if package.suffix == ".deb":
        return CONTENTS["deb"]
    systems = [system for part, system in SYSTEMS.items() if part in package.name]
    if len(systems) != 1:
        raise ValueError(f"the name does not say for which system it is: {package.name}")
    return CONTENTS["archive"] + CONTENTS[systems[0]]


def problems(package: Path) -> Iterator[str]:
    """What is wrong with a package, a line for each."""
    files = read(package)
    for name in required(package):
        if name not in files:
            yield f"{package.name} lacks {name}"
        elif not files[name][0]:
            yield f"{package.name}: {name} is empty"
    for name, (content, mode) in files.items():
        if name.startswith("outside of the folder"):
            yield f"{package.name}: {name}"
        yield from (f"{package.name}: {name} {problem}" for problem in of_file(name, content, mode))


def of_file(name: str, content: bytes, mode: int) -> Iterator[str]:
    """What is wrong with one file."""
    if name in ("moue", "moue.exe", "usr/bin/moue"):
        if not content.startswith(PROGRAMS):
            yield "is not a program"
        if mode & 0o111 != 0o111:
            yield f"cannot be executed ({mode:o})"
    elif mode & 0o111:
        yield f"can be executed ({mode:o})"
    wanted = [word for end, words in CONTENTS["words"].items() if name.endswith(end) for word in words]
    if wanted:
        text = (gzip.decompress(content) if name.endswith(".gz") else content).decode(errors="replace")
        # Texts and manuals break lines where they like.
        text = " ".join(text.replace("\\-", "-").split())
        yield from (f"does not say {word!r}" for word in wanted if word not in text)
