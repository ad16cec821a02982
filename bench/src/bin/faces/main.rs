//! How well faces are found, on pictures whose faces were marked by hand
//! (`bench/truth/faces.json`), beside MediaPipe: `cargo run --release -p moue-bench --bin faces [--
//! --model face.tflite --refiner refine.tflite --threshold 0.5]`.
//!
//! With `--sweep` it prints recall and precision at many thresholds instead, to choose them by.
//!
//! The pictures are looked for in `$MOUE_DATA`, by default `../shared/data`; MediaPipe's detections
//! of them are there too. Where MediaPipe is to look at changed pictures, its network runs in moue,
//! which gives its numbers to 1e-6.

mod rows;
mod score;
mod truth;

use anyhow::{Context, Result, bail};
use moue::FaceDetector;
use moue::detect::DetectorOptions;
use moue::network::Model;
use std::path::{Path, PathBuf};

/// The detectors that are compared.
pub(crate) struct Peers {
    pub(crate) moue: FaceDetector,
    /// MediaPipe's short range at the tutorial's threshold and at its default; absent without
    /// `cargo xtask peers`.
    pub(crate) blazeface: Option<[FaceDetector; 2]>,
}

fn detector(path: &Path, options: DetectorOptions) -> Result<FaceDetector> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let model = Model::load(&bytes)?;
    Ok(FaceDetector::with_network(
        Box::new(model.session()),
        options,
    )?)
}

fn peers(args: &[String]) -> Result<Peers> {
    let mut options = DetectorOptions::builtin();
    let (mut model, mut refiner) = (None, None);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = args
            .next()
            .with_context(|| format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--model" => model = Some(value),
            "--refiner" => refiner = Some(value),
            "--threshold" => options.min_score = value.parse()?,
            "--refined-threshold" => options.min_refined_score = value.parse()?,
            other => bail!(
                "{other}: only --model, --refiner, --threshold and --refined-threshold are known"
            ),
        }
    }
    let moue = match model {
        Some(path) => detector(Path::new(path), options)?,
        None => FaceDetector::with_network(
            Box::new(Model::load(moue::weights::FACE_MODEL)?.session()),
            options,
        )?,
    };
    let refiner =
        refiner.map_or_else(|| Ok(moue::weights::REFINE_MODEL.to_vec()), std::fs::read)?;
    let moue = moue.with_refiner(Box::new(Model::load(&refiner)?.session()))?;
    let short = |min_score| DetectorOptions {
        min_score,
        min_refined_score: min_score,
        ..DetectorOptions::blazeface_short_range()
    };
    let blazeface = match moue_bench::peer("face_detection_short_range.tflite")? {
        Some(path) => Some([detector(&path, short(0.75))?, detector(&path, short(0.5))?]),
        None => None,
    };
    Ok(Peers { moue, blazeface })
}

fn main() -> Result<()> {
    let data = std::env::var_os("MOUE_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")),
        PathBuf::from,
    );
    let truth = truth::Truth::load(&data)?;
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let sweep = args
        .iter()
        .position(|a| a == "--sweep")
        .map(|at| args.remove(at))
        .is_some();
    let mut peers = peers(&args)?;
    if sweep {
        return rows::sweep(&truth, &mut peers);
    }
    rows::all_faces(&truth, &mut peers)?;
    rows::table(&truth, &mut peers)
}
