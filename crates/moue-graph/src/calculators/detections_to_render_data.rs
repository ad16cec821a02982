//! What to draw for detections.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Color, Detection, RenderData, Shape};

/// A box, dots and a label for every detection.
#[derive(Default)]
pub(super) struct DetectionsToRenderDataCalculator {
    color: Color,
    thickness: f32,
    delimiter: String,
    give_empty: bool,
}

impl Calculator for DetectionsToRenderDataCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .optional::<Vec<Detection>>("DETECTIONS")
            .optional::<Detection>("DETECTION");
        contract.outputs.one::<RenderData>("RENDER_DATA");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let color = cx.options().message("color");
        self.color = ["r", "g", "b"].map(|c| color.get_or(c, 0i64).clamp(0, 255) as u8);
        self.thickness = cx.options().get_or("thickness", 1.0);
        self.delimiter = cx.options().get_or("text_delimiter", ",".to_owned());
        self.give_empty = cx.options().get_or("produce_empty_packet", true);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let one = cx.input::<Detection>("DETECTION").map(std::slice::from_ref);
        let found = one
            .or_else(|| cx.input::<Vec<Detection>>("DETECTIONS").map(Vec::as_slice))
            .unwrap_or_default();
        if !found.is_empty() || self.give_empty {
            let shapes = found.iter().flat_map(|d| self.shapes(d)).collect();
            cx.output(
                "RENDER_DATA",
                Packet::new(RenderData {
                    shapes,
                    color: self.color,
                    thickness: self.thickness,
                }),
            );
        }
        Ok(Flow::Continue)
    }
}

impl DetectionsToRenderDataCalculator {
    fn shapes(&self, detection: &Detection) -> Vec<Shape> {
        let b = detection.bounding_box;
        let text = format!(
            "{} {:.2}",
            detection.label.join(&self.delimiter),
            detection.score
        );
        let label = Shape::Text([b.xmin, b.ymin], text.trim().to_owned());
        let points = detection.key_points.iter().map(|p| Shape::Point(*p));
        [Shape::Box(b), label].into_iter().chain(points).collect()
    }
}
