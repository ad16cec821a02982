//! What lowering may spend before a model is refused.

use crate::error::{Error, Result};
use crate::limits::Limits;

/// Counts what a model asks for against its limits.
pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    multiply_adds: u64,
    pooling: u64,
    packed: usize,
}

impl<'a> Budget<'a> {
    pub(super) fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            multiply_adds: 0,
            pooling: 0,
            packed: 0,
        }
    }

    /// Multiply-adds of the convolutions lowered so far.
    pub(crate) fn multiply_adds(&self) -> u64 {
        self.multiply_adds
    }

    /// Counts multiply-adds of a run against the limit.
    pub(crate) fn spend_time(&mut self, multiply_adds: u64) -> Result<()> {
        self.multiply_adds = self.multiply_adds.saturating_add(multiply_adds);
        self.check_time()
    }

    /// Counts the additions or comparisons of a pooling layer against the same limit, and apart
    /// from the multiply-adds that a model reports.
    pub(crate) fn spend_pooling(&mut self, steps: u64) -> Result<()> {
        self.pooling = self.pooling.saturating_add(steps);
        self.check_time()
    }

    fn check_time(&self) -> Result<()> {
        let all = self.multiply_adds.saturating_add(self.pooling);
        if all > self.limits.multiply_adds {
            return Err(Error::Limit(format!("{all} multiply-adds")));
        }
        Ok(())
    }

    /// Counts elements about to be packed against the limit. A constant that several nodes share
    /// counts once for each, as each packs its own copy.
    pub(crate) fn spend_memory(&mut self, elements: usize) -> Result<()> {
        self.packed = self.packed.saturating_add(elements);
        if self.packed > self.limits.weights {
            return Err(Error::Limit(format!("{} packed values", self.packed)));
        }
        Ok(())
    }
}
