//! Coordinates in a tensor to those of the image that it was made of.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Detection, ProjectionMatrix};
use moue::{BoundingBox, Point};

/// Moves `DETECTIONS` by the matrix at `PROJECTION_MATRIX`, that of `ImageToTensorCalculator`.
///
/// A box stays upright: it becomes the one around its four corners.
#[derive(Default)]
pub(super) struct DetectionProjectionCalculator;

impl Calculator for DetectionProjectionCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .one::<Vec<Detection>>("DETECTIONS")
            .one::<ProjectionMatrix>("PROJECTION_MATRIX");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(found) = cx.input::<Vec<Detection>>("DETECTIONS")
            && let Some(matrix) = cx.input::<ProjectionMatrix>("PROJECTION_MATRIX")
        {
            let projected = found.iter().map(|d| project(d, matrix));
            cx.output("DETECTIONS", Packet::new(projected.collect::<Vec<_>>()));
        }
        Ok(Flow::Continue)
    }
}

fn project(detection: &Detection, m: &ProjectionMatrix) -> Detection {
    let point = |p: &Point| {
        [
            m[0] * p[0] + m[1] * p[1] + m[3],
            m[4] * p[0] + m[5] * p[1] + m[7],
        ]
    };
    let old = detection.bounding_box;
    let right = old.xmin + old.width;
    let bottom = old.ymin + old.height;
    let corners = [
        [old.xmin, old.ymin],
        [right, old.ymin],
        [old.xmin, bottom],
        [right, bottom],
    ]
    .map(|corner| point(&corner));
    let ends = |i: usize, start: f32, f: fn(f32, f32) -> f32| {
        corners.iter().map(|corner| corner[i]).fold(start, f)
    };
    let low = [0, 1].map(|i| ends(i, f32::INFINITY, f32::min));
    let high = [0, 1].map(|i| ends(i, f32::NEG_INFINITY, f32::max));
    Detection {
        bounding_box: BoundingBox {
            xmin: low[0],
            ymin: low[1],
            width: high[0] - low[0],
            height: high[1] - low[1],
        },
        key_points: detection.key_points.iter().map(point).collect(),
        ..detection.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::run_node;

    #[test]
    fn boxes_and_points_are_moved_and_boxes_stay_upright() {
        let detection = Detection {
            bounding_box: BoundingBox {
                xmin: 0.0,
                ymin: 0.5,
                width: 0.5,
                height: 0.25,
            },
            key_points: vec![[0.5, 0.5]],
            ..Detection::default()
        };
        // A quarter turn, (x, y) to (1 - y, x).
        let mut matrix: ProjectionMatrix = [0.0; 16];
        (matrix[1], matrix[3]) = (-1.0, 1.0);
        matrix[4] = 1.0;
        let node = NodeConfig::new("DetectionProjectionCalculator")
            .input("DETECTIONS:in")
            .input("PROJECTION_MATRIX:matrix")
            .output("DETECTIONS:out");
        let inputs = [
            ("in", Packet::new(vec![detection])),
            ("matrix", Packet::new(matrix)),
        ];
        let written = run_node(node, &inputs).unwrap();
        let found = &written[0].get::<Vec<Detection>>().unwrap()[0];
        assert_eq!(
            found.bounding_box,
            BoundingBox {
                xmin: 0.25,
                ymin: 0.0,
                width: 0.25,
                height: 0.5
            }
        );
        assert_eq!(found.key_points, [[0.5, 0.5]]);
    }
}
