//! What people do in their first minutes: folders with anything in them, paths with typing errors.

mod common;

use common::{Ran, World};

/// Pictures of one color, each of another size: without a face, and no copies of each other.
fn blanks(w: &World, count: u32) {
    std::fs::create_dir_all(w.path("in")).unwrap();
    for number in 0..count {
        let file = w.path(&format!("in/blank{number:02}.png"));
        // One that is written again has another time.
        if file.exists() {
            continue;
        }
        let side = 60 + number;
        image::RgbImage::from_pixel(side, side, image::Rgb([90, 120, 200]))
            .save(file)
            .unwrap();
    }
}

#[test]
fn pictures_without_a_face_are_no_failure_and_do_not_fill_the_screen() {
    let w = World::new();
    blanks(&w, 13);
    w.drawing_as("mina-smile", "in/smile.png");
    let added = w.run(&["gallery", "add", "my.moue", "in"]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let lines = |ran: &Ran, end: &str| ran.stderr.lines().filter(|l| l.ends_with(end)).count();
    assert_eq!(lines(&added, "png: no face found"), 10, "{}", added.stderr);
    assert!(added.stderr.contains("3 more without a face; --verbose"));
    // Who has seen the list need not see it again.
    blanks(&w, 14);
    let again = w.run(&["gallery", "add", "my.moue", "in"]);
    assert_eq!(lines(&again, "png: no face found"), 1, "{}", again.stderr);
    again.assert_says("13 pictures without a face, as before; --verbose lists them");
    let all = w.run(&["gallery", "add", "my.moue", "in", "--verbose"]);
    assert_eq!(lines(&all, "png: no face found"), 14, "{}", all.stderr);
    assert_eq!(all.code, Some(1), "nothing was new");
}

#[test]
fn a_path_with_a_typing_error_leaves_no_empty_gallery() {
    let w = World::new();
    let missing = w.run(&["gallery", "add", "my.moue", "picturse"]);
    assert_eq!(missing.code, Some(2));
    missing.assert_says("there is no picturse");
    assert!(!w.path("my.moue").exists());
    let smile = w.drawing("mina-smile");
    let nowhere = w.run(&["gallery", "add", "nowhere/my.moue", &smile]);
    nowhere.assert_says("there is no folder nowhere");
    assert!(!nowhere.stderr.contains(".moue-"), "{}", nowhere.stderr);
    // Not even root makes files there.
    if cfg!(target_os = "linux") {
        let read_only = w.run(&["gallery", "add", "/proc/my.moue", &smile]);
        read_only.assert_says("/proc/my.moue: the folder /proc cannot be written");
        assert!(!read_only.stderr.contains(".moue-"), "{}", read_only.stderr);
    }
}

#[test]
fn a_folder_without_pictures_makes_no_gallery_and_removes_none() {
    let w = World::new();
    std::fs::create_dir(w.path("empty")).unwrap();
    w.write("empty/notes.txt", b"hello");
    w.write("broken.png", b"hello");
    for paths in [&["empty"][..], &["empty", "nope"], &["broken.png"]] {
        let ran = w.run(&[&["gallery", "add", "new.moue"], paths].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(!w.path("new.moue").exists(), "{paths:?}");
    }
    // What is known of pictures without a face is worth keeping, and what was there before stays.
    blanks(&w, 1);
    w.run(&["gallery", "add", "new.moue", "in"]);
    assert!(w.path("new.moue").exists());
    let before = w.run(&["gallery", "info", "new.moue"]).stdout;
    w.run(&["gallery", "add", "new.moue", "empty"]);
    assert_eq!(w.run(&["gallery", "info", "new.moue"]).stdout, before);
}

#[test]
fn what_cannot_be_repaired_is_not_sent_to_be_repaired() {
    let w = World::new();
    w.write("my.moue", &[7; 10_000]);
    w.write("empty.moue", b"");
    let smile = w.drawing("mina-smile");
    for file in ["my.moue", "empty.moue", &smile] {
        for command in [
            &["gallery", "verify"][..],
            &["gallery", "verify", "--repair"],
            &["gallery", "list"],
            &["find", &smile, "--gallery"],
        ] {
            let ran = w.run(&[command, &[file]].concat());
            assert_eq!(ran.code, Some(2), "{command:?}");
            ran.assert_says(&format!("{file} is no gallery: it is "));
            assert!(!ran.stderr.contains("repair"), "{}", ran.stderr);
        }
    }
}

#[test]
fn readers_and_writers_say_alike_what_is_wrong() {
    let w = World::new();
    let smile = w.drawing("mina-smile");
    w.run(&["gallery", "add", "my.moue", &smile]);
    let bytes = std::fs::read(w.path("my.moue")).unwrap();
    w.write("half.moue", &bytes[..bytes.len() / 2]);
    let mut headless = bytes.clone();
    headless[..4].fill(0);
    w.write("headless.moue", &headless);
    for (file, reason) in [
        ("half.moue", "it is cut off"),
        ("headless.moue", "its first bytes are damaged"),
    ] {
        for args in [
            &["gallery", "add", file, &smile][..],
            &["gallery", "verify", file],
            &["gallery", "tag", file, "0", "--add", "x"],
        ] {
            let ran = w.run(args);
            assert_eq!(ran.code, Some(2), "{args:?}");
            ran.assert_says(reason);
            ran.assert_says(&format!("`moue gallery verify --repair {file}`"));
        }
    }
    let saved = w.run(&["gallery", "verify", "--repair", "headless.moue"]);
    assert_eq!(saved.code, Some(0), "{}", saved.stderr);
    assert!(
        saved.stdout.contains("1 face in 1 picture saved"),
        "{}",
        saved.stdout
    );
}

#[test]
fn every_command_for_pictures_takes_a_folder_and_that_for_videos_names_it() {
    let w = World::new();
    blanks(&w, 1);
    w.drawing_as("mina-smile", "in/smile.png");
    for command in ["detect", "embed", "find", "best"] {
        let lines = w.run(&[command, "in", "--json"]).json();
        assert_eq!(lines.len(), 2, "{command}");
    }
    let timeline = w.run(&["timeline", "in"]);
    timeline.assert_says("this is a folder");
}

#[test]
fn crops_of_pictures_with_one_name_are_all_kept() {
    let w = World::new();
    for folder in ["in/a", "in/b"] {
        std::fs::create_dir_all(w.path(folder)).unwrap();
        w.drawing_as("mina-smile", &format!("{folder}/smile.png"));
    }
    assert_eq!(w.run(&["embed", "in", "--crops", "out"]).code, Some(0));
    let mut names: Vec<_> = std::fs::read_dir(w.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["smile (2)-1.png", "smile-1.png"]);
}

#[test]
fn an_empty_folder_does_not_keep_other_pictures_from_being_read() {
    let w = World::new();
    std::fs::create_dir(w.path("empty")).unwrap();
    let smile = w.drawing("mina-smile");
    for command in ["detect", "embed", "find"] {
        let ran = w.run(&[command, &smile, "empty", "--json"]);
        let lines = ran.json();
        assert_eq!((ran.code, lines.len()), (Some(2), 2), "{command}");
        assert_eq!(lines[1]["error"], "there is no picture in this folder");
    }
}

#[test]
fn a_picture_without_a_face_makes_no_sheet() {
    let w = World::new();
    w.blank("blank.png");
    let found = w.run(&["find", "blank.png", "--sheet", "sheet.png"]);
    assert_eq!(found.code, Some(1));
    found.assert_says("sheet.png: not written");
    assert!(!w.path("sheet.png").exists());
}

#[test]
fn an_empty_variable_is_no_gallery() {
    let w = World::new();
    let smile = w.drawing("mina-smile");
    let mut command = w.command(&["find", &smile, "--json"]);
    let found = Ran::of(command.env("MOUE_GALLERY", "").output().unwrap());
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    let named = w.run(&["find", &smile, "--gallery", ""]);
    assert_eq!(named.code, Some(2), "an empty option is an error");
}
