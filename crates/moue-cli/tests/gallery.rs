//! `moue gallery`: what is added, what is rejected, what survives.

mod common;

use common::World;
use serde_json::Value;
use std::process::Stdio;
use std::time::Duration;

fn statuses(lines: &[Value]) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let mut all: Vec<_> = lines
        .iter()
        .map(|l| (text(&l["picture"]), text(&l["status"])))
        .collect();
    all.sort();
    all
}

#[test]
fn add_list_find_remove() {
    let w = World::new();
    let smile = w.drawing("mina-smile");
    let cry = w.drawing("gus-sob");
    let added = w.run(&["gallery", "add", "my.moue", &smile, &cry]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    assert!(
        added
            .stderr
            .contains("2 added, 0 already there, 0 without a face, 0 unreadable")
    );
    let again = w.run(&["gallery", "add", "my.moue", &smile]);
    assert_eq!(again.code, Some(1), "nothing was new");
    assert!(again.stderr.contains("0 added, 1 already there"));
    let listed = w.run(&["gallery", "list", "--json", "my.moue"]);
    assert_eq!((listed.code, listed.json().len()), (Some(0), 2));
    let found = w
        .run(&["find", &smile, "--gallery", "my.moue", "--json"])
        .json();
    let nearest = &found[0]["faces"][0]["matches"][0];
    assert!(
        nearest["path"]
            .as_str()
            .unwrap()
            .ends_with("mina-smile.png")
    );
    assert_eq!(nearest["label"], "mina-smile");
    assert!(
        nearest["distance"].as_f64().unwrap() < 1e-3,
        "it finds itself"
    );
    let path = nearest["path"].as_str().unwrap();
    assert_eq!(w.run(&["gallery", "remove", "my.moue", path]).code, Some(0));
    assert_eq!(w.run(&["gallery", "remove", "my.moue", path]).code, Some(1));
    assert_eq!(
        w.run(&["gallery", "list", "my.moue", "--json"])
            .json()
            .len(),
        1
    );
    assert_eq!(
        w.run(&["gallery", "info", "my.moue", "--json"]).json()[0]["pictures"],
        1
    );
}

#[test]
fn an_empty_gallery_lists_nothing_and_finds_nothing() {
    let w = World::new();
    w.blank("blank.png");
    assert_eq!(
        w.run(&["gallery", "add", "empty.moue", "blank.png"]).code,
        Some(1)
    );
    let listed = w.run(&["gallery", "list", "--json", "empty.moue"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (Some(0), ""));
    let picture = w.drawing("mina-smile");
    assert_eq!(
        w.run(&["find", &picture, "--gallery", "empty.moue"]).code,
        Some(1)
    );
}

#[cfg(unix)]
#[test]
fn a_hostile_folder_is_finished_and_each_reason_given() {
    use std::os::unix::fs::symlink;
    let w = World::new();
    std::fs::create_dir_all(w.path("in/deep/deeper")).unwrap();
    w.drawing_as("rex-wink", "in/good.png");
    w.drawing_as("kaz-grin", "in/deep/two\nlines.png");
    w.drawing_as("rex-wink", "in/deep/copy of good.png");
    w.drawing_as("ivy-cross", "in/deep/deeper/no-ending");
    let png = std::fs::read(w.path("in/good.png")).unwrap();
    w.write(
        "in/cut.jpg",
        &include_bytes!("../../moue/tests/data/corners.jpg")[..300],
    );
    w.write("in/cut.png", &png[..png.len() / 2]);
    w.write("in/text.jpg", b"some text");
    w.write("in/zero.png", b"");
    w.write("in/zero", b"");
    w.write("in/notes.txt", b"not meant as a picture");
    w.write("in/bomb.png", &bomb());
    w.blank("in/blank.png");
    symlink("nowhere.png", w.path("in/dangling.png")).unwrap();
    symlink("../..", w.path("in/deep/loop")).unwrap();
    symlink("deep", w.path("in/again")).unwrap();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let lines = statuses(&ran.json());
    let of = |status: &str| {
        lines
            .iter()
            .filter(|(_, s)| s == status)
            .map(|(p, _)| p.rsplit('/').next().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("added").len(), 3, "{lines:?}");
    assert_eq!(of("known").len(), 1, "the copy, once: {lines:?}");
    assert_eq!(of("no_face"), ["blank.png"]);
    assert_eq!(
        of("unreadable"),
        [
            "bomb.png",
            "cut.jpg",
            "cut.png",
            "dangling.png",
            "text.jpg",
            "zero",
            "zero.png"
        ]
    );
    for reason in [
        "too large",
        "cut off",
        "leads nowhere",
        "not a picture",
        "is empty",
        "two\\nlines",
    ] {
        let shown = w.run(&["gallery", "list", "g.moue"]).stdout + &ran.stderr;
        assert!(shown.contains(reason), "{reason} in {shown}");
    }
    assert_eq!(
        w.run(&["gallery", "list", "g.moue", "--json"]).json().len(),
        3
    );
}

/// A PNG whose header promises 30,000 × 30,000 pixels.
fn bomb() -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend([30_000u32.to_be_bytes(), 30_000u32.to_be_bytes()].concat());
    header.extend([8, 2, 0, 0, 0]);
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| {
            if c & 1 == 1 {
                c >> 1 ^ 0xEDB8_8320
            } else {
                c >> 1
            }
        })
    };
    let crc = !header.iter().fold(!0u32, step);
    [
        b"\x89PNG\r\n\x1a\n".as_slice(),
        &13u32.to_be_bytes(),
        &header,
        &crc.to_be_bytes(),
        b"\0\0\0\0IDAT",
    ]
    .concat()
}

