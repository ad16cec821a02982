"""Folds trained nets and writes them as `.tflite` files, checked against the PyTorch nets.

    python -m moue_training.export expression runs/expression.pt ../crates/moue/models/expression.tflite
    python -m moue_training.export face runs/face.pt ../crates/moue/models/face.tflite
    python -m moue_training.export refine runs/refine.pt ../crates/moue/models/refine.tflite
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from .course import load
from .nets import ExpressionStudent, FaceNet, RefineNet
from .tflite_writer import RELU, Writer


def chain(writer, name, x, blocks):
    for i, block in enumerate(blocks):
        weight, bias = (t.numpy() for t in block.folded())
        x = writer.conv(f"{name}_{i}", x, weight, bias, block.conv.stride[0], RELU)
    return x


def numbers(layer):
    return layer.weight.detach().numpy(), layer.bias.detach().numpy()


def export_expression(net, make=Writer, blocks=chain):
    """The net over the face and its mirror image, as a batch of two; the embedding is the mean of both, of unit length."""
    writer = make("moue expression: face crop in [-1, 1] to a unit-length embedding")
    x = writer.input("face", [1, net.INPUT, net.INPUT, net.CHANNELS])
    x = writer.concat("both_sides", [x, writer.reverse("mirrored", x, 2)], 0)
    x = blocks(writer, "block", writer.ready(x), net.blocks)
    x = writer.dense("hidden", writer.mean("pooled", x), *numbers(net.hidden), RELU)
    weight, bias = numbers(net.project)
    rows = {"emotion": slice(None, net.EMOTION), "nuance": slice(net.EMOTION, None)}
    parts = [writer.normalize(name, writer.dense(f"{name}_projected", x, weight[r], bias[r])) for name, r in rows.items()]
    lengths = np.repeat([float(length) for length in net.lengths()], [writer.shape(part)[1] for part in parts]).astype(np.float32)
    sides = writer.times("sides", writer.concat("joined", parts, 1), lengths)
    return writer.finish([writer.normalize("expression", writer.mean("mean", sides, (0,), True))])


def export_face(net, make=Writer):
    writer = make("moue face: RGB picture in [-1, 1] to boxes with key points, and scores")
    x = writer.ready(writer.input("picture", [1, net.INPUT, net.INPUT, 3]))
    stem = chain(writer, "stem", x, net.stem)
    fine = chain(writer, "fine", stem, net.fine)
    middle = chain(writer, "middle", fine, net.middle)
    coarse = chain(writer, "coarse", middle, net.coarse)
    for i, target in enumerate(("middle", "fine")):
        lateral = net.down[i]
        source = coarse if i == 0 else middle
        y = writer.conv(f"{target}_down", source, *numbers(lateral))
        y = writer.double(f"{target}_up", y)
        if i == 0:
            middle = writer.add("middle_sum", middle, y, RELU)
        else:
            fine = writer.add("fine_sum", fine, y, RELU)
    boxes, scores = [], []
    for name, x, head, scale in zip(("fine", "middle", "coarse"), (fine, middle, coarse), net.heads, net.SCALES):
        weight, bias = numbers(head)
        cells = writer.shape(x)[1] ** 2
        # Boxes count in pixels of the input, as BlazeFace's do.
        pixels = scale * net.INPUT
        y = writer.conv(f"{name}_boxes", x, weight[1:] * pixels, bias[1:] * pixels)
        boxes.append(writer.reshape(f"{name}_box_rows", y, [1, cells, 16]))
        y = writer.conv(f"{name}_scores", x, weight[:1], bias[:1])
        scores.append(writer.reshape(f"{name}_score_rows", y, [1, cells, 1]))
    return writer.finish([writer.concat("boxes", boxes, 1), writer.concat("scores", scores, 1)])


def export_refine(net, make=Writer):
    writer = make("moue refine: RGB close-up in [-1, 1] to a logit, a box and key points")
    x = writer.ready(writer.input("close_up", [1, net.INPUT, net.INPUT, 3]))
    x = chain(writer, "block", x, net.blocks)
    x = writer.reshape("flat", x, [1, net.read.in_features])
    return writer.finish([writer.dense("face", x, *numbers(net.read))])


# For each kind the net, how it is written, and what the file's outputs are in terms of the net's.
KINDS = {
    "expression": (ExpressionStudent, export_expression, lambda out, size: [out]),
    "face": (FaceNet, export_face, lambda out, size: [out[1] * size, out[0][..., None]]),
    "refine": (RefineNet, export_refine, lambda out, size: [out]),
}


def run(data, x):
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(model_content=data, num_threads=1)
    net.allocate_tensors()
    net.set_tensor(net.get_input_details()[0]["index"], x)
    net.invoke()
    return [net.get_tensor(d["index"]) for d in net.get_output_details()]


def check(kind, net, data):
    size, channels = net.INPUT, 1 if kind == "expression" else 3
    x = torch.randn(1, channels, size, size).clamp(-1, 1)
    with torch.no_grad():
        wanted = KINDS[kind][2](net.both_sides(x) if kind == "expression" else net(x), size)
    for ours, theirs in zip(run(data, x.permute(0, 2, 3, 1).contiguous().numpy()), wanted):
        apart = np.abs(ours - theirs.numpy()).max() / np.ptp(theirs.numpy())
        print(f"largest difference {apart:.1e} of the range")
        assert apart < 0.02, "the exported net differs from the trained one"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=list(KINDS))
    parser.add_argument("weights", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    make, export, _ = KINDS[args.kind]
    net = load(make(), args.weights).eval()
    data = export(net)
    check(args.kind, net, data)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(data)
    print(f"{args.out}: {len(data)} bytes")


if __name__ == "__main__":
    main()
