"""Parts on Ray: ``moue.parts`` with Ray Data, which starts workers again that die.

>>> import moue.ray
>>> moue.ray.write_parts(paths, "/shared/rows", 4000, workers=64)

``paths`` and the folder must be readable on every machine. Needs ``pip install "ray[data]" pyarrow``. Leave
some logical CPUs to Ray's own reads: with as many workers as CPUs nothing starts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import parts

if TYPE_CHECKING:
    from ._types import Effort

__all__ = ["PartWriter", "write_parts"]


class PartWriter:
    """Writes the parts whose numbers are in a batch's column ``id``: for ``Dataset.map_batches``.

    The manifest is a text file with a path a line, so that it is read once a worker and not sent with
    every task.
    """

    def __init__(
        self,
        manifest: str,
        folder: str,
        count: int,
        effort: Effort = "thorough",
    ) -> None:
        text = Path(manifest).read_bytes()
        self._paths = [os.fsdecode(line) for line in text.split(b"\0") if line]
        self._folder = folder
        self._count = count
        self._effort: Effort = effort

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[Any]]:
        written = [
            parts.write_part(
                self._paths, self._folder, int(number), self._count, effort=self._effort
            )
            for number in batch["id"]
        ]
        return {
            "file": [str(part.file) for part in written],
            "pictures": [part.pictures for part in written],
            "faces": [part.faces for part in written],
            "rejected": [len(part.rejected) for part in written],
        }


def write_manifest(paths: Sequence[str | os.PathLike[str]], file: Path) -> None:
    """Write the paths with a zero byte after each, which no path has."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(b"".join(os.fsencode(path) + b"\0" for path in paths))
    os.replace(part, file)


def write_parts(
    paths: Sequence[str | os.PathLike[str]],
    folder: str | os.PathLike[str],
    count: int,
    *,
    workers: int,
    effort: Effort = "thorough",
) -> list[parts.Part]:
    """Write all parts on a Ray cluster, each once; those whose files are there are not done again."""
    # Ray reports usage over the network unless told otherwise before it is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    import ray

    folder = Path(folder).absolute()
    manifest = folder / "manifest"
    write_manifest(paths, manifest)
    done = (
        ray.data.range(count, override_num_blocks=count)
        .map_batches(
            PartWriter,
            fn_constructor_args=(str(manifest), str(folder), count, effort),
            batch_size=1,
            num_cpus=1,
            concurrency=workers,
            # A killed worker's part is written again, by the worker that takes its place.
            max_restarts=-1,
            max_task_retries=-1,
        )
        .materialize()
    )
    if done.count() != count:
        raise RuntimeError(f"{done.count()} of {count} parts were written; run it again")
    files = sorted(row["file"] for row in done.take_all())
    return [parts._described(Path(file)) for file in files]
