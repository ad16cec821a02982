//! Draws onto images.

use super::ports::{give_picture, gives_picture, picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::canvas::Canvas;
use crate::config::NodeConfig;
use crate::types::RenderData;

/// Draws onto pictures.
#[derive(Default)]
pub(super) struct AnnotationOverlayCalculator;

impl Calculator for AnnotationOverlayCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.inputs.many::<RenderData>("");
        gives_picture(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = picture(cx) else {
            return Ok(Flow::Continue);
        };
        let mut canvas = Canvas::of(image);
        for port in cx.node().inputs.iter().filter(|p| p.tag.is_empty()) {
            if let Some(data) = cx
                .input_packet("", port.index)
                .and_then(|p| p.get::<RenderData>())
            {
                data.shapes
                    .iter()
                    .for_each(|shape| canvas.draw(shape, data));
            }
        }
        give_picture(cx, canvas.into_image());
        Ok(Flow::Continue)
    }
}
