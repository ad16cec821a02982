//! Runs a model of one input on a file of little-endian floats, writes its outputs the same way,
//! and prints how long a run takes.
//!
//! ```sh
//! cargo run --release -p moue-nn --example run -- MODEL.tflite INPUT.f32 OUTPUT.f32 avx2 100 4
//! ```

use cpu_time::ProcessTime;
use moue_nn::{Isa, Limits, Model, Session};
use std::error::Error;
use std::time::Instant;

const USAGE: &str = "usage: run MODEL.tflite INPUT.f32 OUTPUT.f32 \
                     [portable|neon|avx2|avx512] [REPEATS] [THREADS]";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, input, output, options @ ..] = &args[..] else {
        return Err(USAGE.into());
    };
    let model = Model::load_with(&std::fs::read(model)?, &Limits::default(), isa(options))?;
    let values = floats(&std::fs::read(input)?);
    let repeats: u32 = options.get(1).map_or(Ok(1), |r| r.parse())?;
    let threads: usize = options.get(2).map_or(Ok(1), |r| r.parse())?;
    let mut session = model.session_with_threads(threads);
    // The first run reads the weights into the caches; it does not count.
    session.run(&[&values])?;
    measure(&mut session, &values, repeats)?;
    std::fs::write(output, outputs(&session))?;
    Ok(())
}

/// The instruction set that the options name, or the best one.
fn isa(options: &[String]) -> Isa {
    let name = options.first().map_or("", String::as_str);
    let mut all = Isa::available().into_iter();
    all.find(|isa| isa.name() == name).unwrap_or(Isa::best())
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    let chunks = bytes.as_chunks().0.iter();
    chunks.map(|chunk| f32::from_le_bytes(*chunk)).collect()
}

/// Prints the CPU time and the time by the clock that a run takes on average.
fn measure(session: &mut Session, values: &[f32], repeats: u32) -> moue_nn::Result<()> {
    let cpu = ProcessTime::now();
    let clock = Instant::now();
    for _ in 0..repeats {
        session.run(&[values])?;
    }
    let milliseconds = |seconds: f64| seconds * 1e3 / f64::from(repeats);
    eprintln!(
        "{} {:.3} ms, {:.3} ms by the clock, {} threads, {} M multiply-adds",
        session.model().isa().name(),
        milliseconds(cpu.elapsed().as_secs_f64()),
        milliseconds(clock.elapsed().as_secs_f64()),
        session.threads(),
        session.model().multiply_adds() / 1_000_000
    );
    Ok(())
}

fn outputs(session: &Session) -> Vec<u8> {
    let outputs = 0..session.model().outputs().len();
    let values = outputs.flat_map(|i| session.output(i));
    values.flat_map(|value| value.to_le_bytes()).collect()
}
