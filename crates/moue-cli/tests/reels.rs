//! `moue timeline --reel`, `--clips` and `--markers`.

mod common;

use common::{World, installed, row_of};
use std::process::Command;

/// Two moments, a laugh at 1.6 s and a cross face at 5.7 s, in a GIF of 8 seconds.
fn clip() -> World {
    let w = World::new();
    let parts = [
        ("mina-calm", 40),
        ("mina-laugh", 25),
        ("mina-calm", 75),
        ("mina-furious", 25),
        ("mina-calm", 35),
    ];
    w.animation("clip.gif", &parts);
    w
}

/// Seconds and streams of a video, as `ffprobe` reads them.
fn probed(w: &World, name: &str) -> (f64, String) {
    let out = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries"])
        .args(["format=duration:stream=codec_name,width,height", "-of"])
        .args(["default=noprint_wrappers=1", name])
        .current_dir(w.path(""))
        .output()
        .unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
    let text = String::from_utf8(out.stdout).unwrap();
    let duration = text.lines().find_map(|l| l.strip_prefix("duration="));
    (duration.unwrap().parse().unwrap(), text)
}

/// The names in a folder, in order.
fn listed(w: &World, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(w.path(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_reel_has_every_moment_in_every_layout() {
    if !installed("ffmpeg") {
        return;
    }
    let w = clip();
    for (layout, least) in [("beside", 5.0), ("corner", 5.0), ("cutaway", 6.5)] {
        let name = format!("{layout}.mp4");
        let args = ["timeline", "clip.gif", "--reel", &name, "--layout", layout];
        let ran = w.run(&args);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let (seconds, text) = probed(&w, &name);
        assert!((least..8.0).contains(&seconds), "{layout}: {seconds}");
        let size = "width=1280\nheight=720";
        assert!(text.contains("h264") && text.contains(size), "{text}");
    }
    // What moue wrote is replaced, and nothing else is.
    let again = ["timeline", "clip.gif", "--reel", "beside.mp4"];
    assert_eq!(w.run(&again).code, Some(0));
    w.write("beside.mp4", b"somebody's");
    let refused = w.run(&again);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    let names = listed(&w, "");
    assert!(!names.iter().any(|name| name.starts_with(".moue-")));
}

#[test]
fn clips_are_a_file_for_each_moment_and_keep_sound() {
    if !installed("ffmpeg") {
        return;
    }
    let w = clip();
    let sound = ["-f", "lavfi", "-i", "sine=d=8", "-shortest"];
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-i", "clip.gif"])
        .args(sound)
        .args(["-pix_fmt", "yuv420p", "it's loud.mp4"])
        .current_dir(w.path(""))
        .status();
    assert!(made.unwrap().success());
    let ran = w.run(&[
        "timeline",
        "it's loud.mp4",
        "--clips",
        "out",
        "--reel",
        "r.mp4",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let names = listed(&w, "out");
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(
        names[0].starts_with("01-0.0") && names[1].starts_with("02-0.0"),
        "{names:?}"
    );
    for name in names
        .iter()
        .map(|name| format!("out/{name}"))
        .chain(["r.mp4".into()])
    {
        assert!(probed(&w, &name).1.contains("aac"), "{name}");
    }
}

#[test]
fn markers_have_the_form_that_the_ending_names() {
    let w = clip();
    for name in ["m.edl", "m.fcpxml", "m.csv", "m.txt"] {
        let ran = w.run(&["timeline", "clip.gif", "--markers", name]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let text = |name: &str| std::fs::read_to_string(w.path(name)).unwrap();
    let edl = text("m.edl");
    assert!(edl.starts_with("TITLE: clip.gif\n"), "{edl}");
    assert_eq!(edl.matches("|C:ResolveColorYellow |M:").count(), 2);
    assert!(
        edl.contains("\n001  001      V     C        00:00:0"),
        "{edl}"
    );
    let xml = text("m.fcpxml");
    assert_eq!(xml.matches("<marker start=\"").count(), 2, "{xml}");
    assert!(
        xml.contains("frameDuration=\"1/25s\"") && xml.contains("src=\"file:///"),
        "{xml}"
    );
    assert_eq!(text("m.csv").lines().count(), 3);
    assert_eq!(
        text("m.txt"),
        "0:00 clip.gif\n",
        "the moments are too near to each other"
    );
    let refused = w.run(&["timeline", "clip.gif", "--markers", "m.xml"]);
    assert!(
        refused.code == Some(2) && refused.stderr.contains(".fcpxml"),
        "{}",
        refused.stderr
    );
}

/// The frame of a video at a time, as it is shown.
fn frame(w: &World, name: &str, seconds: &str) -> image::RgbImage {
    let out = Command::new("ffmpeg")
        .args(["-v", "error", "-ss", seconds, "-i", name, "-frames:v", "1"])
        .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
        .current_dir(w.path(""))
        .output()
        .unwrap();
    image::RgbImage::from_raw(1280, 720, out.stdout).unwrap()
}

/// Where the orange corners are that mark a face of the first person: their middle; none if there
/// are none.
fn mark(image: &image::RgbImage) -> Option<f64> {
    let is_near = |p: &image::Rgb<u8>| {
        [230, 159, 0]
            .iter()
            .zip(p.0)
            .all(|(a, b): (&u8, u8)| a.abs_diff(b) < 24)
    };
    let columns = image.enumerate_pixels().filter(|(_, _, p)| is_near(p));
    let columns: Vec<f64> = columns.map(|(x, _, _)| f64::from(x)).collect();
    let mean = columns.iter().sum::<f64>() / columns.len() as f64;
    (columns.len() > 200).then_some(mean)
}

#[test]
fn a_reel_marks_whose_moment_it_is() {
    if !installed("ffmpeg") {
        return;
    }
    let w = World::new();
    // The first person is the one on the left or on the right, as they are found.
    let rows = [
        (["mina-calm", "gus-calm"], 40),
        (["mina-laugh", "gus-furious"], 20),
        (["mina-calm", "gus-calm"], 40),
    ];
    w.animation_of_rows("two.gif", &rows);
    let ran = w.run(&[
        "timeline", "two.gif", "--clips", "out", "--layout", "cutaway", "--json",
    ]);
    let line = &ran.json()[0];
    let moment = line["moments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["person"] == 1)
        .unwrap();
    let place = &moment["box"];
    let middle = place["xmin"].as_f64().unwrap() + place["width"].as_f64().unwrap() / 2.0;
    let names = listed(&w, "out");
    assert_eq!(names.len(), 2, "{names:?}");
    let first = names
        .iter()
        .find(|name| name.ends_with("person-1.mp4"))
        .unwrap();
    let second = names
        .iter()
        .find(|name| name.ends_with("person-2.mp4"))
        .unwrap();
    let found = mark(&frame(&w, &format!("out/{first}"), "1.0")).unwrap();
    assert!(
        (found / 1280.0 - middle).abs() < 0.02,
        "the corners are around {found}, the face around {middle}"
    );
    assert_eq!(
        mark(&frame(&w, &format!("out/{second}"), "1.0")),
        None,
        "another color"
    );
    // Where nobody else is, nothing is marked; and the drawings have nothing of this color.
    assert_eq!(mark(&row_of(&["mina-calm", "gus-calm"])), None);
    let alone = [("mina-calm", 40), ("mina-laugh", 20), ("mina-calm", 40)];
    w.animation("one.gif", &alone);
    w.run(&[
        "timeline", "one.gif", "--reel", "one.mp4", "--layout", "cutaway",
    ]);
    assert_eq!(mark(&frame(&w, "one.mp4", "1.0")), None);
}
