//! DENSIFY: a sparse constant with its zeros filled in, which it already is when it has been read.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Node, Operands};
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::Lowering;
use crate::tflite::Options;

#[derive(Debug)]
pub(crate) struct Densify;

pub(super) fn read(_: &Options<'_>) -> Read {
    Ok(Box::new(Densify))
}

impl Op for Densify {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, _: &mut Lowering<'_>) -> Result<()> {
        // Constants were folded before; activations have no sparse form.
        node.unsupported("sparse tensors are supported as constants")
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, _: &mut Lowering<'_, Gpu>) -> Result<()> {
        // As for the processor.
        node.unsupported("sparse tensors are supported as constants")
    }
}
