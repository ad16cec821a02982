//! Runs a second of a model on a graphics card for several batches, with what goes there and comes
//! back, and on one core of the processor:
//!
//! `cargo run --release -p moue-nn --features gpu --example throughput -- MODEL.tflite [BATCH…]`

use moue_nn::gpu::{self, Device};
use std::error::Error;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let bytes = std::fs::read(args.next().ok_or("MODEL.tflite is missing")?)?;
    let batches: Vec<usize> = args.map(|batch| batch.parse()).collect::<Result<_, _>>()?;
    let batches = if batches.is_empty() {
        vec![1, 64, 1024]
    } else {
        batches
    };
    let model = moue_nn::Model::load(&bytes)?;
    let mut session = model.session();
    let one = inputs(&model, 1);
    let rate = rate(1, || session.run(&slices(&one)))?;
    println!(
        "{:<28} batch {:>5} {rate:>12.0} runs/s",
        model.isa().name(),
        1
    );
    let device = Device::new()?;
    let on_card = gpu::Model::load(&device, &bytes)?;
    for batch in batches {
        measure(&on_card, &inputs(&model, batch), batch)?;
    }
    Ok(())
}

/// Prints runs and multiply-adds a second of one batch.
fn measure(model: &gpu::Model, inputs: &[Vec<f32>], batch: usize) -> Result<(), Box<dyn Error>> {
    let mut session = model.session(batch)?;
    let rate = rate(batch, || session.run(&slices(inputs)))?;
    let giga = rate * model.multiply_adds() as f64 / 1e9;
    let name = model.device().name();
    println!("{name:<28} batch {batch:>5} {rate:>12.0} runs/s {giga:>9.1} G multiply-adds/s");
    Ok(())
}

/// Runs a second, of `batch` at a time.
fn rate(batch: usize, mut run: impl FnMut() -> moue_nn::Result<()>) -> moue_nn::Result<f64> {
    // The first run compiles shaders and touches memory.
    run()?;
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < Duration::from_secs(1) {
        run()?;
        runs += batch;
    }
    Ok(runs as f64 / start.elapsed().as_secs_f64())
}

/// Inputs of so many runs.
fn inputs(model: &moue_nn::Model, batch: usize) -> Vec<Vec<f32>> {
    let infos = model.inputs().into_iter();
    let lengths = infos.map(|info| info.shape.iter().product::<usize>() * batch);
    lengths.map(|length| vec![0.1; length]).collect()
}

fn slices(inputs: &[Vec<f32>]) -> Vec<&[f32]> {
    inputs.iter().map(Vec::as_slice).collect()
}
