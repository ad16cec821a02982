#!/usr/bin/env bash
# Draws docs/android.png from the screens that the app's tests drew (.ci/run phones); needs chromium.
set -euo pipefail
cd "$(dirname "$0")"
chromium --headless --no-sandbox --hide-scrollbars --allow-file-access-from-files --window-size=1376,740 \
    --screenshot="$PWD/../../../docs/android.png" "file://$PWD/screens.html" 2>/dev/null
