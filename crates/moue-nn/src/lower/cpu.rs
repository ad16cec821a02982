//! The processor as a target.

use super::step::Work;
use super::target::{Fuse, Target};
use crate::bordered_input::BorderedInput;
use crate::graph::Clamp;
use crate::kernels::{Int8Format, Kernels};
use std::collections::HashMap;

/// What its kernels want, and how they find the inputs.
pub(crate) struct Cpu {
    /// Widths of the float kernels' weight panels.
    pub(crate) panels: &'static [usize],
    /// How the int8 kernels want their weights.
    pub(crate) int8_format: Int8Format,
    /// The inputs of the graph that lie in memory inside a border.
    pub(crate) bordered: HashMap<usize, BorderedInput>,
}

impl Cpu {
    pub(crate) fn new(kernels: &Kernels) -> Self {
        Self {
            panels: kernels.panels,
            int8_format: kernels.int8.format,
            bordered: HashMap::new(),
        }
    }
}

impl Target for Cpu {
    type Work = Work;
}

impl Fuse for Work {
    fn append_clamp(&mut self, clamp: Clamp, has_residual: bool) -> bool {
        match self {
            Self::Conv(job) => job.epilogue.append_clamp(clamp, has_residual),
            Self::Winograd(job) => job.epilogue.append_clamp(clamp, has_residual),
            Self::Depthwise(job) => job.clamp = job.clamp.then(clamp),
            // Int8 results are clamped in codes, whose scale need not be that of the clamp's
            // result.
            Self::Int8Conv(_) | Self::Int8Depthwise(_) | Self::Other(_) => return false,
        }
        true
    }

    fn clamp_residual(&mut self, clamp: Clamp) -> bool {
        match self {
            Self::Conv(job) => job.epilogue.second = clamp,
            Self::Winograd(job) => job.epilogue.second = clamp,
            _ => return false,
        }
        true
    }
}
