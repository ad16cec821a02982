"""Parts on Ray or Spark with a worker killed midway, beside a plain run.

Usage: bulk.py ray|spark PICTURES

Exits with 1 where the files differ. Prints the rate of the plain run, and what 10^8 pictures take by it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

import moue
from moue import parts

PARTS = 20


def album(folder: Path, count: int) -> list[str]:
    """Write drawings, each a little different, as JPEG files."""
    names = [entry.path for entry in moue.Gallery.builtin().entries()]
    folder.mkdir()
    for number in range(count):
        drawing = Image.fromarray(moue.drawing(names[number % len(names)], 240 + number // len(names)))
        drawing.save(folder / f"{number:05}.jpg", quality=92)
    return sorted(str(path) for path in folder.iterdir())


def children(of: int) -> list[int]:
    """Return the processes below one, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == of:
            found += [int(entry.name), *children(int(entry.name))]
    return found


def kill_the_writer(rows: Path, killed: list[int]) -> None:
    """Once a quarter is written, kill a process that has a journal."""
    while len(list(rows.glob("part-*.parquet"))) < PARTS // 4:
        time.sleep(0.02)
    while not killed:
        for journal in rows.glob(".part-*.journal"):
            try:
                pid = json.loads(journal.read_text())["pid"]
            except OSError:
                continue  # The part is whole meanwhile.
            if pid in children(os.getpid()):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                return


def on_ray(paths: list[str], rows: Path) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    import moue.ray

    # Two of the logical CPUs are left for Ray's own reads.
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
    moue.ray.write_parts(paths, rows, PARTS, workers=2)
    ray.shutdown()


def on_spark(paths: list[str], rows: Path) -> None:
    # Otherwise the workers are of whatever Python comes first in PATH.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    def write(batches):  # type: ignore[no-untyped-def]
        import pandas as pd

        from moue import parts

        for batch in batches:
            for number in batch["id"]:
                part = parts.write_part(paths, rows, int(number), PARTS)
                yield pd.DataFrame({"file": [str(part.file)], "faces": [part.faces]})

    # Without a second failure allowed, local mode would give up with the first.
    master = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    spark = master.config("spark.driver.host", "127.0.0.1").getOrCreate()
    numbers = spark.range(PARTS).repartition(PARTS)
    done = numbers.mapInPandas(write, "file string, faces long").collect()
    assert len(done) == PARTS, done
    spark.stop()


ENGINES: dict[str, Callable[[list[str], Path], None]] = {"ray": on_ray, "spark": on_spark}


def main() -> None:
    engine, count = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = album(folder / "album", count)
        before = time.process_time()
        for part in range(PARTS):
            parts.write_part(paths, folder / "plain", part, PARTS)
        seconds = time.process_time() - before
        print(f"plain: {count / seconds:.1f} pictures a second and core; 10^8 take "
              f"{1e8 * seconds / count / 3600:.0f} core-hours")
        rows = folder / "rows"
        rows.mkdir()
        killed: list[int] = []
        thread = threading.Thread(target=kill_the_writer, args=(rows, killed), daemon=True)
        thread.start()
        ENGINES[engine](paths, rows)
        for file in sorted((folder / "plain").glob("*.parquet")):
            if (rows / file.name).read_bytes() != file.read_bytes():
                sys.exit(f"{file.name} differs")
        if not killed:
            sys.exit("no worker was killed")
        faces = sum(part.faces for part in
                    (parts.write_part([], rows, n, PARTS) for n in range(PARTS)))
        print(f"{engine}: worker {killed[0]} was killed; {PARTS} parts with {faces} faces are those of "
              "the plain run")


if __name__ == "__main__":
    main()
