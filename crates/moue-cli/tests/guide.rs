//! Every command of the guide is run, and its code is the example's.

mod common;

use common::World;

const GUIDE: &str = include_str!("../../../docs/guide.md");

/// The contents of the guide's blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    GUIDE
        .split(&opening)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_command_of_the_guide_works() {
    let w = World::new();
    w.drawing_as("lola-grin", "me.jpg");
    for pose in ["calm", "laugh", "angry"] {
        w.drawing_as(&format!("gus-{pose}"), &format!("pictures/{pose}.png"));
    }
    w.animation(
        "clip.gif",
        &[("mina-calm", 20), ("mina-laugh", 10), ("mina-calm", 20)],
    );
    w.write("draw.pbtxt", blocks("pbtxt")[0].as_bytes());
    let commands: Vec<String> = blocks("console")
        .iter()
        .flat_map(|b| b.lines())
        .filter_map(|l| l.strip_prefix("$ moue ").map(str::to_owned))
        .collect();
    assert!(commands.len() >= 12, "{commands:?}");
    for command in &commands {
        let ran = w.run(&command.split_whitespace().collect::<Vec<_>>());
        assert_eq!(ran.code, Some(0), "moue {command}: {}", ran.stderr);
        assert!(
            !ran.stdout.is_empty() || !ran.stderr.is_empty(),
            "moue {command} says something"
        );
    }
    for file in ["sheet.png", "my.moue", "highlights.html", "trace.json"] {
        assert!(w.path(file).exists(), "{file}");
    }
}

#[test]
fn the_guide_shows_the_example_as_it_is() {
    let example = include_str!("../../moue-graph/examples/own_calculator.rs");
    for block in blocks("rust") {
        assert!(
            block.lines().all(|line| example.contains(line.trim())),
            "{block}"
        );
    }
}
