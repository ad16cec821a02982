//! `moue gallery add` beyond folders of stills: sequences, ZIPs, files that move, hostile files.

mod common;

use common::{World, by_field};
use serde_json::json;
use std::io::Write;
use zip::write::{SimpleFileOptions, ZipWriter};

#[test]
fn an_animation_gives_its_distinct_expressions_with_their_times() {
    let w = World::new();
    w.animation(
        "mood.gif",
        &[("mina-smile", 12), ("mina-shocked", 12), ("mina-smile", 8)],
    );
    let added = w.run(&["gallery", "add", "g.moue", "mood.gif", "--json"]);
    assert_eq!(
        (added.code, &added.json()[0]["faces"]),
        (Some(0), &json!(2)),
        "{}",
        added.stderr
    );
    let picture = w.drawing("mina-shocked");
    let found = w
        .run(&["find", &picture, "--gallery", "g.moue", "--json"])
        .json();
    let first = &found[0]["faces"][0]["matches"][0];
    let time = first["time"].as_f64().unwrap();
    assert!((0.48..0.6).contains(&time), "{first}");
    assert!(
        w.run(&["find", &picture, "--gallery", "g.moue"])
            .stdout
            .contains(" s\n")
    );
}

#[test]
fn a_zip_is_read_without_unpacking_and_its_bad_members_have_reasons() {
    let w = World::new();
    let picture = std::fs::read(w.path(&w.drawing("rex-wink"))).unwrap();
    let mut pack = ZipWriter::new(std::fs::File::create(w.path("pack.zip")).unwrap());
    let zeros = vec![0; 60 << 20];
    let members: [(&str, &[u8]); 6] = [
        ("good/wink.png", &picture),
        ("../../evil.png", &picture),
        ("bomb.png", &zeros),
        ("cut.png", &picture[..900]),
        ("inner.zip", b"x"),
        ("readme.txt", b"x"),
    ];
    for (name, bytes) in members {
        pack.start_file(name, SimpleFileOptions::default()).unwrap();
        pack.write_all(bytes).unwrap();
    }
    pack.finish().unwrap();
    w.write(
        "cut.zip",
        &std::fs::read(w.path("pack.zip")).unwrap()[..2000],
    );
    let ran = w.run(&["gallery", "add", "g.moue", "pack.zip", "cut.zip", "--json"]);
    let status = by_field(&ran.json(), "status");
    let error = by_field(&ran.json(), "error");
    assert_eq!(status["wink.png"], "added");
    for (name, reason) in [
        ("evil.png", "out of"),
        ("bomb.png", "too large"),
        ("cut.png", "cut off"),
        ("inner.zip", "ZIP"),
        ("cut.zip", "damaged"),
    ] {
        assert_eq!(status[name], "unreadable");
        assert!(error[name].contains(reason), "{name}: {}", error[name]);
    }
    assert!(!status.contains_key("readme.txt") && !w.path("../../evil.png").exists());
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert!(
        listed[0]["path"]
            .as_str()
            .unwrap()
            .ends_with("pack.zip!/good/wink.png")
    );
    assert_eq!(
        (&listed[0]["source"], &listed[0]["label"]),
        (&json!("zip"), &json!("wink"))
    );
    let again = w
        .run(&["gallery", "add", "g.moue", "pack.zip", "--json"])
        .json();
    assert_eq!(by_field(&again, "status")["wink.png"], "known");
}

#[test]
fn a_moved_file_keeps_its_face_and_a_copy_is_one_of_three() {
    let w = World::new();
    for (drawing, file) in [
        ("mina-smile", "in/a.png"),
        ("gus-smile", "in/b.png"),
        ("rex-smile", "in/c.png"),
        ("ivy-smile", "in/d.png"),
    ] {
        w.drawing_as(drawing, file);
    }
    // The same picture at another size.
    image::open(w.path("in/a.png"))
        .unwrap()
        .resize(200, 200, image::imageops::FilterType::Triangle)
        .save(w.path("in/small.png"))
        .unwrap();
    assert_eq!(w.run(&["gallery", "add", "g.moue", "in"]).code, Some(0));
    let before = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    let found = w
        .run(&["find", "in/a.png", "--gallery", "g.moue", "--json"])
        .json();
    let labels: Vec<&str> = found[0]["faces"][0]["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m["label"].as_str().unwrap())
        .collect();
    assert_eq!((labels[0], labels.len()), ("a", 3));
    assert!(!labels.contains(&"small"), "{labels:?}");
    assert_eq!(
        w.run(&["gallery", "stats", "g.moue", "--json"]).json()[0]["near_duplicates"],
        1
    );

    std::fs::create_dir(w.path("in/deep")).unwrap();
    std::fs::rename(w.path("in/b.png"), w.path("in/deep/moved.png")).unwrap();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--json"]);
    assert_eq!(
        (
            ran.code,
            by_field(&ran.json(), "status")["moved.png"].as_str()
        ),
        (Some(0), "moved")
    );
    let after = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    assert_eq!(after.len(), before.len());
    let moved = after.iter().find(|l| l["label"] == "moved").unwrap();
    assert!(
        moved["path"]
            .as_str()
            .unwrap()
            .ends_with("in/deep/moved.png")
    );
    assert!(
        before
            .iter()
            .any(|l| l["id"] == moved["id"] && l["label"] == "b")
    );
}

/// What a hostile collection may hold, beyond what the gallery's own test has.
#[cfg(unix)]
#[test]
fn long_animations_large_sides_odd_names_and_locked_files_end_in_time() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    let w = World::new();
    std::fs::create_dir(w.path("in")).unwrap();
    std::fs::write(w.path("in/long.gif"), long_gif(100_000)).unwrap();
    let header: Vec<u8> = [b"GIF89a".as_slice(), &[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0]].concat();
    std::fs::write(w.path("in/large.gif"), header).unwrap();
    w.drawing_as("rex-wink", "in/plain.png");
    std::fs::copy(
        w.path("in/plain.png"),
        w.path("in").join(OsStr::from_bytes(b"odd\xff\nname.png")),
    )
    .unwrap();
    w.drawing_as("ivy-cross", "in/locked.png");
    std::fs::set_permissions(
        w.path("in/locked.png"),
        std::fs::Permissions::from_mode(0o000),
    )
    .unwrap();
    let start = std::time::Instant::now();
    let ran = w.run(&["gallery", "add", "g.moue", "in", "--json"]);
    assert!(
        start.elapsed() < std::time::Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    let status = by_field(&ran.json(), "status");
    assert_eq!(
        (status["long.gif"].as_str(), status["large.gif"].as_str()),
        ("no_face", "unreadable")
    );
    assert_eq!(
        ran.json()
            .iter()
            .filter(|l| l["status"] == "added" || l["status"] == "known")
            .count()
            + usize::from(status["locked.png"] == "unreadable"),
        3
    );
}

/// A GIF of 1 × 1 pixel and so many frames.
fn long_gif(frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff".to_vec();
    for _ in 0..frames {
        bytes.extend(b"\x21\xF9\x04\x04\x05\x00\x00\x00\x2C\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00");
    }
    bytes.push(0x3B);
    bytes
}

#[test]
#[cfg(not(feature = "collections"))]
fn without_the_feature_a_collection_says_how_to_build_it_in() {
    let w = World::new();
    let ran = w.run(&["gallery", "add", "g.moue", "imgflip"]);
    assert_eq!(ran.code, Some(2));
    for part in ["imgflip", "feature collections", "cargo install --locked"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert!(!w.path("g.moue").exists());
}
