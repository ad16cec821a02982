"""One piece of a peer's work for `cargo xtask bench`, in a process of its own.

Prints what it took as a line of JSON.

    python bench/peers.py network litert|onnxruntime|openvino MODEL THREADS SECONDS [ISA]
    python bench/peers.py pipeline FRAME.rgb WIDTH HEIGHT MODELS SECONDS       (mediapipe==0.10.21)

ISA limits OpenVINO's kernels to an instruction set, avx2 for example.

MODELS is a folder with `mediapipe/models/face_detection_front.tflite`, its label map and
`face_embeddings.tflite`.
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np


def memory():
    """Resident memory in kB."""
    return next(
        int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")
    )


def repeat(seconds, run):
    run()
    cpu, wall, end = [], [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.process_time(), time.perf_counter()
        run()
        cpu.append((time.process_time() - start[0]) * 1e3)
        wall.append((time.perf_counter() - start[1]) * 1e3)
    return {"cpu_ms": cpu, "wall_ms": wall}


def litert(model, threads):
    from ai_edge_litert.interpreter import Interpreter

    def load():
        net = Interpreter(model_path=model, num_threads=threads)
        net.allocate_tensors()
        detail = net.get_input_details()[0]
        net.set_tensor(detail["index"], np.full(detail["shape"], 0.1, np.float32))
        return net.invoke

    return load


def onnxruntime(model, threads):
    import onnxruntime

    def load():
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        info = session.get_inputs()[0]
        feed = {info.name: np.full(info.shape, 0.1, np.float32)}
        return lambda: session.run(None, feed)

    return load


def openvino(model, threads):
    import openvino

    def load():
        core = openvino.Core()
        # Its default on some processors is bfloat16, which is another network.
        options = {
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",
            "NUM_STREAMS": 1,
        }
        request = core.compile_model(core.read_model(model), "CPU", options).create_infer_request()
        values = np.full(request.get_input_tensor().shape, 0.1, np.float32)
        request.set_input_tensor(openvino.Tensor(values))
        return request.infer

    return load


def network(engine, model, threads, seconds, isa=None):
    if isa is not None:
        # Read when its library is loaded.
        os.environ["ONEDNN_MAX_CPU_ISA"] = isa.upper()
    engines = {"litert": litert, "onnxruntime": onnxruntime, "openvino": openvino}
    load = engines[engine](model, int(threads))
    before, start = memory(), time.process_time()
    run = load()
    loaded = (time.process_time() - start) * 1e3
    return {**repeat(float(seconds), run), "load_ms": loaded, "memory_kb": memory() - before}


def pipeline(frame, width, height, models, seconds):
    import mediapipe as mp

    pixels = np.fromfile(frame, np.uint8).reshape(int(height), int(width), 3)
    text = (Path(__file__).parent / "tutorial.pbtxt").read_text()
    graph = mp.CalculatorGraph(
        graph_config=text.replace("mediapipe/models/", f"{models}/mediapipe/models/")
    )
    counts = {"detections": 0, "frames": 0}
    graph.observe_output_stream(
        "output_detections",
        lambda _, packet: counts.update(
            detections=counts["detections"] + len(mp.packet_getter.get_proto_list(packet))
        ),
    )
    graph.start_run()

    def run():
        packet = mp.packet_creator.create_image_frame(image_format=mp.ImageFormat.SRGB, data=pixels)
        graph.add_packet_to_input_stream("input_frame", packet.at(counts["frames"] * 33_333))
        graph.wait_until_idle()
        counts["frames"] += 1

    times = repeat(float(seconds), run)
    graph.close()
    if counts["detections"] < counts["frames"]:
        raise SystemExit(
            f"MediaPipe found {counts['detections']} faces in {counts['frames']} frames, "
            "so it did less work than it has to"
        )
    return times


if __name__ == "__main__":
    print(json.dumps({"network": network, "pipeline": pipeline}[sys.argv[1]](*sys.argv[2:])))
