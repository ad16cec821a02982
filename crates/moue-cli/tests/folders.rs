//! `moue find` of folders: every picture is searched for, in order, on all cores.

mod common;

use common::World;

#[test]
fn the_pictures_of_a_folder_are_searched_for() {
    let w = World::new();
    w.drawing_as("lola-grin", "in/b.png");
    w.drawing_as("otis-angry", "in/deep/a.png");
    w.drawing_as("gus-calm", "in/secret/c.png");
    w.drawing_as("gus-calm", "one.png");
    w.animation("in/z.gif", &[("mina-laugh", 2), ("mina-calm", 2)]);
    w.write("in/.moueignore", b"secret\n");
    w.write("in/clip.mp4", b"no video");
    w.write("in/notes.txt", b"notes");
    let ran = w.run(&["find", "one.png", "in", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    let names = lines.iter().map(|l| l["picture"].as_str().unwrap());
    let expected = ["one.png", "in/b.png", "in/deep/a.png", "in/z.gif"];
    for (name, end) in names.zip(expected) {
        assert!(name.replace('\\', "/").ends_with(end), "{name}");
    }
    assert_eq!(lines.len(), expected.len());
    // What `gallery add` takes of the folder, without the animation's further faces.
    let added = w.run(&["gallery", "add", "a.moue", "in", "--json"]);
    let added = added.json().into_iter().filter(|l| l["status"] == "added");
    assert_eq!(added.count(), 3);
}

#[test]
fn results_in_the_folder_that_is_read_are_no_inputs() {
    let w = World::new();
    w.drawing_as("lola-grin", "in/a.png");
    w.drawing_as("otis-angry", "in/b.png");
    for command in [
        "find in --sheet in/sheet.png --json",
        "find in --save in/saved --json",
        "embed in --crops in/crops --json",
    ] {
        let args: Vec<&str> = command.split(' ').collect();
        for _ in 0..2 {
            let ran = w.run(&args);
            assert_eq!((ran.code, ran.json().len()), (Some(0), 2), "{command}");
        }
        // The next command would read them.
        for result in ["in/saved", "in/crops"] {
            let _ = std::fs::remove_dir_all(w.path(result));
        }
        let _ = std::fs::remove_file(w.path("in/sheet.png"));
    }
}

#[test]
fn saved_matches_in_the_folder_that_is_read_are_no_queries() {
    let w = World::new();
    // Copies of a person's own pictures have no mark of ours.
    for (name, drawing) in [("a", "lola-grin"), ("b", "otis-angry"), ("c", "gus-calm")] {
        w.drawing_as(drawing, &format!("in/{name}.png"));
    }
    w.run(&["gallery", "add", "g.moue", "in"]);
    let find = [
        "find",
        "in",
        "--gallery",
        "g.moue",
        "--save",
        "in/saved",
        "--json",
    ];
    for _ in 0..2 {
        assert_eq!(w.run(&find).json().len(), 3);
    }
    // Whoever names the folder wants it searched.
    let saved = w.run(&["find", "in/saved", "--save", "in/saved", "--json"]);
    assert!(!saved.json().is_empty(), "{}", saved.stderr);
}

#[test]
fn copies_in_the_folder_that_is_read_are_drawn_anew() {
    let w = World::new();
    w.drawing_as("lola-grin", "in/a.png");
    w.drawing_as("otis-angry", "in/b.png");
    // Named as a copy, but somebody else's.
    w.drawing_as("gus-calm", "in/c-7.png");
    for _ in 0..2 {
        let ran = w.run(&["detect", "in", "--draw", "in/c.png", "--json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.json().len(), 3);
    }
    for copy in ["in/c.png", "in/c-2.png", "in/c-3.png"] {
        assert!(w.path(copy).is_file(), "{copy}");
    }
    // No run gives this name.
    std::fs::copy(w.path("in/c.png"), w.path("in/c-02.png")).unwrap();
    let ran = w.run(&["detect", "in", "--draw", "in/c.png", "--json"]);
    assert_eq!(ran.json().len(), 4, "{}", ran.stderr);
    // A file that is named itself is read.
    let ran = w.run(&["detect", "in/c.png", "--draw", "in/c.png"]);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
}

#[test]
fn a_folder_of_videos_names_the_commands_for_them() {
    let w = World::new();
    std::fs::create_dir(w.path("in")).unwrap();
    w.write("in/clip.mp4", b"no video");
    let ran = w.run(&["find", "in"]);
    assert_eq!(ran.code, Some(2));
    ran.assert_says(
        "in: there is no picture in this folder; in/clip.mp4 is a video: `moue timeline` finds",
    );
}

#[test]
fn a_folder_without_pictures_is_an_error() {
    let w = World::new();
    w.write("in.txt", b"");
    std::fs::create_dir(w.path("empty")).unwrap();
    let ran = w.run(&["find", "empty"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("empty: there is no picture in this folder"),
        "{}",
        ran.stderr
    );
}

#[test]
fn many_pictures_are_answered_in_their_order() {
    let w = World::new();
    let names: Vec<String> = moue_drawings::all().step_by(9).map(|d| d.name()).collect();
    for (number, name) in names.iter().enumerate() {
        w.drawing_as(name, &format!("in/{number:03}.png"));
    }
    w.write("in/050.png", b"no picture");
    let ran = w.run(&["find", "in", "--effort", "live", "--json"]);
    // One cannot be read; all others are answered.
    assert_eq!(ran.code, Some(2));
    let lines = ran.json();
    assert_eq!(lines.len(), names.len());
    for (number, line) in lines.iter().enumerate() {
        let picture = line["picture"].as_str().unwrap();
        assert!(picture.ends_with(&format!("{number:03}.png")), "{picture}");
        assert_eq!(line["error"].is_string(), number == 50);
    }
}
