"""The command line: `python3 -m release COMMAND`, in `packaging/`."""

import argparse
import shlex
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import archives, check, checksums, deb, manifests, msi, project, sbom, stage
from .stage import Build


def archive(options: argparse.Namespace) -> None:
    with TemporaryDirectory() as work:
        folder = stage.stage(build_of(options), Path(work) / project.folder_name(options.target))
        package = options.out / project.archive_name(options.target)
        archives.pack(folder, package)
    print(package)


def debian(options: argparse.Namespace) -> None:
    with TemporaryDirectory() as work:
        folder = stage.stage(build_of(options), Path(work) / project.folder_name(options.target))
        print(deb.pack(folder, options.target, options.out, options.depends))


def installer(options: argparse.Namespace) -> None:
    for package in options.packages:
        print(msi.pack(package, options.out))


def sums(options: argparse.Namespace) -> None:
    print(checksums.write(options.out))


def describe(options: argparse.Namespace) -> None:
    for path in manifests.write(options.sums, options.repository, options.out):
        print(path)


def materials(options: argparse.Namespace) -> None:
    print(sbom.write(options.target, options.features, options.out))


def terms(options: argparse.Namespace) -> None:
    stage.terms(options.target, options.features, options.out)
    print(options.out)


def inspect(options: argparse.Namespace) -> None:
    found = [problem for package in options.packages for problem in check.problems(package)]
    print("\n".join(found) if found else f"complete: {len(options.packages)} packages")
    sys.exit(1 if found else 0)


def build_of(options: argparse.Namespace) -> Build:
    options.out.mkdir(parents=True, exist_ok=True)
    return Build(options.program, options.target, options.features, shlex.split(options.command))


def add(commands: argparse._SubParsersAction, name: str, run, words: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument("--out", type=Path, default=Path("dist"), help="the folder of packages (dist)")
    return parser


def add_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("program", type=Path, help="the built program")
    parser.add_argument("--command", default="", help="how it starts here, or a program of the same features that does")
    add_crates(parser)


def add_crates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--target", default="x86_64-unknown-linux-gnu", help="what it was built for, as Rust names it")
    split = lambda text: text.split(",") if text else []
    parser.add_argument("--features", type=split, default=["full"], help="what it was built with (full)")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="release", description="Makes and checks the packages of a release.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_build(add(commands, "archive", archive, "a .tar.gz, or for Windows a .zip, of a built program"))
    package = add(commands, "deb", debian, "a Debian package of a built program")
    add_build(package)
    package.add_argument("--depends", help="the libraries that it needs; dpkg-shlibdeps finds those of this machine")
    add(commands, "msi", installer, "installers for Windows, of .zip archives (wixl)").add_argument(
        "packages", type=Path, nargs="+"
    )
    add(commands, "sums", sums, "SHA256SUMS of all files in the folder of packages")
    described = add(commands, "manifests", describe, "Homebrew, Scoop, winget and Flatpak manifests")
    described.add_argument("--sums", type=Path, required=True, help="the SHA256SUMS of the packages")
    described.add_argument("--repository", required=True, help="https://HOST/OWNER/NAME, where releases are")
    add_crates(add(commands, "sbom", materials, "the bill of materials, CycloneDX (cyclonedx-python-lib)"))
    add_crates(add(commands, "terms", terms, "the terms of the weights and of all crates, for an image"))
    inspected = add(commands, "check", inspect, "says what packages lack")
    inspected.add_argument("packages", type=Path, nargs="+")
    return parser


def main() -> None:
    options = arguments().parse_args()
    options.run(options)


main()
