#!/usr/bin/env bash
# Builds MoueFFI.xcframework beside this script, by Xcode's tools: iPhones, simulators and Macs. Needs what
# `cargo xtask bindings` writes, and the five targets of rustup.
set -euo pipefail
cd "$(dirname "$0")"
headers=$PWD/Sources/MoueFFI out=$PWD/MoueFFI.xcframework
cd ../..
export IPHONEOS_DEPLOYMENT_TARGET=15.0 MACOSX_DEPLOYMENT_TARGET=12.0

# library TARGET: the static library of a target.
library() { echo "target/$1/dist/libmoue_ffi.a"; }

# both NAME TARGET TARGET: one library for two processors.
both() {
    mkdir -p "target/apple/$1"
    lipo -create "$(library "$2")" "$(library "$3")" -output "target/apple/$1/libmoue_ffi.a"
}

for target in aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios aarch64-apple-darwin x86_64-apple-darwin; do
    cargo build --profile dist --locked --target "$target" -p moue-ffi
done
both simulator aarch64-apple-ios-sim x86_64-apple-ios
both mac aarch64-apple-darwin x86_64-apple-darwin
rm -rf "$out" "$out.zip"
xcodebuild -create-xcframework \
    -library "$(library aarch64-apple-ios)" -headers "$headers" \
    -library target/apple/simulator/libmoue_ffi.a -headers "$headers" \
    -library target/apple/mac/libmoue_ffi.a -headers "$headers" \
    -output "$out"
(cd "$(dirname "$out")" && zip -qry MoueFFI.xcframework.zip MoueFFI.xcframework)
swift package compute-checksum "$out.zip"
