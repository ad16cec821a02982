//! Rectangles around detections.

use super::angle::{angle, normalized};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Detection, NormRect};

/// The box of each detection, or of the first one, turned if two key points say which way is up.
#[derive(Default)]
pub(super) struct DetectionsToRectsCalculator {
    /// Start and end of the vector whose direction is the rotation, and the direction that counts
    /// as none.
    vector: Option<(usize, usize, f32)>,
    by_points: bool,
    zero: bool,
}

impl Calculator for DetectionsToRectsCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .optional::<Vec<Detection>>("DETECTIONS")
            .optional::<Detection>("DETECTION");
        contract.inputs.optional::<(usize, usize)>("IMAGE_SIZE");
        contract
            .outputs
            .optional::<NormRect>("NORM_RECT")
            .optional::<Vec<NormRect>>("NORM_RECTS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        let point = |name: &str| {
            options
                .get::<i64>(name)
                .and_then(|v| usize::try_from(v).ok())
        };
        let ends = point("rotation_vector_start_keypoint_index")
            .zip(point("rotation_vector_end_keypoint_index"));
        let target = angle(
            options,
            "rotation_vector_target_angle",
            "rotation_vector_target_angle_degrees",
        );
        self.vector = ends.map(|(start, end)| (start, end, target));
        if self.vector.is_some() && !cx.has_input("IMAGE_SIZE") {
            return Err("a rotation is measured in pixels: the input IMAGE_SIZE is missing".into());
        }
        self.by_points = options.get_enum("conversion_mode").as_deref() == Some("USE_KEYPOINTS");
        self.zero = options.get_or("output_zero_rect_for_empty_detections", false);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let one = cx.input::<Detection>("DETECTION").map(std::slice::from_ref);
        let Some(found) =
            one.or_else(|| cx.input::<Vec<Detection>>("DETECTIONS").map(Vec::as_slice))
        else {
            return Ok(Flow::Continue);
        };
        let size = cx.input::<(usize, usize)>("IMAGE_SIZE").copied();
        if self.vector.is_some() && size.is_none() {
            return Ok(Flow::Continue);
        }
        let rects: Vec<NormRect> = found
            .iter()
            .map(|d| self.rect(d, size))
            .collect::<Result<_, _>>()?;
        match rects.first() {
            Some(first) => cx.output("NORM_RECT", Packet::new(*first)),
            None if self.zero => cx.output("NORM_RECT", Packet::new(NormRect::default())),
            None => {}
        }
        if !rects.is_empty() || self.zero {
            cx.output(
                "NORM_RECTS",
                Packet::new(if rects.is_empty() {
                    vec![NormRect::default()]
                } else {
                    rects
                }),
            );
        }
        Ok(Flow::Continue)
    }
}

impl DetectionsToRectsCalculator {
    fn rect(
        &self,
        detection: &Detection,
        size: Option<(usize, usize)>,
    ) -> Result<NormRect, CalculatorError> {
        let mut rect = if self.by_points {
            around_points(detection)?
        } else {
            around_box(detection)
        };
        if let (Some((start, end, target)), Some((width, height))) = (self.vector, size) {
            let pixel = |i: usize| {
                detection
                    .key_points
                    .get(i)
                    .map(|p| [p[0] * width as f32, p[1] * height as f32])
            };
            let (Some(a), Some(b)) = (pixel(start), pixel(end)) else {
                return Err(format!(
                    "a detection has {} key points, not {}",
                    detection.key_points.len(),
                    start.max(end) + 1
                )
                .into());
            };
            rect.rotation = normalized(target - (-(b[1] - a[1])).atan2(b[0] - a[0]));
        }
        Ok(rect)
    }
}

fn around_box(detection: &Detection) -> NormRect {
    let b = detection.bounding_box;
    let [x_center, y_center] = b.center();
    NormRect {
        x_center,
        y_center,
        width: b.width,
        height: b.height,
        rotation: 0.0,
    }
}

fn around_points(detection: &Detection) -> Result<NormRect, CalculatorError> {
    if detection.key_points.len() < 2 {
        return Err("a rectangle around key points needs two of them".into());
    }
    let of = |axis: usize| {
        let values = || detection.key_points.iter().map(move |p| p[axis]);
        (
            values().fold(f32::INFINITY, f32::min),
            values().fold(f32::NEG_INFINITY, f32::max),
        )
    };
    let ((left, right), (top, bottom)) = (of(0), of(1));
    let (x_center, y_center) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
    Ok(NormRect {
        x_center,
        y_center,
        width: right - left,
        height: bottom - top,
        rotation: 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::PI;

    #[test]
    fn level_eyes_are_no_rotation() {
        let node = DetectionsToRectsCalculator {
            vector: Some((0, 1, 0.0)),
            ..DetectionsToRectsCalculator::default()
        };
        let with_eyes = |left: [f32; 2], right: [f32; 2]| Detection {
            key_points: vec![left, right],
            ..Detection::default()
        };
        let rotation = |d: &Detection| node.rect(d, Some((100, 50))).unwrap().rotation;
        assert_eq!(rotation(&with_eyes([0.4, 0.5], [0.6, 0.5])), 0.0);
        // 20 pixels across and 20 down: an eighth of a turn clockwise.
        assert!((rotation(&with_eyes([0.4, 0.2], [0.6, 0.6])) - PI / 4.0).abs() < 1e-6);
        assert!(node.rect(&Detection::default(), Some((100, 50))).is_err());
    }
}
