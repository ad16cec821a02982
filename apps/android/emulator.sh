#!/usr/bin/env bash
# Runs the packed app on a phone or an emulator: emulator.sh APK
#
# Shares a picture with the app, as another app would, and waits until it shows the matches. Needs adb and one
# device that runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
app=dev.moue.app
picture=/sdcard/Pictures/vik-laugh.png

adb wait-for-device
adb install -r "$1"
adb push tests/conformance/pictures/vik-laugh.png "$picture"
# Other apps may read a picture by the address that the system's collection gives it.
adb shell content insert --uri content://media/external/images/media --bind _data:s:"$picture" \
    --bind mime_type:s:image/png || true
id=$(adb shell "content query --uri content://media/external/images/media --projection _id:_data" |
    tr -d '\r' | sed -n "s|.*_id=\([0-9]*\), _data=.*vik-laugh.png.*|\1|p" | head -1)
adb logcat -c
adb shell am start -W -n "$app/.MainActivity" -a android.intent.action.SEND -t image/png --grant-read-uri-permission \
    --eu android.intent.extra.STREAM "content://media/external/images/media/$id"
for _ in $(seq 30); do
    adb shell uiautomator dump /sdcard/screen.xml >/dev/null 2>&1 || true
    if adb shell cat /sdcard/screen.xml | grep -q 'match 1'; then
        echo "the app shows matches"
        exit
    fi
    sleep 2
done
echo "the app showed no matches in a minute" >&2
adb logcat -d | grep -E "AndroidRuntime|$app|moue" | tail -40 >&2
exit 1
