"""Does what packaging/Dockerfile says, without an engine: python3 packaging/image_test.py PROGRAM

Runs the build's steps in a folder, with PROGRAM, a built `moue` with the feature `server`, as what cargo
builds, and then the image in a chroot, as its user: the start without a key, which has to fail, a key,
the server, its health check, an upload, and its end. A program that is not static gets its libraries into
the root, which an image of musl does not need. It has to be run by root, for chroot.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
WAIT = 30
PORT = 8090


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile: name and arguments, with continued lines joined."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    found = [line.split(" ", 1) for line in joined.splitlines() if line.strip()]
    return [(name, rest.strip()) for name, rest in found]


def stages(text: str) -> list[list[tuple[str, str]]]:
    """The instructions of each stage, which begins with FROM."""
    result: list[list[tuple[str, str]]] = []
    for name, rest in instructions(text):
        if name == "FROM":
            result.append([])
        result[-1].append((name, rest))
    return result


def build(steps: list[tuple[str, str]], program: Path, work: Path) -> None:
    """Runs the build's RUN steps, with stand-ins for the package manager and the compiler."""
    tools = work / "tools"
    tools.mkdir()
    asked = work / "asked"
    real = shutil.which("cargo")
    cargo = f'''[ "$1" != metadata ] || exec {real} "$@"
        echo "cargo $@" >> {asked}; mkdir -p target/dist; cp {program} target/dist/moue'''
    for name, action in (("apk", f'echo "apk $@" >> {asked}'), ("cargo", cargo)):
        (tools / name).write_text(f"#!/bin/sh\n{action}\n")
        (tools / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    source = work / "src"
    source.mkdir()
    for name in ("LICENSE-APACHE", "LICENSE-MIT", "packaging"):
        (source / name).symlink_to(HERE.parent / name)
    for name, rest in steps:
        if name == "RUN":
            command = rest.replace("/root-of-image", str(work / "root-of-image"))
            subprocess.run(["sh", "-ec", command], cwd=source, env=environment, check=True)
    commands = asked.read_text()
    assert "cargo build --locked --profile dist -p moue-cli" in commands, commands
    assert "server" in commands, "the program has the server"
    terms = work / "root-of-image/usr/share/doc/moue"
    assert "for research and personal use" in (terms / "WEIGHTS.md").read_text(), "the weights have terms"
    assert "axum 0." in (terms / "THIRD-PARTY.txt").read_text(), "crates of others have licenses"


def add_libraries(program: Path, root: Path) -> None:
    """Copies the libraries that a program which is not static needs."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    for library in re.findall(r"(/\S+) \(0x", listed):
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


class Image:
    """The last stage: a root, a user, a working directory, commands."""

    def __init__(self, steps: list[tuple[str, str]], root: Path) -> None:
        self.root = root
        self.environment: dict[str, str] = {}
        for name, rest in steps:
            if name == "COPY":
                assert rest == "--from=build /root-of-image /", rest
            elif name == "USER":
                self.user = rest
            elif name == "ENV":
                self.environment.update(part.split("=", 1) for part in rest.split())
            elif name == "EXPOSE":
                assert int(rest) == PORT
            elif name == "HEALTHCHECK":
                self.health = json.loads(rest[rest.index("CMD") + 3 :])
            elif name == "ENTRYPOINT":
                self.entry = json.loads(rest)
            elif name == "CMD":
                self.command = json.loads(rest)
        assert self.user.split(":")[0] not in ("0", "root"), "it does not run as root"

    def start(self, arguments: list[str], **how: object) -> subprocess.Popen:
        # chroot alone enters /; what the image does with paths is absolute.
        command = [shutil.which("chroot") or "chroot", f"--userspec={self.user}", str(self.root), *arguments]
        return subprocess.Popen(command, env=self.environment, text=True, **how)

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess:
        pipe = subprocess.PIPE
        process = self.start(arguments, stdout=pipe, stderr=pipe)
        out, err = process.communicate(timeout=WAIT)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def request(path: str, key: str, data: bytes | None = None) -> tuple[int, bytes]:
    headers = {"x-api-key": key, "content-type": "image/png"} if key else {}
    asked = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", data, headers)
    try:
        with urllib.request.urlopen(asked, timeout=WAIT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def check(image: Image, picture: bytes) -> None:
    default = image.entry + image.command
    without_key = image.run(default)
    assert without_key.returncode == 2, without_key
    assert "moue serve key add" in without_key.stderr, without_key.stderr

    added = image.run([*image.entry, *"serve key add phone --scope write,read --keys /data/keys.json".split()])
    assert added.returncode == 0, added
    key = added.stdout.strip()
    assert image.run(image.health).returncode != 0, "nothing runs yet"

    server = image.start(default, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + WAIT
        while image.run(image.health).returncode != 0:
            assert time.monotonic() < end and server.poll() is None, "it does not become healthy"
            time.sleep(0.1)
        assert request("/v1/pictures", "")[0] == 401, "every request needs a key"
        status, body = request("/v1/pictures", key, picture)
        assert status == 201, (status, body)
        owner = (image.root / "data/my.moue").stat().st_uid
        assert owner == int(image.user.split(":")[0]), "the volume has the gallery"
        assert list((image.root / "data/my.uploads").iterdir()), "and the uploads"
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(WAIT)
    assert code == 0, f"it ended with {code}"


def main() -> None:
    program = Path(sys.argv[1]).resolve()
    built, last = stages((HERE / "Dockerfile").read_text())
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # Others may enter it: the image's user is nobody.
        work.chmod(0o755)
        build(built, program, work)
        root = work / "root-of-image"
        add_libraries(program, root)
        check(Image(last, root), (HERE / "../docs/sample-head.jpg").read_bytes())
    print("the image is built, refuses to start without a key, serves as nobody, and ends in order")


main()
