//! The schemas of what the program prints. Every other test of the program's JSON is held against
//! them too, by `Ran::json`.

mod common;

use common::{World, validate};
use serde_json::Value;
use std::collections::BTreeSet;

/// The names that `moue schema` lists.
fn names(w: &World) -> Vec<String> {
    let listed = w.run(&["schema"]).stdout;
    let names = listed.lines().filter_map(|l| l.split_once(' '));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn there_is_a_schema_of_every_name() {
    let w = World::new();
    let names = names(&w);
    assert!(names.len() >= 23, "{names:?}");
    for name in names {
        let schema: Value = serde_json::from_str(&w.run(&["schema", &name]).stdout).unwrap();
        let key = schema["properties"]["schema"]["const"].as_str().unwrap();
        assert_eq!(key.split('/').next(), Some(&*format!("moue.{name}")));
        assert_eq!(w.run(&["schema", key]).code, Some(0), "{key}");
    }
}

#[test]
fn the_documentation_lists_every_schema() {
    let page = include_str!("../../../docs/json.md");
    for name in names(&World::new()) {
        assert!(page.contains(&format!("| `{name}` | `moue ")), "{name}");
    }
}

#[test]
fn an_unknown_name_is_an_error_with_the_known_ones() {
    let ran = World::new().run(&["schema", "fund"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("gallery.list"), "{}", ran.stderr);
}

/// Every command that prints JSON, on real input. The gallery has captions, tags, an animation and
/// a picture that is rejected.
const COMMANDS: &str = "\
gallery add g.moue in --tag cats --json
gallery add g.moue blank.png broken.png in --json
find face.png face.png blank.png broken.png --gallery g.moue --face all --json
find face.png --gallery g.moue --pure --json
find face.png --gallery emoji --json
find face.png in/mina-laugh.png --together --gallery g.moue --json
detect face.png blank.png broken.png --json
detect face.png --emotions --json
embed face.png broken.png --json
embed face.png --cropped --json
best in blank.png broken.png --expression laugh --json
live --video in/clip.gif --gallery g.moue --json
live --video in/clip.gif --gallery emoji --json --log-embeddings
timeline in/clip.gif --gallery g.moue --json
timeline still.gif --json
run builtin:facial_search --input input_frame=face.png
run builtin:face_detection --input input_video=face.png
doctor --json
doctor --json --gallery broken.png
gallery list g.moue --json
gallery list emoji --json
gallery show g.moue 1 --json
gallery show builtin 1 --json
gallery tag g.moue 1 --add dogs --json
gallery rename g.moue 1 laugh --caption loud --json
gallery hide g.moue 1 --json
gallery show g.moue 1 --json
gallery list g.moue --hidden --json
gallery unhide g.moue 1 --json
gallery info g.moue --json
gallery info builtin --json
gallery stats g.moue --json
gallery stats emoji --json
gallery verify g.moue --json
gallery verify g.moue --repair --json
gallery reembed g.moue --json
gallery export g.moue out --json
gallery import h.moue out --json
gallery merge h.moue g.moue --json
gallery map g.moue --output map.html --json
gallery remove g.moue 1 --json
gallery compact g.moue --json
";

fn world() -> World {
    let w = World::new();
    w.drawing_as("gus-smirk", "face.png");
    for name in ["mina-laugh", "gus-sad", "lola-angry", "ivy-shocked"] {
        w.drawing_as(name, &format!("in/{name}.png"));
    }
    w.write(
        "in/gus-sad.json",
        br#"{"description": "When the build is red again"}"#,
    );
    w.animation("in/clip.gif", &[("mina-calm", 8), ("mina-laugh", 8)]);
    w.animation("still.gif", &[("mina-calm", 4)]);
    w.blank("blank.png");
    w.write("broken.png", b"no picture");
    w
}

#[test]
fn what_every_command_prints_is_as_its_schema_has_it() {
    let w = world();
    let mut seen = BTreeSet::new();
    for line in COMMANDS.lines() {
        let args: Vec<&str> = line.split(' ').collect();
        let ran = w.run(&args);
        let printed = ran.json();
        assert!(!printed.is_empty(), "{line}: {}", ran.stderr);
        for object in printed {
            let name = object["schema"].as_str().unwrap();
            let name = name.trim_start_matches("moue.");
            seen.insert(name.split('/').next().unwrap().to_owned());
        }
    }
    // They need a server, which tests/immich.rs has, and a feature, with which tests/stores.rs is built.
    seen.extend(["gallery.tag-immich", "gallery.load"].map(str::to_owned));
    assert_eq!(seen, names(&w).into_iter().collect());
}

#[test]
fn matches_have_what_the_schema_promises() {
    let w = world();
    w.run(&["gallery", "add", "g.moue", "in", "--tag", "cats"]);
    let find = ["find", "in/gus-sad.png", "--gallery", "g.moue", "--json"];
    let line = w.run(&find).json().remove(0);
    let best = &line["faces"][0]["matches"][0];
    assert_eq!(best["caption"], "When the build is red again");
    assert_eq!(best["tags"], serde_json::json!(["cats"]));
    let distance = best["distance"].as_f64().unwrap();
    let similarity = best["similarity"].as_f64().unwrap();
    assert!(
        (similarity - (1.0 - distance * distance / 2.0)).abs() < 1e-5,
        "{best}"
    );
    // The face's id and box are those of the gallery.
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    let face = listed.iter().find(|face| face["id"] == best["id"]).unwrap();
    assert_eq!(face["label"], "gus-sad");
    for side in ["xmin", "ymin", "width", "height"] {
        let [listed, matched] = [face, best].map(|object| object["box"][side].as_f64().unwrap());
        assert!((listed - matched).abs() < 1e-6, "{side}");
    }
}

#[test]
fn other_types_missing_keys_and_further_keys_are_refused() {
    let w = World::new();
    let picture = w.drawing("gus-smirk");
    let line = w.run(&["find", &picture, "--json"]).json().remove(0);
    assert!(line["faces"][0]["score"].is_f64() && validate(&line).is_ok());
    let changed = |change: fn(&mut Value)| {
        let mut line = line.clone();
        change(&mut line);
        validate(&line)
    };
    assert!(changed(|line| line["faces"][0]["score"] = "high".into()).is_err());
    assert!(changed(|line| line["faces"][0]["matches"][0]["id"] = Value::Null).is_err());
    assert!(changed(|line| line["schema"] = "moue.find/2".into()).is_err());
    assert!(changed(|line| line["new"] = 1.into()).is_err());
    assert!(changed(|line| line["faces"][0]["new"] = 1.into()).is_err());
    assert!(changed(|line| line["faces"][0]["emotions"]["new"] = 0.into()).is_err());
    assert!(changed(|line| line["faces"][0]["matches"][0]["new"] = 1.into()).is_err());
    assert!(changed(|line| line["faces"][0]["matches"][0]["box"]["new"] = 1.into()).is_err());
    assert!(
        changed(|line| {
            line["faces"][0].as_object_mut().unwrap().remove("score");
        })
        .is_err()
    );
}
