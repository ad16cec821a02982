#!/usr/bin/env bash
# Draws docs/ios.png from screens.html; needs chromium.
set -euo pipefail
cd "$(dirname "$0")"
chromium --headless --no-sandbox --hide-scrollbars --allow-file-access-from-files --window-size=1700,900 \
    --screenshot="$PWD/../../../docs/ios.png" "file://$PWD/screens.html" 2>/dev/null
