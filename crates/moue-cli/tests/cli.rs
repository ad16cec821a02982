//! The program as its users see it: output, exit codes, files.

mod common;

use common::{Ran, World, data, program};
use std::io::Write;
use std::process::Stdio;

#[test]
fn find_gives_three_different_expressions_best_first() {
    let w = World::new();
    let picture = w.drawing("vik-calm");
    let ran = w.run(&["find", &picture, "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let [line] = &ran.json()[..] else {
        panic!("one picture, one line")
    };
    assert_eq!(line["schema"], "moue.find/1");
    assert_eq!(
        (&line["picture"], &line["width"], &line["error"]),
        (&picture.as_str().into(), &256.into(), &().into())
    );
    let face = &line["faces"][0];
    let matches = face["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 3);
    assert!(matches.is_sorted_by(|a, b| a["score"].as_f64() <= b["score"].as_f64()));
    let pose = |m: &serde_json::Value| {
        m["path"]
            .as_str()
            .unwrap()
            .rsplit('-')
            .next()
            .map(str::to_owned)
    };
    // All characters are calm alike, so any of them may be first.
    assert_eq!(pose(&matches[0]).as_deref(), Some("calm"));
    let poses: std::collections::HashSet<_> = matches.iter().map(pose).collect();
    assert_eq!(poses.len(), 3, "{matches:?}");
    // Nothing is as near to a surprised drawing as other characters who are surprised.
    let surprised = w.drawing("vik-surprised");
    let pure = w.run(&["find", &surprised, "--json", "--pure"]).json();
    let nearest = pure[0]["faces"][0]["matches"].as_array().unwrap();
    assert!(nearest.is_sorted_by(|a, b| a["distance"].as_f64() <= b["distance"].as_f64()));
    assert!(nearest.iter().all(|m| m["distance"] == m["score"]));
    let poses: std::collections::HashSet<_> = nearest.iter().map(pose).collect();
    assert_eq!(poses.len(), 1, "characters of one pose: {nearest:?}");
    assert!(matches[0]["path"].as_str().unwrap().starts_with("builtin:"));
    assert!(matches[0]["label"].is_string());
    assert_eq!(face["key_points"].as_array().unwrap().len(), 6);
    assert!(
        face.get("embedding").is_none(),
        "what a query looks like is not written down unasked"
    );
}

#[test]
fn pictures_keep_their_order_and_bad_ones_their_lines() {
    let w = World::new();
    let good = w.drawing("mina-grin");
    w.blank("blank.png");
    w.write("text.jpg", b"this is no picture");
    let ran = w.run(&[
        "find",
        &good,
        "text.jpg",
        "blank.png",
        "missing.png",
        &good,
        "--json",
    ]);
    assert_eq!(ran.code, Some(2));
    let lines = ran.json();
    let names: Vec<&str> = lines
        .iter()
        .map(|l| l["picture"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [&good, "text.jpg", "blank.png", "missing.png", &good]
    );
    assert!(
        lines[1]["error"]
            .as_str()
            .unwrap()
            .contains("not a picture")
    );
    assert!(lines[1]["width"].is_null() && lines[1]["faces"].as_array().unwrap().is_empty());
    assert!(lines[2]["error"].is_null() && lines[2]["faces"].as_array().unwrap().is_empty());
    assert!(lines[3]["error"].is_string());
    assert_eq!(
        lines[0]["faces"], lines[4]["faces"],
        "the same picture gives the same answer"
    );
    assert!(ran.stderr.contains("text.jpg") && ran.stderr.contains("missing.png"));
}

#[test]
fn a_picture_without_a_face_is_said_to_have_none() {
    let w = World::new();
    w.blank("blank.png");
    for command in ["find", "detect", "embed"] {
        let ran = w.run(&[command, "blank.png"]);
        assert_eq!(ran.code, Some(1), "{command}");
        assert_eq!(ran.stdout, "blank.png: no face\n");
    }
}

#[test]
fn detect_and_embed_give_their_schemas() {
    let w = World::new();
    let picture = w.drawing("pip-calm");
    let detected = w
        .run(&["detect", &picture, "--json", "--draw", "faces.png"])
        .json();
    assert_eq!(detected[0]["schema"], "moue.detect/1");
    let face = &detected[0]["faces"][0];
    assert!(face.get("embedding").is_none() && face.get("matches").is_none());
    assert!((face["box"]["xmin"].as_f64().unwrap() - 0.26).abs() < 0.12);
    assert!(w.path("faces.png").exists());
    let embedded = w.run(&["embed", &picture, "--cropped", "--json"]).json();
    assert_eq!(embedded[0]["schema"], "moue.embed/1");
    let face = &embedded[0]["faces"][0];
    assert_eq!(
        face["box"],
        serde_json::json!({ "xmin": 0.0, "ymin": 0.0, "width": 1.0, "height": 1.0 })
    );
    assert_eq!(
        (
            face["score"].as_f64(),
            face["key_points"].as_array().map(Vec::len)
        ),
        (Some(1.0), Some(0))
    );
    let squares: f64 = face["embedding"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap().powi(2))
        .sum();
    assert!((squares - 1.0).abs() < 1e-4);
}

#[test]
fn sheets_and_matches_are_written() {
    let w = World::new();
    let picture = w.drawing("ivy-laugh");
    let ran = w.run(&[
        "find",
        &picture,
        "--top",
        "2",
        "--sheet",
        "sheet.png",
        "--save",
        "matches",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let sheet = image::open(w.path("sheet.png")).unwrap();
    assert!(sheet.width() > 3 * 256 && sheet.height() >= 256);
    assert_eq!(std::fs::read_dir(w.path("matches")).unwrap().count(), 2);
}

#[test]
fn standard_input_and_closed_output_work() {
    let w = World::new();
    let picture = w.drawing("rex-wink");
    let mut child = w
        .command(&["detect", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&std::fs::read(w.path(&picture)).unwrap())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"{\"schema\""));
    let mut child = w
        .command(&["gallery", "list", "builtin"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn doctor_completions_and_man_pages() {
    let w = World::new();
    let ran = w.run(&["doctor", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let report = &ran.json()[0];
    assert_eq!(report["self_check"], "ok");
    assert!(report["system"]["fonts"].is_u64() && report["system"]["window"].is_string());
    let text = w.run(&["doctor"]).stdout;
    for title in ["program", "window", "clipboard", "fonts"] {
        assert!(text.lines().any(|line| line.starts_with(title)), "{text}");
    }
    // Programs for the clipboard may be there; what `--copy` needs is a desktop.
    let mut command = w.command(&["doctor", "--json"]);
    command
        .env_remove("DISPLAY")
        .env("WAYLAND_DISPLAY", "wayland-0");
    let headless = Ran::of(command.output().unwrap());
    assert!(headless.json()[0]["system"]["clipboard"].is_null());
    assert_eq!(report["models"][0]["sha256"].as_str().unwrap().len(), 64);
    assert!(w.run(&["completions", "bash"]).stdout.contains("_moue"));
    let wrong = w.run(&["doctor", "--gallery", "none.moue"]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stdout.contains("there is no gallery"));
}

#[test]
fn wrong_arguments_and_galleries_are_errors() {
    let w = World::new();
    let picture = w.drawing("rex-wink");
    assert_eq!(w.run(&["find"]).code, Some(2));
    assert_eq!(w.run(&["frobnicate"]).code, Some(2));
    let ran = w.run(&["find", &picture, "--gallery", "none.moue"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(
        ran.stderr.contains("moue gallery add"),
        "the way out is named: {}",
        ran.stderr
    );
    w.write("broken.moue", b"nonsense");
    assert_eq!(
        w.run(&["find", &picture, "--gallery", "broken.moue"]).code,
        Some(2)
    );
}

#[test]
fn every_photo_with_one_face_gets_three_matches() {
    let Some(photos) = data("photos") else { return };
    let names = [
        "ai-face",
        "astronaut_nasa_pd",
        "person-vlado",
        "person-vlado1",
    ]
    .map(str::to_owned)
    .into_iter();
    let names = names
        .chain((1..=8).map(|i| format!("stock-emotions-a-{i}")))
        .chain((1..=4).map(|i| format!("stock-teen-{i}")));
    let files: Vec<_> = names.map(|n| photos.join(n + ".jpg")).collect();
    let output = program()
        .args(["find", "--json"])
        .args(&files)
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let without: Vec<&str> = lines
        .lines()
        .filter(|l| l.matches("\"distance\"").count() != 3)
        .collect();
    assert!(without.len() <= 1, "{without:?}");
    assert_eq!(lines.lines().count(), 16);
}

#[test]
fn photos_without_a_face_have_none() {
    let Some(photos) = data("photos") else { return };
    let files = ["background.jpg", "chelsea.png", "coffee.png"].map(|n| photos.join(n));
    let output = program().arg("find").args(&files).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout)
            .unwrap()
            .matches(": no face")
            .count(),
        3
    );
}

/// A library that ends a program at its first step towards a network.
#[cfg(target_os = "linux")]
const NO_NETWORK: &str = r#"
#[unsafe(no_mangle)] extern "C" fn socket(_: i32, _: i32, _: i32) -> i32 { std::process::abort() }
#[unsafe(no_mangle)] extern "C" fn socketpair(_: i32, _: i32, _: i32, _: *mut i32) -> i32 { std::process::abort() }
#[unsafe(no_mangle)] extern "C" fn getaddrinfo(_: *const u8, _: *const u8, _: *const u8, _: *mut u8) -> i32 { std::process::abort() }
"#;

/// The window talks to the desktop through a socket; nothing else may open one.
#[cfg(target_os = "linux")]
#[test]
fn no_command_opens_a_connection() {
    let w = World::new();
    w.write("no_network.rs", NO_NETWORK.as_bytes());
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let made = std::process::Command::new(rustc)
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "no_network.rs",
            "-o",
            "no_network.so",
        ])
        .current_dir(w.path(""))
        .status();
    assert!(made.unwrap().success());
    let run = |args: &[&str]| {
        let mut command = w.command(args);
        command
            .env("LD_PRELOAD", w.path("no_network.so"))
            .env("DISPLAY", ":4242")
            .env_remove("WAYLAND_DISPLAY");
        command.output().unwrap().status
    };
    let picture = w.drawing("mina-grin");
    w.animation(
        "clip.gif",
        &[("mina-calm", 12), ("mina-laugh", 6), ("mina-calm", 12)],
    );
    let input = format!("input_frame={picture}");
    for args in [
        &["find", &picture][..],
        &["detect", &picture],
        &["embed", &picture],
        &["gallery", "add", "my.moue", &picture],
        &["find", &picture, "--gallery", "my.moue"],
        &["live", "--video", "clip.gif", "--json"],
        &["timeline", "clip.gif"],
        &["run", "builtin:facial_search", "--input", &input],
        &["doctor"],
    ] {
        assert_eq!(run(args).code(), Some(0), "{args:?}");
    }
    #[cfg(feature = "window")]
    assert_eq!(
        run(&["live", "--video", "clip.gif", "--window"]).code(),
        None,
        "the library does end programs"
    );
}
