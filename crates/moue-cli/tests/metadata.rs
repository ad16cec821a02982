//! Labels, captions and tags: from side-cars into the gallery, and in filters.

mod common;

use common::World;
use serde_json::json;

#[test]
fn captions_tags_and_filters() {
    let w = World::new();
    w.drawing_as("mina-smile", "a.png");
    w.drawing_as("gus-smile", "b.png");
    w.drawing_as("rex-smile", "c.png");
    w.write(
        "a.png.json",
        br#"{"title": "Happy Mina", "description": "all is well", "tags": ["joy"]}"#,
    );
    w.write("b.json", br#"{"keywords": "joy, gus"}"#);
    assert_eq!(
        w.run(&[
            "gallery", "add", "g.moue", "a.png", "b.png", "c.png", "--tag", "set"
        ])
        .code,
        Some(0)
    );
    let shown = w.run(&["gallery", "show", "g.moue", "0", "--json"]).json();
    assert_eq!(
        w.run(&["gallery", "show", "g.moue", "nothing"]).code,
        Some(1)
    );
    assert!(shown[0]["tags"].as_array().unwrap().contains(&json!("set")));
    assert!(shown[0]["faces"][0]["emotions"]["happiness"].is_number());
    let text = w.run(&["gallery", "show", "g.moue", "0"]).stdout;
    assert!(
        text.contains("  added 20") && !text.contains("near-duplicate"),
        "{text}"
    );
    assert!(text.contains("  face 0: happiness "), "{text}");
    // A picture that is alike is said to be; compiled-in ones were added on no day.
    let copy = image::open(w.path("a.png")).unwrap().thumbnail(200, 200);
    copy.save(w.path("smaller.png")).unwrap();
    w.run(&["gallery", "add", "copies.moue", "a.png", "smaller.png"]);
    let text = w.run(&["gallery", "show", "copies.moue", "0"]).stdout;
    assert!(text.contains(", 1 near-duplicate in group "), "{text}");
    let text = w.run(&["gallery", "show", "builtin", "1"]).stdout;
    assert!(!text.contains("added"), "{text}");
    let labels = |args: &[&str]| {
        let mut all = vec!["find", "c.png", "--gallery", "g.moue", "--json"];
        all.extend(args);
        let found = w.run(&all).json();
        let matches = found[0]["faces"][0]["matches"].as_array().unwrap().clone();
        matches
            .iter()
            .map(|m| m["label"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
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
    let together = w
        .run(&[
            "find",
            "a.png",
            "b.png",
            "--together",
            "--gallery",
            "g.moue",
            "--json",
        ])
        .json();
    assert_eq!(together[0]["matches"].as_array().unwrap().len(), 3);

    let tagged = w
        .run(&[
            "gallery", "tag", "g.moue", "--add", "new", "--drop", "joy", "--tag", "joy", "--json",
        ])
        .json();
    assert_eq!(tagged[0]["changed"], 2);
    assert_eq!(labels(&["--tag", "new"]).len(), 2);
    assert_eq!(
        w.run(&["gallery", "tag", "g.moue", "nothing", "--add", "x"])
            .code,
        Some(1)
    );
    assert_eq!(
        w.run(&["gallery", "tag", "g.moue", "0"]).code,
        Some(2),
        "nothing to do is an error"
    );
    let path = shown[0]["path"].as_str().unwrap();
    assert_eq!(
        w.run(&[
            "gallery",
            "rename",
            "g.moue",
            path,
            "Renamed",
            "--caption",
            "so"
        ])
        .code,
        Some(0)
    );
    assert_eq!(labels(&["--label", "renamed"]).len(), 1);
}
