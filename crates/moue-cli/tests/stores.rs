//! Galleries on a server, and parts: the chapter's commands, and what it promises.

// The program has them only with the feature.
#![cfg(feature = "stores")]

mod common;

use common::postgres::address;
use common::{Ran, World};
use serde_json::Value;

const GUIDE: &str = include_str!("../../../docs/stores.md");

/// The address in the guide.
const SHOWN: &str = "postgres://me@localhost/faces";

fn pictures(w: &World) {
    for (who, pose) in [
        ("gus", "calm"),
        ("gus", "laugh"),
        ("lola", "angry"),
        ("mina", "grin"),
    ] {
        w.drawing_as(
            &format!("{who}-{pose}"),
            &format!("pictures/{who}-{pose}.png"),
        );
    }
}

fn ran(w: &World, args: &[&str]) -> Ran {
    let ran = w.run(args);
    assert_eq!(
        ran.code,
        Some(0),
        "{args:?}: {}\n{}",
        ran.stdout,
        ran.stderr
    );
    ran
}

/// The names of the matches of each picture, with their scores.
fn answers(lines: &[Value]) -> Vec<(String, String)> {
    let matches = lines
        .iter()
        .flat_map(|line| line["faces"][0]["matches"].as_array().unwrap());
    let name = |m: &Value| (m["label"].to_string(), m["score"].to_string());
    matches.map(name).collect()
}

