//! Galleries over time: exporting, merging, checking, following folders, surviving a kill.

mod common;

use common::World;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
#[cfg(unix)]
use std::time::Duration;

/// Merges the galleries of three shards.
const MERGE: [&str; 7] = [
    "gallery",
    "merge",
    "all.moue",
    "part1.moue",
    "part2.moue",
    "part3.moue",
    "--json",
];

#[test]
fn a_shard_without_pictures_is_a_gallery_to_merge() {
    let w = World::new();
    w.drawing_as("gus-smirk", "in/0.png");
    for shard in ["1", "2", "3"] {
        let [part, shard] = [format!("part{shard}.moue"), format!("{shard}/3")];
        w.run(&["gallery", "add", &part, "in", "--shard", &shard]);
    }
    assert_eq!(w.run(&MERGE).code, Some(0));
}

#[test]
fn export_import_merge_verify_compact_map_and_shards() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(60).take(12).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    for part in ["1/3", "2/3", "3/3"] {
        let name = format!("part{}.moue", &part[..1]);
        assert!(
            w.run(&["gallery", "add", &name, "in", "--shard", part])
                .code
                .unwrap()
                < 2
        );
    }
    let added: u64 = w
        .run(&MERGE)
        .json()
        .iter()
        .map(|l| l["added"].as_u64().unwrap())
        .sum();
    assert_eq!(added, 12);
    assert!(
        w.run(&MERGE).json().iter().all(|l| l["added"] == 0),
        "merging again adds nothing"
    );
    assert_eq!(
        w.run(&["gallery", "merge", "all.moue", "absent.moue"]).code,
        Some(2)
    );

    assert_eq!(
        w.run(&["gallery", "export", "all.moue", "out"]).code,
        Some(0)
    );
    assert_eq!(
        w.run(&["gallery", "import", "back.moue", "out", "--json"])
            .json()[0]["added"],
        12
    );
    let faces = |name: &str| {
        let found = w
            .run(&[
                "find",
                "in/3.png",
                "--gallery",
                name,
                "--top",
                "12",
                "--json",
            ])
            .json();
        found[0]["faces"][0]["matches"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m["distance"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(faces("back.moue"), faces("all.moue"));
    let pictures = std::fs::read_to_string(w.path("out/pictures.jsonl")).unwrap();
    w.write(
        "out/pictures.jsonl",
        format!("{{\"broken\n{pictures}").as_bytes(),
    );
    let import = w.run(&["gallery", "import", "other.moue", "out"]);
    assert_eq!(import.code, Some(1));
    assert!(
        import.stderr.contains("line 1") && import.stdout.contains("12 added"),
        "{}",
        import.stderr
    );

    let report = w.run(&["gallery", "verify", "back.moue", "--json"]).json();
    assert_eq!(
        (&report[0]["faces"], &report[0]["problems"]),
        (&json!(12), &json!([]))
    );
    let mut longer = std::fs::read(w.path("back.moue")).unwrap();
    longer.push(0);
    w.write("longer.moue", &longer);
    let verified = w.run(&["gallery", "verify", "longer.moue"]);
    assert_eq!(verified.code, Some(1), "nothing can be written into it");
    assert!(
        verified.stdout.contains("whole page"),
        "{}",
        verified.stdout
    );
    let shorter = &longer[..longer.len() - 1 - 4096];
    w.write("shorter.moue", shorter);
    let verified = w.run(&["gallery", "verify", "shorter.moue"]);
    assert!(
        verified.stdout.contains("shorter than its header says"),
        "{}",
        verified.stdout
    );
    let repaired = w.run(&["gallery", "verify", "shorter.moue", "--repair"]);
    assert_eq!(repaired.code, Some(0));
    assert_eq!(w.run(&["gallery", "compact", "shorter.moue"]).code, Some(0));
    let repaired = w.run(&["gallery", "verify", "longer.moue", "--repair"]);
    assert_eq!(repaired.code, Some(0));
    assert!(repaired.stdout.contains("12 faces in 12 pictures saved"));
    assert_eq!(w.run(&["gallery", "compact", "longer.moue"]).code, Some(0));
    assert_eq!(w.run(&["gallery", "compact", "back.moue"]).code, Some(0));
    assert_eq!(
        w.run(&["gallery", "map", "back.moue", "-o", "map.html"])
            .code,
        Some(0)
    );
    let page = std::fs::read_to_string(w.path("map.html")).unwrap();
    assert_eq!(
        page.matches("\"image\":\"/9j/").count(),
        12,
        "each face has its JPEG"
    );
    assert!(
        !page.contains("http:") && !page.contains("https:"),
        "the page needs nothing else"
    );
}

#[test]
fn a_watched_folder_and_its_gallery_stay_alike() {
    let w = World::new();
    w.drawing_as("mina-smile", "in/a.png");
    let mut child = w
        .command(&["gallery", "watch", "g.moue", "in", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Reads until `status` was reported for `name`; the test's own time limit is what ends a wait
    // in vain.
    let mut until = |status: &str, name: &str| {
        for line in lines.by_ref() {
            let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
            common::validate(&line).unwrap();
            if line["status"] == status
                && line["picture"].as_str().unwrap_or_default().ends_with(name)
            {
                return;
            }
        }
        panic!("the program ended before {status} {name}");
    };
    until("added", "a.png");
    until("settled", "");
    w.drawing_as("gus-sob", "in/new/b.png");
    until("added", "b.png");
    until("settled", "");
    std::fs::rename(w.path("in/a.png"), w.path("in/new/c.png")).unwrap();
    until("moved", "c.png");
    until("settled", "");
    std::fs::remove_file(w.path("in/new/b.png")).unwrap();
    until("removed", "b.png");
    until("settled", "");
    // Another writer gets its turn between changes.
    let picture = w.drawing("rex-wink");
    assert_eq!(w.run(&["gallery", "add", "g.moue", &picture]).code, Some(0));
    child.kill().unwrap();
    child.wait().unwrap();
    let listed = w.run(&["gallery", "list", "g.moue", "--json"]).json();
    let mut labels: Vec<&str> = listed
        .iter()
        .map(|l| l["label"].as_str().unwrap())
        .collect();
    labels.sort_unstable();
    assert_eq!(labels, ["c", "rex-wink"]);
}

/// Merging and compacting are cut short at many moments; nothing is lost. `MOUE_KILLS` sets how
/// many rounds.
#[cfg(unix)]
#[test]
fn merge_and_compact_survive_kill() {
    let w = World::new();
    for (i, drawing) in moue_drawings::all().step_by(9).enumerate() {
        w.drawing_as(&drawing.name(), &format!("in/{i}.png"));
    }
    assert_eq!(
        w.run(&["gallery", "add", "source.moue", "in"]).code,
        Some(0)
    );
    let of = |name: &str| w.run(&["gallery", "verify", name, "--json"]).json()[0].clone();
    let all = of("source.moue")["pictures"].as_u64().unwrap();
    w.run(&["gallery", "add", "full.moue", "in"]);
    let rounds: u64 = std::env::var("MOUE_KILLS")
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(4);
    for round in 0..rounds {
        let delay = Duration::from_micros(1500 + 29_000 * round / rounds.max(1));
        let _ = std::fs::remove_file(w.path("target.moue"));
        w.run(&["gallery", "add", "target.moue", "in/0.png"]);
        kill_after(
            &w,
            &["gallery", "merge", "target.moue", "source.moue"],
            delay,
        );
        let report = of("target.moue");
        assert_eq!(report["problems"], json!([]), "round {round}");
        assert!(report["pictures"].as_u64().unwrap() >= 1);
        w.run(&["gallery", "merge", "target.moue", "source.moue"]);
        assert_eq!(of("target.moue")["pictures"], all);
        w.run(&[
            "gallery",
            "remove",
            "full.moue",
            &w.path("in/1.png").to_string_lossy(),
        ]);
        kill_after(&w, &["gallery", "compact", "full.moue"], delay);
        let report = of("full.moue");
        assert_eq!(
            (&report["problems"], &report["pictures"]),
            (&json!([]), &json!(all - 1)),
            "round {round}"
        );
        assert_eq!(
            w.run(&["gallery", "add", "full.moue", "in/1.png"]).code,
            Some(0)
        );
    }
}

#[cfg(unix)]
fn kill_after(w: &World, args: &[&str], delay: Duration) {
    let mut child = w
        .command(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    let _ = child.kill();
    child.wait().unwrap();
}

/// Nothing but what is read counts as an ending: a reader that stops early is no error.
#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let w = World::new();
    let mut child = w
        .command(&["gallery", "list", "builtin"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut some).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
