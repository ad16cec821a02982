#!/usr/bin/env bash
# Links the program for macOS on a system without Apple's SDK, which may not be passed on:
#
#   packaging/apple.sh
#
# prints the program's path. It is a test, and not for use: frameworks are stubs. They have no names at
# first; what the linker then misses must be Apple's, becomes theirs, and has to do for a second link. It
# needs $ZIG_BUILD.
set -euo pipefail
cd "$(dirname "$0")/.."

FRAMEWORKS=(AppKit ApplicationServices Carbon CoreFoundation CoreGraphics CoreServices CoreVideo Foundation
    QuartzCore SystemConfiguration)
# Of the frameworks above and of the Objective-C runtime. The names that begin without such a prefix are
# Carbon's for hotkeys.
APPLE='^_(k?(CA|CF|CG|CV|NS|TIS)|FSEvent|LM|UC|objc_|OBJC_|object_|class_|ivar_|method_|protocol_|sel_|'
APPLE+='(Get|Install|Register|Remove|Unregister)(Application)?Event)'

target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
export SDKROOT=$target/apple-sdk

# rustc strips programs for macOS by a tool that Debian's package does not have under this name.
if ! command -v rust-objcopy >/dev/null; then
    mkdir -p "$SDKROOT/bin"
    ln -sf "$(command -v llvm-objcopy)" "$SDKROOT/bin/rust-objcopy"
    PATH=$SDKROOT/bin:$PATH
fi

# stub FILE LIBRARY [NAME …]: a text-based stub of a library with these names.
stub() {
    mkdir -p "$(dirname "$1")"
    local names
    names=$(printf "'%s', " "_stub_$(basename "$1" .tbd)" "${@:3}")
    cat >"$1" <<TBD
--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '$2'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ ${names%, } ]
...
TBD
}

# sdk [NAME …]: an SDK whose Objective-C runtime has these names.
sdk() {
    local name libraries=/System/Library/Frameworks
    for name in "${FRAMEWORKS[@]}"; do
        stub "$SDKROOT$libraries/$name.framework/$name.tbd" "$libraries/$name.framework/Versions/A/$name"
    done
    stub "$SDKROOT/usr/lib/libobjc.tbd" /usr/lib/libobjc.A.dylib "$@"
}

sdk
log=$target/apple.log
if packaging/build.sh universal2-apple-darwin 2>"$log"; then exit; fi
mapfile -t names < <(sed -n 's/.*undefined symbol: \([^ ]*\).*/\1/p' "$log" | sort -u)
others=$(printf '%s\n' "${names[@]}" | grep -vE "$APPLE" || true)
if [ -n "$others" ]; then
    tail -n 40 "$log" >&2
    echo "names that are not Apple's are missing: $others" >&2
    exit 1
fi
echo "${#names[@]} names of Apple's frameworks" >&2
sdk "${names[@]}"
packaging/build.sh universal2-apple-darwin
