#!/usr/bin/env bash
# Builds the program twice, at two places with folders of their own for sources, crates and outputs, and compares:
#
#   packaging/reproducible.sh [FEATURES [TARGET]]
#
# $PROFILE is `dist` unless it is set. What is built is the last commit.
set -euo pipefail
cd "$(dirname "$0")/.."

features=${1:-full}
triple=${2:-$(rustc -vV | sed -n 's/^host: //p')}
home=${CARGO_HOME:-$HOME/.cargo}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for place in first second/place; do
    mkdir -p "$work/$place/moue" "$work/$place/crates"
    git archive HEAD | tar -x -C "$work/$place/moue"
    ln -s "$home/registry" "$work/$place/crates/registry"
    program=$(env CARGO_HOME="$work/$place/crates" CARGO_TARGET_DIR="$work/$place/out" \
        "$work/$place/moue/packaging/build.sh" "$triple" "$features")
    mv "$program" "$work/moue-${place%/*}"
    # Two outputs of a release are more than some disks have.
    rm -rf "${work:?}/$place"
done
(cd "$work" && sha256sum moue-*)
cmp "$work/moue-first" "$work/moue-second"
for word in "$work" "$home"; do
    if grep -qaF "$word" "$work/moue-first"; then
        echo "the program names the folder $word" >&2
        exit 1
    fi
done
echo "equal: $(stat -c %s "$work/moue-first") bytes, and no folder of this machine is named"
