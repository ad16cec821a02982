//! Decodes the output of a single-shot detector.

use super::ports::{takes_tensors, tensors};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Anchor, Detection, Tensors};
use moue::{BoundingBox, Point};
use std::sync::Arc;

/// Boxes and scores of a network to detections, relative to its input.
#[derive(Default)]
pub(super) struct TensorsToDetectionsCalculator {
    boxes: usize,
    coords: usize,
    classes: usize,
    box_offset: usize,
    point_offset: usize,
    points: usize,
    point_values: usize,
    scale: [f32; 4],
    exponential: bool,
    reverse: bool,
    ignored: Vec<i64>,
    sigmoid: bool,
    clip: Option<f32>,
    flip: bool,
    least: Option<f32>,
    most: usize,
    anchors: Arc<Vec<Anchor>>,
}

impl Calculator for TensorsToDetectionsCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_tensors(contract, node);
        contract.input_side_packets.one::<Vec<Anchor>>("ANCHORS");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let count =
            |name: &str, default: i64| usize::try_from(options.get_or(name, default)).unwrap_or(0);
        *self = Self {
            boxes: count("num_boxes", 0),
            coords: count("num_coords", 0),
            classes: count("num_classes", 0),
            box_offset: count("box_coord_offset", 0),
            point_offset: count("keypoint_coord_offset", 0),
            points: count("num_keypoints", 0),
            point_values: count("num_values_per_keypoint", 2),
            scale: ["x_scale", "y_scale", "w_scale", "h_scale"].map(|n| options.get_or(n, 0.0)),
            exponential: options.get_or("apply_exponential_on_box_size", false),
            reverse: options.get_or("reverse_output_order", false),
            ignored: options.get_or("ignore_classes", Vec::new()),
            sigmoid: options.get_or("sigmoid_score", false),
            clip: options.get("score_clipping_thresh"),
            flip: options.get_or("flip_vertically", false),
            least: options.get("min_score_thresh"),
            most: usize::try_from(options.get_or("max_results", -1i64)).unwrap_or(usize::MAX),
            anchors: cx
                .side_packet("ANCHORS")
                .ok_or("the side packet ANCHORS is missing")?,
        };
        self.check()
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(given) = tensors(cx) else {
            return Ok(Flow::Continue);
        };
        let (boxes, scores) = self.find(given)?;
        let rows = boxes
            .chunks_exact(self.coords)
            .zip(scores.chunks_exact(self.classes))
            .zip(self.anchors.iter());
        let all =
            rows.filter_map(|((values, scores), anchor)| self.detection(values, scores, anchor));
        let found: Vec<Detection> = all.take(self.most).collect();
        cx.output("DETECTIONS", Packet::new(found));
        Ok(Flow::Continue)
    }
}

impl TensorsToDetectionsCalculator {
    fn check(&self) -> Result<(), CalculatorError> {
        let points_end = self.point_offset + self.points * self.point_values;
        let fits =
            self.box_offset + 4 <= self.coords && (self.points == 0 || points_end <= self.coords);
        if self.classes == 0 || !fits || (self.points > 0 && self.point_values < 2) {
            return Err("num_classes, num_coords and the offsets do not fit together".into());
        }
        if self.anchors.len() != self.boxes {
            return Err(format!(
                "num_boxes is {}, and there are {} anchors",
                self.boxes,
                self.anchors.len()
            )
            .into());
        }
        if self.scale.contains(&0.0) {
            return Err("x_scale, y_scale, w_scale and h_scale must be given".into());
        }
        Ok(())
    }

    /// Boxes and scores, in whichever order the network gives them.
    fn find<'a>(&self, tensors: &'a Tensors) -> Result<(&'a [f32], &'a [f32]), CalculatorError> {
        let of = |length: usize| {
            tensors
                .iter()
                .find(|t| t.values.len() == length)
                .map(|t| t.values.as_slice())
        };
        of(self.boxes * self.coords)
            .zip(of(self.boxes * self.classes))
            .ok_or_else(|| {
                let shapes: Vec<String> =
                    tensors.iter().map(|t| format!("{:?}", t.shape)).collect();
                let (boxes, coords, classes) = (self.boxes, self.coords, self.classes);
                format!(
                    "wants {boxes}×{coords} and {boxes}×{classes} numbers, and was given {}",
                    shapes.join(", ")
                )
                .into()
            })
    }

    /// The best class of a box, if it is good enough and the box is not empty.
    fn detection(&self, values: &[f32], scores: &[f32], anchor: &Anchor) -> Option<Detection> {
        let wanted = scores
            .iter()
            .enumerate()
            .filter(|(class, _)| !self.ignored.contains(&(*class as i64)));
        let (class, score) = wanted
            .map(|(class, logit)| (class, self.score(*logit)))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        if self.least.is_some_and(|least| score < least) {
            return None;
        }
        let bounding_box = self.bounding_box(values, anchor);
        let valid = bounding_box.width > 0.0 && bounding_box.height > 0.0;
        let key_points = (0..self.points)
            .map(|i| self.point(values, i, anchor))
            .collect();
        valid.then(|| Detection {
            score,
            label_id: vec![class as i32],
            label: Vec::new(),
            bounding_box,
            key_points,
        })
    }

    fn score(&self, logit: f32) -> f32 {
        if !self.sigmoid {
            return logit;
        }
        let logit = self
            .clip
            .map_or(logit, |clip| logit.clamp(-clip.abs(), clip.abs()));
        1.0 / (1.0 + (-logit).exp())
    }

    /// Two numbers as x and y, whichever comes first in the network's output.
    fn ordered(&self, values: &[f32]) -> [f32; 2] {
        if self.reverse {
            [values[0], values[1]]
        } else {
            [values[1], values[0]]
        }
    }

    fn center(&self, values: &[f32], anchor: &Anchor) -> Point {
        let value = self.ordered(values);
        let mut center: Point =
            std::array::from_fn(|i| value[i] / self.scale[i] * anchor.size[i] + anchor.center[i]);
        if self.flip {
            center[1] = 1.0 - center[1];
        }
        center
    }

    fn bounding_box(&self, values: &[f32], anchor: &Anchor) -> BoundingBox {
        let values = &values[self.box_offset..];
        let center = self.center(values, anchor);
        let size = self.ordered(&values[2..]);
        let size: [f32; 2] = std::array::from_fn(|i| {
            let side = size[i] / self.scale[2 + i];
            (if self.exponential { side.exp() } else { side }) * anchor.size[i]
        });
        BoundingBox {
            xmin: center[0] - size[0] / 2.0,
            ymin: center[1] - size[1] / 2.0,
            width: size[0],
            height: size[1],
        }
    }

    fn point(&self, values: &[f32], index: usize, anchor: &Anchor) -> Point {
        self.center(
            &values[self.point_offset + index * self.point_values..],
            anchor,
        )
    }
}
