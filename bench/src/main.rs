//! CPU time of each stage for one 640×480 frame: `cargo run --release -p moue-bench`.
//!
//! CPU time of the process is taken, not wall time, so that a busy machine disturbs little; the
//! minimum is the figure to compare.

use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::detect::Letterbox;
use moue::embed::Alignment;
use moue::network::Model;
use moue::{Expression, ExpressionEmbedder, Face, FaceDetector, Finder, Frame, Gallery};
use std::hint::black_box;

/// Times one stage often and prints a row of the table.
fn row<T>(name: &str, mut stage: impl FnMut() -> Result<T>) -> Result<()> {
    // The minimum of so many runs settles, and the whole table takes some seconds.
    const ROUNDS: usize = 200;
    stage()?;
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = ProcessTime::now();
        black_box(stage()?);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "| {name:<38} | {:>7.3} | {:>7.3} |",
        times[0],
        times[ROUNDS / 2]
    );
    Ok(())
}

fn network(name: &str, bytes: &[u8]) -> Result<()> {
    let model = Model::load(bytes)?;
    let mut session = model.session();
    let input = vec![0.1; model.inputs()[0].shape.iter().product()];
    row(
        &format!(
            "{name}, {:.1} M multiply-adds",
            model.multiply_adds() as f64 / 1e6
        ),
        || Ok(session.run(&[&input])?),
    )
}

fn main() -> Result<()> {
    let frame = moue_bench::frame(640, 480)?;
    println!("instruction set: {}\n", moue::network::Isa::best().name());
    println!(
        "| {:<38} | min ms  | median  |\n|{:-<40}|{:-<9}|{:-<9}|",
        "stage, 640×480 frame, CPU time", "", "", ""
    );
    let face = detection(&frame)?;
    let expression = embedding(&frame, &face)?;
    search(&frame, &expression)?;
    if let Some(path) = moue_bench::peer("face_detection_short_range.tflite")? {
        network("BlazeFace short range", &std::fs::read(path)?)?;
    }
    Ok(())
}

fn detection(frame: &Frame<'_>) -> Result<Face> {
    let mut detector = FaceDetector::new()?;
    let faces = detector.detect_with(frame, &moue::Effort::Live.into())?;
    row("letterbox to 128×128", || Ok(Letterbox::fit(frame, 128)))?;
    network("face network", moue::weights::FACE_MODEL)?;
    row("detection, all of it", || {
        Ok(detector.detect_with(frame, &moue::Effort::Live.into())?)
    })?;
    faces.into_iter().next().context("the frame has a face")
}

fn embedding(frame: &Frame<'_>, face: &Face) -> Result<Expression> {
    let mut embedder = ExpressionEmbedder::new()?;
    let alignment = Alignment::of(frame, face)?;
    let size = embedder.input_size();
    let mut crop = vec![0.0; size * size];
    row("aligned crop", || {
        alignment.sample(frame, size, &mut crop);
        Ok(())
    })?;
    network("expression network", moue::weights::EXPRESSION_MODEL)?;
    row("embedding, all of it", || Ok(embedder.embed(frame, face)?))?;
    Ok(embedder.embed(frame, face)?)
}

fn search(frame: &Frame<'_>, expression: &Expression) -> Result<()> {
    let gallery = Gallery::builtin()?;
    row(&format!("nearest 3 of {}", gallery.len()?), || {
        Ok(gallery.nearest(expression, 3)?)
    })?;
    let mut finder = Finder::new(gallery)?;
    row("frame to matches", || Ok(finder.find(frame)?))
}
