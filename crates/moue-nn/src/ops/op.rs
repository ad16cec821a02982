//! What every operator implements.

use crate::error::Result;
use crate::graph::{Border, Node, Operands};
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::Lowering;
use crate::tflite::OptionResult;
use std::any::Any;
use std::fmt::Debug;

/// How an operator takes part in a graph of int8 activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Int8Support {
    /// It computes with real numbers, between a DEQUANTIZE and a QUANTIZE that are put around it.
    /// Its result is what LiteRT's integer kernel rounds to, or a neighbor of that.
    ViaFloats,
    /// It computes with int8 codes where its first operand and its result are such.
    Native,
    /// It moves the codes of its one activation without reading their values, where that and all
    /// results have the same quantization.
    Moves,
    /// It is QUANTIZE, the way from real numbers to codes.
    Quantizes,
    /// It is DEQUANTIZE, the way back.
    Dequantizes,
}

/// An operator with its options.
pub(crate) trait Op: Any + Debug {
    /// The shape of each result. The file's own claims are checked against them, so that kernels
    /// can rely on shapes.
    ///
    /// # Errors
    /// [`Error::Graph`](crate::Error::Graph) for operands that contradict each other or the
    /// options, [`Error::Unsupported`](crate::Error::Unsupported) for those that this runtime does
    /// not have.
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>>;

    /// Pushes the steps that compute the results. Shapes have been checked by then.
    ///
    /// # Errors
    /// As for [`Op::output_shapes`].
    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()>;

    /// As [`Op::lower`], to shaders of a graphics card.
    ///
    /// # Errors
    /// As for [`Op::output_shapes`].
    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()>;

    /// How the operator takes part in int8 graphs; most do so through real numbers.
    fn int8(&self) -> Int8Support {
        Int8Support::ViaFloats
    }

    /// The border of zeros around the first operand, which a PAD before it may become part of;
    /// `None` for operators without one.
    fn border_mut(&mut self) -> Option<&mut Border> {
        None
    }
}

/// An operator of whichever kind.
pub(crate) type BoxedOp = Box<dyn Op>;

impl dyn Op {
    /// Whether the operator is a `T`.
    pub(crate) fn is<T: Op>(&self) -> bool {
        (self as &dyn Any).is::<T>()
    }
}

/// What reading an operator's options returns.
pub(super) type Read = OptionResult<BoxedOp>;

/// The shapes of a single result.
pub(super) fn single(shape: impl Into<Vec<usize>>) -> Result<Vec<Vec<usize>>> {
    Ok(vec![shape.into()])
}
