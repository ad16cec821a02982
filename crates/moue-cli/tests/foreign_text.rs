//! What names, labels, graphs and galleries say reaches a terminal as text that it shows, never as
//! something that it obeys.

mod common;

use common::World;
use proptest::prelude::*;
use std::process::Output;

/// Whether a terminal may obey the character. A line break is the program's own.
fn is_obeyed(c: char) -> bool {
    c != '\n' && (c.is_control() || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{2028}\u{2029}".contains(c))
}

#[track_caller]
fn assert_harmless(what: &str, output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        let text = String::from_utf8_lossy(bytes);
        let obeyed = text.chars().find(|c| is_obeyed(*c));
        assert_eq!(obeyed, None, "{what}: {text:?}");
    }
}

#[track_caller]
fn run(w: &World, args: &[&str]) -> Output {
    let output = w.command(args).output().unwrap();
    assert_harmless(&args.join(" "), &output);
    output
}

/// A name for every place of every command that takes one.
fn run_all(w: &World, name: &str) {
    let png = format!("{name}.png");
    let moue = format!("{name}.moue");
    let pbtxt = format!("{name}.pbtxt");
    let pair = format!("input_frame={png}");
    let side = format!("{name}={moue}");
    let clip = format!("{name}.gif");
    let node = |s: &str| format!("node {{ calculator: {s:?} input_stream: {s:?} }}");
    w.drawing_as("gus-grin", &png);
    w.animation(
        &clip,
        &[("mina-calm", 4), ("mina-laugh", 3), ("mina-calm", 4)],
    );
    w.write(&pbtxt, node(name).as_bytes());
    w.write(
        &format!("{png}.json"),
        serde_json::json!({"title": name, "description": name, "tags": [name]})
            .to_string()
            .as_bytes(),
    );
    for json in [&["--json"][..], &[]] {
        let with = |args: &[&str]| {
            let args: Vec<&str> = args.iter().chain(json).copied().collect();
            run(w, &args);
        };
        with(&["find", &png, name]);
        with(&["find", &png, "--gallery", name]);
        with(&["find", &png, "--sheet", name]);
        with(&["detect", &png, name, "--draw", &pbtxt]);
        with(&["embed", &png, name]);
        with(&["gallery", "add", &moue, &png, name]);
        with(&["gallery", "list", &moue]);
        with(&["gallery", "show", &moue, &png, name]);
        with(&["gallery", "stats", &moue]);
        with(&["gallery", "info", &moue]);
        with(&["gallery", "info", &pbtxt]);
        with(&["gallery", "verify", &moue]);
        with(&["gallery", "merge", &moue, &pbtxt, name]);
        with(&["gallery", "export", &moue, &pbtxt]);
        with(&["gallery", "import", &moue, name]);
        with(&["gallery", "map", &moue, "-o", name]);
        with(&["gallery", "tag", &moue, name, "--add", name]);
        with(&["find", &png, "--gallery", &moue]);
        with(&["timeline", &clip, "--gallery", &moue]);
        with(&["timeline", name]);
        with(&["doctor", "--gallery", name]);
        with(&["find", &format!("--{name}")]);
    }
    run(w, &["live", "--json", "--video", &clip, "--gallery", &moue]);
    run(w, &["live", "--json", "--video", name]);
    run(w, &["live", "--raw", name]);
    run(w, &["graph", &pbtxt]);
    run(w, &["graph", name]);
    run(w, &["run", &pbtxt, "--input", &pair]);
    run(
        w,
        &[
            "run",
            "builtin:facial_search",
            "--input",
            &pair,
            "--side",
            &side,
        ],
    );
    run(w, &["run", "builtin:facial_search", "--input", &side]);
    run(w, &[name]);
}

#[test]
fn names_reach_the_terminal_escaped() {
    let w = World::new();
    run_all(&w, "a\u{1b}]0;owned\u{7}\u{1b}[31m\u{9b}2J\u{202e}b\r\tc");
}

proptest! {
    // Each case runs the program some fifty times.
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_reaches_the_terminal_escaped(name in "[a-z]{1,3}[\u{1}-\u{1f}\u{7f}-\u{9f}\u{202a}-\u{202e}\u{2066}-\u{2069}a-z]{1,12}") {
        let w = World::new();
        run_all(&w, &name);
    }
}

#[test]
fn a_graph_cannot_speak_to_the_terminal() {
    let w = World::new();
    let escape = "\\033]0;owned\\007\\033[31mred";
    w.write(
        "node.pbtxt",
        format!("node {{ calculator: \"{escape}\" }}").as_bytes(),
    );
    w.write(
        "stream.pbtxt",
        format!("input_stream: \"{escape}\" output_stream: \"{escape}\"").as_bytes(),
    );
    w.write("raw.pbtxt", b"node { \x1b[31m calculator: \"\x1b[31m\" }");
    w.write(
        "options.pbtxt",
        format!("node {{ calculator: \"GateCalculator\" options {{ [{escape}] {{ }} }} }}")
            .as_bytes(),
    );
    for file in ["node.pbtxt", "stream.pbtxt", "raw.pbtxt", "options.pbtxt"] {
        for form in ["--svg", "--dot", "--variant=cpu"] {
            run(&w, &["graph", file, form]);
        }
        run(&w, &["run", file]);
    }
}

#[test]
fn tables_hold_no_formulas() {
    let w = World::new();
    w.drawing_as("mina-laugh", "laugh.png");
    w.write(
        "laugh.png.json",
        br#"{"title": "=HYPERLINK(\"http://x\")"}"#,
    );
    run(&w, &["gallery", "add", "my.moue", "laugh.png"]);
    w.animation(
        "clip.gif",
        &[("mina-calm", 12), ("mina-laugh", 6), ("mina-calm", 12)],
    );
    run(
        &w,
        &[
            "timeline",
            "clip.gif",
            "--gallery",
            "my.moue",
            "--csv",
            "out.csv",
        ],
    );
    let table = std::fs::read_to_string(w.path("out.csv")).unwrap();
    assert!(
        table.contains("\"'=HYPERLINK(\"\"http://x\"\")\""),
        "{table}"
    );
}
