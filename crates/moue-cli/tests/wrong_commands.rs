//! Command lines that a new user gets wrong: what is printed is short, in words, and says what to do.

mod common;

use common::World;

/// A command line, its exit code, and what the message must say.
type Case<'a> = (&'a str, i32, &'a [&'a str]);

const CASES: [Case<'static>; 45] = [
    ("find", 2, &["<PICTURE>"]),
    ("find nope.jpg", 2, &["nope.jpg", "o such file"]),
    ("find text.txt", 2, &["text.txt", "not a picture"]),
    ("find broken.jpg", 2, &["broken.jpg", "not a picture"]),
    (
        "find me.jpg --gallery nope.moue",
        2,
        &["no gallery at nope.moue", "gallery add nope.moue"],
    ),
    (
        "find me.jpg --gallery text.txt",
        2,
        &["text.txt", "another kind of file"],
    ),
    ("find me.jpg --top 0", 2, &["--top", "from 1 on"]),
    ("find me.jpg --top many", 2, &["--top", "from 1 on"]),
    ("find me.jpg --top -3", 2, &["--top", "from 1 on"]),
    (
        "find me.jpg --emotion joyful",
        2,
        &["\"joyful\" is no emotion", "happiness"],
    ),
    ("find me.jpg --emotion happy", 0, &[]),
    ("find me.jpg --tpo 3", 2, &["'--top'"]),
    (
        "find me.jpg --gallery emojis",
        2,
        &["no gallery at emojis", "did you mean emoji?"],
    ),
    ("gallery list buitin", 2, &["did you mean builtin?"]),
    ("find me.jpg --max-distance -1", 2, &["a distance from 0"]),
    ("find me.jpg --max-distance near", 2, &["a distance from 0"]),
    ("find me.jpg --diverse=9", 2, &["a distance from 0"]),
    ("find me.jpg --since yesterday", 2, &["YYYY-MM-DD"]),
    ("find me.jpg --since 2026-02-30", 2, &["YYYY-MM-DD"]),
    (
        "find me.jpg --sheet out",
        2,
        &["end in .png, .jpg", " or .tiff"],
    ),
    (
        "find me.jpg --sheet none/out.png",
        2,
        &["there is no folder none"],
    ),
    (
        "find me.jpg --sheet me.jpg",
        2,
        &["an input of the command", "--force"],
    ),
    ("fnd me.jpg", 2, &["'find'"]),
    ("find me.jpg --jsn", 2, &["'--json'"]),
    (
        "live --video nope.mp4 --terminal",
        2,
        &["nope.mp4", "o such file"],
    ),
    ("live --raw 640 --json", 2, &["WIDTHxHEIGHT"]),
    ("live --top 9 --json", 2, &["1..=6"]),
    ("live --frames few --json", 2, &["this is no whole number"]),
    (
        "timeline me.jpg",
        2,
        &["me.jpg", "single picture", "moue find me.jpg"],
    ),
    ("timeline nope.mp4", 2, &["nope.mp4", "o such file"]),
    ("timeline text.txt", 2, &["text.txt", "neither a video"]),
    ("timeline clip.gif --moments 0", 2, &["from 1 on"]),
    ("timeline clip.gif --frames 0", 2, &["from 1 on"]),
    ("timeline clip.gif --html out.png", 2, &[".html or .htm"]),
    ("graph nope.pbtxt", 2, &["nope.pbtxt", "o such file"]),
    ("graph builtin:nope", 2, &["nope", "facial_search"]),
    (
        "run builtin:facial_search",
        0,
        &["--input input_frame=FILE"],
    ),
    (
        "run builtin:facial_search --input x=me.jpg",
        2,
        &["no input x", "input_frame"],
    ),
    ("gallery add new.moue nope", 2, &["there is no nope"]),
    (
        "gallery add new.moue me.jpg nope",
        1,
        &["nope", "o such file", "1 unreadable"],
    ),
    ("gallery add new.moue empty", 1, &["no picture was found"]),
    (
        "gallery add new.moue me.jpg --tag=",
        2,
        &["the tag is empty"],
    ),
    ("gallery tag new.moue 0 --add=", 2, &["the tag is empty"]),
    ("schema moue.find/2", 2, &["no schema", "moue.find/1"]),
    ("completions klingon", 2, &["bash", "zsh"]),
];

#[test]
fn wrong_commands_are_answered_in_words() {
    let w = World::new();
    w.drawing_as("mina-laugh", "me.jpg");
    w.animation("clip.gif", &[("mina-laugh", 2)]);
    w.write("text.txt", b"hello");
    w.write("broken.jpg", b"hello");
    std::fs::create_dir(w.path("empty")).unwrap();
    for (line, code, needles) in CASES {
        let ran = w.run(&line.split_whitespace().collect::<Vec<_>>());
        let text = &ran.stderr;
        assert_eq!(ran.code, Some(code), "moue {line}: {text}");
        for needle in needles {
            assert!(
                text.contains(needle),
                "moue {line} does not say {needle}: {text}"
            );
        }
        // Words of libraries, and lines of their sources.
        for foreign in [
            "as a value",
            "os error",
            ".rs:",
            "invalid digit",
            "float literal",
            "Error {",
            "panicked",
        ] {
            assert!(!text.contains(foreign), "moue {line}: {text}");
        }
        let causes = ["o such file", "not a picture", "no gallery at"];
        let once = |cause: &&str| text.matches(*cause).count() <= 1;
        assert!(
            causes.iter().all(once),
            "moue {line} repeats itself: {text}"
        );
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 6, "moue {line}: {text}");
    }
}

#[test]
#[cfg(all(target_os = "linux", feature = "window"))]
fn a_missing_desktop_and_a_missing_camera_are_no_riddles() {
    let w = World::new();
    let mut command = w.command(&["live", "--window"]);
    let command = command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("no desktop") && text.contains("--terminal"),
        "{text}"
    );
    assert!(
        !text.contains("os error") && !text.contains(".rs"),
        "{text}"
    );
    if common::installed("ffmpeg") && !std::path::Path::new("/dev/video97").exists() {
        let ran = w.run(&["live", "--camera", "97", "--json"]);
        assert_eq!(ran.code, Some(2));
        ran.assert_says("there is no such camera");
        assert!(!ran.stderr.contains("/dev/video"), "{}", ran.stderr);
    }
}

#[test]
fn doctor_tells_of_all_that_is_used() {
    let w = World::new();
    let mut command = w.command(&["doctor"]);
    let command = command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for title in [
        "ffmpeg",
        "camera",
        "window",
        "clipboard",
        "fonts",
        "gpu",
        "self-check",
    ] {
        assert!(text.contains(title), "{title}: {text}");
    }
    assert!(
        !text.contains("xclip"),
        "moue needs no program for it: {text}"
    );
}

#[cfg(not(feature = "stores"))]
#[test]
fn galleries_on_servers_need_another_build() {
    let w = World::new();
    w.drawing_as("gus-smirk", "me.png");
    for command in [
        "find me.png --gallery postgres://me:secret@127.0.0.1:1/faces",
        "gallery add postgres://me:secret@127.0.0.1:1/faces me.png",
        "gallery list postgres://me:secret@127.0.0.1:1/faces",
        "gallery merge postgres://me:secret@127.0.0.1:1/faces builtin",
        "gallery add --parquet rows me.png",
        "gallery load my.moue rows",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let ran = w.run(&words);
        assert_eq!(ran.code, Some(2), "{command}: {}", ran.stderr);
        ran.assert_says("--features stores");
        assert!(!ran.stderr.contains("secret"), "{}", ran.stderr);
    }
}
