"""What is known of the project: its version, where it is, its time of change, its names."""

import os
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).resolve().parent / "templates"

#: Who Debian's and the other packages name as the one to ask. The project has no address of its own yet,
#: and `.invalid` is the domain that can never have one.
MAINTAINER = "The moue developers <developers@moue.invalid>"
SUMMARY = "Make a face, and find the pictures that make the same one"

#: Targets of Rust by what Debian calls their processor. `universal` is both of Apple's.
DEBIAN_PROCESSORS = {"x86_64": "amd64", "aarch64": "arm64"}


def version() -> str:
    """The version of all crates of the workspace."""
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]


def epoch() -> int:
    """The time that files in packages have, in seconds: $SOURCE_DATE_EPOCH, or that of the last commit.

    The time of the build would make each build another package.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(result.stdout)


def is_windows(target: str) -> bool:
    return "-windows-" in target


def program_name(target: str) -> str:
    return "moue.exe" if is_windows(target) else "moue"


def folder_name(target: str) -> str:
    """The folder in an archive, and the archive's name without its ending."""
    return f"moue-{version()}-{target}"


def archive_name(target: str) -> str:
    return folder_name(target) + (".zip" if is_windows(target) else ".tar.gz")


def deb_name(target: str) -> str:
    return f"moue_{version()}-1_{DEBIAN_PROCESSORS[target.split('-')[0]]}.deb"


def msi_name(target: str) -> str:
    return folder_name(target) + ".msi"
