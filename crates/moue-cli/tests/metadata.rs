//! Labels, captions and tags: from side-cars into the gallery, and in filters.

mod common;

use common::World;
use serde_json::json;

/// A world with the gallery `g.moue` of three drawings, two of them with side-cars.
fn three() -> World {
    let w = World::new();
    w.drawing_as("mina-smile", "a.png");
    w.drawing_as("gus-smile", "b.png");
    w.drawing_as("rex-smile", "c.png");
    w.write(
        "a.png.json",
        br#"{"title": "Happy Mina", "description": "all is well", "tags": ["joy"]}"#,
    );
    w.write("b.json", br#"{"keywords": "joy, gus"}"#);
    let add = [
        "gallery", "add", "g.moue", "a.png", "b.png", "c.png", "--tag", "set",
    ];
    assert_eq!(w.run(&add).code, Some(0));
    w
}

/// The labels of what is found for `c.png` with further arguments.
fn labels(w: &World, args: &[&str]) -> Vec<String> {
    let mut all = vec!["find", "c.png", "--gallery", "g.moue", "--json"];
    all.extend(args);
    let found = w.run(&all).json();
    let matches = found[0]["faces"][0]["matches"].as_array().unwrap();
    let label = |m: &serde_json::Value| m["label"].as_str().unwrap().to_owned();
    matches.iter().map(label).collect()
}

#[test]
fn a_side_car_that_cannot_be_used_has_a_note() {
    let w = World::new();
    w.drawing_as("mina-smile", "a.png");
    w.write("a.png.json", b"[1, 2");
    let added = w.run(&["gallery", "add", "g.moue", "a.png"]);
    assert_eq!(added.code, Some(0));
    let note = "a.png.json was not used: it is no JSON object";
    assert!(added.stderr.contains(note), "{}", added.stderr);
    // The other name is read in its place.
    w.write("a.json", br#"{"title": "Happy Mina"}"#);
    let added = w.run(&["gallery", "add", "h.moue", "a.png", "--json"]);
    assert!(added.json()[0]["note"].is_null(), "{}", added.stdout);
}

#[test]
fn show_has_all_that_is_stored() {
    let w = three();
    let show = |args: &[&str]| w.run(&[&["gallery", "show"], args].concat());
    assert_eq!(show(&["g.moue", "nothing"]).code, Some(1));
    let shown = show(&["g.moue", "0", "--json"]).json();
    assert!(shown[0]["tags"].as_array().unwrap().contains(&json!("set")));
    assert!(shown[0]["faces"][0]["emotions"]["happiness"].is_number());
    let text = show(&["g.moue", "0"]).stdout;
    assert!(text.contains("  added 20"), "{text}");
    assert!(!text.contains("near-duplicate"), "{text}");
    assert!(text.contains("  face 0: happiness "), "{text}");
    // A picture that is alike is said to be; compiled-in ones were added on no day.
    let copy = image::open(w.path("a.png")).unwrap().thumbnail(200, 200);
    copy.save(w.path("smaller.png")).unwrap();
    w.run(&["gallery", "add", "copies.moue", "a.png", "smaller.png"]);
    let text = show(&["copies.moue", "0"]).stdout;
    assert!(text.contains(", 1 near-duplicate in group "), "{text}");
    let text = show(&["builtin", "1"]).stdout;
    assert!(!text.contains("added"), "{text}");
}

#[test]
fn filters_select_pictures() {
    let w = three();
    let labels = |args: &[&str]| labels(&w, args);
    assert_eq!(labels(&[]).len(), 3);
    assert_eq!(labels(&["--tag", "joy", "--tag", "gus"]), ["b"]);
    assert_eq!(labels(&["--label", "WELL"]), ["Happy Mina"]);
    assert_eq!(labels(&["--source", "zip"]), [""; 0]);
    assert_eq!(labels(&["--until", "2020-01-01"]), [""; 0]);
    assert_eq!(labels(&["--max-distance", "0.01"]), ["c"]);
    assert!(
        !labels(&["--not", "a.png"]).contains(&"Happy Mina".into()),
        "it is nearer to a.png than to c.png"
    );
    let together = [
        "find",
        "a.png",
        "b.png",
        "--together",
        "--gallery",
        "g.moue",
        "--json",
    ];
    let together = w.run(&together).json();
    assert_eq!(together[0]["matches"].as_array().unwrap().len(), 3);
}

#[test]
fn tags_and_labels_are_changed() {
    let w = three();
    let code = |args: &[&str]| w.run(&[&["gallery"], args].concat()).code;
    let tag = [
        "gallery", "tag", "g.moue", "--add", "new", "--drop", "joy", "--tag", "joy", "--json",
    ];
    assert_eq!(w.run(&tag).json()[0]["changed"], 2);
    assert_eq!(labels(&w, &["--tag", "new"]).len(), 2);
    assert_eq!(code(&["tag", "g.moue", "nothing", "--add", "x"]), Some(1));
    assert_eq!(
        code(&["tag", "g.moue", "0"]),
        Some(2),
        "nothing to do is an error"
    );
    let shown = w.run(&["gallery", "show", "g.moue", "0", "--json"]).json();
    let path = shown[0]["path"].as_str().unwrap();
    let rename = ["rename", "g.moue", path, "Renamed", "--caption", "so"];
    assert_eq!(code(&rename), Some(0));
    assert_eq!(labels(&w, &["--label", "renamed"]).len(), 1);
}
