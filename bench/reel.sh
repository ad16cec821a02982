#!/usr/bin/env bash
# reel.sh MOUE VIDEO…: CPU time of a reel of a 60-second clip, the children of moue included.
#
# The clip is made of the videos, one after the other and again, in 640x480 and in 1280x720 at 30 frames a
# second, with sound. Prints seconds of CPU time (user and system) of the moments alone and of each layout.
set -euo pipefail
moue=$(realpath "$1"); shift
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
for size in 640x480 1280x720; do
  width=${size%x*} height=${size#*x}
  inputs=() filters="" names="" count=0
  for video in "$@"; do
    inputs+=(-i "$video")
    filters+="[$count:v]fps=30,scale=$width:$height:force_original_aspect_ratio=increase,crop=$width:$height:(iw-ow)/2:(ih-oh)/4,setsar=1,format=yuv420p[v$count];"
    names+="[v$count]"
    count=$((count + 1))
  done
  ffmpeg -v error -nostdin "${inputs[@]}" -filter_complex "$filters${names}concat=n=$count:v=1:a=0[v]" \
    -map '[v]' -c:v libx264 -preset veryfast -crf 20 "$work/all-$size.mp4"
  ffmpeg -v error -nostdin -stream_loop -1 -i "$work/all-$size.mp4" -f lavfi -i sine=f=330 -t 60 -c:v copy -c:a aac "$work/$size.mp4"
  /usr/bin/time -f "$size, moments alone: %U + %S s" "$moue" timeline "$work/$size.mp4" > /dev/null
  for layout in beside corner cutaway; do
    /usr/bin/time -f "$size, $layout: %U + %S s" "$moue" timeline "$work/$size.mp4" --reel "$work/reel.mp4" --layout "$layout" --force > /dev/null
  done
done
