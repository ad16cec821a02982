//! Which faces of a pool are shown.

use super::appearance::Difference;
use super::appearances::Appearances;
use super::error::Fault;
use super::pool::{Exact, Pool, Queue};
use super::source::Source;
use super::target::{COPY_DISTANCE, Target};
use super::variety::Variety;
use crate::embed::{EXPRESSION_LEN, Expression};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// Answers among which ties are decided by the hash, and which are made to differ. Nobody sees more
/// at once, and each is compared with the whole pool.
const MAX_VARIED: usize = 32;

/// Bits of the hash that breaks ties. More would differ between programs more often, and there are
/// seldom more than 20 equal faces.
const SIDES: u64 = 16;

/// A face that was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chosen {
    pub(super) id: u64,
    pub(super) score: f32,
    pub(super) distance: f32,
}

/// What decides between equal faces.
struct Ties<'a> {
    /// Faces within this distance are equal.
    within: f32,
    hash: u64,
    /// Faces that are taken before others.
    preferred: &'a [u64],
}

/// Of two equal faces the one with the smaller key is taken.
type TieKey = (usize, u64);

impl<'a> Ties<'a> {
    fn new(within: f32, target: &Target, preferred: &'a [u64]) -> Self {
        Self {
            within,
            hash: hash_of(target.plain_point()),
            preferred,
        }
    }

    fn key(&self, id: u64) -> TieKey {
        let place = self.preferred.iter().position(|other| *other == id);
        (place.unwrap_or(usize::MAX), mixed(self.hash ^ mixed(id)))
    }
}

/// The SimHash of a query (Charikar 2002): on which side of random planes it lies. Two queries at
/// an angle of `a` have the same with a probability of about `1 - SIDES * a / π`: a browser, whose
/// rounding differs by a thousandth, breaks ties like the program, and another face in its own way.
fn hash_of(point: &[f32; EXPRESSION_LEN]) -> u64 {
    let sides = (0..SIDES).map(|plane| u64::from(is_above(plane, point)) << plane);
    mixed(sides.sum())
}

/// Whether a point is on the upper side of a plane through the origin. Its normal has components
/// of 1 and -1.
fn is_above(plane: u64, point: &[f32; EXPRESSION_LEN]) -> bool {
    let normal = mixed(plane);
    let is_positive = |at: usize| normal >> (at % 64) & 1 == 1;
    let signed = |(at, v): (usize, &f32)| if is_positive(at) { *v } else { -v };
    point.iter().enumerate().map(signed).sum::<f32>() > 0.0
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of `value`. Ids are
/// small consecutive numbers, whose order an XOR alone would keep.
fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Takes faces from a pool, each of which answers a search.
pub(super) struct Choice<'a, S: Source> {
    pool: Pool<'a, S>,
    ties: Ties<'a>,
    /// The largest rank of faces that are taken for their difference, or in place of an equal one.
    worst: f32,
    taken: HashSet<usize>,
    chosen: Vec<(u64, Exact)>,
    /// The expressions that another choice must be apart from: those chosen, and those in whose
    /// place an equal one was chosen.
    apart_from: Vec<Expression>,
    appearances: Appearances,
}

impl<'a, S: Source> Choice<'a, S> {
    /// Faces are equal within `tie`, and those of `preferred` are taken before others.
    pub(super) fn new(pool: Pool<'a, S>, tie: f32, preferred: &'a [u64]) -> Self {
        Self {
            ties: Ties::new(tie, pool.target(), preferred),
            pool,
            worst: f32::INFINITY,
            taken: HashSet::new(),
            chosen: Vec::new(),
            apart_from: Vec::new(),
            appearances: Appearances::new(),
        }
    }

