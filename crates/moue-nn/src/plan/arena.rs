//! Memory planning: places tensors in one arena so that those live at the same time are disjoint.
//!
//! The algorithm is *greedy by size* (Pisarchyk and Lee, "Efficient Memory Management for Deep
//! Neural Net Inference", arXiv 2001.03288), which TFLite uses too: large tensors first, small ones
//! into the gaps that are left.

use super::live_range::LiveRange;
use std::cmp::Reverse;
use std::ops::Range;

/// Where each tensor starts, and how long the arena must be.
pub(super) struct Placement {
    pub(super) starts: Vec<usize>,
    pub(super) total: usize,
}

/// Floats that starts are rounded up to: one cache line, so that no vector load of a row straddles
/// two.
const ALIGNMENT: usize = 16;

/// Places tensors, given by size in floats and live range: the largest first, each at the lowest
/// start where nothing live at the same time overlaps it.
pub(super) fn place(tensors: &[(usize, LiveRange)]) -> Placement {
    let mut order: Vec<usize> = (0..tensors.len()).collect();
    order.sort_by_key(|i| Reverse(tensors[*i].0));
    let mut starts = vec![0usize; tensors.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for i in order {
        let (size, range) = tensors[i];
        let size = padded(size);
        let live = placed.iter().filter(|j| tensors[**j].1.overlaps(range));
        let mut taken: Vec<Range<usize>> = live
            .map(|j| starts[*j]..starts[*j].saturating_add(padded(tensors[*j].0)))
            .collect();
        taken.sort_unstable_by_key(|place| place.start);
        starts[i] = first_gap(&taken, size);
        total = total.max(starts[i].saturating_add(size));
        placed.push(i);
    }
    Placement { starts, total }
}

/// Whole cache lines. Sums saturate, on 32 bits too, and are over every limit then.
fn padded(size: usize) -> usize {
    size.checked_next_multiple_of(ALIGNMENT)
        .unwrap_or(usize::MAX)
}

fn first_gap(taken: &[Range<usize>], size: usize) -> usize {
    let mut start = 0usize;
    for place in taken {
        if start.saturating_add(size) <= place.start {
            break;
        }
        // Live tensors may overlap each other, where they are not live at the same time as each
        // other.
        start = start.max(place.end);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_live_together_are_disjoint() {
        let all = [
            (100, (0, 2)),
            (50, (1, 3)),
            (100, (3, 4)),
            (20, (2, 2)),
            (64, (0, 4)),
        ]
        .map(|(size, (first, last))| (size, LiveRange { first, last }));
        let placed = place(&all);
        for i in 0..all.len() {
            for j in 0..i {
                let disjoint = placed.starts[i] + all[i].0 <= placed.starts[j]
                    || placed.starts[j] + all[j].0 <= placed.starts[i];
                assert!(disjoint || !all[i].1.overlaps(all[j].1), "{i} and {j}");
            }
        }
        assert!(placed.total < all.iter().map(|a| a.0.next_multiple_of(ALIGNMENT)).sum());
    }
}
