//! One piece of work for `cargo xtask bench`, in a process of its own; prints what it took as a
//! line of JSON.
//!
//! `work network MODEL ISA THREADS SECONDS`, `work pipeline WIDTH HEIGHT FACES SECONDS FOLDER`,
//! `work peak ISA`.

use anyhow::{Context, Result, bail};
use cpu_time::ProcessTime;
use moue::{Effort, ExpressionEmbedder, FaceDetector, Frame, Gallery};
use moue_bench::{Faces, frame, picture, timing};
use moue_nn::{Isa, Limits, Model};
use serde_json::{Value, json};
use std::path::Path;

fn isa(name: &str) -> Result<Isa> {
    Isa::available()
        .into_iter()
        .find(|i| i.name() == name)
        .with_context(|| format!("no {name} here"))
}

fn network(model: &str, isa: Isa, threads: usize, seconds: f64) -> Result<Value> {
    let mut multiply_adds = None;
    let mut answer = timing::network(seconds, || {
        let bytes = std::fs::read(model).with_context(|| format!("cannot read {model}"))?;
        let model = Model::load_with(&bytes, &Limits::default(), isa)?;
        multiply_adds = Some(model.multiply_adds());
        let mut session = model.session_with_threads(threads);
        let input = vec![0.1; model.inputs()[0].shape.iter().product()];
        Ok(move || Ok(session.run(&[&input])?))
    })?;
    answer["multiply_adds"] = json!(multiply_adds);
    Ok(answer)
}

/// A new gallery of synthetic faces.
fn gallery(faces: usize, path: &Path) -> Result<Gallery> {
    let _ = std::fs::remove_file(path);
    let gallery = Gallery::open_or_create(path)?;
    let mut drawn = Faces::new(7);
    gallery.add(
        &(0..faces as u64)
            .map(|n| picture(n, drawn.draw()))
            .collect::<Vec<_>>(),
    )?;
    Ok(gallery)
}

/// From a frame to its three matches with one detection, as for a camera's frames.
fn pipeline(frame: &Frame<'_>, faces: usize, seconds: f64, folder: &Path) -> Result<Value> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("frame.rgb"), frame.pixels())?;
    let gallery = gallery(faces, &folder.join(format!("{faces}.moue")))?;
    let mut detector = FaceDetector::new()?;
    let mut embedder = ExpressionEmbedder::new()?;
    timing::repeat(seconds, || {
        let found = detector.detect_with(frame, &Effort::Live.into())?;
        let face = found.first().context("the frame has a face")?;
        let expression = embedder.embed(frame, face)?;
        anyhow::ensure!(gallery.nearest(&expression, 3)?.len() == 3, "three matches");
        Ok(())
    })
}

/// Tries of which the fastest counts: what disturbs one only makes it slower.
const PEAK_TRIES: usize = 50;

/// Steps of a try, some milliseconds.
const PEAK_STEPS: u64 = 20_000_000;

/// Multiply-adds a second, the most of many tries.
fn peak(isa: Isa) -> Value {
    let rates = (0..PEAK_TRIES).map(|_| {
        let start = ProcessTime::now();
        isa.measure_peak(PEAK_STEPS) as f64 / start.elapsed().as_secs_f64()
    });
    json!({ "peak": rates.fold(0.0, f64::max) })
}

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    println!("{}", answer(&args)?);
    Ok(())
}

fn answer(args: &[String]) -> Result<Value> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["network", model, name, threads, seconds] => {
            network(model, isa(name)?, threads.parse()?, seconds.parse()?)
        }
        ["pipeline", width, height, faces, seconds, folder] => {
            let frame = frame(width.parse()?, height.parse()?)?;
            pipeline(&frame, faces.parse()?, seconds.parse()?, Path::new(folder))
        }
        ["peak", name] => Ok(peak(isa(name)?)),
        _ => bail!("this is for `cargo xtask bench`"),
    }
}
