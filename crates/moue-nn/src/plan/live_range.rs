//! Live ranges: during which steps a tensor must keep its place.

use crate::lower::{Aliases, PendingStep};
use std::collections::BTreeMap;

/// First and last step at which a tensor is needed. Step 0 writes the inputs of the graph, the step
/// after the last one reads its outputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LiveRange {
    pub(super) first: usize,
    pub(super) last: usize,
}

impl LiveRange {
    pub(super) fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// The tensor whose storage `tensor` shares, which is itself if it shares none.
pub(crate) fn storage(aliases: &Aliases, tensor: usize) -> usize {
    aliases.get(&tensor).copied().unwrap_or(tensor)
}

/// The live range of each stored tensor, by tensor. `outputs` are those that the steps compute.
pub(super) fn live_ranges<W>(
    steps: &[PendingStep<W>],
    aliases: &Aliases,
    inputs: &[usize],
    outputs: &[usize],
) -> Vec<(usize, LiveRange)> {
    let mut ranges = BTreeMap::new();
    let mut extend = |tensor: usize, step: usize| {
        let range = ranges.entry(storage(aliases, tensor)).or_insert(LiveRange {
            first: step,
            last: step,
        });
        range.first = range.first.min(step);
        range.last = range.last.max(step);
    };
    // A step needs operands and result at the same time, so that no two of them may overlap.
    for (i, step) in steps.iter().enumerate() {
        step.inputs.iter().flatten().for_each(|t| extend(*t, i + 1));
        extend(step.output, i + 1);
    }
    inputs.iter().for_each(|t| extend(*t, 0));
    outputs.iter().for_each(|t| extend(*t, steps.len() + 1));
    ranges.into_iter().collect()
}
