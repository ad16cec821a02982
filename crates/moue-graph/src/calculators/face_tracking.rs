//! Faces followed from frame to frame.

use super::ports::{declare_image_input, image_input};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::Detection;
use moue::FaceDetector;
use moue::video::{FaceTracker, TrackerOptions};
use std::time::Duration;

/// Finds faces with moue's own networks and follows them through the frames at `IMAGE`, smoothed by
/// a one-euro filter (Casiez et al. 2012).
#[derive(Default)]
pub(super) struct FaceTrackingCalculator {
    tracker: Option<FaceTracker>,
}

impl Calculator for FaceTrackingCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = tracker_options(cx.options())?;
        self.tracker = Some(FaceTracker::new(FaceDetector::new()?, options));
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(tracker)) = (image_input(cx), &mut self.tracker) else {
            return Ok(Flow::Continue);
        };
        let faces = tracker.update(image, cx.timestamp().elapsed())?;
        let detections: Vec<Detection> = faces.iter().map(Detection::from).collect();
        cx.output("DETECTIONS", Packet::new(detections));
        Ok(Flow::Continue)
    }
}

fn tracker_options(options: &Options) -> Result<TrackerOptions, CalculatorError> {
    let default = TrackerOptions::default();
    let default_micros = default.search_interval.as_micros() as i64;
    let search_micros = options.get_or("search_micros", default_micros);
    let tracker = TrackerOptions {
        min_cutoff: options.get_or("min_cutoff", default.min_cutoff),
        beta: options.get_or("beta", default.beta),
        derivative_cutoff: options.get_or("derivative_cutoff", default.derivative_cutoff),
        // A negative interval has always meant the same as 0: a search in every frame.
        search_interval: Duration::from_micros(u64::try_from(search_micros).unwrap_or(0)),
        keep_score: options.get_or("keep_score", default.keep_score),
    };
    // Written so that NaN fails too. A cutoff of 0 would freeze the face where it was first found.
    if tracker.min_cutoff > 0.0 && tracker.derivative_cutoff > 0.0 && tracker.beta >= 0.0 {
        Ok(tracker)
    } else {
        Err("cutoffs must be above 0 and beta not below".into())
    }
}
