//! Runs a model on a file of little-endian floats and writes its outputs the same way; says the CPU
//! time of a run.

use moue_nn::{Isa, Limits, Model};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [model, input, output, rest @ ..] = &args[..] else {
        return Err("usage: run MODEL.tflite INPUT.f32 OUTPUT.f32 [portable|avx2|avx512] [REPEATS] [THREADS]".into());
    };
    let wanted = rest.first().map_or("", String::as_str);
    let isa = Isa::available()
        .into_iter()
        .find(|i| i.name() == wanted)
        .unwrap_or(Isa::best());
    let model = Model::load_with(&std::fs::read(model)?, &Limits::default(), isa)?;
    let bytes = std::fs::read(input)?;
    let values: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|c| f32::from_le_bytes(*c))
        .collect();
    let repeats: usize = rest.get(1).map_or(Ok(1), |r| r.parse())?;
    let mut session = model.session_with_threads(rest.get(2).map_or(Ok(1), |r| r.parse())?);
    session.run(&[&values])?;
    let (start, clock) = (cpu_time::ProcessTime::now(), std::time::Instant::now());
    for _ in 0..repeats {
        session.run(&[&values])?;
    }
    eprintln!(
        "{} {:.3} ms, {:.3} ms by the clock, {} threads, {} M multiply-adds",
        isa.name(),
        start.elapsed().as_secs_f64() * 1e3 / repeats as f64,
        clock.elapsed().as_secs_f64() * 1e3 / repeats as f64,
        session.threads(),
        model.multiply_adds() / 1_000_000
    );
    let all = (0..model.outputs().len())
        .flat_map(|i| session.output(i).iter().flat_map(|v| v.to_le_bytes()));
    std::fs::write(output, all.collect::<Vec<u8>>())?;
    Ok(())
}
