#!/usr/bin/env bash
# Checks the package: formatting, lints, types, and the smoke test. Installs what it needs into
# target/training-venv, but PyTorch and OpenCV; the smoke test skips, and names, what needs them.
# PYTHON=… runs the smoke test by another interpreter, such as training/.venv/bin/python.
set -euo pipefail
cd "$(dirname "$0")"
venv=../target/training-venv
# The dependencies and the group `dev`; pip itself would build the package to read them.
requirements() {
    python3 -c '
import tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
print("\n".join(project["dependencies"] + project["optional-dependencies"]["dev"]))'
}

required=$(requirements)
if [ "$required" != "$(cat "$venv/installed.txt" 2>/dev/null)" ]; then
    mkdir -p ../target
    python3 -m venv --clear "$venv"
    printf '%s\n' "$required" | "$venv/bin/pip" install -q -r /dev/stdin
    printf '%s\n' "$required" >"$venv/installed.txt"
fi

"$venv/bin/ruff" check .
"$venv/bin/ruff" format --check .
"$venv/bin/mypy"
"${PYTHON:-$venv/bin/python}" -m moue_training.smoke
