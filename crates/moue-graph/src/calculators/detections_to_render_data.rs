//! What to draw for detections.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Color, Detection, RenderData, Shape};

/// Writes a box, key points and a label for each detection.
#[derive(Default)]
pub(super) struct DetectionsToRenderDataCalculator {
    color: Color,
    thickness: f32,
    delimiter: String,
    write_empty: bool,
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
        // MediaPipe's defaults, also of the delimiter and of empty packets.
        self.thickness = cx.options().get_or("thickness", 1.0);
        self.delimiter = cx.options().get_or("text_delimiter", ",".to_owned());
        self.write_empty = cx.options().get_or("produce_empty_packet", true);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let one = cx.input::<Detection>("DETECTION").map(std::slice::from_ref);
        let many = cx.input::<Vec<Detection>>("DETECTIONS").map(Vec::as_slice);
        let found = one.or(many).unwrap_or_default();
        if !found.is_empty() || self.write_empty {
            let data = RenderData {
                shapes: found.iter().flat_map(|d| self.shapes(d)).collect(),
                color: self.color,
                thickness: self.thickness,
            };
            cx.output("RENDER_DATA", Packet::new(data));
        }
        Ok(Flow::Continue)
    }
}

impl DetectionsToRenderDataCalculator {
    fn shapes(&self, detection: &Detection) -> Vec<Shape> {
        let bounding_box = detection.bounding_box;
        let label = detection.label.join(&self.delimiter);
        let text = format!("{label} {:.2}", detection.score);
        let corner = [bounding_box.xmin, bounding_box.ymin];
        let mut shapes = vec![
            Shape::Box(bounding_box),
            Shape::Text(corner, text.trim().to_owned()),
        ];
        shapes.extend(detection.key_points.iter().map(|p| Shape::Point(*p)));
        shapes
    }
}
