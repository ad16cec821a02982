"""SHA256SUMS, as `sha256sum -c` reads it."""

import hashlib
from pathlib import Path

NAME = "SHA256SUMS"


def of(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def write(folder: Path) -> Path:
    """Writes the sums of all files in a folder beside them."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    listed = folder / NAME
    listed.write_text("".join(f"{of(path)}  {path.name}\n" for path in files), newline="\n")
    return listed


def read(listed: Path) -> dict[str, str]:
    """The sums by the names of files."""
    lines = [line.split(maxsplit=1) for line in listed.read_text().splitlines() if line]
    return {name.lstrip("*"): digest for digest, name in lines}
