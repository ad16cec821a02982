//! Draws onto images.

use super::ports::{declare_image_input, declare_image_output, image_input, write_image};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::canvas::Canvas;
use crate::config::NodeConfig;
use crate::types::RenderData;

/// Draws the render data of the untagged inputs onto each image, the first input first.
#[derive(Default)]
pub(super) struct AnnotationOverlayCalculator;

impl Calculator for AnnotationOverlayCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.inputs.many::<RenderData>("");
        declare_image_output(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = image_input(cx) else {
            return Ok(Flow::Continue);
        };
        let mut canvas = Canvas::of(image);
        for port in cx.node().inputs.iter().filter(|p| p.tag.is_empty()) {
            let packet = cx.input_packet("", port.index);
            if let Some(data) = packet.and_then(|p| p.get::<RenderData>()) {
                canvas.draw_all(data);
            }
        }
        write_image(cx, canvas.into_image());
        Ok(Flow::Continue)
    }
}
