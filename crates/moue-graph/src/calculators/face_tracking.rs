//! Faces followed from frame to frame.

use super::ports::{picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::Detection;
use moue::video::{FaceTracker, TrackerOptions};
use moue::{Face, FaceDetector};
use std::time::Duration;

/// Finds faces with moue's own networks and follows them, smoothed, through the frames at `IMAGE`.
#[derive(Default)]
pub(super) struct FaceTrackingCalculator {
    tracker: Option<FaceTracker>,
}

impl Calculator for FaceTrackingCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let (options, usual) = (cx.options(), TrackerOptions::default());
        let search_micros =
            options.get_or("search_micros", usual.search_interval.as_micros() as i64);
        // A negative interval has always meant the same as 0: a search in every frame.
        let search_micros = u64::try_from(search_micros).unwrap_or(0);
        let rules = TrackerOptions {
            min_cutoff: options.get_or("min_cutoff", usual.min_cutoff),
            beta: options.get_or("beta", usual.beta),
            derivative_cutoff: options.get_or("derivative_cutoff", usual.derivative_cutoff),
            search_interval: Duration::from_micros(search_micros),
            keep_score: options.get_or("keep_score", usual.keep_score),
        };
        if !(rules.min_cutoff > 0.0 && rules.derivative_cutoff > 0.0 && rules.beta >= 0.0) {
            return Err("cutoffs must be above 0 and beta not below".into());
        }
        self.tracker = Some(FaceTracker::new(FaceDetector::new()?, rules));
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let (Some(image), Some(tracker)) = (picture(cx), &mut self.tracker) else {
            return Ok(Flow::Continue);
        };
        let faces = tracker.update(image, cx.timestamp().elapsed())?;
        cx.output(
            "DETECTIONS",
            Packet::new(faces.iter().map(detection).collect::<Vec<_>>()),
        );
        Ok(Flow::Continue)
    }
}

fn detection(face: &Face) -> Detection {
    let key_points = face.key_points.map_or_else(Vec::new, Vec::from);
    Detection {
        score: face.score,
        bounding_box: face.bounding_box,
        key_points,
        ..Detection::default()
    }
}
