//! Rectangles rotated, shifted and scaled.

use super::angle::{angle_option, normalized};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::NormRect;

/// Rotates a rectangle, shifts it, makes it square, and scales it, in this order.
#[derive(Default)]
pub(super) struct RectTransformationCalculator {
    scale: [f32; 2],
    /// In widths and heights of the rectangle.
    shift: [f32; 2],
    /// In radians, added to the rectangle's.
    rotation: f32,
    /// Chooses the side of the square from width and height in pixels.
    square: Option<fn(f32, f32) -> f32>,
}

impl Calculator for RectTransformationCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .optional::<NormRect>("NORM_RECT")
            .optional::<Vec<NormRect>>("NORM_RECTS");
        contract.inputs.one::<(usize, usize)>("IMAGE_SIZE");
        // One rectangle or several, depending on the input.
        contract.outputs.many_any("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = cx.options();
        self.scale = ["scale_x", "scale_y"].map(|n| options.get_or(n, 1.0));
        self.shift = ["shift_x", "shift_y"].map(|n| options.get_or(n, 0.0));
        self.rotation = angle_option(options, "rotation", "rotation_degrees");
        let long = options.get_or("square_long", false);
        let short = options.get_or("square_short", false);
        self.square = match (long, short) {
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
            let transformed: Vec<NormRect> = rects.iter().map(|r| self.apply(r, size)).collect();
            cx.output("", Packet::new(transformed));
        }
        Ok(Flow::Continue)
    }
}

impl RectTransformationCalculator {
    // As MediaPipe does it: shifts go along the rectangle's own rotated sides, everything is
    // computed in pixels, where a rotation keeps lengths, and the square is formed before scaling,
    // so that both scales refer to the same side.
    fn apply(&self, rect: &NormRect, image_size: [f32; 2]) -> NormRect {
        let rotation = normalized(rect.rotation + self.rotation);
        let (sin, cos) = rotation.sin_cos();
        let width = rect.width * image_size[0];
        let height = rect.height * image_size[1];
        let dx = width * self.shift[0];
        let dy = height * self.shift[1];
        let [width, height] = match self.square {
            Some(choose) => [choose(width, height); 2],
            None => [width, height],
        };
        NormRect {
            x_center: rect.x_center + (dx * cos - dy * sin) / image_size[0],
            y_center: rect.y_center + (dx * sin + dy * cos) / image_size[1],
            width: width * self.scale[0] / image_size[0],
            height: height * self.scale[1] / image_size[1],
            rotation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_take_the_longer_side_in_pixels() {
        let node = RectTransformationCalculator {
            scale: [1.5; 2],
            square: Some(f32::max),
            ..RectTransformationCalculator::default()
        };
        let rect = NormRect {
            x_center: 0.5,
            y_center: 0.5,
            width: 0.2,
            height: 0.2,
            rotation: 0.0,
        };
        let squared = node.apply(&rect, [200.0, 100.0]);
        assert!((squared.width - 0.3).abs() < 1e-6 && (squared.height - 0.6).abs() < 1e-6);
    }
}
