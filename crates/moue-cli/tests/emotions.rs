//! Emotions in what commands print, and the filters on them.

mod common;

use common::World;
use serde_json::Value;

/// The shares of a face's object, which sum to 1; the name of the largest.
fn leading(emotions: &Value) -> String {
    let shares = emotions.as_object().unwrap_or_else(|| panic!("{emotions}"));
    let total: f64 = shares.values().map(|v| v.as_f64().unwrap()).sum();
    assert_eq!(shares.len(), 8);
    assert!((total - 1.0).abs() < 1e-4, "{total}");
    let larger = |a: &(&String, &Value), b: &(&String, &Value)| {
        a.1.as_f64().unwrap().total_cmp(&b.1.as_f64().unwrap())
    };
    shares.iter().max_by(larger).unwrap().0.clone()
}

#[test]
fn embed_find_detect_and_live_name_a_laugh() {
    let w = World::new();
    let laugh = w.drawing("mina-laugh");
    for command in [
        &["embed", &laugh, "--json"][..],
        &["find", &laugh, "--json"],
        &["detect", &laugh, "--json", "--emotions"],
    ] {
        let ran = w.run(command);
        let face = &ran.json()[0]["faces"][0];
        assert_eq!(leading(&face["emotions"]), "happiness", "{command:?}");
    }
    let plain = w.run(&["detect", &laugh, "--json"]).json();
    assert!(plain[0]["faces"][0].get("emotions").is_none());
    let text = w.run(&["detect", &laugh, "--emotions"]).stdout;
    // The share may be rounded to 1.
    assert!(text.contains(", happiness "), "{text}");
    let live = w.run(&["live", "--video", &laugh, "--json"]).json();
    assert_eq!(leading(&live[0]["emotions"]), "happiness");
}

#[test]
fn a_table_has_a_row_for_each_face_and_is_no_formula() {
    let w = World::new();
    w.drawing_as("mina-laugh", "=1+1.png");
    w.blank("blank.png");
    let ran = w.run(&["embed", "=1+1.png", "blank.png", "--csv", "--numbers"]);
    assert_eq!(ran.code, Some(1), "a picture has no face: {}", ran.stderr);
    let lines: Vec<Vec<&str>> = ran.stdout.lines().map(|l| l.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|cells| cells.len() == 7 + 8 + 64));
    assert_eq!(lines[0][..3], ["file", "face", "x"]);
    assert_eq!(lines[1][..2], ["\"'=1+1.png\"", "1"]);
    assert_eq!(lines[2][..2], ["\"blank.png\"", ""]);
    let numbers: Vec<f64> = lines[1][7 + 8..]
        .iter()
        .map(|c| c.parse().unwrap())
        .collect();
    let length: f64 = numbers.iter().map(|v| v * v).sum();
    assert!((length - 1.0).abs() < 1e-3, "{length}");
}

#[test]
fn filters_select_faces_by_their_emotions() {
    let w = World::new();
    let calm = w.drawing("mina-calm");
    let listed = w.run(&["gallery", "list", "builtin", "--json"]).json();
    let happy = w
        .run(&[
            "gallery",
            "list",
            "builtin",
            "--json",
            "--emotion",
            "happiness",
        ])
        .json();
    let is_happy = |entry: &&Value| leading(&entry["emotions"]) == "happiness";
    assert_eq!(happy.len(), listed.iter().filter(is_happy).count());
    assert!(!happy.is_empty() && happy.len() < listed.len());
    // A calm face is nearest to calm ones, of which the filter leaves none.
    let found = w.run(&["find", &calm, "--json", "--emotion", "anger>0.5"]);
    let found = found.json();
    let matches = found[0]["faces"][0]["matches"].as_array().unwrap();
    assert_eq!(matches.len(), 3);
    for m in matches {
        let entry = listed.iter().find(|e| e["path"] == m["path"]).unwrap();
        assert!(entry["emotions"]["anger"].as_f64().unwrap() > 0.5);
    }
    let stats = w.run(&["gallery", "stats", "builtin", "--json"]).json();
    assert_eq!(stats[0]["emotions"]["happiness"], happy.len());
    let wrong = w.run(&["find", &calm, "--emotion", "joy"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("happiness"));
}

#[test]
fn the_map_colors_faces_by_emotion() {
    let w = World::new();
    let arguments = ["gallery", "map", "builtin", "-o", "map.html"];
    let ran = w.run(&[&arguments[..], &["--emotion", "surprise", "--json"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = std::fs::read_to_string(w.path("map.html")).unwrap();
    let faces = ran.json()[0]["faces"].as_u64().unwrap();
    assert_eq!(
        page.matches(r#""emotion":"surprise""#).count() as u64,
        faces
    );
    assert!(page.contains(r##""surprise":"#56b4e9""##));
}
