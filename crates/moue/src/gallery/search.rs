//! The exact search for the nearest pictures.

use super::vectors::Row;
use crate::embed::{Expression, squared_distance};

/// A candidate: squared distance and the face it belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    pub(super) squared: f32,
    pub(super) id: u64,
    picture: u64,
}

impl Hit {
    /// Nearer first, equal distances by id.
    fn before(&self, other: &Self) -> bool {
        self.squared.total_cmp(&other.squared).then(self.id.cmp(&other.id)).is_lt()
    }
}

/// The nearest `limit` pictures seen so far, nearest first, each with its nearest face.
pub(super) struct Nearest {
    limit: usize,
    hits: Vec<Hit>,
}

impl Nearest {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, hits: Vec::new() }
    }

    /// Looks at `rows`.
    pub(super) fn scan(&mut self, query: &Expression, rows: &[Row]) {
        if self.limit == 0 {
            return;
        }
        for row in rows {
            let squared = squared_distance(&query.0, &row.expression.0);
            let hit = Hit { squared, id: row.id, picture: row.picture };
            if self.hits.len() < self.limit || self.hits.last().is_some_and(|last| hit.before(last)) {
                self.insert(hit);
            }
        }
    }

    fn insert(&mut self, hit: Hit) {
        if let Some(same) = self.hits.iter().position(|h| h.picture == hit.picture) {
            if !hit.before(&self.hits[same]) {
                return;
            }
            self.hits.remove(same);
        }
        let at = self.hits.partition_point(|h| h.before(&hit));
        self.hits.insert(at, hit);
        self.hits.truncate(self.limit);
    }

    pub(super) fn into_hits(self) -> Vec<Hit> {
        self.hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embed::EXPRESSION_LEN;
    use proptest::prelude::*;

    /// The definition: each picture's nearest face, sorted by distance and id.
    fn naive(query: &Expression, rows: &[Row], limit: usize) -> Vec<u64> {
        let mut all: Vec<(f32, u64, u64)> =
            rows.iter().map(|r| (squared_distance(&query.0, &r.expression.0), r.id, r.picture)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut seen = std::collections::HashSet::new();
        all.into_iter().filter(|(_, _, picture)| seen.insert(*picture)).map(|(_, id, _)| id).take(limit).collect()
    }

    proptest! {
        #[test]
        fn equals_the_definition(values in prop::collection::vec((0u8..6, 0u64..12), 0..60), limit in 0usize..8) {
            // Few different values, so that ties are common.
            let rows: Vec<Row> = values.iter().enumerate().map(|(i, (v, picture))| {
                let mut expression = [0.0; EXPRESSION_LEN];
                expression[usize::from(*v)] = 1.0;
                Row { id: i as u64, picture: *picture, expression: Expression(expression) }
            }).collect();
            let mut query = Expression([0.0; EXPRESSION_LEN]);
            (query.0[0], query.0[1]) = (0.8, 0.6);
            let mut nearest = Nearest::new(limit);
            rows.chunks(7).for_each(|chunk| nearest.scan(&query, chunk));
            let found: Vec<u64> = nearest.into_hits().iter().map(|h| h.id).collect();
            prop_assert_eq!(found, naive(&query, &rows, limit));
        }
    }
}
