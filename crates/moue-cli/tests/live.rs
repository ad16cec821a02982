//! `moue live`: as JSON, from raw frames, and in a window.

mod common;

use common::{World, numbers};
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

#[test]
fn live_json_has_a_line_for_each_frame_and_a_steady_answer() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 12), ("mina-laugh", 12)]);
    let ran = w.run(&["live", "--video", "clip.gif", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    assert_eq!(lines.len(), 24);
    assert!(
        lines
            .iter()
            .all(|l| l["schema"] == "moue.live/1" && l.get("embedding").is_none())
    );
    let shown: Vec<&str> = lines
        .iter()
        .map(|l| l["shown"][0]["path"].as_str().unwrap())
        .collect();
    let changes = shown.windows(2).filter(|w| w[0] != w[1]).count();
    assert_eq!(
        changes, 1,
        "one change of face, one change of picture: {shown:?}"
    );
    assert!(shown[12 + 2] != shown[11], "and it comes within two frames");
    let logged = w
        .run(&[
            "live",
            "--video",
            "clip.gif",
            "--json",
            "--log-embeddings",
            "--frames",
            "2",
        ])
        .json();
    assert_eq!(
        (logged.len(), numbers(&logged[1]["embedding"]).len()),
        (2, 64)
    );
}

#[test]
fn raw_frames_come_from_standard_input() {
    let w = World::new();
    let pixels = moue_drawings::find("lola-grin").unwrap().render(128);
    let mut command = w.command(&["live", "--raw", "128x128@25", "--json"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&pixels).unwrap();
    stdin.write_all(&pixels).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(
        lines
            .iter()
            .map(|l| l["timestamp"].as_i64().unwrap())
            .collect::<Vec<_>>(),
        [0, 40_000]
    );
    assert_eq!(lines[0]["faces"].as_array().unwrap().len(), 1);
}

/// Opens the window on a display of its own, takes a screenshot, and closes it with a key.
#[test]
#[cfg(all(target_os = "linux", feature = "window"))]
fn the_window_shows_the_match_and_closes_on_a_key() {
    if !["Xvfb", "xdotool", "import"]
        .iter()
        .all(|p| common::installed(p))
    {
        return;
    }
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 400)]);
    let display = format!(":{}", 100 + std::process::id() % 800);
    let mut screen = std::process::Command::new("Xvfb")
        .args([&display, "-screen", "0", "1280x800x24"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let mut child = w
        .command(&["live", "--video", "clip.gif", "--window"])
        .env("DISPLAY", &display)
        .env_remove("WAYLAND_DISPLAY")
        .spawn()
        .unwrap();
    let shot = w.path("shot.png");
    let mut yellow = 0;
    for _ in 0..40 {
        std::thread::sleep(std::time::Duration::from_millis(250));
        let taken = std::process::Command::new("import")
            .args(["-window", "root"])
            .arg(&shot)
            .env("DISPLAY", &display)
            .status()
            .unwrap();
        let Ok(picture) = image::open(&shot) else {
            continue;
        };
        assert!(taken.success());
        // The frame around the best match and the corners around the face.
        yellow = picture
            .to_rgb8()
            .pixels()
            .filter(|p| p.0 == [255, 196, 61])
            .count();
        if yellow > 2000 {
            break;
        }
    }
    let _ = std::process::Command::new("xdotool")
        .args(["key", "space"])
        .env("DISPLAY", &display)
        .status();
    let mut closed = None;
    for _ in 0..40 {
        closed = child.try_wait().unwrap();
        if closed.is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let _ = (child.kill(), screen.kill(), child.wait(), screen.wait());
    assert!(
        yellow > 2000,
        "the face and the match are marked: {yellow} pixels"
    );
    assert_eq!(closed.and_then(|s| s.code()), Some(0), "a key closes it");
}
