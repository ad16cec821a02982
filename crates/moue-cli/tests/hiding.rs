//! `moue gallery hide` and `unhide`: what is hidden is shown nowhere.

mod common;

use common::World;
use serde_json::Value;

const HIDDEN: &str = "lola-grin";

/// A gallery of three drawings, and the labels that `find` shows of it.
fn world() -> World {
    let w = World::new();
    for name in [HIDDEN, "otis-angry", "gus-yawn"] {
        w.drawing_as(name, &format!("in/{name}.png"));
    }
    assert_eq!(w.run(&["gallery", "add", "a.moue", "in"]).code, Some(0));
    w
}

fn labels(lines: &[Value]) -> Vec<String> {
    let label = |m: &Value| m["label"].as_str().unwrap().to_owned();
    let mut labels: Vec<String> = lines.iter().map(label).collect();
    labels.sort();
    labels
}

fn found(w: &World, gallery: &str, more: &[&str]) -> Vec<String> {
    let query = format!("in/{HIDDEN}.png");
    let args = ["find", &query, "--gallery", gallery, "--top", "9", "--json"];
    let answer = w.run(&[&args[..], more].concat()).json();
    labels(answer[0]["faces"][0]["matches"].as_array().unwrap())
}

#[test]
fn hidden_pictures_are_shown_nowhere_until_they_are_unhidden() {
    let w = world();
    let everything = found(&w, "a.moue", &[]);
    assert_eq!(everything.len(), 3);
    // By label, by path, and by the number of a face.
    let path = w.path(&format!("in/{HIDDEN}.png"));
    let id = w.run(&["gallery", "list", "a.moue", "--json"]).json();
    let id = id.iter().find(|face| face["label"] == HIDDEN).unwrap()["id"].to_string();
    for selector in [HIDDEN, path.to_str().unwrap(), &id] {
        let ran = w.run(&["gallery", "hide", "a.moue", selector, "--json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.json()[0]["hidden"], 1);
        for more in [
            &[][..],
            &["--pure"][..],
            &["--diverse=0.01"][..],
            &["--together"][..],
        ] {
            let query = ["find", path.to_str().unwrap(), "--gallery", "a.moue"];
            let text = w.run(&[&query[..], more].concat()).stdout;
            let rows = text.lines().skip(1);
            assert_eq!(rows.filter(|row| row.contains(HIDDEN)).count(), 0, "{text}");
        }
        let video = [
            "live",
            "--video",
            path.to_str().unwrap(),
            "--gallery",
            "a.moue",
        ];
        let live = w.run(&[&video[..], &["--json"]].concat());
        let frame = live.json().remove(0);
        assert_eq!(labels(frame["matches"].as_array().unwrap()).len(), 2);
        let list = |more: &[&str]| {
            let args = ["gallery", "list", "a.moue", "--json"];
            labels(&w.run(&[&args[..], more].concat()).json())
        };
        assert_eq!(list(&["--hidden"]), [HIDDEN]);
        assert_eq!(list(&[]).len(), 2);
        let shown = w.run(&["gallery", "show", "a.moue", &id, "--json"]).json();
        assert_eq!(shown[0]["hidden"], true);
        let stats = w.run(&["gallery", "stats", "a.moue", "--json"]).json();
        assert_eq!(stats[0]["hidden"], 1);
        let map = w.run(&["gallery", "map", "a.moue", "--json"]).json();
        assert_eq!(map[0]["faces"], 2);

        let ran = w.run(&["gallery", "unhide", "a.moue", selector, "--json"]);
        assert_eq!(ran.json()[0]["unhidden"], 1);
        assert_eq!(found(&w, "a.moue", &[]), everything);
    }
}

#[test]
fn hidden_pictures_stay_hidden() {
    let w = world();
    let shown = |gallery: &str| !found(&w, gallery, &[]).contains(&HIDDEN.to_owned());
    assert_eq!(w.run(&["gallery", "hide", "a.moue", HIDDEN]).code, Some(0));
    for args in [
        &["gallery", "add", "a.moue", "in"][..],
        &["gallery", "compact", "a.moue"],
        &["gallery", "export", "a.moue", "out"],
        &["gallery", "import", "b.moue", "out"],
        &["gallery", "export", "a.moue", "shared", "--share"],
        &["gallery", "import", "c.moue", "shared"],
        &["gallery", "merge", "d.moue", "a.moue"],
        &["gallery", "remove", "a.moue", &format!("in/{HIDDEN}.png")],
        &["gallery", "add", "a.moue", "in"],
    ] {
        let ran = w.run(args);
        assert!(ran.code < Some(2), "{args:?}: {}", ran.stderr);
        assert!(shown("a.moue"), "after {args:?}");
    }
    for gallery in ["b.moue", "c.moue", "d.moue"] {
        assert!(shown(gallery), "{gallery}");
        assert_eq!(found(&w, gallery, &[]).len(), 2);
    }
}

#[test]
fn what_cannot_be_hidden_is_said() {
    let w = world();
    let ran = w.run(&["gallery", "hide", "a.moue", "nobody"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stderr.contains("nobody: not in the gallery"),
        "{}",
        ran.stderr
    );
    let ran = w.run(&["gallery", "hide", "builtin", HIDDEN]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("gallery merge"), "{}", ran.stderr);
}

#[test]
fn a_label_is_named_where_a_command_takes_none() {
    let w = world();
    for command in [
        &["show", "a.moue", HIDDEN][..],
        &["tag", "a.moue", HIDDEN, "--add", "x"],
        &["rename", "a.moue", HIDDEN, "other"],
        &["remove", "a.moue", HIDDEN],
    ] {
        let ran = w.run(&[&["gallery"], command].concat());
        assert_eq!(ran.code, Some(1), "{command:?}");
        ran.assert_says(&format!(
            "{HIDDEN}: this is a label; give the path or the number of a face, \
             which `moue gallery list a.moue` shows"
        ));
    }
    assert_eq!(found(&w, "a.moue", &[]).len(), 3, "nothing was changed");
    // Several words are each told on their own.
    let path = format!("in/{HIDDEN}.png");
    let ran = w.run(&["gallery", "show", "a.moue", &path, "otis-angry", "nobody"]);
    assert_eq!(ran.stderr.lines().count(), 2, "{}", ran.stderr);
    ran.assert_says("otis-angry: this is a label");
    ran.assert_says("nobody: not in the gallery");
}
