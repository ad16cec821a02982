//! The detectors that are compared.

use anyhow::{Context, Result, bail};
use moue::FaceDetector;
use moue::detect::{DetectorOptions, LiveRefinement};
use moue::network::Model;

pub(crate) struct Peers {
    choice: Choice,
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
        Ok(Self {
            moue: choice.detector(choice.options.clone())?,
            blazeface: blazeface()?,
            choice,
        })
    }

    /// moue's detector with another second step of [`Effort::Live`](moue::Effort::Live).
    pub(crate) fn with_refinement(
        &self,
        live_refinement: Option<LiveRefinement>,
    ) -> Result<FaceDetector> {
        self.choice.detector(DetectorOptions {
            live_refinement,
            ..self.choice.options.clone()
        })
    }

    /// moue's detector without what saves time or refines: live runs one network once, thorough
    /// searches every picture everywhere.
    pub(crate) fn plain(&self) -> Result<FaceDetector> {
        self.choice.detector(DetectorOptions {
            live_refinement: None,
            certain_score: f32::INFINITY,
            ..self.choice.options.clone()
        })
    }
}

impl Choice {
    fn detector(&self, options: DetectorOptions) -> Result<FaceDetector> {
        let refiner = Model::load(&self.refiner)?.session();
        Ok(detector(&self.model, options)?.with_refiner(Box::new(refiner))?)
    }

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
            "--live-threshold" => self.refinement().min_score = value.parse()?,
            "--live-proposals" => self.refinement().max_proposals = value.parse()?,
            "--live-proposal-score" => self.refinement().min_proposal_score = value.parse()?,
            "--live-runs" => self.refinement().runs = value.parse()?,
            "--certain-score" => self.options.certain_score = value.parse()?,
            "--refined-threshold" => self.options.min_refined_score = value.parse()?,
            other => bail!(
                "{other}: known are --model, --refiner, --threshold, --refined-threshold, \
                 --certain-score, --live-threshold, --live-proposals, --live-proposal-score and \
                 --live-runs"
            ),
        }
        Ok(())
    }

    fn refinement(&mut self) -> &mut LiveRefinement {
        self.options.live_refinement.get_or_insert_default()
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
