"""Descriptions of a release for package managers, from templates, a version and the sums of its packages."""

from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from . import checksums, project
from .msi import guid

#: The packages that the templates point to, by the names that they have there.
PACKAGES = {
    "apple": project.archive_name("universal-apple-darwin"),
    "linux_x86": project.archive_name("x86_64-unknown-linux-gnu"),
    "linux_arm": project.archive_name("aarch64-unknown-linux-gnu"),
    "windows": project.archive_name("x86_64-pc-windows-msvc"),
    "windows_msi": project.msi_name("x86_64-pc-windows-msvc"),
}
#: Templates, and the files made of them.
FILES = {
    "homebrew/moue.rb": "homebrew/moue.rb",
    "scoop/moue.json": "scoop/moue.json",
    "winget/version.yaml": "winget/${winget}.yaml",
    "winget/installer.yaml": "winget/${winget}.installer.yaml",
    "winget/locale.yaml": "winget/${winget}.locale.en-US.yaml",
    "flatpak/moue.yml": "flatpak/${flatpak}.yml",
    "flatpak/metainfo.xml": "flatpak/${flatpak}.metainfo.xml",
}


def write(sums: Path, repository: str, out: Path) -> list[Path]:
    """Fills all templates.

    Raises `KeyError` if a package has no sum: a manifest that misses one would not install there.
    """
    values = facts(checksums.read(sums), repository.rstrip("/"))
    written = []
    for name, place in FILES.items():
        path = out / Template(place).substitute(values)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = Template((project.TEMPLATES / name).read_text()).substitute(values)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def facts(sums: dict[str, str], repository: str) -> dict[str, str]:
    """What the templates name."""
    where = urlsplit(repository)
    owner = where.path.strip("/").split("/")[0]
    values = {
        "version": project.version(),
        "summary": project.SUMMARY,
        "repository": repository,
        "releases": f"{repository}/releases/download/v{project.version()}",
        "winget": f"{owner}.moue",
        "flatpak": f"{reversed_domain(where.hostname or '', owner)}.moue",
        "product": guid(project.version()),
        "family": guid("moue"),
    }
    for name, package in PACKAGES.items():
        values[name], values[f"{name}_sum"] = package, sums[package]
    return values


def reversed_domain(host: str, owner: str) -> str:
    """The first part of an application's id: io.github.OWNER for what is on github.com, as Flathub wants it."""
    parts = ["github", "io"] if host == "github.com" else host.split(".")
    return ".".join([*reversed(parts), owner.replace("-", "_").lower()])
