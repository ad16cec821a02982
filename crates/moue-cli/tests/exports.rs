//! What `gallery export` writes and `gallery import` reads.

mod common;

use common::World;

#[test]
fn an_export_whose_files_do_not_belong_together_is_refused() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    w.run(&["gallery", "export", "g.moue", "out"]);
    w.drawing_as("gus-sob", "in/b.png");
    w.run(&["gallery", "add", "g.moue", "in"]);
    w.run(&["gallery", "export", "g.moue", "newer"]);
    std::fs::copy(
        w.path("newer/expressions.npy"),
        w.path("out/expressions.npy"),
    )
    .unwrap();
    let ran = w.run(&["gallery", "import", "new.moue", "out"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("export again"), "{}", ran.stderr);
    assert!(!w.path("new.moue").exists());
}

#[test]
fn a_shared_export_keeps_emoji() {
    let w = World::new();
    w.run(&["gallery", "merge", "g.moue", "emoji"]);
    w.run(&["gallery", "export", "g.moue", "out", "--share"]);
    let text = std::fs::read_to_string(w.path("out/pictures.jsonl")).unwrap();
    assert!(text.lines().count() > 50 && !text.contains("shared:"));
}

#[test]
fn a_shared_export_has_no_paths_and_no_rejected_names() {
    let w = World::new();
    w.drawing_as("mina-smile", "hidden-folder/holiday.png");
    w.blank("hidden-folder/noface-diagnosis.png");
    w.run(&["gallery", "add", "g.moue", "hidden-folder"]);
    assert_eq!(
        w.run(&["gallery", "export", "g.moue", "out", "--share"])
            .code,
        Some(0)
    );
    assert_eq!(
        w.run(&["gallery", "import", "shared.moue", "out"]).code,
        Some(0)
    );
    for file in ["out/pictures.jsonl", "out/gallery.json", "shared.moue"] {
        let bytes = std::fs::read(w.path(file)).unwrap();
        let has = |text: &str| {
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        };
        for secret in ["hidden-folder", "diagnosis", "holiday"] {
            assert!(!has(secret), "{secret} in {file}");
        }
    }
    let query = w.drawing("mina-smile");
    assert_eq!(
        w.run(&["find", &query, "--gallery", "shared.moue"]).code,
        Some(0)
    );
}
