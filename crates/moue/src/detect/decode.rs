//! From the network's numbers to boxes.

use super::{DetectorOptions, Face};
use crate::geometry::{BoundingBox, Point};
use crate::network::Network;

/// Logits beyond this are cut off before the sigmoid, as MediaPipe's graph does.
const SCORE_CLIP: f32 = 100.0;

/// The faces that reach the threshold, in the order of their anchors, relative to the network's
/// input.
pub(super) fn candidates(
    network: &dyn Network,
    anchors: &[Point],
    options: &DetectorOptions,
    min_score: f32,
) -> Vec<Face> {
    let (first, second) = (network.output(0), network.output(1));
    let (boxes, scores) = if first.len() > second.len() {
        (first, second)
    } else {
        (second, first)
    };
    let size = options.input_size as f32;
    let rows = boxes.as_chunks::<16>().0.iter().zip(scores).zip(anchors);
    rows.filter_map(|((values, logit), anchor)| {
        let score = sigmoid(logit.clamp(-SCORE_CLIP, SCORE_CLIP));
        (score >= min_score).then(|| face(values, *anchor, size, score))
    })
    .filter(|f| f.bounding_box.width > 0.0 && f.bounding_box.height > 0.0)
    .collect()
}

pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Values count in pixels of the input: center from the anchor, width, height, six points from the
/// anchor.
fn face(values: &[f32; 16], anchor: Point, size: f32, score: f32) -> Face {
    let point = |i: usize| {
        [
            values[i] / size + anchor[0],
            values[i + 1] / size + anchor[1],
        ]
    };
    let [x, y] = point(0);
    let (width, height) = (values[2] / size, values[3] / size);
    let bounding_box = BoundingBox {
        xmin: x - width / 2.0,
        ymin: y - height / 2.0,
        width,
        height,
    };
    Face {
        bounding_box,
        score,
        key_points: Some(std::array::from_fn(|i| point(4 + 2 * i))),
    }
}
