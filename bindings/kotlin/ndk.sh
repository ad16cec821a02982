#!/usr/bin/env bash
# Builds the Android libraries by the NDK, for three ABIs, into target/android: ndk.sh NDK_FOLDER
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=$(echo "$1"/toolchains/llvm/prebuilt/*/bin)

# build RUST_TARGET CLANG_PREFIX ABI
build() {
    local name
    name=$(echo "$1" | tr 'a-z-' 'A-Z_')
    # Pages of 16 KB, which Android 15's may be.
    env "CARGO_TARGET_${name}_LINKER=$tools/${2}24-clang" \
        "CARGO_TARGET_${name}_RUSTFLAGS=-C link-arg=-Wl,-z,max-page-size=16384,-soname,libmoue_ffi.so" \
        cargo rustc --profile dist --locked --target "$1" -p moue-ffi --lib --crate-type cdylib
    mkdir -p "target/android/$3"
    cp "target/$1/dist/libmoue_ffi.so" "target/android/$3/"
}

build aarch64-linux-android aarch64-linux-android arm64-v8a
build armv7-linux-androideabi armv7a-linux-androideabi armeabi-v7a
build x86_64-linux-android x86_64-linux-android x86_64
