#!/usr/bin/env bash
# Schemathesis against a running server: bench/server/schemathesis.sh MOUE VENV [SECONDS]
#
# Makes requests of the description of the API, valid and not, alone and in sequences, and holds the
# answers against it. MOUE is the program with the feature `server`, VENV a virtual environment with
# the package schemathesis.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
moue=$(realpath "$1")
venv=$(realpath "$2")
seconds=${3-60}
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

"$moue" serve --gallery my.moue --listen 127.0.0.1:0 2>log &
server=$!
until address=$(grep -om1 '127\.0\.0\.1:[0-9]*' log); do sleep 0.1; done
# Some pictures, so that there is something to find, change and remove.
for picture in sample-head.jpg sample.png; do
    curl -sS --fail-with-body --data-binary @"$here/../../docs/$picture" -H 'content-type: image/png' \
        -o /dev/null "http://$address/v1/pictures"
done
export SCHEMATHESIS_HOOKS="$here/schemathesis_hooks.py"
"$venv/bin/schemathesis" --config-file "$here/schemathesis.toml" run \
    "http://$address/openapi.json" --url "http://$address" --max-time "$seconds" --no-color \
    --warnings off
# It still runs, and nothing panicked.
curl -sS --fail-with-body "http://$address/readyz"
! grep -E '"level":"ERROR"|fault of moue' log
