//! A whole image as a tensor.

use super::ports::{give_tensors, gives_tensors, picture, takes_picture};
use super::value_range::Scale;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Tensor;

/// A whole picture as one tensor, row by row.
#[derive(Default)]
pub(super) struct TensorConverterCalculator {
    table: Vec<f32>,
    flip: bool,
}

impl Calculator for TensorConverterCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        takes_picture(contract, node);
        gives_tensors(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let scale = Scale::of(cx.options())?;
        self.table = (0..=255u8).map(|v| scale.apply(f32::from(v))).collect();
        self.flip = cx.options().get_or("flip_vertically", false);
        match cx.options().get_or("max_num_channels", 3) {
            3 | 4 => Ok(()),
            other => Err(format!(
                "pictures have 3 channels; max_num_channels: {other} is not supported"
            )
            .into()),
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(image) = picture(cx) else {
            return Ok(Flow::Continue);
        };
        let number = |byte: &u8| self.table[usize::from(*byte)];
        let values = if self.flip {
            image
                .pixels()
                .chunks(image.width() * 3)
                .rev()
                .flatten()
                .map(number)
                .collect()
        } else {
            image.pixels().iter().map(number).collect()
        };
        give_tensors(
            cx,
            vec![Tensor {
                shape: vec![1, image.height(), image.width(), 3],
                values,
            }],
        );
        Ok(Flow::Continue)
    }
}
