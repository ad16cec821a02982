//! Rectangles rotated, shifted and scaled.

use super::angle::{angle, normalized};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::NormRect;

/// Turns, shifts, scales rectangles.
#[derive(Default)]
pub(super) struct RectTransformationCalculator {
    scale: [f32; 2],
    shift: [f32; 2],
    rotation: f32,
    square: Option<fn(f32, f32) -> f32>,
}

impl Calculator for RectTransformationCalculator {
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

impl RectTransformationCalculator {
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
        let moved = node.apply(&rect, [200.0, 100.0]);
        assert!((moved.width - 0.3).abs() < 1e-6 && (moved.height - 0.6).abs() < 1e-6);
    }
}
