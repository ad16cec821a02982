//! Coordinates in a letterboxed image back to those of the image.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Detection, LetterboxPadding};
use moue::{BoundingBox, Point};

/// Undoes the padding that `ImageTransformationCalculator` or `ImageToTensorCalculator` reports.
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
        if let Some(found) = cx.input::<Vec<Detection>>("DETECTIONS")
            && let Some(padding) = cx.input::<LetterboxPadding>("LETTERBOX_PADDING")
        {
            let restored = found.iter().map(|d| without_padding(d, padding));
            cx.output("DETECTIONS", Packet::new(restored.collect::<Vec<_>>()));
        }
        Ok(Flow::Continue)
    }
}

fn without_padding(detection: &Detection, padding: &LetterboxPadding) -> Detection {
    let [left, top, right, bottom] = *padding;
    // The share of the letterboxed image that the image itself takes.
    let scale = [1.0 - (left + right), 1.0 - (top + bottom)];
    let restore = |p: &Point| [(p[0] - left) / scale[0], (p[1] - top) / scale[1]];
    let old = detection.bounding_box;
    let [xmin, ymin] = restore(&[old.xmin, old.ymin]);
    Detection {
        bounding_box: BoundingBox {
            xmin,
            ymin,
            width: old.width / scale[0],
            height: old.height / scale[1],
        },
        key_points: detection.key_points.iter().map(restore).collect(),
        ..detection.clone()
    }
}
