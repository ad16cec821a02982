//! The nearest so far, and which faces may be among them.

use std::collections::{BTreeSet, HashMap};

/// A candidate: squared distance, the face, and the group of which one is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    pub(super) squared: f32,
    pub(super) id: u64,
    pub(super) group: u64,
}

impl Hit {
    /// Nearer first, equal distances by id. Squares are not negative, so their bits sort as they
    /// do.
    fn key(&self) -> (u32, u64, u64) {
        (self.squared.max(0.0).to_bits(), self.id, self.group)
    }
}

/// The nearest `limit` groups seen so far, nearest first, each with its nearest face.
pub(super) struct Nearest {
    limit: usize,
    most: f32,
    sorted: BTreeSet<(u32, u64, u64)>,
    groups: HashMap<u64, (u32, u64, u64)>,
}

impl Nearest {
    /// Of groups at a squared distance of at most `most`.
    pub(super) fn new(limit: usize, most: f32) -> Self {
        Self {
            limit,
            most,
            sorted: BTreeSet::new(),
            groups: HashMap::new(),
        }
    }

    /// What is farther need not be looked at.
    pub(super) fn worst(&self) -> f32 {
        match self.sorted.last() {
            _ if self.limit == 0 => -1.0,
            Some((bits, ..)) if self.sorted.len() >= self.limit => f32::from_bits(*bits),
            _ => self.most,
        }
    }

    pub(super) fn insert(&mut self, hit: Hit) {
        let key = hit.key();
        if self.limit == 0 || hit.squared.is_nan() || hit.squared > self.most {
            return;
        }
        if let Some(same) = self.groups.get(&hit.group) {
            if *same <= key {
                return;
            }
            self.sorted.remove(same);
        }
        self.groups.insert(hit.group, key);
        self.sorted.insert(key);
        if self.sorted.len() > self.limit
            && let Some((_, _, group)) = self.sorted.pop_last()
        {
            self.groups.remove(&group);
        }
    }

    pub(super) fn into_hits(self) -> impl Iterator<Item = Hit> {
        self.sorted.into_iter().map(|(bits, id, group)| Hit {
            squared: f32::from_bits(bits),
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
    fn naive(hits: &[Hit], limit: usize, most: f32) -> Vec<u64> {
        let mut all: Vec<Hit> = hits.iter().copied().filter(|h| h.squared <= most).collect();
        all.sort_by(|a, b| a.squared.total_cmp(&b.squared).then(a.id.cmp(&b.id)));
        let mut seen = std::collections::HashSet::new();
        all.into_iter()
            .filter(|h| seen.insert(h.group))
            .map(|h| h.id)
            .take(limit)
            .collect()
    }

    proptest! {
        #[test]
        fn equals_the_definition(values in prop::collection::vec((0u8..6, 0u64..12), 0..60), limit in 0usize..8, most in 0u8..7) {
            // Few different values, so that ties are common.
            let hits: Vec<Hit> = values.iter().enumerate()
                .map(|(i, (v, group))| Hit { squared: f32::from(*v), id: i as u64, group: *group }).collect();
            let most = f32::from(most);
            let mut nearest = Nearest::new(limit, most);
            for hit in &hits {
                if hit.squared <= nearest.worst() {
                    nearest.insert(*hit);
                }
            }
            let found: Vec<u64> = nearest.into_hits().map(|h| h.id).collect();
            prop_assert_eq!(found, naive(&hits, limit, most));
        }
    }
}
