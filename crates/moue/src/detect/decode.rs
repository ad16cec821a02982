//! Decoding an SSD's outputs into boxes with scores and key points.

use super::face::Face;
use crate::geometry::{BoundingBox, Point};

/// Logits are clipped to this magnitude before the sigmoid, MediaPipe's `score_clipping_thresh`:
/// beyond it the sigmoid is 0 or 1 in single precision anyway.
const SCORE_CLIP: f32 = 100.0;

/// The faces that reach `min_score`, in the order of their anchors, relative to the network's
/// input of `size × size` pixels.
///
/// The two outputs are 16 values and one logit for each anchor, in either order.
pub(super) fn candidates(
    outputs: [&[f32]; 2],
    anchors: &[Point],
    size: usize,
    min_score: f32,
) -> Vec<Face> {
    let [first, second] = outputs;
    let (boxes, logits) = if first.len() > second.len() {
        (first, second)
    } else {
        (second, first)
    };
    let rows = boxes.as_chunks::<16>().0.iter().zip(logits).zip(anchors);
    rows.filter_map(|((values, logit), anchor)| {
        let score = sigmoid(logit.clamp(-SCORE_CLIP, SCORE_CLIP));
        (score >= min_score).then(|| face(values, *anchor, size as f32, score))
    })
    // A network may give boxes of no or negative size; they mean nothing and overlap nothing.
    .filter(|f| f.bounding_box.width > 0.0 && f.bounding_box.height > 0.0)
    .collect()
}

/// The logistic function.
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
    Face {
        bounding_box: BoundingBox::centered(point(0), [values[2] / size, values[3] / size]),
        score,
        key_points: Some(std::array::from_fn(|i| point(4 + 2 * i))),
    }
}
