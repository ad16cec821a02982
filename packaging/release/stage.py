"""Lays the files of a package into a folder: the program, and what goes with it."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from . import licenses, project

#: Shells, and what each calls a file of completions.
COMPLETIONS = {
    "bash": "moue.bash",
    "elvish": "moue.elv",
    "fish": "moue.fish",
    "powershell": "_moue.ps1",
    "zsh": "_moue",
}
COPIED = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"]


@dataclass
class Build:
    """A program that was built."""

    program: Path
    #: A target of Rust, or `universal-apple-darwin`.
    target: str
    #: What it was built with, for the list of its crates; none of them: the default.
    features: list[str] = field(default_factory=lambda: ["full"])
    #: How the program starts here; another program of the same features where it cannot.
    command: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> str:
        """What the program prints."""
        command = [*(self.command or [str(self.program)]), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def stage(build: Build, folder: Path) -> Path:
    """Lays all into `folder`, which must not exist, and returns it."""
    folder.mkdir(parents=True)
    program = folder / project.program_name(build.target)
    shutil.copyfile(build.program, program)
    program.chmod(0o755)
    for name in COPIED:
        shutil.copyfile(project.ROOT / name, folder / name)
    terms(build.target, build.features, folder)
    document(build, folder)
    if "-linux-" in build.target:
        (folder / "systemd").mkdir()
        shutil.copyfile(project.ROOT / "packaging/moue.service", folder / "systemd/moue.service")
    return folder


def terms(target: str, features: list[str], folder: Path) -> None:
    """What the weights and the crates of others ask for."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(licenses.MODEL_CARD, folder / "MODEL_CARD.md")
    write(folder / "WEIGHTS.md", licenses.weights())
    write(folder / "THIRD-PARTY.txt", licenses.third_party(target, features))


def document(build: Build, folder: Path) -> None:
    """The manual and the completions, as the program itself writes them."""
    (folder / "completions").mkdir()
    for shell, name in COMPLETIONS.items():
        write(folder / "completions" / name, build.run("completions", shell))
    build.run("man", str(folder / "man"))


def write(path: Path, text: str) -> None:
    """Writes UTF-8 with the ends of lines of Unix, whatever system writes it."""
    path.write_text(text, encoding="utf-8", newline="\n")
