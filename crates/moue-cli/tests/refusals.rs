//! Inputs and outputs that cannot be used: the program says so, ends, and leaves nothing behind.

mod common;

use common::World;
#[cfg(unix)]
use std::process::Command;

/// Pipes in place of files: whoever opens one for reading waits for its other end.
#[cfg(unix)]
#[test]
fn a_pipe_given_as_a_picture_is_refused_at_once() {
    let w = World::new();
    let pipe = w.path("pipe.jpg");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    for command in ["detect", "embed", "find", "best"] {
        let ran = w.run(&[command, "pipe.jpg"]);
        assert_eq!(ran.code, Some(2), "{command}");
        ran.assert_says("pipe.jpg");
    }
}

#[test]
fn an_export_that_cannot_be_read_to_its_end_is_one_error() {
    let w = World::new();
    let smile = w.drawing("mina-smile");
    w.run(&["gallery", "add", "my.moue", &smile]);
    w.run(&["gallery", "export", "my.moue", "out"]);
    std::fs::remove_file(w.path("out/pictures.jsonl")).unwrap();
    std::fs::create_dir(w.path("out/pictures.jsonl")).unwrap();
    let imported = w.run(&["gallery", "import", "new.moue", "out"]);
    assert_eq!(imported.code, Some(2));
    assert_eq!(imported.stderr.lines().count(), 1, "{}", imported.stderr);
    imported.assert_says("pictures.jsonl");
}

#[test]
fn commands_that_change_a_file_refuse_what_is_none() {
    let w = World::new();
    for command in [
        &["gallery", "reembed"][..],
        &["gallery", "verify", "--repair"],
        &["gallery", "watch"],
    ] {
        let folder = matches!(command[1], "watch").then_some(".");
        let run = |gallery| {
            let words = command.iter().copied().chain([gallery]).chain(folder);
            w.run(&words.collect::<Vec<_>>())
        };
        let builtin = run("builtin");
        assert_eq!(builtin.code, Some(2));
        builtin.assert_says("compiled into the program");
        let server = run("postgres://me:secret@127.0.0.1:9/faces");
        assert_eq!(server.code, Some(2));
        assert!(!server.stderr.contains("secret"), "{}", server.stderr);
    }
}

#[test]
fn crops_of_pictures_with_one_name_are_all_kept() {
    let w = World::new();
    for (drawing, file) in [
        ("mina-smile", "x/a.png"),
        ("gus-angry", "y/a.png"),
        ("rex-smile", "z/a (2).png"),
        ("ivy-smile", "z/A.png"),
    ] {
        w.drawing_as(drawing, file);
    }
    let files = ["x/a.png", "y/a.png", "z/a (2).png", "z/A.png"];
    let ran = w.run(&[&["embed", "--crops", "out"][..], &files].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(w.path("out")).unwrap().count(), 4);
}

#[test]
fn a_sheet_without_a_face_leaves_no_temporary_file() {
    let w = World::new();
    w.blank("blank.png");
    std::fs::create_dir(w.path("tmp")).unwrap();
    let run = |gallery: &str| {
        let args = ["find", "blank.png", "--open", "--gallery", gallery];
        common::Ran::of(
            w.command(&args)
                .env("TMPDIR", w.path("tmp"))
                .output()
                .unwrap(),
        )
    };
    run("builtin").assert_says("no sheet is opened, as there is no face to show");
    assert_eq!(run("none.moue").code, Some(2));
    assert_eq!(std::fs::read_dir(w.path("tmp")).unwrap().count(), 0);
}
