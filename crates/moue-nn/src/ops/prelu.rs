//! PRELU: a leaky ReLU whose slopes are learned.

#[cfg(feature = "gpu")]
use super::binary::{SHADER_PRELU, ShaderOperand, binary_work};
use super::binary::{broadcast_shape, combine_rows};
use super::op::{Op, Read, single};
use crate::error::Result;
#[cfg(feature = "gpu")]
use crate::graph::Clamp;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

#[derive(Debug)]
struct Prelu;

pub(super) fn read(_: &Options<'_>) -> Read {
    Ok(Box::new(Prelu))
}

impl Op for Prelu {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let shape = operands.shape(0)?;
        match broadcast_shape(operands.node, shape, operands.shape(1)?)? {
            result if result == shape => single(result),
            _ => operands.node.malformed("slopes larger than the input"),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let slopes = lowering.stored_constant(node, 1)?;
        let slope_layout = lowering.layout(node.input(1)?);
        match routine(slopes, slope_layout, lowering.layout(node.output())) {
            Some(routine) => lowering.push_routine(node, routine),
            None => node.malformed("the slopes do not broadcast"),
        }
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let slopes = ShaderOperand::of(node, 1, lowering)?;
        let Some(constant) = slopes.constant else {
            return node.unsupported("the slopes must be constant");
        };
        let out = lowering.layout(node.output());
        // What comes before is a convolution in most files, and has the channel's sum at hand.
        let is_per_channel = lowering.layout(node.input(1)?).dims == [1, 1, 1, out.channels()];
        if is_per_channel && lowering.fuse_slopes(input, constant, node.output()) {
            return Ok(());
        }
        let operands = [ShaderOperand::of(node, 0, lowering)?, slopes];
        match binary_work(SHADER_PRELU, Clamp::NONE, operands, out) {
            Some(work) => lowering.push_unary(node, work),
            None => node.malformed("the slopes do not broadcast"),
        }
    }
}

/// `x` where positive, `slope × x` elsewhere; `None` if the slopes do not broadcast to the input.
fn routine(slopes: Vec<f32>, slope_layout: Layout, out: Layout) -> Option<Routine> {
    let strides = slope_layout.broadcast_to(out.dims)?;
    let leak = |x: f32, slope: f32| if x > 0.0 { x } else { x * slope };
    Some(Box::new(move |x, _, to| {
        out.for_each_row(strides, |at, slope_at| {
            let row = at..at + out.channels();
            let steps = [1, strides[3]];
            combine_rows(
                &mut to[row.clone()],
                &x[row],
                &slopes[slope_at..],
                steps,
                leak,
            );
        });
    }))
}
