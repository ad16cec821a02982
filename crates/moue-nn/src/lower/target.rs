//! What lowered steps run on.

use crate::graph::Clamp;

/// What runs the steps, with what it gathers while they are made.
pub(crate) trait Target {
    /// What one step computes.
    type Work: Fuse;
}

/// Work that may take in the operators after it.
pub(crate) trait Fuse {
    /// Clamps the result once more, behind the residual if there is one. Returns whether it can.
    fn append_clamp(&mut self, clamp: Clamp, has_residual: bool) -> bool;

    /// Sets the clamp that follows the addition of a residual. Returns whether it can add one.
    fn clamp_residual(&mut self, clamp: Clamp) -> bool;
}