#[test]
fn every_command_of_the_guide_works() {
    let Some(address) = address("guide") else {
        return;
    };
    let w = World::new();
    w.drawing_as("lola-grin", "me.jpg");
    pictures(&w);
    let blocks = GUIDE.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let commands = blocks
        .flat_map(str::lines)
        .filter_map(|l| l.strip_prefix("$ moue "));
    let mut count = 0;
    for command in commands {
        let words = command.split_whitespace().map(|word| {
            let named = word.replace(&format!("{SHOWN}?gallery="), &address);
            named.replace(SHOWN, &format!("{address}a"))
        });
        let words: Vec<String> = words.collect();
        let ran = ran(&w, &words.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(
            !ran.stdout.is_empty() || !ran.stderr.is_empty(),
            "{command} says something"
        );
        count += 1;
    }
    assert!(count >= 13, "{count}");
    for file in [
        "backup/expressions.npy",
        "copy.moue",
        "rows/part-00000-of-00002.parquet",
    ] {
        assert!(w.path(file).exists(), "{file}");
    }
}

#[test]
fn a_server_answers_as_a_file_does() {
    let Some(address) = address("same") else {
        return;
    };
    let w = World::new();
    pictures(&w);
    let store = format!("{address}a");
    for gallery in ["my.moue", &store] {
        let lines = ran(&w, &["gallery", "add", gallery, "pictures", "--json"]).json();
        assert_eq!(lines.len(), 4);
        assert!(
            lines.iter().all(|line| line["status"] == "added"),
            "{lines:?}"
        );
        let again = ran_any(&w, &["gallery", "add", gallery, "pictures", "--json"]);
        assert!(again.json().iter().all(|line| line["status"] == "known"));
    }
    for options in [
        &["--top", "4"][..],
        &["--top", "2", "--emotion", "happiness"],
    ] {
        let found = |gallery: &str| {
            let args = [
                "find",
                "pictures/gus-laugh.png",
                "--json",
                "--gallery",
                gallery,
            ];
            answers(&ran_any(&w, &[&args[..], options].concat()).json())
        };
        assert_eq!(found("my.moue"), found(&store));
        assert!(!found(&store).is_empty());
    }
    let list = |gallery: &str| {
        let lines = ran(&w, &["gallery", "list", gallery, "--json"]).json();
        let mut rows: Vec<String> = lines
            .iter()
            .map(|l| {
                format!(
                    "{} {} {} {}",
                    l["label"], l["box"], l["emotions"], l["key_points"]
                )
            })
            .collect();
        rows.sort();
        rows
    };
    assert_eq!(list("my.moue"), list(&store));
    let args = [
        "gallery",
        "remove",
        &store,
        "pictures/gus-calm.png",
        "nothing.png",
        "--json",
    ];
    let removed = w.run(&args);
    assert_eq!(
        (removed.code, &removed.json()[0]["removed"]),
        (Some(1), &1.into())
    );
    assert!(removed.stderr.contains("nothing.png"), "{}", removed.stderr);
    let info = &ran(&w, &["gallery", "info", &store, "--json"]).json()[0];
    assert_eq!((&info["pictures"], &info["faces"]), (&3.into(), &3.into()));
}

/// A command of which it is known that it may find nothing new.
fn ran_any(w: &World, args: &[&str]) -> Ran {
    let ran = w.run(args);
    assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {}", ran.stderr);
    ran
}

#[test]
fn what_needs_a_file_says_so() {
    let w = World::new();
    let address = "postgres://me:geheim@127.0.0.1:1/faces";
    for args in [
        &["gallery", "verify", address][..],
        &["gallery", "compact", address],
        &["gallery", "map", address],
        &["gallery", "hide", address, "1"],
        &["gallery", "show", address, "1"],
    ] {
        let ran = w.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        assert!(
            ran.stderr.contains("needs a gallery's file"),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("geheim"), "{}", ran.stderr);
    }
    let unreachable = w.run(&["gallery", "list", address]);
    assert_eq!(unreachable.code, Some(2));
    assert!(
        unreachable.stderr.contains("cannot be reached"),
        "{}",
        unreachable.stderr
    );
    assert!(
        !unreachable.stderr.contains("geheim"),
        "{}",
        unreachable.stderr
    );
    let doctor = w.run(&["doctor", "--gallery", address]);
    assert_eq!(doctor.code, Some(2));
    assert!(
        doctor.stdout.contains("cannot be reached") && !doctor.stdout.contains("geheim"),
        "{}",
        doctor.stdout
    );
    let unknown = w.run(&["gallery", "list", "mysql://localhost/faces"]);
    assert!(unknown.stderr.contains("postgres://"), "{}", unknown.stderr);
}

#[test]
fn parts_hold_every_picture_once() {
    let w = World::new();
    pictures(&w);
    w.blank("pictures/blank.png");
    w.write("pictures/broken.jpg", b"\xff\xd8\xff\xe0 no picture");
    for shard in ["1/3", "2/3", "3/3"] {
        ran_any(
            &w,
            &[
                "gallery",
                "add",
                "--parquet",
                "rows",
                "--shard",
                shard,
                "pictures",
            ],
        );
    }
    let before = std::fs::read(w.path("rows/part-00001-of-00003.parquet")).unwrap();
    let again = ran(
        &w,
        &[
            "gallery",
            "add",
            "--parquet",
            "rows",
            "--shard",
            "2/3",
            "pictures",
        ],
    );
    assert!(again.stderr.contains("there already"), "{}", again.stderr);
    assert_eq!(
        std::fs::read(w.path("rows/part-00001-of-00003.parquet")).unwrap(),
        before
    );
    let loaded = &ran(&w, &["gallery", "load", "all.moue", "rows", "--json"]).json()[0];
    assert_eq!(
        (&loaded["parts"], &loaded["added"], &loaded["rejected"]),
        (&3.into(), &4.into(), &2.into())
    );
    let repeated = &ran(&w, &["gallery", "load", "all.moue", "rows", "--json"]).json()[0];
    assert_eq!(
        (&repeated["added"], &repeated["known"]),
        (&0.into(), &4.into())
    );
    // What is loaded is what is added directly.
    ran_any(&w, &["gallery", "add", "plain.moue", "pictures"]);
    let found = |gallery: &str| {
        let args = [
            "find",
            "pictures/mina-grin.png",
            "--json",
            "--top",
            "4",
            "--gallery",
            gallery,
        ];
        answers(&ran(&w, &args).json())
    };
    assert_eq!(found("all.moue"), found("plain.moue"));
    w.write("rows/part-00003-of-00003.parquet", b"PAR1 nothing");
    let damaged = w.run(&["gallery", "load", "all.moue", "rows"]);
    assert_eq!(damaged.code, Some(2));
    assert!(
        damaged.stderr.contains("part-00003-of-00003.parquet"),
        "{}",
        damaged.stderr
    );
    let none = w.run(&["gallery", "load", "all.moue", "pictures"]);
    assert!(none.stderr.contains("no part-*.parquet"), "{}", none.stderr);
}
