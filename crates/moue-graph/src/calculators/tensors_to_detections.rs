//! Decodes the output of a single-shot detector.

use super::ports::{declare_tensor_input, tensor_input};
use super::tensors_to_floats::sigmoid;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::{Anchor, Detection, Tensor};
use moue::{BoundingBox, Point};
use std::sync::Arc;

/// Decodes boxes, key points and scores of a network to detections, relative to its input.
///
/// A box is coded as in SSD (Liu et al. 2016): its center as an offset from its anchor's, in widths
/// and heights of the anchor, its size as a factor of the anchor's or the logarithm of one.
#[derive(Default)]
pub(super) struct TensorsToDetectionsCalculator {
    num_boxes: usize,
    /// Numbers of a box, key points included.
    num_coords: usize,
    num_classes: usize,
    box_offset: usize,
    key_point_offset: usize,
    num_key_points: usize,
    values_per_key_point: usize,
    /// Divisors of x, y, width and height.
    scale: [f32; 4],
    exponential: bool,
    /// Whether the network lists x before y.
    x_first: bool,
    ignored_classes: Vec<i64>,
    sigmoid: bool,
    /// Scores are limited to ± this before the sigmoid.
    score_clipping: Option<f32>,
    flip_vertically: bool,
    min_score: Option<f32>,
    max_results: usize,
    anchors: Arc<Vec<Anchor>>,
}

impl Calculator for TensorsToDetectionsCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_tensor_input(contract, node);
        contract.input_side_packets.one::<Vec<Anchor>>("ANCHORS");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        *self = Self::from_options(cx.options());
        self.anchors = cx
            .side_packet("ANCHORS")
            .ok_or("the side packet ANCHORS is missing")?;
        self.check()
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(tensors) = tensor_input(cx) else {
            return Ok(Flow::Continue);
        };
        let (boxes, scores) = self.find_outputs(tensors)?;
        let rows = boxes
            .chunks_exact(self.num_coords)
            .zip(scores.chunks_exact(self.num_classes))
            .zip(self.anchors.iter());
        let decoded =
            rows.filter_map(|((values, scores), anchor)| self.decode(values, scores, anchor));
        let found: Vec<Detection> = decoded.take(self.max_results).collect();
        cx.output("DETECTIONS", Packet::new(found));
        Ok(Flow::Continue)
    }
}

impl TensorsToDetectionsCalculator {
    fn from_options(options: &Options) -> Self {
        let count =
            |name: &str, default: i64| usize::try_from(options.get_or(name, default)).unwrap_or(0);
        Self {
            num_boxes: count("num_boxes", 0),
            num_coords: count("num_coords", 0),
            num_classes: count("num_classes", 0),
            box_offset: count("box_coord_offset", 0),
            key_point_offset: count("keypoint_coord_offset", 0),
            num_key_points: count("num_keypoints", 0),
            values_per_key_point: count("num_values_per_keypoint", 2),
            scale: ["x_scale", "y_scale", "w_scale", "h_scale"].map(|n| options.get_or(n, 0.0)),
            exponential: options.get_or("apply_exponential_on_box_size", false),
            x_first: options.get_or("reverse_output_order", false),
            ignored_classes: options.get_or("ignore_classes", Vec::new()),
            sigmoid: options.get_or("sigmoid_score", false),
            score_clipping: options.get("score_clipping_thresh"),
            flip_vertically: options.get_or("flip_vertically", false),
            min_score: options.get("min_score_thresh"),
            // A negative number, MediaPipe's default, is no limit.
            max_results: usize::try_from(options.get_or("max_results", -1i64))
                .unwrap_or(usize::MAX),
            anchors: Arc::default(),
        }
    }

    // Checked once here, so that decoding can index without checks of its own.
    fn check(&self) -> Result<(), CalculatorError> {
        // Each may be 2³¹, whose product and sums 32 bits do not hold.
        let key_points_end = self
            .num_key_points
            .checked_mul(self.values_per_key_point)
            .and_then(|length| length.checked_add(self.key_point_offset));
        let box_end = self.box_offset.saturating_add(4);
        let box_fits = box_end <= self.num_coords;
        let key_points_fit = self.num_key_points == 0
            || (key_points_end.is_some_and(|end| end <= self.num_coords)
                && self.values_per_key_point >= 2);
        if self.num_classes == 0 || !box_fits || !key_points_fit {
            return Err("num_classes, num_coords and the offsets do not fit together".into());
        }
        if self.anchors.len() != self.num_boxes {
            let boxes = self.num_boxes;
            let anchors = self.anchors.len();
            return Err(format!("num_boxes is {boxes}, and there are {anchors} anchors").into());
        }
        if self.scale.contains(&0.0) {
            return Err("x_scale, y_scale, w_scale and h_scale must be given".into());
        }
        Ok(())
    }

