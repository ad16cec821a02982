"""A Debian package, made by dpkg's own programs from a staged folder."""

import gzip
import hashlib
import os
import shutil
import subprocess
from email.utils import formatdate
from pathlib import Path
from string import Template
from tempfile import TemporaryDirectory

from . import project
from .archives import files
from .stage import write

DOCS = "usr/share/doc/moue"
#: Where a staged file goes. What is not named stays out: the licenses are in Debian's form in `copyright`.
PLACES = {
    "moue": "usr/bin/moue",
    "completions/moue.bash": "usr/share/bash-completion/completions/moue",
    "completions/_moue": "usr/share/zsh/vendor-completions/_moue",
    "completions/moue.fish": "usr/share/fish/vendor_completions.d/moue.fish",
    "systemd/moue.service": "lib/systemd/system/moue.service",
    "README.md": f"{DOCS}/README.md",
    "WEIGHTS.md": f"{DOCS}/WEIGHTS.md",
    "MODEL_CARD.md": f"{DOCS}/MODEL_CARD.md",
}
PACKED = {"CHANGELOG.md": f"{DOCS}/changelog.gz", "THIRD-PARTY.txt": f"{DOCS}/THIRD-PARTY.txt.gz"}
#: Templates of this package that are files of it, and those that are its control files.
FILLED = {
    "copyright": f"{DOCS}/copyright",
    "lintian-overrides": "usr/share/lintian/overrides/moue",
    "sysusers.conf": "usr/lib/sysusers.d/moue.conf",
}
SCRIPTS = ["postinst", "prerm", "postrm"]


def pack(staged: Path, target: str, out: Path, depends: str | None) -> Path:
    """Makes the package and returns its path.

    `depends` are the libraries it needs; without it dpkg-shlibdeps says which, for which the libraries must be
    installed here.
    """
    with TemporaryDirectory() as work:
        root = Path(work) / "root"
        lay(staged, root)
        control(root, target, depends or libraries(root / "usr/bin/moue"))
        package = out / project.deb_name(target)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(project.epoch())}
        command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(package)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return package


def lay(staged: Path, root: Path) -> None:
    """Puts all files at their places below `root`."""
    for name, place in PLACES.items():
        put(root / place, (staged / name).read_bytes())
    for name, place in PACKED.items():
        put(root / place, packed((staged / name).read_bytes()))
    for page in sorted((staged / "man").iterdir()):
        put(root / "usr/share/man/man1" / f"{page.name}.gz", packed(page.read_bytes()))
    for name, place in FILLED.items():
        put(root / place, filled(name).encode())
    put(root / DOCS / "changelog.Debian.gz", packed(filled("changelog").encode()))
    service(root / PLACES["systemd/moue.service"])
    (root / "usr/bin/moue").chmod(0o755)


def service(unit: Path) -> None:
    """Turns the unit for /usr/local into that of a package, without the words on how to install it."""
    text = unit.read_text()
    own = text[text.index("[Unit]") :].replace("/usr/local/bin/moue", "/usr/bin/moue")
    write(unit, "# Installed but not enabled: systemctl enable --now moue\n" + own)


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def packed(content: bytes) -> bytes:
    """As `gzip -9n`: without a name, and without the time, which Debian takes for an error."""
    return gzip.compress(content, 9, mtime=0)


def filled(name: str, **more: str) -> str:
    """A template of this package. Its names are written as in `${version}`."""
    text = (project.TEMPLATES / "debian" / name).read_text()
    date = formatdate(project.epoch(), usegmt=True).replace("GMT", "+0000")
    values = {"version": project.version(), "maintainer": project.MAINTAINER, "summary": project.SUMMARY}
    return Template(text).substitute(values, date=date, **more)


def control(root: Path, target: str, depends: str) -> None:
    """Writes the control files."""
    folder = root / "DEBIAN"
    folder.mkdir()
    sums, size = [], 0
    for path in files(root):
        sums.append(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n")
        size += path.stat().st_size
    write(folder / "md5sums", "".join(sums))
    processor = project.DEBIAN_PROCESSORS[target.split("-")[0]]
    text = filled("control", architecture=processor, depends=depends, size=str(-(-size // 1024)))
    write(folder / "control", text)
    for name in SCRIPTS:
        shutil.copyfile(project.TEMPLATES / "debian" / name, folder / name)
        (folder / name).chmod(0o755)


def libraries(program: Path) -> str:
    """The packages of the libraries that a program is linked with."""
    with TemporaryDirectory() as work:
        # It wants to be in the source of a package.
        (Path(work) / "debian").mkdir()
        (Path(work) / "debian/control").write_text("Source: moue\n\nPackage: moue\nArchitecture: any\n")
        command = ["dpkg-shlibdeps", "-O", "-e", str(program)]
        result = subprocess.run(command, cwd=work, stdout=subprocess.PIPE, text=True, check=True)
    return result.stdout.strip().removeprefix("shlibs:Depends=")
