#!/usr/bin/env bash
# Builds the program of a release, the same bytes wherever the sources, the crates and the outputs lie:
#
#   packaging/build.sh [TARGET [FEATURES]]
#
# prints the program's path. $PROFILE is `dist` unless it is set. With the web app in target/web (`cargo xtask
# web`) the program has it. Where rustup's toolchain lacks the target's standard library, Debian's rust-web-src
# has its source. $ZIG_BUILD, the program cargo-zigbuild, links with Zig, where the system cannot.
set -euo pipefail
cd "$(dirname "$0")/.."

triple=${1:-$(rustc -vV | sed -n 's/^host: //p')}
features=${2:-full}
profile=${PROFILE:-dist}
# On Windows the path has backslashes, two for each.
target=$(cargo metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/' | tr -s '\\' /)

build=(cargo build)
# Messages name the places of sources.
maps=("$PWD=moue" "${CARGO_HOME:-$HOME/.cargo}/registry/src=crates" "$target=target")
if ! [ -d "$(rustc --print target-libdir --target "${triple/universal2-/aarch64-}")" ]; then
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    build=(/usr/bin/cargo build -Z build-std=std,panic_unwind)
    maps+=("$(readlink -f /usr/lib/rustlib/src/rust)=rust")
fi
if [ -n "${ZIG_BUILD-}" ]; then
    export CARGO=${build[0]}
    build=("$ZIG_BUILD" zigbuild "${build[@]:2}")
fi

flags=() c_flags=()
for map in "${maps[@]}"; do
    flags+=("--remap-path-prefix=$map")
    c_flags+=("-ffile-prefix-map=$map")
done
case $triple in
# The time of linking would make each build another one. Paths have two forms there, and are left as they are.
*-windows-msvc) flags=(-Clink-arg=/Brepro) c_flags=("") ;;
*-windows-gnu) flags+=(-Clink-arg=-Wl,--no-insert-timestamp) ;;
# Debian's sources of the standard library come without musl's start files; the linker has its own.
*-linux-musl) if [ "${RUSTC-}" = /usr/bin/rustc ]; then flags+=(-Clink-self-contained=no); fi ;;
# Two megabytes less of addresses. glibc reads this form since 2.36, which Debian 12 has and binds programs to anyway.
*-linux-gnu) flags+=(-Clink-arg=-Wl,-z,pack-relative-relocs) ;;
esac
export CFLAGS="${c_flags[*]}"
CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f' && echo "${flags[*]}")
export CARGO_ENCODED_RUSTFLAGS

# Windows' programs without Windows.
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc-posix
export CC_x86_64_pc_windows_gnu=x86_64-w64-mingw32-gcc-posix AR_x86_64_pc_windows_gnu=x86_64-w64-mingw32-ar

if [ -e "$target/web/index.html" ]; then export MOUE_WEB=$target/web; fi
"${build[@]}" --locked --profile "$profile" --target "$triple" -p moue-cli --no-default-features \
    --features "$features" >&2
case $triple in *-windows-*) ending=.exe ;; *) ending= ;; esac
echo "$target/$triple/$profile/moue$ending"
