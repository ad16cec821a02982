//! The size of an image.

use super::ports::{declare_image_input, image_input};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// Writes the width and height of each image, in pixels, to `SIZE`.
#[derive(Default)]
pub(super) struct ImagePropertiesCalculator;

impl Calculator for ImagePropertiesCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.outputs.one::<(usize, usize)>("SIZE");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(image) = image_input(cx) {
            cx.output("SIZE", Packet::new((image.width(), image.height())));
        }
        Ok(Flow::Continue)
    }
}
