#!/usr/bin/env bash
# Links the arm64 Android library without the NDK, for the emulated phone and for checks: link.sh [OUT]
#
# Needs Debian's cargo-web rustc-web rust-web-src lld-19 llvm-19, and bionic's lists of symbols in
# $MOUE_DATA/android. OUT (default: target/android/arm64-v8a) gets libmoue_ffi.so.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD project=$(cd ../.. && pwd)
lists=${MOUE_DATA:-$project/../shared/data}/android
target=${CARGO_TARGET_DIR:-$project/target}/cross
out=${1:-$project/target/android/arm64-v8a}
export BIONIC_STUBS=$target/bionic
python3 stubs.py "$lists" 24 "$BIONIC_STUBS"
llvm-mc-19 -triple aarch64-linux-android -filetype=obj unwind.s -o "$BIONIC_STUBS/unwind.o"
rm -f "$BIONIC_STUBS/libunwind.a"
llvm-ar-19 rcs "$BIONIC_STUBS/libunwind.a" "$BIONIC_STUBS/unwind.o"
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$target
export CARGO_TARGET_AARCH64_LINUX_ANDROID_LINKER=$here/aarch64-linux-android24-clang
cd "$project"
/usr/bin/cargo rustc --profile "${PROFILE:-release}" --locked -Z build-std=std,panic_abort -Z build-std-features= \
    --target aarch64-linux-android -p moue-ffi --lib --crate-type cdylib \
    --config 'profile.release.panic="abort"' --config 'profile.dist.panic="abort"'
mkdir -p "$out"
cp "$target/aarch64-linux-android/${PROFILE:-release}/libmoue_ffi.so" "$out"
ls -l "$out/libmoue_ffi.so"
