//! The order of items within their rows.

use super::items::Items;

/// Passes down and up through all rows: after some eight the orders of graphs of a hundred nodes
/// change no more.
const PASSES: usize = 12;

/// Orders each row by the mean places of what its items are linked to, the barycenter heuristic of
/// Sugiyama et al., and keeps the order that had the fewest crossings.
pub(super) fn reduce_crossings(items: &mut Items) {
    let neighbors = Neighbors::of(items);
    // A pass can make the order worse on its way to a better one.
    let mut best = items.rows.clone();
    let mut fewest = crossings(items);
    for pass in 0..PASSES {
        let is_down = pass % 2 == 0;
        let count = items.rows.len();
        for i in 1..count {
            let row = if is_down { i } else { count - 1 - i };
            let linked = if is_down {
                &neighbors.above
            } else {
                &neighbors.below
            };
            sort_row(items, row, linked);
        }
        let found = crossings(items);
        if found < fewest {
            fewest = found;
            best.clone_from(&items.rows);
        }
    }
    items.rows = best;
}

/// What each item is linked to.
pub(super) struct Neighbors {
    pub(super) above: Vec<Vec<usize>>,
    pub(super) below: Vec<Vec<usize>>,
}

impl Neighbors {
    pub(super) fn of(items: &Items) -> Self {
        let mut neighbors = Self {
            above: vec![Vec::new(); items.all.len()],
            below: vec![Vec::new(); items.all.len()],
        };
        for link in &items.links {
            neighbors.above[link.lower].push(link.upper);
            neighbors.below[link.upper].push(link.lower);
        }
        neighbors
    }
}

/// The place of each item in its row.
pub(super) fn positions(items: &Items) -> Vec<usize> {
    let mut positions = vec![0; items.all.len()];
    for row in &items.rows {
        for (position, item) in row.iter().enumerate() {
            positions[*item] = position;
        }
    }
    positions
}

fn sort_row(items: &mut Items, row: usize, linked: &[Vec<usize>]) {
    let positions = positions(items);
    // Relative places, as rows differ in length.
    let relative = |item: usize| {
        let length = items.rows[items.all[item].row].len();
        (positions[item] as f32 + 0.5) / length as f32
    };
    let mut keyed: Vec<(f32, usize)> = items.rows[row]
        .iter()
        .map(|item| {
            let linked = &linked[*item];
            let sum: f32 = linked.iter().map(|other| relative(*other)).sum();
            let mean = sum / linked.len() as f32;
            // What is linked to nothing stays where it is.
            let key = if linked.is_empty() {
                relative(*item)
            } else {
                mean
            };
            (key, *item)
        })
        .collect();
    // Stable, so that equal ones keep the order of the file.
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
    items.rows[row] = keyed.into_iter().map(|(_, item)| item).collect();
}

/// Pairs of lines that cross between neighboring rows.
fn crossings(items: &Items) -> usize {
    let positions = positions(items);
    let mut by_row: Vec<Vec<[usize; 2]>> = vec![Vec::new(); items.rows.len()];
    for link in &items.links {
        let ends = [positions[link.upper], positions[link.lower]];
        by_row[items.all[link.upper].row].push(ends);
    }
    by_row.iter_mut().map(|links| inversions(links)).sum()
}

/// Pairs of links whose ends are in opposite orders, counted with a Fenwick tree.
fn inversions(links: &mut [[usize; 2]]) -> usize {
    links.sort_unstable();
    let size = links.iter().map(|[_, lower]| lower + 1).max().unwrap_or(0);
    let mut tree = vec![0; size + 1];
    let mut found = 0;
    for (before, [_, lower]) in links.iter().enumerate() {
        // Of the links before, those that end no farther right do not cross this one.
        let mut at = lower + 1;
        let mut no_farther = 0;
        while at > 0 {
            no_farther += tree[at];
            at &= at - 1;
        }
        found += before - no_farther;
        at = lower + 1;
        while at <= size {
            tree[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_counted_as_pairs() {
        assert_eq!(inversions(&mut [[0, 0], [1, 1], [2, 2]]), 0);
        assert_eq!(inversions(&mut [[0, 2], [1, 1], [2, 0]]), 3);
        assert_eq!(inversions(&mut [[0, 1], [0, 0], [1, 0]]), 1);
    }
}
