#!/usr/bin/env bash
# Tries a program for Windows under Wine: packaging/wine_test.sh PROGRAM FOLDER
#
# FOLDER gets the program and a library that Wine 8 lacks. $WINEPREFIX is where Wine keeps its system.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$2
mkdir -p "$folder"
cp "$1" "$folder/moue.exe"
# Rust takes random numbers from ProcessPrng, which came with Windows 7 and is not in Wine 8. For tests alone:
# packages do not have it.
cat >"$folder/random.c" <<'C'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T length) {
    return SystemFunction036(buffer, (ULONG)length);
}
C
x86_64-w64-mingw32-gcc-posix -shared -o "$folder/bcryptprimitives.dll" "$folder/random.c" -ladvapi32

moue() { wine "$folder/moue.exe" "$@" | tr -d '\r'; }
moue --version
found=$(moue find docs/sample.png --json)
echo "$found" | grep -q '"distance"'
moue doctor | grep 'a drawing finds itself'
rm -f "$folder/my.moue"
moue gallery add "$folder/my.moue" docs/sample-head.jpg
moue find docs/sample-head.jpg --gallery "$folder/my.moue" --json | grep -q 'sample-head.jpg'
echo "under Wine it finds a face, keeps a gallery and finds the picture in it"
