//! Videos through `ffmpeg`: their own times, messages without end, playlists, pipes, stops.

mod common;

use moue::cancel::CancelToken;
use moue::frame::{DecodeError, DecodeOptions};
use moue::video::{Ffmpeg, FrameSource, SourceError, frame_at, open_source, open_source_with};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A folder with a video in it, or `None` if there is no `ffmpeg`.
fn video(name: &str, arguments: &[&str]) -> Option<(tempfile::TempDir, PathBuf)> {
    if !common::installed("ffmpeg") || !common::installed("ffprobe") {
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error"]).args(arguments);
    assert!(command.arg(&path).status().unwrap().success());
    Some((folder, path))
}

/// What `ffprobe` prints of each frame, in the order of times.
fn probed(path: &Path, entry: &str) -> Vec<f64> {
    let output = Command::new("ffprobe")
        .args(["-v", "quiet", "-select_streams", "v:0", "-of", "csv=p=0"])
        .args(["-show_entries", &format!("frame={entry}")])
        .arg(path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words = text.lines().map(|line| line.trim_end_matches(','));
    words.filter_map(|word| word.parse().ok()).collect()
}

fn times(source: &mut dyn FrameSource) -> Vec<Duration> {
    let mut times = Vec::new();
    while let Some(timed) = source.next_frame().unwrap() {
        times.push(timed.time);
    }
    times
}

/// Frames at uneven times, in a file whose header states a rate that none of them has.
#[test]
fn every_frame_comes_once_and_with_its_own_time() {
    let filter = "select='lt(mod(n,11),3)+eq(mod(n,7),0)',settb=1/1000";
    let input = "testsrc2=size=62x46:rate=30:duration=4";
    for (name, codec) in [
        ("a.mkv", "libx264"),
        ("a.webm", "libvpx-vp9"),
        ("a.mp4", "libx264"),
    ] {
        let options = ["-f", "lavfi", "-i", input, "-vf", filter, "-vsync", "vfr"];
        let encoder = ["-enc_time_base", "1:1000", "-c:v", codec];
        let Some((_folder, path)) = video(name, &[&options[..], &encoder].concat()) else {
            return;
        };
        let expected = probed(&path, "pts_time");
        let found = times(&mut *open_source(&path).unwrap());
        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected_time) in found.iter().zip(&expected) {
            let apart = found.as_secs_f64() - (expected_time - expected[0]);
            assert!(
                apart.abs() < 0.002,
                "{name}: {found:?}, not {expected_time}"
            );
        }
    }
}

/// More warnings than a pipe holds, from a file of which every frame is damaged.
#[test]
fn a_flood_of_messages_stops_no_video() {
    let input = "testsrc2=size=32x32:rate=25:duration=320";
    let encoder = ["-f", "lavfi", "-i", input, "-c:v", "mpeg4", "-q:v", "3"];
    let Some((_folder, path)) = video("a.avi", &encoder) else {
        return;
    };
    let mut bytes = std::fs::read(&path).unwrap();
    damage_frames(&mut bytes);
    std::fs::write(&path, bytes).unwrap();
    let log = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-f", "null", "-", "-i"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        log.stderr.len() > 70_000,
        "{} bytes of messages",
        log.stderr.len()
    );
    let found = times(&mut *open_source(&path).unwrap());
    assert!(found.len() > 5000, "{} frames", found.len());
}

/// Changes a byte of each frame of an AVI file.
fn damage_frames(avi: &mut [u8]) {
    let find = |bytes: &[u8], name: &[u8; 4]| bytes.windows(4).position(|w| w == name);
    let mut at = find(avi, b"movi").unwrap();
    while let Some(frame) = find(&avi[at..], b"00dc") {
        at += frame + 8;
        let length = u32::from_le_bytes(*avi[at - 4..].first_chunk().unwrap()) as usize;
        // The index at the end repeats the names, with other numbers behind them.
        if length > 40 && length < avi.len() - at {
            avi[at + 40] ^= 0x55;
        }
        at += length.min(avi.len() - at);
    }
}

#[test]
fn lists_of_other_files_are_refused() {
    let encoder = ["-f", "lavfi", "-i", "testsrc2=duration=1", "-f", "mpegts"];
    let Some((folder, video)) = video("video.ts", &encoder) else {
        return;
    };
    assert!(!times(&mut *open_source(&video).unwrap()).is_empty());
    let list = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let url = video.display();
    let lists = [
        // Without an end: a player waits for more.
        list(
            "live.ts",
            "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nvideo.ts\n".into(),
        ),
        list(
            "file.ts",
            format!("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{url}\n#EXT-X-ENDLIST\n"),
        ),
        list("concat.mp4", "ffconcat version 1.0\nfile video.ts\n".into()),
        list(
            "session.mp4",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
                .into(),
        ),
    ];
    for path in lists {
        let refused = Ffmpeg::file(&path).and_then(|mut video| video.next_frame());
        let Err(SourceError::Decode(DecodeError::Program(error))) = refused else {
            panic!("{}: {refused:?}", path.display());
        };
        assert!(error.to_string().contains("ffmpeg"), "{error}");
    }
}

