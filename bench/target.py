"""Where cargo builds to: `target`, or what CARGO_TARGET_DIR or a configuration file sets."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def target_directory():
    """The folder that holds `release` and `peers`."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version=1"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return Path(json.loads(answer.stdout)["target_directory"])
