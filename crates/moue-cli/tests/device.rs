//! Where networks run: `--device`.

mod common;

use common::World;
#[cfg(feature = "gpu")]
use common::numbers;

#[cfg(not(feature = "gpu"))]
#[test]
fn a_build_without_cards_says_how_to_get_one_with_them() {
    let w = World::new();
    let smirk = w.drawing("gus-smirk");
    let ran = w.run(&["embed", &smirk, "--device", "gpu"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--features gpu"), "{}", ran.stderr);
    let ran = w.run(&["embed", &smirk, "--device", "auto"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// Whether there is a card, or what imitates one; if not, there is a message.
#[cfg(feature = "gpu")]
fn has_card(w: &World) -> bool {
    let card = w.run(&["doctor", "--json"]).json()[0]["gpu"].clone();
    if card.is_null() {
        common::skip("there is no graphics card, nor mesa-vulkan-drivers");
    }
    !card.is_null()
}

/// What the weights of 8 bits, which the processor has, may move an embedding by; a card computes with
/// floats. Nine of ten drawings move by less than 0.04, and distances of different expressions are about 1.
#[cfg(feature = "gpu")]
const QUANTIZATION: f64 = 0.04;

/// How far apart two embeddings are.
#[cfg(feature = "gpu")]
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f64>().sqrt()
}

#[cfg(feature = "gpu")]
#[test]
fn a_card_finds_the_faces_and_expressions_of_the_processor() {
    let w = World::new();
    if !has_card(&w) {
        return;
    }
    let smirk = w.drawing("gus-smirk");
    let embedded = |device: &str| {
        let ran = w.run(&["embed", &smirk, "--json", "--device", device]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        numbers(&ran.json()[0]["faces"][0]["embedding"])
    };
    let processor = embedded("cpu");
    let card = embedded("gpu");
    assert!(
        distance(&processor, &card) < QUANTIZATION,
        "{}",
        distance(&processor, &card)
    );
    assert!(distance(&processor, &embedded("auto")) < QUANTIZATION);
}

#[cfg(feature = "gpu")]
#[test]
fn a_graph_and_a_gallery_run_on_a_card() {
    let w = World::new();
    if !has_card(&w) {
        return;
    }
    let smirk = w.drawing("gus-smirk");
    let input = format!("input_frame={smirk}");
    let ran = |device: &str| {
        let args = [
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--device",
            device,
        ];
        let ran = w.run(&args);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let lines = ran.json();
        let embedding = lines.iter().find(|line| line["stream"] == "embeddings");
        numbers(&embedding.unwrap()["value"])
    };
    assert!(distance(&ran("cpu"), &ran("gpu")) < QUANTIZATION);
    let added = w.run(&["gallery", "add", "g.moue", &smirk, "--device", "gpu"]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    let found = w.run(&["find", &smirk, "--gallery", "g.moue", "--json"]);
    let nearest = &found.json()[0]["faces"][0]["matches"][0];
    assert!(
        nearest["distance"].as_f64().unwrap() < QUANTIZATION,
        "{nearest}"
    );
    let live = w.run(&["live", "--video", &smirk, "--json", "--device", "gpu"]);
    assert_eq!(live.code, Some(0), "{}", live.stderr);
}
