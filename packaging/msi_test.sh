#!/usr/bin/env bash
# Installs a package for Windows under Wine and removes it again: packaging/msi_test.sh PACKAGE
#
# $WINEPREFIX is where Wine keeps its system.
set -euo pipefail

package=$(readlink -f "$1")
place=$WINEPREFIX/drive_c/'Program Files'/moue
# What programs of consoles are looked for in.
path() {
    wine reg query 'HKLM\System\CurrentControlSet\Control\Session Manager\Environment' /v PATH | tr -d '\r'
}
fail() {
    echo "$1" >&2
    exit 1
}

wine msiexec /i "Z:$package" /qn
for name in moue.exe README.md WEIGHTS.md completions/_moue.ps1; do
    [ -s "$place/$name" ] || fail "the installer left out $name"
done
path | grep -q 'Program Files.moue' || fail "consoles would not find the program"
wine msiexec /x "Z:$package" /qn
! [ -e "$place" ] || fail "removing it left $(find "$place" | head)"
! path | grep -q 'Program Files.moue' || fail "removing it left its folder in PATH"
echo "installed with its folder in PATH, and removed with nothing left"
