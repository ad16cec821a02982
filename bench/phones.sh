#!/usr/bin/env bash
# What the Kotlin library and the Swift package cost over Rust: CPU time to the first match of a process, of a frame
# out of 1,000, and memory that stays.
#
#   bench/phones.sh [ROUNDS]
#
# Takes turns, so that a busy machine disturbs all alike; compare the smallest of a language's figures. Needs what
# `.ci/run phones` needs, and for Swift the root folder that `.ci/phones swift` makes (MOUE_SWIFT_ROOT).
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
root=${MOUE_SWIFT_ROOT:-$target/trixie}

show() { grep -hE 'first match|1,000 frames' | sed "s/^/$1: /"; }

rust() { cargo test --quiet --release --locked -p moue-ffi --test load -- --nocapture --exact "$1" 2>&1 | show Rust; }

kotlin() {
    (cd bindings/kotlin && mvn -q -B test -Dtest="LoadTest#$1" -Dnative.dir="$target/release" 2>&1) | show Kotlin
}

swift() {
    chroot "$root" env LD_LIBRARY_PATH=/moue/target/release \
        swift test -c release -Xswiftc -enable-testing --package-path /moue/bindings/swift --disable-sandbox --filter "$1" 2>&1 | show Swift
}

cargo xtask bindings >/dev/null
if [ -L "$root/usr/bin/swift" ] && ! mountpoint -q "$root/moue"; then
    mkdir -p "$root/moue"
    mount --bind . "$root/moue"
    trap 'umount "$root/moue"' EXIT
fi
for _ in $(seq "${1:-3}"); do
    rust the_first_match
    rust a_thousand_frames
    kotlin theFirstMatch
    kotlin aThousandFramesLeaveNothing
    if [ -L "$root/usr/bin/swift" ]; then
        swift testTheFirstMatch
        swift testAThousandFramesLeaveNothing
    fi
done
