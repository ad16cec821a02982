//! Detections to rectangles, and rectangles made larger, shifted and square.

use crate::Options;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::types::{Detection, NormRect};
use std::f32::consts::PI;

pub(super) fn register(registry: &mut Registry) {
    registry.register::<DetectionsToRects>("DetectionsToRectsCalculator");
    registry.register::<RectTransformation>("RectTransformationCalculator");
}

/// Degrees or radians, whichever the options give.
fn angle(options: &Options, radians: &str, degrees: &str) -> f32 {
    let from_degrees = || {
        options
            .get::<f32>(degrees)
            .or_else(|| options.get::<i64>(degrees).map(|d| d as f32))
    };
    options
        .get(radians)
        .or_else(|| from_degrees().map(f32::to_radians))
        .unwrap_or(0.0)
}

/// The same angle from -π to π.
fn normalized(angle: f32) -> f32 {
    angle - 2.0 * PI * ((angle + PI) / (2.0 * PI)).floor()
}

/// The box of each detection, or of the first one, turned if two key points say which way is up.
#[derive(Default)]
struct DetectionsToRects {
    /// Start and end of the vector whose direction is the rotation, and the direction that counts
    /// as none.
    vector: Option<(usize, usize, f32)>,
    by_points: bool,
    zero: bool,
}

impl Calculator for DetectionsToRects {
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

impl DetectionsToRects {
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

/// Turns, shifts, scales rectangles.
#[derive(Default)]
struct RectTransformation {
    scale: [f32; 2],
    shift: [f32; 2],
    rotation: f32,
    square: Option<fn(f32, f32) -> f32>,
}

impl Calculator for RectTransformation {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .optional::<NormRect>("NORM_RECT")
            .optional::<Vec<NormRect>>("NORM_RECTS");
        contract.inputs.one::<(usize, usize)>("IMAGE_SIZE");
        contract.outputs.many_any("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.scale = ["scale_x", "scale_y"].map(|n| options.get_or(n, 1.0));
        self.shift = ["shift_x", "shift_y"].map(|n| options.get_or(n, 0.0));
        self.rotation = angle(options, "rotation", "rotation_degrees");
        self.square = match (
            options.get_or("square_long", false),
            options.get_or("square_short", false),
        ) {
            (true, true) => return Err("square_long and square_short exclude each other".into()),
            (true, false) => Some(f32::max),
            (false, true) => Some(f32::min),
            (false, false) => None,
        };
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some((width, height)) = cx.input::<(usize, usize)>("IMAGE_SIZE").copied() else {
            return Ok(Flow::Continue);
        };
        let size = [width as f32, height as f32];
        if let Some(rect) = cx.input::<NormRect>("NORM_RECT") {
            cx.output("", Packet::new(self.apply(rect, size)));
        }
        if let Some(rects) = cx.input::<Vec<NormRect>>("NORM_RECTS") {
            let moved: Vec<NormRect> = rects.iter().map(|r| self.apply(r, size)).collect();
            cx.output("", Packet::new(moved));
        }
        Ok(Flow::Continue)
    }
}

impl RectTransformation {
    /// Shifts go along the turned sides, and are measured in pixels.
    fn apply(&self, rect: &NormRect, size: [f32; 2]) -> NormRect {
        let rotation = normalized(rect.rotation + self.rotation);
        let (sin, cos) = rotation.sin_cos();
        let [width, height] = [rect.width * size[0], rect.height * size[1]];
        let [dx, dy] = [width * self.shift[0], height * self.shift[1]];
        let [width, height] = match self.square {
            Some(side) => [side(width, height); 2],
            None => [width, height],
        };
        NormRect {
            x_center: rect.x_center + (dx * cos - dy * sin) / size[0],
            y_center: rect.y_center + (dx * sin + dy * cos) / size[1],
            width: width * self.scale[0] / size[0],
            height: height * self.scale[1] / size[1],
            rotation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_eyes_are_no_rotation() {
        let node = DetectionsToRects {
            vector: Some((0, 1, 0.0)),
            ..DetectionsToRects::default()
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

    #[test]
    fn squares_take_the_longer_side_in_pixels() {
        let node = RectTransformation {
            scale: [1.5; 2],
            square: Some(f32::max),
            ..RectTransformation::default()
        };
        let rect = NormRect {
            x_center: 0.5,
            y_center: 0.5,
            width: 0.2,
            height: 0.2,
            rotation: 0.0,
        };
        let moved = node.apply(&rect, [200.0, 100.0]);
        assert!((moved.width - 0.3).abs() < 1e-6 && (moved.height - 0.6).abs() < 1e-6);
    }
}
