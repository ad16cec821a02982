//! The gallery of emoji, as the program's users see it.

mod common;

use common::World;
use serde_json::Value;

fn first_match(line: &Value) -> &Value {
    &line["faces"][0]["matches"][0]
}

#[test]
fn a_face_gets_an_emoji() {
    let w = World::new();
    let picture = w.drawing("gus-shocked");
    let ran = w.run(&["find", &picture, "--gallery", "emoji", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    let best = first_match(&lines[0]);
    let emoji = best["emoji"].as_str().unwrap();
    assert!("😮😯😲😱".contains(emoji), "{best}");
    assert_eq!(best["path"], format!("emoji:{emoji}"));
    let name = best["label"].as_str().unwrap();
    assert_eq!(
        moue_drawings::emoji::find(emoji).unwrap().name(),
        name,
        "{best}"
    );
    let text = w.run(&["find", &picture, "--gallery", "emoji"]).stdout;
    assert!(text.contains(emoji) && text.contains(name), "{text}");
    // Other galleries have no such key.
    let drawings = w.run(&["find", &picture, "--json"]).json();
    assert!(first_match(&drawings[0]).get("emoji").is_none());
}

#[test]
fn live_shows_emoji() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-laugh", 12)]);
    let ran = w.run(&[
        "live",
        "--video",
        "clip.gif",
        "--gallery",
        "emoji",
        "--json",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let last = ran.json().pop().unwrap();
    assert!(last["matches"][0]["emoji"].is_string(), "{last}");
    let terminal = w.run(&[
        "live",
        "--video",
        "clip.gif",
        "--gallery",
        "emoji",
        "--terminal",
    ]);
    assert_eq!(terminal.code, Some(0), "{}", terminal.stderr);
}

#[test]
fn the_emoji_can_be_read_like_any_gallery() {
    let w = World::new();
    let list = w.run(&["gallery", "list", "emoji", "--json"]).json();
    assert_eq!(list.len(), moue_drawings::emoji::all().count());
    assert_eq!(list[0]["emoji"], "😀");
    let shown = w.run(&["gallery", "show", "emoji", "emoji:😮"]).stdout;
    assert!(shown.contains("face with open mouth"), "{shown}");
    for command in [
        &["gallery", "info", "emoji"][..],
        &["gallery", "stats", "emoji"],
        &["gallery", "verify", "emoji"],
        &["gallery", "export", "emoji", "exported"],
        &["gallery", "map", "emoji", "-o", "map.html"],
        &["gallery", "merge", "mine.moue", "emoji"],
        &["gallery", "list", "mine.moue"],
    ] {
        let ran = w.run(command);
        assert_eq!(ran.code, Some(0), "{command:?}: {}", ran.stderr);
    }
    assert_eq!(
        w.run(&["gallery", "list", "mine.moue"])
            .stdout
            .lines()
            .count(),
        list.len()
    );
    assert!(!w.path("emoji").exists());
}

#[test]
fn compiled_in_galleries_are_not_written() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    for name in ["emoji", "builtin"] {
        for command in [
            &["gallery", "add", name, &picture][..],
            &["gallery", "tag", name, "0", "--add", "x"],
            &["gallery", "remove", name, "0"],
            &["gallery", "merge", name, "builtin"],
            &["gallery", "compact", name],
            &["gallery", "watch", name, "."],
        ] {
            let ran = w.run(command);
            assert_eq!(ran.code, Some(2), "{command:?}");
            assert!(ran.stderr.contains("compiled into"), "{}", ran.stderr);
            assert!(!w.path(name).exists(), "{command:?}");
        }
    }
}

#[test]
fn a_file_called_emoji_is_named_by_its_path() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    let added = w.run(&["gallery", "add", "./emoji", &picture]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let lines = |gallery: &str| w.run(&["gallery", "list", gallery]).stdout.lines().count();
    assert_eq!(lines("./emoji"), 1);
    assert_eq!(lines("emoji"), moue_drawings::emoji::all().count());
}

#[test]
fn sheets_and_saved_pictures_show_emoji() {
    let w = World::new();
    let picture = w.drawing("gus-sob");
    let ran = w.run(&[
        "find",
        &picture,
        "--gallery",
        "emoji",
        "--top",
        "1",
        "--sheet",
        "sheet.png",
        "--save",
        "saved",
        "--json",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    let name = first_match(&lines[0])["label"].as_str().unwrap();
    let file = format!("saved/gus-sob-1-1-{}.png", name.replace(' ', "-"));
    assert!(w.path(&file).exists(), "{file}");
    assert!(w.path("sheet.png").exists());
}

#[test]
#[cfg(target_os = "linux")]
fn copying_without_a_desktop_is_an_error() {
    let w = World::new();
    let picture = w.drawing("gus-sob");
    let output = w
        .command(&["find", &picture, "--gallery", "emoji", "--copy"])
        .env_remove("DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("there is no clipboard"), "{text}");
    // The answer was printed all the same.
    assert!(!output.stdout.is_empty());
}
