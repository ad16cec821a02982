//! QUANTIZE and DEQUANTIZE, the ways between real numbers and int8 codes.

use super::op::{Int8Support, Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands, Scale};
use crate::kernels::rows;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, LANES, Shader, Words, quantization};
use crate::lower::{Lowering, Target};
use crate::tflite::Options;
use bytemuck::{cast_slice, cast_slice_mut};

#[derive(Debug)]
pub(crate) struct Quantize;

#[derive(Debug)]
pub(crate) struct Dequantize;

pub(super) fn read_quantize(_: &Options<'_>) -> Read {
    Ok(Box::new(Quantize))
}

pub(super) fn read_dequantize(_: &Options<'_>) -> Read {
    Ok(Box::new(Dequantize))
}

impl Op for Quantize {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let scale = scale_of(node, node.output(), lowering)?;
        let routine = Box::new(move |from: &[f32], _: &[f32], to: &mut [f32]| {
            rows::quantize(from, scale, cast_slice_mut(to))
        });
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        // Tensors of codes hold the real numbers that the codes stand for.
        let (scale, zero) = quantization(Some(scale_of(node, node.output(), lowering)?));
        let words = Words::default().sizes([7]).floats([scale, zero]).sizes([0]);
        let values = lowering.layout(node.output()).len();
        lowering.push_unary(node, GpuWork::new(Shader::Unary, values / LANES, words))
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Quantizes
    }
}

impl Op for Dequantize {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let scale = scale_of(node, node.input(0)?, lowering)?;
        let routine = Box::new(move |from: &[f32], _: &[f32], to: &mut [f32]| {
            rows::dequantize(cast_slice(from), scale, to)
        });
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        // Nothing is left to do: see QUANTIZE.
        let input = lowering.activation(node, 0)?;
        lowering.alias(node.output(), input);
        Ok(())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Dequantizes
    }
}

/// Scale and zero point of an int8 activation.
pub(super) fn scale_of<T: Target>(
    node: &Node,
    tensor: usize,
    lowering: &Lowering<'_, T>,
) -> Result<Scale> {
    match lowering.tensor(tensor).scale() {
        Some(scale) => Ok(scale),
        None => node.malformed("converts a tensor that has no int8 codes"),
    }
}
