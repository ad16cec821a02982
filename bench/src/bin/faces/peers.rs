//! The detectors that are compared.

use anyhow::{Context, Result, bail};
use moue::FaceDetector;
use moue::detect::DetectorOptions;
use moue::network::Model;

pub(crate) struct Peers {
    pub(crate) moue: FaceDetector,
    /// MediaPipe's short range at the tutorial's threshold and at its default; absent without
    /// `cargo xtask peers`.
    pub(crate) blazeface: Option<[FaceDetector; 2]>,
}

/// What the command line may replace in moue's own detector.
struct Choice {
    model: Vec<u8>,
    refiner: Vec<u8>,
    options: DetectorOptions,
}

impl Peers {
    /// Loads the detectors; `args` choose moue's networks and thresholds.
    pub(crate) fn load(args: &[String]) -> Result<Self> {
        let choice = Choice::parse(args)?;
        let moue = detector(&choice.model, choice.options)?
            .with_refiner(Box::new(Model::load(&choice.refiner)?.session()))?;
        Ok(Self {
            moue,
            blazeface: blazeface()?,
        })
    }
}

impl Choice {
    fn parse(args: &[String]) -> Result<Self> {
        let mut choice = Self {
            model: moue::weights::FACE_MODEL.to_vec(),
            refiner: moue::weights::REFINE_MODEL.to_vec(),
            options: DetectorOptions::builtin(),
        };
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let value = args.next();
            choice.set(
                name,
                value.with_context(|| format!("{name} needs a value"))?,
            )?;
        }
        Ok(choice)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "--model" => self.model = read(value)?,
            "--refiner" => self.refiner = read(value)?,
            "--threshold" => self.options.min_score = value.parse()?,
            "--refined-threshold" => self.options.min_refined_score = value.parse()?,
            other => bail!(
                "{other}: only --model, --refiner, --threshold and --refined-threshold are known"
            ),
        }
        Ok(())
    }
}

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.to_owned())
}

fn detector(model: &[u8], options: DetectorOptions) -> Result<FaceDetector> {
    let session = Model::load(model)?.session();
    Ok(FaceDetector::with_network(Box::new(session), options)?)
}

fn blazeface() -> Result<Option<[FaceDetector; 2]>> {
    let Some(path) = moue_bench::peer("face_detection_short_range.tflite")? else {
        return Ok(None);
    };
    let model = std::fs::read(path)?;
    // The tutorial's graph asks for 0.75; MediaPipe's solutions ask for 0.5.
    let [tutorial, default] = [0.75, 0.5].map(|min_score| {
        let options = DetectorOptions {
            min_score,
            min_refined_score: min_score,
            ..DetectorOptions::blazeface_short_range()
        };
        detector(&model, options)
    });
    Ok(Some([tutorial?, default?]))
}
