//! Answers that differ: which of the nearest faces are shown.

use super::target::{COPY_DISTANCE, Target};
use super::top_k::Neighbor;
use crate::embed::{EXPRESSION_LEN, Expression};
use std::collections::HashSet;

/// How the answers of a search are made to differ: by expression, and by who makes it.
///
/// Faces are taken by their [`score`](super::Match::score), lowest first, each at least
/// `separation` from those before it, and none whose score is larger than the best by more than
/// `slack`. If these are too few, the remaining places go to the best of the others: a repeat is
/// better than an expression that the query does not have. Of faces that are equal up to `tie` the
/// one with the least hash of the query and its id is taken, so that different queries meet
/// different characters, and the same query always the same.
///
/// The best 256 faces are considered.
///
/// ```
/// use moue::gallery::{SearchOptions, Variety};
/// // Bolder: an answer may be much farther than the best one.
/// let bold = Variety { slack: 0.4, ..Variety::default() };
/// let options = SearchOptions { variety: Some(bold), ..SearchOptions::varied() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variety {
    /// How far apart two expressions are at least, 0 to 2, to count as different.
    pub separation: f32,
    /// How much larger than the best score that of an answer may be.
    pub slack: f32,
    /// Faces within this distance of each other are equal.
    pub tie: f32,
}

impl Default for Variety {
    // Chosen on the FER+ validation faces against the built-in drawings; `docs/matching.md` has the
    // table. Poses are 0.17 apart and more, a pose's characters mostly within 0.03. With a slack of 0.15
    // the third answer has the face's class nearly as often as the first; from 0.2 on less often.
    fn default() -> Self {
        Self {
            separation: 0.15,
            slack: 0.15,
            tie: 0.1,
        }
    }
}

/// A face that a search found, with its expression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked {
    pub(super) id: u64,
    pub(super) score: f32,
    pub(super) distance: f32,
    pub(super) expression: Expression,
}

impl Ranked {
    pub(super) fn new(target: &Target, found: &Neighbor, expression: Expression) -> Self {
        Self {
            id: found.id,
            score: found.distance.sqrt(),
            distance: target.squared_distance(&expression).max(0.0).sqrt(),
            expression,
        }
    }

    fn is_copy(&self) -> bool {
        self.distance <= COPY_DISTANCE
    }
}

/// What decides between equal faces.
pub(super) struct Ties<'a> {
    /// Faces within this distance are equal.
    within: f32,
    hash: u64,
    /// Faces that are taken before others.
    preferred: &'a [u64],
}

impl<'a> Ties<'a> {
    pub(super) fn new(within: f32, target: &Target, preferred: &'a [u64]) -> Self {
        Self {
            within,
            hash: hash_of(target.plain_point()),
            preferred,
        }
    }

    /// Of two equal faces the one with the smaller key is taken.
    fn key(&self, face: &Ranked) -> (usize, u64) {
        let place = self.preferred.iter().position(|id| *id == face.id);
        (
            place.unwrap_or(usize::MAX),
            mixed(self.hash ^ mixed(face.id)),
        )
    }
}

/// The hash FNV-1a of a query, bit by bit: a query of other weights is another query.
fn hash_of(point: &[f32; EXPRESSION_LEN]) -> u64 {
    // The offset basis and the prime of the 64-bit hash.
    let bytes = point.iter().flat_map(|v| v.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of `value`. Ids are
/// small consecutive numbers, whose order an XOR alone would keep.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Takes faces from a pool that is sorted by score.
pub(super) struct Choice<'a> {
    pool: &'a [Ranked],
    ties: Ties<'a>,
    taken: HashSet<u64>,
    chosen: Vec<Ranked>,
    /// The expressions that another choice must be apart from: those chosen, and those in whose
    /// place an equal one was chosen.
    apart_from: Vec<Expression>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(pool: &'a [Ranked], ties: Ties<'a>) -> Self {
        Self {
            pool,
            ties,
            taken: HashSet::new(),
            chosen: Vec::new(),
            apart_from: Vec::new(),
        }
    }

    /// Takes up to `limit` faces that are `separation` apart and not above the best score by more
    /// than `slack`.
    pub(super) fn take_separated(&mut self, limit: usize, separation: f32, slack: f32) {
        // The score of a copy says nothing of how near the others can be.
        let best = self.pool.iter().find(|face| !face.is_copy());
        let worst = best.map_or(f32::MAX, |best| best.score + slack);
        let pool = self.pool;
        for (place, face) in pool.iter().enumerate() {
            if self.chosen.len() >= limit || face.score > worst {
                break;
            }
            if self.is_apart(face, separation) {
                self.take(place, separation);
            }
        }
    }

    /// Takes the best that are left, up to `limit` in all.
    pub(super) fn fill(&mut self, limit: usize) {
        let pool = self.pool;
        for (place, face) in pool.iter().enumerate() {
            if self.chosen.len() >= limit {
                break;
            }
            // An equal face may have been taken in its place before: then this one is still there
            // when its own turn comes.
            while self.chosen.len() < limit && !self.taken.contains(&face.id) {
                self.take(place, 0.0);
            }
        }
    }

    /// What was taken, lowest score first.
    pub(super) fn into_chosen(mut self) -> Vec<Ranked> {
        self.chosen
            .sort_by(|a, b| a.score.total_cmp(&b.score).then(a.id.cmp(&b.id)));
        self.chosen
    }

    fn is_apart(&self, face: &Ranked, separation: f32) -> bool {
        let mut before = self.apart_from.iter();
        separation <= 0.0 || before.all(|other| other.distance(&face.expression) >= separation)
    }

    /// Takes the face at `place`, or one that is equal and has a smaller key.
    fn take(&mut self, place: usize, separation: f32) {
        let face = self.pool[place];
        let picked = self.equal_to(place, separation);
        self.taken.insert(picked.id);
        self.apart_from.extend([face.expression, picked.expression]);
        self.chosen.push(picked);
    }

    fn equal_to(&self, place: usize, separation: f32) -> Ranked {
        let face = self.pool[place];
        // The picture of the query itself has no equal. Without ties nothing has.
        if face.is_copy() || self.ties.within <= 0.0 {
            return face;
        }
        let equal = |other: &&Ranked| {
            !self.taken.contains(&other.id)
                && other.expression.distance(&face.expression) <= self.ties.within
                && self.is_apart(other, separation)
        };
        let ties = self.pool[place..].iter().filter(equal);
        let least = ties.min_by_key(|other| self.ties.key(other));
        least.copied().unwrap_or(face)
    }
}
