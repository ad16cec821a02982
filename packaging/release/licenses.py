"""The terms of what a program is made of: the crates compiled into it, and the weights.

Most licenses of crates ask that their text goes with every copy, so a package has them all.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from . import project

Package = dict[str, Any]

MODEL_CARD = project.ROOT / "crates/moue/models/MODEL_CARD.md"
NAMES = ("LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE")

WEIGHTS = """# The weights' terms

The program moue has three small networks compiled in. The code's license, MIT or Apache-2.0, does not
cover their weights. They were trained on pictures that have terms of their own, some for research only.
What follows is the model card's section about them; `MODEL_CARD.md` beside this file is the whole card.

"""


def weights() -> str:
    """The weights' terms, as the model card states them.

    Raises `ValueError` if the card has no such section, or if it does not say for what use they are.
    """
    found = re.search(r"^## Data and terms\n(.*?)(?=^## )", MODEL_CARD.read_text(), re.MULTILINE | re.DOTALL)
    if not found or "for research and personal use" not in found[1]:
        raise ValueError(f"{MODEL_CARD} does not state the terms of the weights")
    return WEIGHTS + found[0].rstrip() + "\n"


def metadata(target: str, features: list[str]) -> dict[str, Any]:
    """What cargo knows of the program's crates for a target of Rust.

    For `universal-apple-darwin`, which is two programs in one file, of the first one: the crates are the same.
    """
    return asked(target.replace("universal", "aarch64"), tuple(features))


@cache
def asked(target: str, features: tuple[str, ...]) -> dict[str, Any]:
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", target]
    if features:
        command += ["--no-default-features", "--features", ",".join(features)]
    command += ["--manifest-path", str(project.ROOT / "crates/moue-cli/Cargo.toml")]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


def is_macro(package: Package) -> bool:
    return any("proc-macro" in target["kind"] for target in package["targets"])


def is_linked(dependency: dict[str, Any]) -> bool:
    """Whether it is needed at run time, and not for building or testing alone."""
    return any(kind["kind"] is None for kind in dependency["dep_kinds"])


def compiled_in(data: dict[str, Any]) -> dict[str, list[str]]:
    """The ids of the packages whose code is in the program, each with those that it needs."""
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    waiting = [data["resolve"]["root"]]
    found: dict[str, list[str]] = {}
    while waiting:
        if (package := waiting.pop()) not in found:
            linked = [dependency["pkg"] for dependency in nodes[package]["deps"] if is_linked(dependency)]
            found[package] = sorted(needed for needed in linked if not is_macro(packages[needed]))
            waiting += found[package]
    return found


def texts(package: Package) -> Iterator[str]:
    """The license files of a crate."""
    folder = Path(package["manifest_path"]).parent
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name.upper().startswith(NAMES):
            yield path.read_text(errors="replace").strip()


def third_party(target: str, features: list[str]) -> str:
    """All crates of others, and the texts of their licenses, each once."""
    data = metadata(target, features)
    inside = compiled_in(data)
    others = [package for package in data["packages"] if package["id"] in inside and package["source"]]
    others.sort(key=lambda package: (package["name"], package["version"]))
    users: dict[str, tuple[str, list[str]]] = {}
    lines = ["Crates of others in the program moue, with the license that each states.", ""]
    for package in others:
        name = f"{package['name']} {package['version']}"
        lines.append(f"{name}: {package['license'] or 'see its text below'}")
        for text in texts(package):
            users.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    lines += ["", "Rust's standard library: MIT OR Apache-2.0, https://www.rust-lang.org/policies/licenses"]
    for text, names in users.values():
        lines += ["", "-" * 100, ", ".join(names), "-" * 100, "", text]
    return "\n".join(lines) + "\n"
