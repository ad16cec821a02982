#!/usr/bin/env bash
# Trains all three networks from random weights on sources with free terms alone: heads rendered by
# the ICT face model (MIT), our own drawings, and as backgrounds pictures of Debian's packages and
# those of scikit-image that are CC0 or in the public domain. No photo of a face, no annotator and no
# other network has a part in it. Writes crates/moue/models/free/.
#
#   UNPACKED=folder ./train_free.sh
#
# UNPACKED has the Debian packages that `pack-objects --help` names, unpacked. Every stage resumes
# where it was stopped, and one that is done is not run again. What is made is in training/runs/free/.
set -euo pipefail
cd "$(dirname "$0")"
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
python=${PYTHON:-.venv/bin/python}
model=${MOUE_DATA:-../../shared/data}/heads/ict_facekit.npz
renderer=${RENDERER:-../target/release/moue-heads}
models=../crates/moue/models/free
out=runs/free

run() {
    printf '== %s\n' "$1"
    "$python" -m moue_training "$@"
}
# Renamed when it is whole, so that a run that is stopped leaves no part: render FILE ARGUMENT …
render() {
    [ -f "$1" ] && return
    "$renderer" write "$model" "$1.part" "${@:2}"
    mv "$1.part" "$1"
}

mkdir -p "$out" "$models"
[ -x "$renderer" ] || (cd .. && cargo build --release -p moue-heads)
[ -d runs/drawings ] || (cd .. && cargo xtask drawings training/runs/drawings)
[ -f runs/drawings.npz ] || run pack-drawings runs/drawings runs/drawings.npz
[ -f runs/objects.npz ] || run pack-objects "$UNPACKED" runs/objects.npz
cuts=("$out/cut101.npz" "$out/cut102.npz")
render "${cuts[0]}" --count 1600 --seed 101 --cut-out --covered 0.2
render "${cuts[1]}" --count 3000 --seed 102 --views 1 --cut-out --covered 0.2
heads=()
for ((skip = 0; skip < 16000; skip += 2000)); do
    # As train_heads.sh has them.
    render "runs/heads$skip.npz" --seed 1 --skip "$skip" --count 2000 --max-yaw 50 --covered 0.05
    heads+=("runs/heads$skip.npz")
done

scenes=(--drawings runs/drawings.npz --objects runs/objects.npz --heads "${cuts[@]}")
run train-face "${scenes[@]}" --steps "${FACE_STEPS:-2400}" --seed 71 --out "$out/face.pt"
run train-refine --detector "$out/face.pt" "${scenes[@]}" --steps "${REFINE_STEPS:-2000}" \
    --seed 72 --out "$out/refine.pt"
run train-free-student --heads "${heads[@]}" --epochs "${EPOCHS:-15}" --out "$out/expression.pt"

run free-calibration face "$out/face.npz" "${scenes[@]}"
run free-calibration refine "$out/refine.npz" "${scenes[@]}" --detector "$out/face.pt"
run free-calibration expression "$out/expression.npz" --heads "${heads[@]}"
for kind in face refine; do
    run quantize "$kind" "$out/$kind.pt" "$models/${kind}_int8.tflite" --clip-share 2e-5 \
        --pictures "$out/$kind.npz"
done
run export expression "$out/expression.pt" "$out/expression.tflite"
run quantize expression "$out/expression.pt" "$models/expression_int8.tflite" \
    --pictures "$out/expression.npz"
# The first file embeds the samples in floats; only the second is published.
run remove-style "$out/expression.tflite" "$models/expression_int8.tflite" --heads "${heads[@]}"
run fit-readout --models "$models" --heads "${heads[@]}"
cd .. && cargo run --release -p xtask --features free-weights -- gallery
