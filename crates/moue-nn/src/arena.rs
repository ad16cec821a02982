//! Places activations in one arena so that those needed at the same time lie apart.

/// The steps, first and last, during which an activation is needed.
pub(crate) type LiveRange = (usize, usize);

/// Where each activation starts, and how long the arena must be.
pub(crate) struct Placement {
    pub(crate) starts: Vec<usize>,
    pub(crate) total: usize,
}

/// Floats that starts are rounded up to: one cache line.
const ALIGNMENT: usize = 16;

/// Greedy by size: the largest first, each at the lowest start where nothing alive overlaps it.
pub(crate) fn place(activations: &[(usize, LiveRange)]) -> Placement {
    let mut order: Vec<usize> = (0..activations.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(activations[*i].0));
    let mut starts = vec![0; activations.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for i in order {
        let (size, life) = activations[i];
        let size = size.next_multiple_of(ALIGNMENT);
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|j| overlap(activations[**j].1, life))
            .map(|j| {
                (
                    starts[*j],
                    starts[*j] + activations[*j].0.next_multiple_of(ALIGNMENT),
                )
            })
            .collect();
        taken.sort_unstable();
        starts[i] = first_gap(&taken, size);
        total = total.max(starts[i] + size);
        placed.push(i);
    }
    Placement { starts, total }
}

fn overlap(a: LiveRange, b: LiveRange) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

fn first_gap(taken: &[(usize, usize)], size: usize) -> usize {
    let mut start = 0;
    for (from, to) in taken {
        if start + size <= *from {
            break;
        }
        start = start.max(*to);
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_alive_together_lie_apart() {
        let all = [
            (100, (0, 2)),
            (50, (1, 3)),
            (100, (3, 4)),
            (20, (2, 2)),
            (64, (0, 4)),
        ];
        let placed = place(&all);
        for i in 0..all.len() {
            for j in 0..i {
                let apart = placed.starts[i] + all[i].0 <= placed.starts[j]
                    || placed.starts[j] + all[j].0 <= placed.starts[i];
                assert!(apart || !overlap(all[i].1, all[j].1), "{i} and {j}");
            }
        }
        assert!(placed.total < all.iter().map(|a| a.0.next_multiple_of(ALIGNMENT)).sum());
    }
}
