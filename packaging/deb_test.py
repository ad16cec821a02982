"""Installs a Debian package into a root, runs it there, and removes it: python3 packaging/deb_test.py PACKAGE [ROOT]

ROOT is a Debian system, as debootstrap makes one; apt-get installs the package in it with what it depends on.
Without it a root is made that has a shell, the program's libraries and nothing else, and dpkg installs the
package alone. It has to be run by root, for chroot.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "../docs/sample.png"
#: What package managers write for themselves.
OWN = re.compile(r"^(var/(lib/(dpkg|apt)|cache|log)|etc/ld\.so\.cache|proc|sys|dev|tmp)(/|$)")
#: What the scripts of the package call.
TOOLS = ["sh", "rmdir", "env"]


def run(*command: object) -> str:
    result = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def copy_program(program: Path, root: Path) -> None:
    """Copies a program of this machine and the libraries that it needs."""
    libraries = re.findall(r"(/\S+) \(0x", run("ldd", program))
    for path in [str(program), *libraries]:
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)


class SmallRoot:
    """A shell, the libraries of the program, and dpkg's lists, which are empty."""

    def __init__(self, root: Path, package: Path) -> None:
        self.root = root
        # Others than root may enter it.
        root.chmod(0o755)
        for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log", "tmp", "bin"):
            (root / folder).mkdir(parents=True)
        for name in ("status", "available"):
            (root / "var/lib/dpkg" / name).touch()
        for name in TOOLS:
            program = Path(shutil.which(name) or name)
            copy_program(program, root)
            if not (root / "bin" / name).exists():
                shutil.copy(program, root / "bin" / name)
        with tempfile.TemporaryDirectory() as unpacked:
            run("dpkg-deb", "-x", package, unpacked)
            program = Path(unpacked) / "usr/bin/moue"
            copy_program(program, root)
            shutil.rmtree(root / unpacked.lstrip("/"))

    def install(self, package: Path) -> None:
        # The libraries are there, the packages that have them are not.
        run("dpkg", f"--root={self.root}", "--force-depends", "--install", package)

    def purge(self) -> None:
        run("dpkg", f"--root={self.root}", "--purge", "moue")


class DebianRoot:
    """A system with apt-get."""

    def __init__(self, root: Path) -> None:
        self.root = root
        run("chroot", root, "apt-get", "update")

    def install(self, package: Path) -> None:
        place = self.root / "tmp" / package.name
        shutil.copy(package, place)
        environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
        run(
            "chroot",
            self.root,
            *environment,
            "apt-get",
            "install",
            "-y",
            "--no-install-recommends",
            f"/tmp/{package.name}",
        )
        place.unlink()

    def purge(self) -> None:
        run("chroot", self.root, "apt-get", "purge", "-y", "--autoremove", "moue")


def files(root: Path) -> set[str]:
    """All names below a root, but those that package managers keep for themselves."""
    names = (path.relative_to(root).as_posix() for path in root.rglob("*"))
    return {name for name in names if not OWN.match(name)}


def use(root: Path) -> None:
    """Does with the installed program what a person would do first."""
    shutil.copy(PICTURE, root / "tmp/sample.png")
    found = run("chroot", root, "moue", "find", "/tmp/sample.png", "--json")
    assert '"matches"' in found and '"distance"' in found, found
    checked = run("chroot", root, "moue", "doctor")
    assert "a drawing finds itself" in checked, checked
    served = run("chroot", root, "moue", "serve", "--help")
    assert "built without" not in served, "the package has a unit for `moue serve`, which this program lacks"
    unit = (root / "lib/systemd/system/moue.service").read_text()
    assert "ExecStart=/usr/bin/moue serve" in unit and "/usr/local" not in unit, unit
    print(checked.splitlines()[0], "finds", found.count('"distance"'), "pictures in the root")


def check(system: SmallRoot | DebianRoot, package: Path) -> None:
    before = files(system.root)
    system.install(package)
    added = files(system.root) - before
    assert {"usr/bin/moue", "usr/share/man/man1/moue.1.gz", "usr/share/doc/moue/WEIGHTS.md"} <= added, added
    use(system.root)
    system.purge()
    after = files(system.root)
    assert after == before, f"left: {sorted(after - before)}; gone: {sorted(before - after)}"
    print(f"{len(added)} files and folders came with it, and none is left")


def main() -> None:
    package = Path(sys.argv[1]).resolve()
    if len(sys.argv) > 2:
        check(DebianRoot(Path(sys.argv[2]).resolve()), package)
        return
    with tempfile.TemporaryDirectory() as folder:
        check(SmallRoot(Path(folder), package), package)


main()
