"""Runs a model through LiteRT on random inputs and writes both down, for `litert.py`."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter

# Of weights and inputs alike, so that each run of the tests has the same.
random = np.random.default_rng(7)

# Where more than a step, or than the tolerance of floats, is allowed. LiteRT rounds up from 0.4992 or so; one step more or less in
# some layers becomes a few at the end of a whole network. A step of 0.02 is what it is where outputs are real.
ALLOWED = {"int8_whole_mobilenet_v2": 6, "float_ends_of_int8": 0.005, "part_in_int8": 0.005, "face_int8": 0.05, "expression_int8": 0.03}


def real(detail, numbers):
    """The real values of int8 codes; floats are returned as they are."""
    scale, zero = detail["quantization"]
    return numbers if numbers.dtype == np.float32 else np.float32(scale) * (numbers.astype(np.float32) - zero)


def run(data, folder, name, table):
    net = Interpreter(model_content=data, num_threads=1)
    net.allocate_tensors()
    inputs = []
    for detail in net.get_input_details():
        value = random.uniform(-1, 1, detail["shape"]).astype(np.float32)
        if detail["dtype"] == np.int8:
            value = random.integers(-128, 128, detail["shape"], np.int8)
        net.set_tensor(detail["index"], value)
        inputs.append(real(detail, value))
    net.invoke()
    outputs = [real(d, net.get_tensor(d["index"])) for d in net.get_output_details()]
    steps = [d["quantization"][0] for d in net.get_output_details()]
    (folder / f"{name}.tflite").write_bytes(data)
    np.concatenate([v.ravel() for v in inputs]).tofile(folder / f"{name}.input")
    np.concatenate([v.ravel() for v in outputs]).astype(np.float32).tofile(folder / f"{name}.output")
    sizes = {"inputs": [v.size for v in inputs], "outputs": [v.size for v in outputs]}
    table.append({"name": name, "steps": steps, "allowed": ALLOWED.get(name), **sizes})
