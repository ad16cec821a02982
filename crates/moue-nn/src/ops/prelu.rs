//! PRELU: a leaky ReLU whose slopes are learned.

use super::binary::{broadcast_shape, combine_rows};
use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
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