    /// Takes faces that differ as far as `variety` allows, up to `limit`: in expression, label and look,
    /// then in fewer of them, then the best that are left.
    pub(super) fn take_varied(&mut self, limit: usize, variety: Variety) -> Result<(), Fault> {
        if let Some(reference) = self.pool.reference()? {
            let worst = reference.sqrt() + variety.slack;
            // Where there are too many faces, the pool has fewer than are within the slack.
            let worst = self.pool.target().rank_of(worst * worst);
            self.worst = worst.min(self.pool.bound());
        }
        let varied = limit.min(MAX_VARIED);
        // Two answers of one label are better than two that look alike.
        let differences = [
            Difference::LabelAndLook(variety.alike_bits),
            Difference::Look(variety.alike_bits),
            Difference::Label,
        ];
        for difference in differences {
            self.appearances.must_differ_in(difference);
            self.take_separated(varied, variety.separation)?;
            self.take_separated(varied, 0.0)?;
        }
        self.appearances.must_differ_in(Difference::Nothing);
        self.take_separated(varied, variety.separation)?;
        self.fill(limit)
    }

    /// Takes up to `limit` faces that are `separation` apart, none above the worst rank. Returns
    /// whether the pool sufficed: if not, a larger one may have other answers.
    pub(super) fn take_separated(&mut self, limit: usize, separation: f32) -> Result<bool, Fault> {
        // Before a list of the whole pool is made: mostly the first of several calls takes all.
        if self.chosen.len() >= limit {
            return Ok(true);
        }
        let mut left: Vec<usize> = (0..self.pool.len()).collect();
        while self.chosen.len() < limit {
            let Some((place, face)) = self.lowest(&left, separation)? else {
                return Ok(self.pool.bound() >= self.worst);
            };
            if face.rank > self.worst {
                break;
            }
            if self.reach(&face) > self.pool.bound() {
                return Ok(false);
            }
            let picked = self.take(place, &face, &left, separation)?;
            for expression in [face.expression, picked] {
                let distances = self.pool.distances(&expression);
                left.retain(|place| distances.may_be_beyond(*place, separation));
            }
        }
        Ok(true)
    }

    /// The largest rank that a face which is taken in the place of this one can have.
    fn reach(&self, face: &Exact) -> f32 {
        let target = self.pool.target();
        // By the triangle inequality.
        let farthest = target.squared_score(face.rank).sqrt() + self.ties.within;
        let farthest = target.rank_of(farthest * farthest);
        farthest.min(self.worst).max(face.rank)
    }

    /// The best of `left` that is apart from all before and whose picture is new; beyond the worst
    /// rank any.
    fn lowest(&mut self, left: &[usize], separation: f32) -> Result<Option<(usize, Exact)>, Fault> {
        let mut queue = Queue::of(&self.pool, left.iter().copied());
        while let Some((place, face)) = queue.next(&mut self.pool)? {
            let is_apart = !self.taken.contains(&place) && self.is_apart(&face, separation);
            if is_apart && (face.rank > self.worst || self.appearances.is_new(place, &self.pool)?) {
                return Ok(Some((place, face)));
            }
        }
        Ok(None)
    }

    fn is_apart(&self, face: &Exact, separation: f32) -> bool {
        let mut before = self.apart_from.iter();
        separation <= 0.0 || before.all(|other| other.distance(&face.expression) >= separation)
    }

    /// Takes the best that are left, up to `limit` in all.
    pub(super) fn fill(&mut self, limit: usize) -> Result<(), Fault> {
        let left: Vec<usize> = (0..self.pool.len()).collect();
        let mut queue = Queue::of(&self.pool, left.iter().copied());
        while self.chosen.len() < limit
            && let Some((place, face)) = queue.next(&mut self.pool)?
        {
            if self.taken.contains(&place) {
                continue;
            }
            self.take(place, &face, &left, 0.0)?;
            // If an equal face was taken in its place, its own turn comes again.
            if !self.taken.contains(&place) {
                queue.put_back(&self.pool, place, &face);
            }
        }
        Ok(())
    }

