//! What loading and running a model may spend before the model is refused.

use crate::error::{Error, Result};
use crate::limits::Limits;

/// What one element that a step reads or writes counts, in multiply-adds.
///
/// A pass over memory takes about half a nanosecond an element on one core (measured on AVX2 with
/// an addition of two activations of 8 M values), in which a convolution does some 16 multiply-adds.
const ELEMENT: u64 = 16;

/// What a value of a transcendental function (`exp`, `tanh`) counts beside that: 6.5 ns, measured
/// with TANH over 33 M values.
const TRANSCENDENTAL: u64 = 200;

/// One budget for a load and the runs after it, which every part of the load spends from.
pub(crate) struct Budget {
    limits: Limits,
    multiply_adds: u64,
    /// What steps beside convolutions take, as if they multiplied.
    other: u64,
    elements: usize,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            limits: limits.clamped(),
            multiply_adds: 0,
            other: 0,
            elements: 0,
        }
    }

    /// The limits, none of which is above what kernels can address.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
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

    /// Counts elements that a step reads or writes against the same limit, and apart from the
    /// multiply-adds that a model reports.
    pub(crate) fn spend_elements(&mut self, elements: usize) -> Result<()> {
        self.spend_other(ELEMENT.saturating_mul(elements as u64))
    }

    /// Counts values of `exp`, `tanh` and the like.
    pub(crate) fn spend_transcendental(&mut self, values: usize) -> Result<()> {
        self.spend_other(TRANSCENDENTAL.saturating_mul(values as u64))
    }

    /// Counts simple steps, such as the comparisons of a pooling layer.
    pub(crate) fn spend_other(&mut self, steps: u64) -> Result<()> {
        self.other = self.other.saturating_add(steps);
        self.check_time()
    }

    fn check_time(&self) -> Result<()> {
        let all = self.multiply_adds.saturating_add(self.other);
        if all > self.limits.multiply_adds {
            return Err(Error::Limit(format!(
                "a run of {all} multiply-adds, elements of all steps counted with them"
            )));
        }
        Ok(())
    }

    /// Counts elements about to be read, folded, or packed against the limit. A constant that
    /// several nodes share counts once for each that makes its own copy.
    pub(crate) fn spend_memory(&mut self, elements: usize) -> Result<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > self.limits.weights {
            return Err(Error::Limit(format!(
                "{} values of constants and packed weights",
                self.elements
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overflows_is_over_the_limit() {
        let all = Limits {
            nodes: usize::MAX,
            weights: usize::MAX,
            activation: usize::MAX,
            arena: usize::MAX,
            multiply_adds: u64::MAX - 1,
        };
        let mut budget = Budget::new(&all);
        budget.spend_time(u64::MAX - 1).unwrap();
        assert!(budget.spend_elements(usize::MAX).is_err());
        assert!(budget.spend_memory(usize::MAX).is_err());
    }
}