#[test]
fn videos_are_known_by_their_first_bytes() {
    let input = "testsrc2=size=64x48:duration=1";
    for format in [
        "mp4",
        "matroska",
        "avi",
        "mpegts",
        "mpeg",
        "flv",
        "ogg",
        "asf",
        "yuv4mpegpipe",
    ] {
        let Some((folder, path)) = video("video", &["-f", "lavfi", "-i", input, "-f", format])
        else {
            return;
        };
        let start = &std::fs::read(&path).unwrap()[..400];
        assert!(moue::video::looks_like_video(start), "{format}");
        let found = times(&mut *open_source(&path).unwrap());
        assert!(found.len() >= 15, "{format}: {} frames", found.len());
        drop(folder);
    }
}

#[test]
fn a_canceled_video_ends() {
    let encoder = ["-f", "lavfi", "-i", "testsrc2=duration=20"];
    let Some((_folder, path)) = video("a.mp4", &encoder) else {
        return;
    };
    let cancel = CancelToken::new();
    let options = DecodeOptions {
        cancel: cancel.clone(),
        ..DecodeOptions::default()
    };
    let mut source = open_source_with(&path, &options).unwrap();
    assert!(source.next_frame().unwrap().is_some());
    cancel.cancel();
    let ended = source.next_frame();
    assert!(matches!(
        ended,
        Err(SourceError::Decode(DecodeError::Cancelled(_)))
    ));
}

/// To open a pipe is to wait for its other end, which nobody opens.
#[cfg(unix)]
#[test]
fn pipes_are_refused_before_they_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["video.mp4", "picture.png", "unknown"] {
        let path = folder.path().join(name);
        assert!(
            Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let refused = open_source(&path).err().unwrap().to_string();
        assert_eq!(refused, "cannot be read: not a regular file");
    }
}

#[test]
fn a_missing_video_is_the_systems_error() {
    let missing = open_source("no/such/video.mp4").err().unwrap();
    assert!(matches!(missing, SourceError::Decode(DecodeError::Read(_))));
    let cause = std::error::Error::source(&missing);
    assert!(cause.is_none(), "printed twice by whoever prints causes");
}

/// Whenever the pictures begin, wherever the key frames are and whatever the clock is.
#[test]
fn a_frame_at_a_time_is_that_of_the_whole_video() {
    let moving = "testsrc2=size=96x64:rate=24:duration=6";
    let late = ["-f", "lavfi", "-i", "sine=d=7", "-f", "lavfi", "-i", moving];
    let late = [&late[..], &["-filter_complex", "[1]setpts=PTS+0.7/TB[v]"]].concat();
    let late = [&late[..], &["-map", "[v]", "-map", "0", "-c:v", "libx264"]].concat();
    let input = ["-f", "lavfi", "-i", moving];
    let with = |more: &[&'static str]| [&input[..], more].concat();
    let uneven = "select='lt(mod(n,11),3)+eq(mod(n,7),0)',settb=1/1000";
    for (name, arguments) in [
        ("a.mp4", with(&["-c:v", "libx264", "-g", "100", "-bf", "3"])),
        (
            "a.mkv",
            with(&["-vf", uneven, "-vsync", "vfr", "-enc_time_base", "1:1000"]),
        ),
        ("a.ts", with(&["-c:v", "mpeg2video", "-bf", "2"])),
        ("late.mkv", late),
    ] {
        let Some((_folder, path)) = video(name, &arguments) else {
            return;
        };
        let mut frames = Vec::new();
        let mut source = Ffmpeg::file(&path).unwrap();
        while let Some(timed) = source.next_frame().unwrap() {
            frames.push(timed);
        }
        for timed in frames.iter().step_by(frames.len() / 9) {
            // As a gallery stores it.
            let time = Duration::from_micros(timed.time.as_micros() as u64);
            let found = frame_at(&path, time, &DecodeOptions::default());
            let found = found.unwrap().unwrap();
            assert!(
                found.time.abs_diff(time) < Duration::from_millis(1),
                "{name}"
            );
            assert_eq!(found.frame, timed.frame, "{name} at {time:?}");
        }
        let after = Duration::from_secs(60);
        let none = frame_at(&path, after, &DecodeOptions::default());
        assert!(none.unwrap().is_none(), "{name}");
    }
}
