#!/usr/bin/env bash
# Trains the expression network that ships on, with rendered heads in its batches, and measures it.
# Needs what train_expression.sh leaves in training/runs/: crops, shapes, drawings and a teacher.
#
#   ./train_heads.sh                     # one stage; run it again until it says it is done
#   EPOCHS=8 NAME=without HEADS=0 ./train_heads.sh
#
# A stage ends after STAGE_MINUTES and loses at most an epoch; the next one resumes. Checkpoints
# are in training/runs/.
set -euo pipefail
cd "$(dirname "$0")"
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=17179869184
python=${PYTHON:-.venv/bin/python}
data=${MOUE_DATA:-../../shared/data}
renderer=${RENDERER:-../target/release/moue-heads}
models=../crates/moue/models
# Heads to render, in files of 2,000; without any the same training is the comparison.
heads=${HEADS:-16000}
epochs=${EPOCHS:-40}
steps=${STEPS:-320}
name=${NAME:-heads}
minutes=${STAGE_MINUTES:-95}
teachers=${TEACHERS:-$(ls runs/teacher*.pt)}

[ -x "$renderer" ] || (cd .. && cargo build --release -p moue-heads)
files=()
for ((skip = 0; skip < heads; skip += 2000)); do
    file=runs/heads$skip.npz
    if [ ! -f "$file" ]; then
        # Renamed when it is whole, so that a stage that is stopped leaves no part.
        "$renderer" write "$data/heads/ict_facekit.npz" "$file.part" --seed 1 --skip "$skip" \
            --count 2000 --max-yaw 50 --covered 0.05
        mv "$file.part" "$file"
    fi
    files+=("$file")
done
[ -f runs/shipped.pt ] || "$python" -m moue_training restore-student --out runs/shipped.pt

[ -f runs/cartoons.npz ] ||
    "$python" -m moue_training crop-faces --moue ../target/release/moue --cartoons --out runs/cartoons.npz

# Emotions of photos stay as they were: without this 8 epochs lose 0.02 of FER+'s triplets.
arguments=(--start runs/shipped.pt --keep runs/shipped.pt --epochs "$epochs" --steps "$steps")
arguments+=(--cartoons runs/cartoons.npz --rate "${RATE:-1.5e-3}" --hubness 0.05)
[ ${#files[@]} = 0 ] || arguments+=(--heads "${files[@]}")
# shellcheck disable=SC2086 # several teachers
if ! timeout "${minutes}m" "$python" -m moue_training distill --teachers $teachers \
    "${arguments[@]}" --out "runs/$name.pt" | tee -a "runs/$name.log"; then
    echo "not done; run this again to go on"
    exit 124
fi

mkdir -p "runs/$name"
student=runs/$name/student.pt
"$python" -m moue_training set-nuance "runs/$name.pt" "${NUANCE:-0.25}" --out "$student"
"$python" -m moue_training export expression "$student" "runs/$name/expression.tflite"
"$python" -m moue_training quantize expression "$student" "runs/$name/expression_int8.tflite"
"$python" -m moue_training remove-style "runs/$name"/expression{,_int8}.tflite
[ ${#files[@]} = 0 ] || "$python" -m moue_training fit-metric "runs/$name"/expression{_int8,}.tflite \
    --heads "${files[@]}" --renderer "$renderer"
"$python" -m moue_training evaluate-heads --moue ../target/release/moue --heads "$renderer" \
    --network "runs/$name/expression_int8.tflite"
echo "done: weights in runs/$name; copy them to $models if the measures are good, then fit-readout --also-heads"
