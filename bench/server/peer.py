"""MediaPipe's face mesh behind FastAPI, measured as `moue serve` is: processor time of a request.

    python -m venv VENV && VENV/bin/pip install mediapipe==0.10.21 fastapi uvicorn
    VENV/bin/python bench/server/peer.py PICTURE.jpg [REQUESTS]

The models are those of the wheel: short-range BlazeFace and the face mesh of 468 points. It does less than moue's
`find`: one detector run, no expression, no search.
"""

import http.client
import pathlib
import subprocess
import sys
import time

PORT = 8391


def app():
    import asyncio

    import cv2
    import mediapipe
    import numpy
    from fastapi import FastAPI, Request

    service = FastAPI()
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)
    turn = asyncio.Lock()

    def landmarks(body):
        picture = cv2.imdecode(numpy.frombuffer(body, numpy.uint8), cv2.IMREAD_COLOR)
        found = mesh.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)).multi_face_landmarks or []
        return [[(p.x, p.y, p.z) for p in face.landmark] for face in found]

    @service.post("/represent")
    async def represent(request: Request):
        body = await request.body()
        # A graph of MediaPipe takes one picture at a time.
        async with turn:
            return {"faces": await asyncio.to_thread(landmarks, body)}

    return service


def cpu(pid):
    """Hundredths of a second: fields 14 and 15 of `stat`."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def main():
    body = pathlib.Path(sys.argv[1]).read_bytes()
    requests = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    here = pathlib.Path(__file__)
    command = [sys.executable, "-m", "uvicorn", "--factory", "peer:app", "--port", str(PORT), "--log-level", "error"]
    server = subprocess.Popen(command, cwd=here.parent)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        while True:
            try:
                connection.connect()
                break
            except OSError:
                time.sleep(0.2)

        def ask():
            connection.request("POST", "/represent", body, {"content-type": "image/jpeg"})
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 200, text[:200]

        for _ in range(10):
            ask()
        least = float("inf")
        for _ in range(5):
            before = cpu(server.pid)
            for _ in range(requests // 5):
                ask()
            least = min(least, (cpu(server.pid) - before) * 10 / (requests // 5))
        memory = pathlib.Path(f"/proc/{server.pid}/status").read_text().split("VmRSS:")[1].split()[0]
        print(f"MediaPipe behind FastAPI: {least:.2f} ms CPU a request, {int(memory) // 1000} MB")
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
