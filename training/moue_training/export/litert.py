"""Runs `.tflite` files by LiteRT."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class LiteRtNetwork:
    """A `.tflite` file with one input, ready to run many times."""

    def __init__(self, data: bytes):
        self.interpreter = Interpreter(model_content=data, num_threads=1)
        self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of the input."""
        return tuple(int(size) for size in self.input["shape"])

    def run(self, x: np.ndarray) -> list[np.ndarray]:
        """Returns copies of the outputs for an input."""
        self.interpreter.set_tensor(self.input["index"], x)
        self.interpreter.invoke()
        outputs = self.interpreter.get_output_details()
        return [self.interpreter.get_tensor(output["index"]) for output in outputs]


def run_litert(data: bytes, x: np.ndarray) -> list[np.ndarray]:
    """Returns the outputs of a `.tflite` file with one input."""
    return LiteRtNetwork(data).run(x)
