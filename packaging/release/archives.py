"""Archives that are equal, byte for byte, if their files are."""

import gzip
import tarfile
import time
import zipfile
from pathlib import Path

from . import project


def files(folder: Path) -> list[Path]:
    """The files below a folder, in an order that no file system chooses."""
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())


def mode(path: Path) -> int:
    """0755 of programs, 0644 of all else. On Windows no file tells."""
    return 0o755 if path.name in ("moue", "moue.exe") else 0o644


def pack(folder: Path, archive: Path) -> None:
    """Packs a folder, with its name, as `archive` ends: .zip or .tar.gz."""
    if archive.suffix == ".zip":
        pack_zip(folder, archive)
    else:
        pack_tar(folder, archive)


def pack_tar(folder: Path, archive: Path) -> None:
    moment = project.epoch()
    with archive.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=moment) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for path in files(folder):
                entry = tarfile.TarInfo(path.relative_to(folder.parent).as_posix())
                entry.size, entry.mode, entry.mtime = path.stat().st_size, mode(path), moment
                with path.open("rb") as content:
                    tar.addfile(entry, content)


def pack_zip(folder: Path, archive: Path) -> None:
    # ZIP files know no time before 1980.
    moment = time.gmtime(max(project.epoch(), 315_532_800))[:6]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, (0o100000 | mode(path)) << 16
            packed.writestr(entry, path.read_bytes())


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks an archive that `pack` or a stranger wrote; names cannot leave the folder."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
    else:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
