//! A whole image as a tensor.

use super::ports::{declare_image_input, declare_tensor_output, image_input, write_tensors};
use super::value_range::ValueRange;
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::{Image, Tensor};

/// Writes each image as a tensor of the shape `[1, height, width, 3]`.
#[derive(Default)]
pub(super) struct TensorConverterCalculator {
    /// The float for each pixel value.
    table: Vec<f32>,
    flip_vertically: bool,
}

impl Calculator for TensorConverterCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        declare_tensor_output(contract, node);
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let range = ValueRange::from_options(cx.options())?;
        // 256 divisions once instead of one for each byte of each image.
        self.table = (0..=255u8).map(|v| range.apply(f32::from(v))).collect();
        self.flip_vertically = cx.options().get_or("flip_vertically", false);
        match cx.options().get_or("max_num_channels", 3) {
            // 4 allows images with alpha, of which there are none here.
            3 | 4 => Ok(()),
            other => Err(format!(
                "images have 3 channels; max_num_channels: {other} is not supported"
            )
            .into()),
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(image) = image_input(cx) {
            let shape = vec![1, image.height(), image.width(), 3];
            let values = self.convert(image);
            write_tensors(cx, vec![Tensor { shape, values }]);
        }
        Ok(Flow::Continue)
    }
}

impl TensorConverterCalculator {
    fn convert(&self, image: &Image) -> Vec<f32> {
        let float = |byte: &u8| self.table[usize::from(*byte)];
        if self.flip_vertically {
            let rows = image.pixels().chunks(image.width() * 3);
            rows.rev().flatten().map(float).collect()
        } else {
            image.pixels().iter().map(float).collect()
        }
    }
}
