//! REVERSE_V2: back to front along constant axes.

use super::axes::marked_axes;
#[cfg(feature = "gpu")]
use super::gpu::ShaderView;
use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{MAX_RANK, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

#[derive(Debug)]
struct Reverse;

pub(super) fn read(_: &Options<'_>) -> Read {
    Ok(Box::new(Reverse))
}

impl Op for Reverse {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        marked_axes(operands)?;
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let marked = marked_axes(lowering.operands(node))?;
        let mut axes = [false; MAX_RANK];
        axes[MAX_RANK - marked.len()..].copy_from_slice(&marked);
        let layout = lowering.layout(node.input(0)?);
        lowering.push_routine(node, routine(layout, axes))
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let layout = lowering.layout(node.input(0)?);
        let mut view = ShaderView::whole(layout, layout);
        let marked = marked_axes(lowering.operands(node))?;
        // Reversed axes are walked backward, from their last element.
        for (axis, _) in (MAX_RANK - marked.len()..).zip(marked).filter(|m| m.1) {
            view.from += (layout.dims[axis] - 1) * layout.strides[axis];
            view.steps[axis] = -view.steps[axis];
        }
        lowering.push_unary(node, view.work())
    }
}

fn routine(layout: Layout, axes: [bool; MAX_RANK]) -> Routine {
    // Reversed axes are walked backward: from their last element, by a negative stride.
    let step = |axis: usize| {
        let stride = layout.strides[axis] as isize;
        if axes[axis] { -stride } else { stride }
    };
    let steps = [step(0), step(1), step(2)];
    let start: usize = (0..3)
        .filter(|axis| axes[*axis])
        .map(|axis| (layout.dims[axis] - 1) * layout.strides[axis])
        .sum();
    let channels = layout.channels();
    Box::new(move |input, _, output| {
        let mut rows = input.chunks_exact(layout.row());
        for n in 0..layout.dims[0] as isize {
            for y in 0..layout.dims[1] as isize {
                for x in 0..layout.dims[2] as isize {
                    let moved = n * steps[0] + y * steps[1] + x * steps[2];
                    let at = start.wrapping_add_signed(moved);
                    let Some(from) = rows.next() else {
                        return;
                    };
                    let to = &mut output[at..at + channels];
                    to.copy_from_slice(&from[..channels]);
                    if axes[3] {
                        to.reverse();
                    }
                }
            }
        }
    })
}
