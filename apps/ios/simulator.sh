#!/usr/bin/env bash
# The Swift package's tests and the app on a simulator; needs Xcode, XcodeGen, and what `cargo xtask xcframework` has
# written.
set -euo pipefail
cd "$(dirname "$0")"
phone=${SIMULATOR:-$(xcrun simctl list devices available | sed -n 's/^ *\(iPhone[^(]*\) (.*/\1/p' | head -1)}

# A simulator reads the conformance file where it lies on the Mac.
(cd ../../bindings/swift && xcodebuild test -scheme Moue -destination "platform=iOS Simulator,name=$phone")
xcodegen --spec project.yml
xcodebuild build -project Moue.xcodeproj -scheme Moue -destination "platform=iOS Simulator,name=$phone" \
    -derivedDataPath build CODE_SIGNING_ALLOWED=NO
xcrun simctl boot "$phone" || true
xcrun simctl install "$phone" build/Build/Products/Debug-iphonesimulator/Moue.app
# It ends with an error if the app does.
xcrun simctl launch "$phone" dev.moue.app
sleep 5
xcrun simctl spawn "$phone" launchctl list | grep -q dev.moue.app
