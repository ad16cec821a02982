"""How far the outputs of a .tflite model depend on the order of summation.

    python bench/rounding.py MODEL.tflite

Compares, for each output and relative to its largest value: moue with LiteRT's XNNPACK kernels,
LiteRT's own sets of kernels with each other, and XNNPACK on an input of which half of the values are
changed by one unit in the last place. Needs `ai-edge-litert` and `numpy` (among the peers) and builds
moue-nn's example `run`.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

ROOT = Path(__file__).parent.parent


def litert(model: str, values: np.ndarray, kernels: OpResolverType) -> list[np.ndarray]:
    net = Interpreter(model_path=model, num_threads=1, experimental_op_resolver_type=kernels)
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], values)
    net.invoke()
    return [net.get_tensor(d["index"]).ravel() for d in net.get_output_details()]


def moue(model: str, values: np.ndarray, folder: Path) -> np.ndarray:
    values.tofile(folder / "in")
    run = "cargo run --quiet --release -p moue-nn --example run --".split()
    files = [str(Path(model).resolve()), str(folder / "in"), str(folder / "out")]
    subprocess.run([*run, *files], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return np.fromfile(folder / "out", "<f4")


def main(model: str) -> None:
    net = Interpreter(model_path=model)
    shape = net.get_input_details()[0]["shape"]
    random = np.random.default_rng(1)
    values = random.uniform(0, 1, shape).astype("<f4")
    nudged = np.where(random.random(shape) < 0.5, np.nextafter(values, np.float32(2)), values)
    xnnpack = litert(model, values, OpResolverType.AUTO)
    reference = litert(model, values, OpResolverType.BUILTIN_REF)
    other_input = litert(model, nudged.astype("<f4"), OpResolverType.AUTO)
    with tempfile.TemporaryDirectory() as folder:
        ours = moue(model, values, Path(folder))
    at = 0
    print("output     values  moue-XNNPACK  reference-XNNPACK  input + 1 ulp")
    for i, expected in enumerate(xnnpack):
        mine = ours[at : at + expected.size]
        at += expected.size
        largest = max(float(abs(expected).max()), 1e-30)
        apart = [float(abs(o - expected).max()) / largest for o in (mine, reference[i], other_input[i])]
        print(f"{i:6} {expected.size:10}  {apart[0]:12.1e}  {apart[1]:17.1e}  {apart[2]:13.1e}")


main(sys.argv[1])
