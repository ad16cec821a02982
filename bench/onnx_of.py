"""Converts a `.tflite` file to ONNX, for onnxruntime in `cargo xtask bench`.

    python bench/onnx_of.py IN.tflite OUT.onnx      checks the answer against LiteRT's

Knows the operators of the benchmarked networks only. ONNX keeps channels before rows, so pictures
are transposed once at the start and wherever the order shows: before RESHAPE and at the end.
"""

import sys

import numpy as np
import onnx
import tflite
from onnx import TensorProto, helper, numpy_helper

TYPES = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}
NAMES = {
    number: name for name, number in vars(tflite.BuiltinOperator).items() if isinstance(number, int)
}
CHANNELS_FIRST = {0: 0, 1: 2, 2: 3, 3: 1}
ACTIVATIONS = {0: None, 1: "Relu", 3: "Clip"}


class Converter:
    def __init__(self, data):
        self.file = tflite.Model.GetRootAs(data, 0)
        self.graph = self.file.Subgraphs(0)
        self.nodes, self.constants, self.values = [], {}, {}

    def shape(self, tensor):
        return [int(n) for n in self.graph.Tensors(tensor).ShapeAsNumpy()]

    def stored(self, tensor):
        """The values of a constant, decompressed if need be; None for activations."""
        if tensor in self.values:
            return self.values[tensor]
        info = self.graph.Tensors(tensor)
        raw = self.file.Buffers(info.Buffer()).DataAsNumpy()
        if isinstance(raw, int) or len(raw) == 0:
            return None
        return np.frombuffer(raw.tobytes(), TYPES[info.Type()]).reshape(self.shape(tensor))

    def constant(self, name, values):
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def activated(self, kind, inputs, output, code, **attributes):
        """A node and the activation after it."""
        function = ACTIVATIONS[code]
        if function is None:
            return self.node(kind, inputs, output, **attributes)
        before = self.node(kind, inputs, output + "_before", **attributes)
        bounds = (
            [self.constant("zero", np.float32(0)), self.constant("six", np.float32(6))]
            if function == "Clip"
            else []
        )
        return self.node(function, [before, *bounds], output)

    def pads(self, options, tensor, kernel, dilation=(1, 1)):
        """ONNX's explicit padding for TensorFlow's SAME."""
        if options.Padding() == 1:
            return [0, 0, 0, 0]
        sizes, strides = self.shape(tensor)[1:3], (options.StrideH(), options.StrideW())
        both = [
            max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
            for n, s, k, d in zip(sizes, strides, kernel, dilation)
        ]
        return [both[0] // 2, both[1] // 2, both[0] - both[0] // 2, both[1] - both[1] // 2]

    def convolve(self, inputs, output, options, depthwise):
        weights = self.stored(inputs[1]).astype(np.float32)
        weights = weights.transpose(3, 0, 1, 2) if depthwise else weights.transpose(0, 3, 1, 2)
        kernel, dilation = weights.shape[2:], (options.DilationHFactor(), options.DilationWFactor())
        bias = self.stored(inputs[2]).astype(np.float32)
        names = [
            f"t{inputs[0]}",
            self.constant(output + "_w", weights),
            self.constant(output + "_b", bias),
        ]
        self.activated(
            "Conv",
            names,
            output,
            options.FusedActivationFunction(),
            group=self.shape(inputs[0])[3] if depthwise else 1,
            strides=[options.StrideH(), options.StrideW()],
            dilations=dilation,
            kernel_shape=kernel,
            pads=self.pads(options, inputs[0], kernel, dilation),
        )

    def to_rows(self, tensor):
        """The name under which a tensor lies channels last."""
        name = f"t{tensor}"
        return (
            self.node("Transpose", [name], name + "_last", perm=[0, 2, 3, 1])
            if len(self.shape(tensor)) == 4
            else name
        )

    def operand(self, tensor):
        values = self.stored(tensor)
        if values is None:
            return f"t{tensor}"
        values = values.astype(np.float32)
        return self.constant(
            f"t{tensor}", values.transpose(0, 3, 1, 2) if values.ndim == 4 else values
        )

    def convert(self, operator):
        code = self.file.OperatorCodes(operator.OpcodeIndex())
        kind = NAMES[max(code.BuiltinCode(), code.DeprecatedBuiltinCode())]
        inputs, number = (
            [int(i) for i in operator.InputsAsNumpy()],
            int(operator.OutputsAsNumpy()[0]),
        )
        output, table = f"t{number}", operator.BuiltinOptions()

        def options(kind):
            found = kind()
            found.Init(table.Bytes, table.Pos)
            return found

        if kind == "DEQUANTIZE":
            self.values[number] = self.stored(inputs[0]).astype(np.float32)
        elif kind == "CONV_2D":
            self.convolve(inputs, output, options(tflite.Conv2DOptions), False)
        elif kind == "DEPTHWISE_CONV_2D":
            self.convolve(inputs, output, options(tflite.DepthwiseConv2DOptions), True)
        elif kind == "ADD":
            self.activated(
                "Add",
                [self.operand(i) for i in inputs],
                output,
                options(tflite.AddOptions).FusedActivationFunction(),
            )
        elif kind == "MUL":
            self.activated(
                "Mul",
                [self.operand(i) for i in inputs],
                output,
                options(tflite.MulOptions).FusedActivationFunction(),
            )
        elif kind == "REVERSE_V2":
            axis = int(self.stored(inputs[1]).ravel()[0])
            axis = CHANNELS_FIRST[axis] if len(self.shape(number)) == 4 else axis
            limits = zip(("start", "end", "axis", "step"), (-1, np.iinfo(np.int64).min, axis, -1))
            self.node(
                "Slice",
                [
                    f"t{inputs[0]}",
                    *(self.constant(f"{output}_{n}", np.array([v], np.int64)) for n, v in limits),
                ],
                output,
            )
        elif kind == "RELU":
            self.node("Relu", [f"t{inputs[0]}"], output)
        elif kind == "MAX_POOL_2D":
            o = options(tflite.Pool2DOptions)
            kernel = [o.FilterHeight(), o.FilterWidth()]
            self.node(
                "MaxPool",
                [f"t{inputs[0]}"],
                output,
                kernel_shape=kernel,
                strides=[o.StrideH(), o.StrideW()],
                pads=self.pads(o, inputs[0], kernel),
            )
        elif kind == "PAD":
            amounts = self.stored(inputs[1])
            order = amounts[[0, 3, 1, 2]] if len(amounts) == 4 else amounts
            self.node(
                "Pad",
                [f"t{inputs[0]}", self.constant(output + "_p", order.T.ravel().astype(np.int64))],
                output,
            )
        elif kind == "RESIZE_BILINEAR":
            o, size = options(tflite.ResizeBilinearOptions), self.shape(number)
            sizes = self.constant(
                output + "_s", np.array([size[0], size[3], size[1], size[2]], np.int64)
            )
            mode = (
                "align_corners"
                if o.AlignCorners()
                else "half_pixel"
                if o.HalfPixelCenters()
                else "asymmetric"
            )
            self.node(
                "Resize",
                [f"t{inputs[0]}", "", "", sizes],
                output,
                mode="linear",
                coordinate_transformation_mode=mode,
            )
        elif kind == "MEAN":
            four, flat = (
                len(self.shape(inputs[0])) == 4,
                len(self.shape(number)) < len(self.shape(inputs[0])),
            )
            axes = [
                CHANNELS_FIRST[int(a)] if four else int(a) for a in self.stored(inputs[1]).ravel()
            ]
            self.node("ReduceMean", [f"t{inputs[0]}"], output, axes=axes, keepdims=0 if flat else 1)
        elif kind == "RESHAPE":
            shape = self.constant(output + "_s", np.array(self.shape(number), np.int64))
            four = len(self.shape(number)) == 4
            rows = self.node(
                "Reshape", [self.to_rows(inputs[0]), shape], output + "_rows" if four else output
            )
            if four:
                self.node("Transpose", [rows], output, perm=[0, 3, 1, 2])
        elif kind == "CONCATENATION":
            o = options(tflite.ConcatenationOptions)
            axis = o.Axis() % len(self.shape(number))
            self.node(
                "Concat",
                [self.operand(i) for i in inputs],
                output,
                axis=CHANNELS_FIRST[axis] if len(self.shape(number)) == 4 else axis,
            )
        elif kind == "FULLY_CONNECTED":
            weights = self.stored(inputs[1]).astype(np.float32)
            shape = self.constant(output + "_in", np.array([-1, weights.shape[1]], np.int64))
            rows = self.node("Reshape", [self.to_rows(inputs[0]), shape], output + "_flat")
            parts = [
                rows,
                self.constant(output + "_w", weights.T),
                self.constant(output + "_b", self.stored(inputs[2]).astype(np.float32)),
            ]
            self.activated(
                "Gemm",
                parts,
                output,
                options(tflite.FullyConnectedOptions).FusedActivationFunction(),
            )
        elif kind == "L2_NORMALIZATION":
            self.node("LpNormalization", [f"t{inputs[0]}"], output, axis=-1, p=2)
        else:
            raise SystemExit(f"no rule for {kind}")

    def whole(self):
        inputs = [int(i) for i in self.graph.InputsAsNumpy()]
        outputs = [int(i) for i in self.graph.OutputsAsNumpy()]
        for i in inputs:
            self.node("Transpose", [f"in{i}"], f"t{i}", perm=[0, 3, 1, 2])
        for number in range(self.graph.OperatorsLength()):
            self.convert(self.graph.Operators(number))

        def named(name, tensor):
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, self.shape(tensor))

        ends = [(self.to_rows(o), o) for o in outputs]
        graph = helper.make_graph(
            self.nodes,
            "net",
            [named(f"in{i}", i) for i in inputs],
            [named(n, o) for n, o in ends],
            list(self.constants.values()),
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def check(data, model):
    """Raises if onnxruntime and LiteRT differ."""
    import onnxruntime
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(model_content=data, num_threads=1)
    net.allocate_tensors()
    detail = net.get_input_details()[0]
    values = np.random.default_rng(0).uniform(-1, 1, detail["shape"]).astype(np.float32)
    net.set_tensor(detail["index"], values)
    net.invoke()
    session = onnxruntime.InferenceSession(model.SerializeToString())
    answers = session.run(None, {session.get_inputs()[0].name: values})
    for answer, wanted in zip(answers, net.get_output_details()):
        wanted = net.get_tensor(wanted["index"])
        np.testing.assert_allclose(
            answer.reshape(wanted.shape), wanted, atol=2e-3 * max(1, np.abs(wanted).max())
        )


def main():
    data = open(sys.argv[1], "rb").read()
    model = Converter(data).whole()
    check(data, model)
    onnx.save(model, sys.argv[2])


if __name__ == "__main__":
    main()
