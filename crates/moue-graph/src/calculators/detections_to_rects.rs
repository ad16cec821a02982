//! Rectangles around detections.

use super::angle::{angle_option, normalized};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::{Detection, NormRect};

/// Writes the box of each detection, or of the first one, as a rectangle. If two key points give
/// the direction of the thing, the rectangle is rotated with it.
#[derive(Default)]
pub(super) struct DetectionsToRectsCalculator {
    rotation: Option<RotationVector>,
    use_key_points: bool,
    zero_rect_for_none: bool,
}

/// The vector between two key points, from which a rotation is measured.
struct RotationVector {
    /// Indices of the key points.
    start: usize,
    end: usize,
    /// The direction of the vector, in radians, that counts as no rotation.
    target_angle: f32,
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
        self.rotation = RotationVector::from_options(options);
        // Coordinates are shares of width and height; the angle between two points is only right
        // in pixels.
        if self.rotation.is_some() && !cx.has_input("IMAGE_SIZE") {
            return Err("a rotation is measured in pixels: the input IMAGE_SIZE is missing".into());
        }
        let mode = options.get_enum("conversion_mode");
        self.use_key_points = mode.as_deref() == Some("USE_KEYPOINTS");
        self.zero_rect_for_none = options.get_or("output_zero_rect_for_empty_detections", false);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let size = cx.input::<(usize, usize)>("IMAGE_SIZE").copied();
        let Some(found) = detections(cx) else {
            return Ok(Flow::Continue);
        };
        if self.rotation.is_some() && size.is_none() {
            return Ok(Flow::Continue);
        }
        let rects: Result<Vec<NormRect>, CalculatorError> =
            found.iter().map(|d| self.rect(d, size)).collect();
        let mut rects = rects?;
        if rects.is_empty() && self.zero_rect_for_none {
            rects.push(NormRect::default());
        }
        if let Some(first) = rects.first() {
            cx.output("NORM_RECT", Packet::new(*first));
            cx.output("NORM_RECTS", Packet::new(rects));
        }
        Ok(Flow::Continue)
    }
}

fn detections<'a>(cx: &Context<'a>) -> Option<&'a [Detection]> {
    let one = cx.input::<Detection>("DETECTION");
    let many = cx.input::<Vec<Detection>>("DETECTIONS");
    one.map(std::slice::from_ref)
        .or_else(|| many.map(Vec::as_slice))
}

impl DetectionsToRectsCalculator {
    fn rect(
        &self,
        detection: &Detection,
        size: Option<(usize, usize)>,
    ) -> Result<NormRect, CalculatorError> {
        let mut rect = if self.use_key_points {
            around_key_points(detection)?
        } else {
            around_box(detection)
        };
        if let (Some(vector), Some(size)) = (&self.rotation, size) {
            rect.rotation = vector.rotation(detection, size)?;
        }
        Ok(rect)
    }
}

impl RotationVector {
    fn from_options(options: &Options) -> Option<Self> {
        let index = |name: &str| usize::try_from(options.get::<i64>(name)?).ok();
        Some(Self {
            start: index("rotation_vector_start_keypoint_index")?,
            end: index("rotation_vector_end_keypoint_index")?,
            target_angle: angle_option(
                options,
                "rotation_vector_target_angle",
                "rotation_vector_target_angle_degrees",
            ),
        })
    }

    /// The rotation of a detection in an image of `(width, height)` pixels, clockwise, in radians.
    fn rotation(
        &self,
        detection: &Detection,
        (width, height): (usize, usize),
    ) -> Result<f32, CalculatorError> {
        let points = &detection.key_points;
        let (Some(start), Some(end)) = (points.get(self.start), points.get(self.end)) else {
            let count = points.len();
            let needed = self.start.max(self.end) + 1;
            return Err(format!("a detection has {count} key points, not {needed}").into());
        };
        // Each coordinate is scaled before the difference, as MediaPipe does, so that the last bit
        // agrees too.
        let dx = end[0] * width as f32 - start[0] * width as f32;
        let dy = end[1] * height as f32 - start[1] * height as f32;
        // Images have y downward and angles go counter-clockwise: hence the first minus. The
        // rotation itself is clockwise: hence the difference from the target, not to it.
        Ok(normalized(self.target_angle - (-dy).atan2(dx)))
    }
}

fn around_box(detection: &Detection) -> NormRect {
    let bounding_box = detection.bounding_box;
    let [x_center, y_center] = bounding_box.center();
    NormRect {
        x_center,
        y_center,
        width: bounding_box.width,
        height: bounding_box.height,
        rotation: 0.0,
    }
}

fn around_key_points(detection: &Detection) -> Result<NormRect, CalculatorError> {
    if detection.key_points.len() < 2 {
        return Err("a rectangle around key points needs two of them".into());
    }
    let [left, right] = extent(detection, 0);
    let [top, bottom] = extent(detection, 1);
    Ok(NormRect {
        x_center: f32::midpoint(left, right),
        y_center: f32::midpoint(top, bottom),
        width: right - left,
        height: bottom - top,
        rotation: 0.0,
    })
}

/// The lowest and the highest coordinate of the key points along an axis.
fn extent(detection: &Detection, axis: usize) -> [f32; 2] {
    let coordinates = || detection.key_points.iter().map(|p| p[axis]);
    [
        coordinates().fold(f32::INFINITY, f32::min),
        coordinates().fold(f32::NEG_INFINITY, f32::max),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f32::consts::PI;

    #[test]
    fn level_eyes_are_no_rotation() {
        let node = DetectionsToRectsCalculator {
            rotation: Some(RotationVector {
                start: 0,
                end: 1,
                target_angle: 0.0,
            }),
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