#[test]
fn a_second_writer_is_told_to_wait() {
    let w = World::new();
    for i in 0..60 {
        w.drawing_as("rex-wink", &format!("in/{i}.png"));
        // Other bytes, the same picture.
        let path = w.path(&format!("in/{i}.png"));
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend([i, 0]);
        std::fs::write(path, bytes).unwrap();
    }
    let mut first = w
        .command(&["gallery", "add", "g.moue", "in", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(first.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut out, &mut String::new()).unwrap();
    let second = w.run(&["gallery", "add", "g.moue", "in/0.png"]);
    std::io::copy(&mut out, &mut std::io::sink()).unwrap();
    assert!(first.wait().unwrap().success());
    // The first may have been quicker than the second's start.
    assert!(
        second.code == Some(1) || second.stderr.contains("another program"),
        "{}",
        second.stderr
    );
    assert_eq!(
        w.run(&["gallery", "list", "g.moue", "--json"]).json().len(),
        60
    );
}

#[cfg(unix)]
#[test]
fn what_was_reported_survives_kill() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(5).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    // Rounds of the kill test; more are for a night's run.
    let rounds: u64 = std::env::var("MOUE_KILLS")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(6);
    for round in 0..rounds {
        let name = format!("g{round}.moue");
        let mut child = w
            .command(&["gallery", "add", &name, "in", "--json"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(20 + 550 * round / rounds.max(1)));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let reported = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|l| l.contains("\"added\"") && l.ends_with('}'))
            .count();
        if !w.path(&name).exists() {
            assert_eq!(reported, 0);
            continue;
        }
        let listed = w.run(&["gallery", "list", &name, "--json"]);
        assert_eq!(listed.code, Some(0), "round {round}: {}", listed.stderr);
        let kept: std::collections::HashSet<String> = listed
            .json()
            .iter()
            .map(|l| l["path"].to_string())
            .collect();
        assert!(
            kept.len() >= reported,
            "round {round}: {reported} reported, {} kept",
            kept.len()
        );
        let rest = w.run(&["gallery", "add", &name, "in"]);
        assert!(
            rest.code.is_some_and(|c| c < 2),
            "it can be gone on with: {}",
            rest.stderr
        );
    }
}

#[cfg(unix)]
#[test]
fn an_unwritable_place_is_an_error_for_the_whole_run() {
    let w = World::new();
    let picture = w.drawing("rex-wink");
    let ran = w.run(&["gallery", "add", "no/such/folder/g.moue", &picture]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("no/such/folder/g.moue"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_thorough_run_looks_again_at_what_a_live_one_rejected() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/b.png");
    w.blank("in/a.png");
    let add = |more: &[&str]| {
        let ran = w.run(&[&["gallery", "add", "g.moue", "in"], more].concat());
        ran.stdout + &ran.stderr
    };
    add(&["--effort", "live"]);
    assert!(add(&["--effort", "live"]).contains("as before"));
    let thorough = add(&[]);
    assert!(!thorough.contains("as before"), "{thorough}");
    assert!(add(&[]).contains("as before"));
    // What thorough detection has rejected, live detection does not find.
    assert!(add(&["--effort", "live"]).contains("as before"));
}
