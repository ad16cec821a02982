//! Coordinates in a letterboxed image back to those of the image.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Detection, LetterboxPadding};
use moue::{BoundingBox, Point};

/// Coordinates of a fitted picture to those of the picture itself.
#[derive(Default)]
pub(super) struct DetectionLetterboxRemovalCalculator;

impl Calculator for DetectionLetterboxRemovalCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .one::<Vec<Detection>>("DETECTIONS")
            .one::<LetterboxPadding>("LETTERBOX_PADDING");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let found = cx.input::<Vec<Detection>>("DETECTIONS");
        let (Some(found), Some(bars)) = (found, cx.input::<LetterboxPadding>("LETTERBOX_PADDING"))
        else {
            return Ok(Flow::Continue);
        };
        let moved: Vec<Detection> = found.iter().map(|d| without_bars(d, bars)).collect();
        cx.output("DETECTIONS", Packet::new(moved));
        Ok(Flow::Continue)
    }
}

fn without_bars(detection: &Detection, bars: &LetterboxPadding) -> Detection {
    let scale = [1.0 - (bars[0] + bars[2]), 1.0 - (bars[1] + bars[3])];
    let point = |p: &Point| -> Point { std::array::from_fn(|i| (p[i] - bars[i]) / scale[i]) };
    let b = detection.bounding_box;
    let [xmin, ymin] = point(&[b.xmin, b.ymin]);
    let bounding_box = BoundingBox {
        xmin,
        ymin,
        width: b.width / scale[0],
        height: b.height / scale[1],
    };
    Detection {
        bounding_box,
        key_points: detection.key_points.iter().map(point).collect(),
        ..detection.clone()
    }
}
