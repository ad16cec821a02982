//! Steps: what a run executes one after the other.

use crate::kernels::{ConvJob, DepthwiseJob, Int8ConvJob, WinogradJob};

/// The code of a step without kernels of its own: first operand, second operand (empty slices where
/// there is none), result, all as they lie in the arena.
pub(crate) type Routine = Box<dyn Fn(&[f32], &[f32], &mut [f32]) + Send + Sync>;

/// What one step computes.
pub(crate) enum Work {
    Conv(ConvJob),
    Winograd(WinogradJob),
    Depthwise(DepthwiseJob),
    Int8Conv(Int8ConvJob),
    Int8Depthwise(DepthwiseJob),
    Other(Routine),
}

/// A step whose operands are still tensors, without a place in the arena.
pub(crate) struct PendingStep<W = Work> {
    pub(crate) work: W,
    pub(crate) inputs: [Option<usize>; 2],
    pub(crate) output: usize,
}
