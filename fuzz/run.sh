#!/usr/bin/env bash
# Fuzzes one target with libFuzzer and AddressSanitizer, on stable Rust and without cargo-fuzz.
#
#   fuzz/run.sh TARGET SECONDS [SEEDS …]     SEEDS: more folders of valid files
#   fuzz/run.sh --build                      compiles all targets
#   fuzz/run.sh TARGET --again FILE          runs one input again
#
# Everything that it writes lies under $MOUE_FUZZ_DIR (default: target/fuzz): the programs, the corpora
# and, in artifacts/TARGET, the inputs that failed. It exits with 0 if none did.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dir=${MOUE_FUZZ_DIR:-$root/target/fuzz}
host=$(rustc -vV | sed -n 's/^host: //p')

# The flags by which cargo-fuzz has LLVM count what code an input reaches. That rustc passes them on,
# and sanitizers, is open to nightly compilers only: hence the bootstrap variable, as the step `asan`
# of CI has it.
build() {
    local flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
        -Cllvm-args=-sanitizer-coverage-trace-compares -Zsanitizer=address --cfg fuzzing"
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=$(echo $flags) CARGO_TARGET_DIR=$dir/build CARGO_INCREMENTAL=0 \
        cargo build --release --locked --manifest-path "$root/fuzz/Cargo.toml" --target "$host" "$@"
}

# Valid inputs to start from, as far as the programs are there that make them.
seeds() {
    local to=$1 name kind
    case $2 in
    model) cp "$root/crates/moue-nn/examples/tiny.tflite" "$to" ;;
    graph) cp "$root"/crates/moue-graph/{graphs,tests/original}/*.pbtxt "$to" ;;
    # The first byte chooses what the others change.
    gallery) for kind in 0 1 2 3; do printf "\\x$kind%040d" 123456789 >"$to/$kind"; done ;;
    frame | sequence | metadata | archive)
        cp "$root/crates/moue/tests/data/corners.jpg" "$to"
        for kind in bmp gif jpg png tiff webp; do
            convert -size 16x12 gradient:red-blue "$to/still.$kind" || continue
            convert -size 16x12 -delay 5 gradient:red-blue xc:green "$to/moving.$kind" || continue
        done
        [ "$2" != archive ] || (cd "$to" && zip -q all.zip ./* && zip -q0 stored.zip ./*.gif ./*.png)
        # The fourth kind of the sequence target is a whole file.
        [ "$2" != sequence ] || for name in "$to"/*; do
            { printf '\3' && cat "$name"; } >"$name.part" && mv "$name.part" "$name"
        done
        [ "$2" != metadata ] || printf '%s' '{"tags": ["a", "b"], "caption": "a caption"}' >"$to/side.json"
        ;;
    esac
}

if [ "${1-}" = --build ]; then
    build
    exit
fi
target=${1:?a target} seconds=${2:?seconds}
[ -n "${MOUE_FUZZ_BUILT-}" ] || build --bin "$target"
program=$dir/build/$host/release/$target
corpus=$dir/corpus/$target artifacts=$dir/artifacts/$target
mkdir -p "$corpus" "$artifacts" "$dir/seeds/$target"
# A small quarantine: freed memory that AddressSanitizer holds counts against the limit. Leaks are looked
# for by stopping the process, which containers forbid.
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=0:allocator_may_return_null=1
# Pictures that other programs decode are refused at once: those are not what is fuzzed.
if [ "$seconds" = --again ]; then
    PATH=/nonexistent exec "$program" -rss_limit_mb=1024 "${3:?a file}"
fi
seeds "$dir/seeds/$target" "$target"
# Time is measured by the targets as CPU time (`bounds.rs`); the limit here is for what never ends. A
# quarter of the resident memory is AddressSanitizer's shadow.
PATH=/nonexistent exec "$program" -max_total_time="$seconds" -rss_limit_mb=512 -timeout=60 \
    -artifact_prefix="$artifacts/" "$corpus" "$dir/seeds/$target" "${@:3}"