    /// The tensors of boxes and of scores.
    // Networks list them in either order, so they are distinguished by their lengths.
    fn find_outputs<'a>(
        &self,
        tensors: &'a [Tensor],
    ) -> Result<(&'a [f32], &'a [f32]), CalculatorError> {
        let boxes = with_length(tensors, self.num_boxes.saturating_mul(self.num_coords));
        let scores = with_length(tensors, self.num_boxes.saturating_mul(self.num_classes));
        boxes.zip(scores).ok_or_else(|| {
            let shapes: Vec<String> = tensors.iter().map(|t| format!("{:?}", t.shape)).collect();
            format!(
                "wants {boxes}×{coords} and {boxes}×{classes} numbers, and was given {}",
                shapes.join(", "),
                boxes = self.num_boxes,
                coords = self.num_coords,
                classes = self.num_classes,
            )
            .into()
        })
    }

    /// The detection of a box with its best class, if the score reaches the limit and the box is
    /// not empty.
    fn decode(&self, values: &[f32], scores: &[f32], anchor: &Anchor) -> Option<Detection> {
        let (class, score) = self.best_class(scores)?;
        // Before anything else is decoded: of a thousand boxes few are faces.
        if self.min_score.is_some_and(|min| score < min) {
            return None;
        }
        let bounding_box = self.bounding_box(values, anchor);
        let key_points = (0..self.num_key_points).map(|i| self.key_point(values, i, anchor));
        let valid = bounding_box.width > 0.0 && bounding_box.height > 0.0;
        valid.then(|| Detection {
            score,
            label_id: vec![class as i32],
            label: Vec::new(),
            bounding_box,
            key_points: key_points.collect(),
        })
    }

    fn best_class(&self, scores: &[f32]) -> Option<(usize, f32)> {
        let classes = scores.iter().enumerate();
        classes
            .filter(|(class, _)| !self.ignored_classes.contains(&(*class as i64)))
            .map(|(class, logit)| (class, self.score(*logit)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    fn score(&self, logit: f32) -> f32 {
        if !self.sigmoid {
            return logit;
        }
        match self.score_clipping {
            Some(limit) => sigmoid(logit.clamp(-limit.abs(), limit.abs())),
            None => sigmoid(logit),
        }
    }

    /// Two numbers of the network as x and y.
    fn x_y(&self, values: &[f32]) -> [f32; 2] {
        if self.x_first {
            [values[0], values[1]]
        } else {
            [values[1], values[0]]
        }
    }

    /// A point coded as an offset from the anchor's center.
    fn point(&self, values: &[f32], anchor: &Anchor) -> Point {
        let coded = self.x_y(values);
        let mut point: Point =
            std::array::from_fn(|i| coded[i] / self.scale[i] * anchor.size[i] + anchor.center[i]);
        if self.flip_vertically {
            point[1] = 1.0 - point[1];
        }
        point
    }

    fn bounding_box(&self, values: &[f32], anchor: &Anchor) -> BoundingBox {
        let values = &values[self.box_offset..];
        let center = self.point(values, anchor);
        let coded = self.x_y(&values[2..]);
        let size: [f32; 2] = std::array::from_fn(|i| {
            let factor = coded[i] / self.scale[2 + i];
            let factor = if self.exponential {
                factor.exp()
            } else {
                factor
            };
            factor * anchor.size[i]
        });
        BoundingBox {
            xmin: center[0] - size[0] / 2.0,
            ymin: center[1] - size[1] / 2.0,
            width: size[0],
            height: size[1],
        }
    }

    fn key_point(&self, values: &[f32], index: usize, anchor: &Anchor) -> Point {
        let start = self.key_point_offset + index * self.values_per_key_point;
        self.point(&values[start..], anchor)
    }
}

fn with_length(tensors: &[Tensor], length: usize) -> Option<&[f32]> {
    let found = tensors.iter().find(|t| t.values.len() == length)?;
    Some(&found.values)
}
