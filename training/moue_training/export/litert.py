"""Runs `.tflite` files by LiteRT."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter


def run_litert(data: bytes, x: np.ndarray) -> list[np.ndarray]:
    """Returns the outputs of a `.tflite` file with one input."""
    net = Interpreter(model_content=data, num_threads=1)
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], x)
    net.invoke()
    return [net.get_tensor(d["index"]) for d in net.get_output_details()]
