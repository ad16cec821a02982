//! `moue timeline`, and videos.

mod common;

use common::{World, data, installed};
use serde_json::Value;
use std::process::Command;

#[test]
fn a_timeline_finds_the_moment_and_writes_every_form() {
    let w = World::new();
    w.animation(
        "clip.gif",
        &[("mina-calm", 40), ("mina-laugh", 12), ("mina-calm", 40)],
    );
    let ran = w.run(&[
        "timeline", "clip.gif", "--json", "--csv", "m.csv", "--srt", "m.srt", "--html", "m.html",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let line = &ran.json()[0];
    assert_eq!(
        (&line["schema"], &line["frames"], &line["faces"]),
        (&"moue.timeline/1".into(), &92.into(), &92.into())
    );
    let moments = line["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 1, "{moments:?}");
    let time = moments[0]["time"].as_f64().unwrap();
    assert!(
        (1.6..2.1).contains(&time),
        "the laugh is from 1.60 to 2.08 s: {time}"
    );
    let text = |name: &str| std::fs::read_to_string(w.path(name)).unwrap();
    assert_eq!(text("m.csv").lines().count(), 2);
    assert!(text("m.srt").starts_with("1\n00:00:01,") || text("m.srt").starts_with("1\n00:00:02,"));
    let page = text("m.html");
    assert_eq!(page.matches("data:image/png;base64,").count(), 2);
    assert!(page.contains("<polyline") && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn videos_are_read_upright_and_broken_ones_named() {
    let (Some(videos), true) = (data("video"), installed("ffmpeg")) else {
        return;
    };
    let w = World::new();
    let clip = videos.join("lp_d18.mp4");
    let clip = clip.to_str().unwrap();
    let straight = w
        .run(&["live", "--video", clip, "--json", "--frames", "3"])
        .json();
    assert_eq!(straight.len(), 3);
    let size = |line: &Value| {
        (
            line["width"].as_u64().unwrap(),
            line["height"].as_u64().unwrap(),
        )
    };
    let turned = w.path("turned.mp4");
    let status = Command::new("ffmpeg")
        .args([
            "-v",
            "error",
            "-i",
            clip,
            "-c",
            "copy",
            "-t",
            "0.5",
            "-metadata:s:v:0",
            "rotate=90",
        ])
        .arg(&turned)
        .status()
        .unwrap();
    if status.success() {
        let lines = w
            .run(&["live", "--video", "turned.mp4", "--json", "--frames", "1"])
            .json();
        let (width, height) = size(&straight[0]);
        assert_eq!(
            size(&lines[0]),
            (height, width),
            "the rotation in the file is honored"
        );
    }
    w.write("broken.mp4", b"no video at all");
    let ran = w.run(&["timeline", "broken.mp4"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("broken.mp4") && ran.stderr.contains("ffmpeg"),
        "{}",
        ran.stderr
    );
}

#[test]
fn without_ffmpeg_a_video_says_how_to_get_it() {
    let w = World::new();
    w.write("clip.mp4", b"");
    let output = w
        .command(&["timeline", "clip.mp4"])
        .env("PATH", "")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr.contains("apt install ffmpeg"), "{stderr}");
}
