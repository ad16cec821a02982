//! The operators, one file each: how options are read, which shape results have, how int8 graphs
//! treat the operator, and how it is lowered to steps. `table` lists them all.

mod axes;
mod binary;
mod concat;
mod conv;
mod custom;
mod densify;
mod depth_to_space;
mod depthwise;
mod fully_connected;
#[cfg(feature = "gpu")]
mod gpu;
mod l2_normalize;
mod mediapipe;
mod op;
mod pad;
mod pool;
mod prelu;
mod quantize;
mod reduce;
mod reshape;
mod resize;
mod reverse;
mod softmax;
mod split;
mod strided_slice;
mod table;
mod transpose_conv;
mod unary;
mod window;

pub(crate) use densify::Densify;
pub(crate) use fully_connected::FullyConnected;
pub(crate) use op::{BoxedOp, Int8Support, Op};
pub(crate) use pad::Pad;
pub(crate) use quantize::{Dequantize, Quantize};
pub(crate) use reshape::Reshape;
pub(crate) use table::read;

use crate::budget::Budget;
use crate::error::Result;
use crate::graph::Graph;
use crate::kernels::Kernels;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Cpu, Lowered, Lowering};

/// Lowers all nodes, one after the other.
///
/// # Errors
/// What an operator objects to, or [`Error::Limit`](crate::Error::Limit) where a model asks for too
/// much.
pub(crate) fn lower(
    graph: &Graph<BoxedOp>,
    budget: &mut Budget,
    kernels: &Kernels,
) -> Result<Lowered> {
    let mut lowering = Lowering::new(graph, budget, Cpu::new(kernels));
    for (node, op) in &graph.nodes {
        op.lower(node, &mut lowering)?;
    }
    Ok(lowering.finish())
}

/// As [`lower`], for a graphics card.
///
/// # Errors
/// As for [`lower`].
#[cfg(feature = "gpu")]
pub(crate) fn lower_gpu(graph: &Graph<BoxedOp>, budget: &mut Budget) -> Result<Lowered<Gpu>> {
    let mut lowering = Lowering::new(graph, budget, Gpu::default());
    for (node, op) in &graph.nodes {
        op.lower_gpu(node, &mut lowering)?;
    }
    Ok(lowering.finish())
}
