//! The k nearest of many, one of each group.

use std::collections::{BTreeSet, HashMap};

/// A candidate of [`Nearest`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Neighbor {
    /// How far it is, 0 or more. Only the order matters, so squared distances serve as well.
    pub distance: f32,
    /// Which one it is; of equal distances the smaller id is first.
    pub id: u64,
    /// Of candidates in one group only the nearest counts.
    pub group: u64,
}

/// Distance, id and group in sorting order. Distances are not negative, so their bits sort as they
/// do, and unlike floats they are `Ord`.
type Key = (u32, u64, u64);

impl Neighbor {
    fn key(&self) -> Key {
        (self.distance.max(0.0).to_bits(), self.id, self.group)
    }
}

/// Top-k selection: keeps the `limit` nearest groups seen so far, each with its nearest member.
///
/// ```
/// use moue::gallery::{Nearest, Neighbor};
/// let mut nearest = Nearest::new(2, f32::MAX);
/// for (id, distance, group) in [(0, 0.5, 7), (1, 0.4, 7), (2, 0.9, 8), (3, 0.6, 9)] {
///     nearest.insert(Neighbor { distance, id, group });
/// }
/// let ids: Vec<u64> = nearest.into_neighbors().map(|n| n.id).collect();
/// assert_eq!(ids, [1, 3]);
/// ```
pub struct Nearest {
    limit: usize,
    max_distance: f32,
    // A tree and not a heap: a group's earlier member is removed from the middle.
    sorted: BTreeSet<Key>,
    /// The key in `sorted` of each group.
    groups: HashMap<u64, Key>,
}

impl Nearest {
    /// Keeps at most `limit` groups, none farther than `max_distance`.
    pub fn new(limit: usize, max_distance: f32) -> Self {
        Self {
            limit,
            max_distance,
            sorted: BTreeSet::new(),
            groups: HashMap::new(),
        }
    }

    /// The largest distance at which a candidate can still be kept; negative if none can.
    pub fn worst(&self) -> f32 {
        match self.sorted.last() {
            _ if self.limit == 0 => -1.0,
            Some((bits, ..)) if self.sorted.len() >= self.limit => f32::from_bits(*bits),
            _ => self.max_distance,
        }
    }

    /// How many groups are kept.
    pub(super) fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Keeps `candidate` if it is among the nearest. One whose distance is not a number is skipped.
    pub fn insert(&mut self, candidate: Neighbor) {
        let key = candidate.key();
        let too_far = candidate.distance.is_nan() || candidate.distance > self.max_distance;
        if self.limit == 0 || too_far {
            return;
        }
        if let Some(same) = self.groups.get(&candidate.group) {
            if *same <= key {
                return;
            }
            self.sorted.remove(same);
        }
        // Both change together: `groups` has exactly the keys that are in `sorted`.
        self.groups.insert(candidate.group, key);
        self.sorted.insert(key);
        if self.sorted.len() > self.limit
            && let Some((_, _, group)) = self.sorted.pop_last()
        {
            self.groups.remove(&group);
        }
    }

    /// What was kept, nearest first.
    pub fn into_neighbors(self) -> impl Iterator<Item = Neighbor> {
        self.sorted.into_iter().map(|(bits, id, group)| Neighbor {
            distance: f32::from_bits(bits),
            id,
            group,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: each group's nearest face, sorted by distance and id.
    fn naive(candidates: &[Neighbor], limit: usize, max_distance: f32) -> Vec<u64> {
        let near = |n: &Neighbor| n.distance <= max_distance;
        let mut all: Vec<Neighbor> = candidates.iter().copied().filter(near).collect();
        all.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.id.cmp(&b.id)));
        let mut seen = std::collections::HashSet::new();
        all.into_iter()
            .filter(|n| seen.insert(n.group))
            .map(|n| n.id)
            .take(limit)
            .collect()
    }

    proptest! {
        #[test]
        fn equals_the_definition(values in prop::collection::vec((0u8..6, 0u64..12), 0..60), limit in 0usize..8, max in 0u8..7) {
            // Few different values, so that ties are common.
            let candidates: Vec<Neighbor> = values.iter().enumerate()
                .map(|(i, (v, group))| Neighbor { distance: f32::from(*v), id: i as u64, group: *group }).collect();
            let max = f32::from(max);
            let mut nearest = Nearest::new(limit, max);
            for candidate in &candidates {
                if candidate.distance <= nearest.worst() {
                    nearest.insert(*candidate);
                }
            }
            let found: Vec<u64> = nearest.into_neighbors().map(|n| n.id).collect();
            prop_assert_eq!(found, naive(&candidates, limit, max));
        }
    }
}