    /// What was taken, lowest score first.
    pub(super) fn into_chosen(self) -> Vec<Chosen> {
        let target = self.pool.target();
        let chosen = self.chosen.iter().map(|(id, face)| Chosen {
            id: *id,
            score: target.squared_score(face.rank).sqrt(),
            distance: target.squared_from_plain(face.from_plain).max(0.0).sqrt(),
        });
        let mut chosen: Vec<Chosen> = chosen.collect();
        chosen.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.id.cmp(&b.id)));
        chosen
    }

    /// Takes a face, or one of `left` that is equal and has a smaller key. Returns its expression.
    fn take(
        &mut self,
        place: usize,
        face: &Exact,
        left: &[usize],
        separation: f32,
    ) -> Result<Expression, Fault> {
        let equal = self.equal_to(face, left, separation)?;
        let (place, picked) = equal.unwrap_or((place, *face));
        self.taken.insert(place);
        self.appearances.take(place, &self.pool)?;
        self.apart_from.extend([face.expression, picked.expression]);
        self.chosen.push((self.pool.id(place), picked));
        Ok(picked.expression)
    }

    /// Of the faces that are equal to this one, which is one of them, that with the least key.
    fn equal_to(
        &mut self,
        face: &Exact,
        left: &[usize],
        separation: f32,
    ) -> Result<Option<(usize, Exact)>, Fault> {
        // The picture of the query itself has no equal. Without ties nothing has.
        if self.is_copy(face) || self.ties.within <= 0.0 || self.chosen.len() >= MAX_VARIED {
            return Ok(None);
        }
        let reach = self.reach(face);
        let distances = self.pool.distances(&face.expression);
        let may_be_equal = |place: &&usize| {
            self.pool.lower_bound(**place) <= reach
                && distances.may_be_within(**place, self.ties.within)
                && !self.taken.contains(place)
        };
        let keyed = |place: &usize| Reverse((self.ties.key(self.pool.id(*place)), *place));
        let mut keys: BinaryHeap<Reverse<(TieKey, usize)>> =
            left.iter().filter(may_be_equal).map(keyed).collect();
        // Only as many are read as it takes to find one that is equal.
        while let Some(Reverse((_, place))) = keys.pop() {
            if let Some(other) = self.pool.read(place)?
                && other.rank <= reach
                && other.expression.distance(&face.expression) <= self.ties.within
                && self.is_apart(&other, separation)
                && self.appearances.is_new(place, &self.pool)?
                && self.pool.is_best_of_group(place, &other)?
            {
                return Ok(Some((place, other)));
            }
        }
        Ok(None)
    }

    fn is_copy(&self, face: &Exact) -> bool {
        let squared = self.pool.target().squared_from_plain(face.from_plain);
        squared <= COPY_DISTANCE * COPY_DISTANCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point of the unit sphere, the same for the same `seed`.
    fn point(seed: u64) -> [f32; EXPRESSION_LEN] {
        let at = |i: usize| mixed(seed * 64 + i as u64) as i64 as f32 / i64::MAX as f32;
        let point: [f32; EXPRESSION_LEN] = std::array::from_fn(at);
        let length = point.iter().map(|v| v * v).sum::<f32>().sqrt();
        point.map(|v| v / length)
    }

    #[test]
    fn rounding_seldom_changes_the_hash_and_another_face_does() {
        let points: Vec<_> = (0..500).map(point).collect();
        // Each number moves by a hundredth of its mean size.
        let rounded = |p: &[f32; EXPRESSION_LEN]| p.map(|v| (v * 800.0).round() / 800.0);
        let kept = points.iter().filter(|p| hash_of(p) == hash_of(&rounded(p)));
        assert!(kept.count() > 480);
        let hashes: HashSet<u64> = points.iter().map(hash_of).collect();
        assert!(hashes.len() > 480, "{}", hashes.len());
    }
}
