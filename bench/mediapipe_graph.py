"""CPU time a frame of MediaPipe's own graph.

It belongs to the table of `cargo run --release -p moue-bench --bin graph`.

    python mediapipe_graph.py VIDEO MODELS      (with mediapipe==0.10.21)

MODELS is the folder under which the graph's model paths are; the graph is bench/tutorial.pbtxt.
"""

import json
import os
import sys
import time
from pathlib import Path

import cv2
import mediapipe as mp

reader, frames = cv2.VideoCapture(sys.argv[1]), []
while True:
    ok, frame = reader.read()
    if not ok:
        break
    frames.append(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
text = (
    (Path(__file__).parent / "tutorial.pbtxt")
    .read_text()
    .replace("mediapipe/models/", os.path.abspath(sys.argv[2]) + "/mediapipe/models/")
)
times, answers = [], []
for _ in range(7):
    graph = mp.CalculatorGraph(graph_config=text)
    graph.observe_output_stream("embeddings", lambda _, packet: answers.append(packet))
    graph.start_run()
    start = time.process_time()
    for number, frame in enumerate(frames):
        packet = mp.packet_creator.create_image_frame(image_format=mp.ImageFormat.SRGB, data=frame)
        graph.add_packet_to_input_stream("input_frame", packet.at(number * 33_333))
        graph.wait_until_idle()
    times.append((time.process_time() - start) / len(frames) * 1e3)
    graph.close()
print(
    json.dumps(
        {
            "engine": "mediapipe",
            "frames": len(frames),
            "answers": len(answers) // 7,
            "cpu_ms": min(times),
        }
    )
)
