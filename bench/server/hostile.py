"""What a server endures: half-sent headers, slow bodies, aborted uploads, bombs, hostile files.

    python bench/server/hostile.py target/release/moue [FOLDER-OF-HOSTILE-FILES]

Throughout, /healthz is asked ten times a second; its slowest answer and the server's memory are printed after each
attack. The exit code is 1 if an answer took longer than 100 ms or the memory passed the limit. Standard library alone.
"""

import asyncio
import http.client
import multiprocessing
import pathlib
import re
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib

PIECE = 1 << 16
HALF_HEADERS = 10_000
SLOW_BODIES = 1_000
ABORTED = 1_000
HOSTILE_AT_ONCE = 20
HEALTH_LIMIT = 0.100
# 256 MiB for bodies, 256 MiB for each of two pictures that are decoded, the networks and connections.
MEMORY_LIMIT = 1024


def start(program, folder):
    command = [program, "serve", "--listen", "127.0.0.1:0", "--gallery", f"{folder}/my.moue"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    address = re.search(r"127\.0\.0\.1:(\d+)", server.stderr.readline())
    return server, int(address.group(1))


def memory(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+)", status).group(1)) // 1024 for name in ("VmRSS", "VmHWM")]


async def ask(port, request, limit=60):
    """The status of an answer; 0 if the connection was closed without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        # In pieces: a large body at once would keep this program from asking for /healthz.
        for start in range(0, len(request), PIECE):
            writer.write(request[start : start + PIECE])
            await writer.drain()
        line = await asyncio.wait_for(reader.readline(), limit)
        return int(line.split()[1]) if line else 0
    except (ConnectionError, IndexError):
        return 0
    finally:
        writer.close()


class Health:
    """Asks for /healthz ten times a second, in a process of its own: what this one sends does not delay it."""

    def __init__(self, port):
        self.slowest, self.failed = multiprocessing.Value("d"), multiprocessing.Value("i")
        arguments = (port, self.slowest, self.failed)
        self.process = multiprocessing.Process(target=Health.watch, args=arguments, daemon=True)
        self.process.start()

    @staticmethod
    def watch(port, slowest, failed):
        while True:
            begun = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", "/healthz")
                failed.value += connection.getresponse().status != 200
                connection.close()
            except (OSError, http.client.HTTPException):
                failed.value += 1
            slowest.value = max(slowest.value, time.monotonic() - begun)
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        return self.slowest.value, self.failed.value


def post(port, body, media="image/png", path="/v1/find", length=None):
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Type: {media}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\n\r\n"
    )
    return head.encode() + body


async def connections(port, count, start_of):
    """Opens connections, 200 at a time, and sends each its start."""
    opened = []
    for first in range(0, count, 200):
        for number in range(first, min(first + 200, count)):
            try:
                opened.append(await asyncio.open_connection("127.0.0.1", port))
                opened[-1][1].write(start_of(number))
            except OSError:
                pass
        await asyncio.sleep(0.02)
    return opened


async def half_headers(port):
    opened = await connections(port, HALF_HEADERS, lambda _: b"GET / HTTP/1.1\r\nHost: 127")
    begun = time.monotonic()
    closed = await asyncio.gather(*(until_closed(reader) for reader, _ in opened))
    return f"{len(opened)} connected, {sum(closed)} closed by the server after {time.monotonic() - begun:.1f} s"


async def until_closed(reader):
    try:
        await asyncio.wait_for(reader.read(4096), 30)
        return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False


async def slow_bodies(port):
    opened = await connections(port, SLOW_BODIES, lambda _: post(port, b"\x89PNG", length=5_000_000))
    for _ in range(8):
        for _, writer in opened:
            if not writer.is_closing():
                writer.write(b"x" * 100)
        await asyncio.sleep(1)
    closed = await asyncio.gather(*(until_closed(reader) for reader, _ in opened))
    return f"{len(opened)} connected, {sum(closed)} answered or closed"


async def aborted(port):
    body = bytes(2_000_000)
    opened = await connections(port, ABORTED, lambda _: post(port, body[:100_000], length=len(body)))
    for _, writer in opened:
        writer.transport.abort()
    return f"{len(opened)} aborted"


def bomb(side):
    """A PNG of one color: a few hundred kilobytes for a gigabyte of pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    deflate = zlib.compressobj(9)
    rows = b"".join(deflate.compress(bytes(side + 1)) for _ in range(side)) + deflate.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def at_once(port, files, number, media="image/png"):
    """All files, so many at a time, for searches and for the gallery."""
    gate, statuses = asyncio.Semaphore(number), {}

    async def one(body, path):
        async with gate:
            try:
                status = await ask(port, post(port, body, media, path))
            except (OSError, TimeoutError):
                status = -1
            statuses[status] = statuses.get(status, 0) + 1

    await asyncio.gather(*(one(body, path) for path in ("/v1/find", "/v1/pictures") for body in files))
    return f"{2 * len(files)} sent, answers {dict(sorted(statuses.items()))}"


async def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    good = True
    with tempfile.TemporaryDirectory() as folder:
        server, port = start(sys.argv[1], folder)
        asyncio.get_running_loop().run_in_executor(None, server.stderr.read)
        files = []
        for root in sys.argv[2:]:
            files += [p.read_bytes() for p in sorted(pathlib.Path(root).rglob("*")) if p.is_file()]
        bombs = [bomb(side) for side in (6_000, 12_000, 30_000)] * 10
        # As large as bodies may be: a picture that is none, in base64.
        texts = [b'{"image":"' + b"A" * 10_000_000 + b'"}'] * 40
        attacks = [
            (f"{HALF_HEADERS} half headers", half_headers(port)),
            (f"{SLOW_BODIES} slow bodies", slow_bodies(port)),
            (f"{ABORTED} aborted uploads", aborted(port)),
            ("decompression bombs", at_once(port, bombs, HOSTILE_AT_ONCE)),
            ("large JSON bodies", at_once(port, texts, HOSTILE_AT_ONCE, "application/json")),
            (f"hostile files, {HOSTILE_AT_ONCE} at once", at_once(port, files, HOSTILE_AT_ONCE)),
        ]
        for name, attack in attacks:
            health = Health(port)
            result = await attack
            slowest, failed = health.stop()
            now, most = memory(server.pid)
            ok = slowest <= HEALTH_LIMIT and failed == 0 and most <= MEMORY_LIMIT
            good &= ok
            print(
                f"{name}: {result}; /healthz at most {slowest * 1000:.0f} ms, {failed} failed; "
                f"memory {now} MB, at most {most} MB{'' if ok else '   <-- beyond the limit'}",
                flush=True,
            )
        server.terminate()
        good &= server.wait(30) == 0
    return 0 if good else 1


sys.exit(asyncio.run(main()))
