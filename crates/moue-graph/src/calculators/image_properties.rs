//! The size of an image.

use super::ports::{picture, takes_picture};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;

/// Writes width and height at `SIZE`.
#[derive(Default)]
pub(super) struct ImagePropertiesCalculator;

impl Calculator for ImagePropertiesCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        contract.outputs.one::<(usize, usize)>("SIZE");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(image) = picture(cx) {
            cx.output("SIZE", Packet::new((image.width(), image.height())));
        }
        Ok(Flow::Continue)
    }
}
