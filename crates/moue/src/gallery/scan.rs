//! One pass over all chunks for the nearest faces. The answer is that of comparing every face in
//! full; int8 codes only save work (see `quantization`).

use super::chunks::{Chunk, Codes, Row, Values, retain_where};
use super::error::Fault;
use super::kernels;
use super::options::SearchOptions;
use super::pool::{Candidate, Found, Pool, exact};
use super::quantization::QuantizedQuery;
use super::source::{RowFilter, Source};
use super::target::Target;
use super::top_k::{Nearest, Neighbor};
use crate::embed::{EXPRESSION_LEN, squared_distance};
use std::ops::RangeInclusive;

/// So many faces at most are in a pool for what is within a bound of the best: where more are, the
/// bound is narrowed. A search of a million faces, of which one in ten is as near as that, would
/// otherwise take twice as long; and memory must have a limit. Half as many are enough for any
/// choice that was tried.
pub(super) const MAX_WITHIN: usize = 16_384;

/// Rows whose codes are compared at a time. What is done with so few is done while the processor
/// already reads the next ones from memory, which is what a search of a large gallery waits for.
const BLOCK: usize = 64;

/// The `limit` best faces of different groups, with their squared scores.
pub(super) fn nearest(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    limit: usize,
) -> Result<Vec<Neighbor>, Fault> {
    let mut scan = Scan::new(source, target, options, limit);
    scan.over_all()?;
    scan.into_nearest()
}

/// A pool with the `limit` best faces of different groups and, if there is a `slack`, all whose
/// score is larger than the best by no more than that.
pub(super) fn pool<'a, S: Source>(
    source: &'a S,
    target: &'a Target,
    options: &'a SearchOptions,
    limit: usize,
    slack: Option<f32>,
) -> Result<Pool<'a, S>, Fault> {
    let mut scan = Scan::new(source, target, options, limit);
    scan.slack = slack;
    scan.is_for_pool = true;
    scan.over_all()?;
    scan.into_pool()
}

/// Whether any square is at most `limit` or in the interval of copies. All are compared, without a
/// branch, so that it is done with vectors.
fn any_within(squares: &[f32], limit: f32, copies: &RangeInclusive<f32>) -> bool {
    let [first, last] = [*copies.start(), *copies.end()];
    let is_within = |s: f32| (s <= limit) | ((s >= first) & (s <= last));
    squares.iter().fold(false, |any, s| any | is_within(*s))
}

/// What the rank of a face is at least and at most.
struct Bounds {
    lower: f32,
    upper: f32,
    /// At least and at most [`Target::squared_reference`].
    reference: [f32; 2],
    /// Whether only the full expression tells if the face is near enough to count.
    is_open: bool,
}

struct Scan<'a, S: Source> {
    source: &'a S,
    target: &'a Target,
    options: &'a SearchOptions,
    limit: usize,
    query: QuantizedQuery,
    /// The targets before they were centered, if they were.
    plain_query: Option<QuantizedQuery>,
    /// As for [`Target::squared_limit`].
    max_squared: f32,
    /// The nearest by rank or, over codes, by its upper bound.
    nearest: Nearest,
    is_for_pool: bool,
    slack: Option<f32>,
    /// The least upper bound of a [`Target::squared_reference`].
    reference: f32,
    /// The largest rank that counts for its slack.
    within: f32,
    /// What `within` was narrowed to, as there are too many faces.
    narrowed: f32,
    candidates: Vec<Candidate>,
    /// The codes of the candidates, where they are for a pool and not compared in full.
    codes: Vec<Codes>,
    filter: RowFilter<'a, S>,
    // Buffers, kept from chunk to chunk.
    squares: Vec<f32>,
    products: Vec<i32>,
}

impl<'a, S: Source> Scan<'a, S> {
    fn new(source: &'a S, target: &'a Target, options: &'a SearchOptions, limit: usize) -> Self {
        let plain = || QuantizedQuery::of(target.plain_point());
        Self {
            source,
            target,
            options,
            limit,
            query: QuantizedQuery::of(target.point()),
            plain_query: target.is_centered().then(plain),
            max_squared: target.squared_limit(options.max_distance),
            nearest: Nearest::new(limit, target.rank_limit(options.max_distance)),
            is_for_pool: false,
            slack: None,
            reference: f32::INFINITY,
            within: f32::NEG_INFINITY,
            narrowed: f32::INFINITY,
            candidates: Vec::new(),
            codes: Vec::new(),
            filter: RowFilter::new(source, options),
            squares: Vec::new(),
            products: Vec::new(),
        }
    }

    fn over_all(&mut self) -> Result<(), Fault> {
        let source = self.source;
        source.for_each_chunk(&mut |chunk| {
            self.options.cancel.check()?;
            match &chunk.values {
                Values::Exact(values) => self.exact(chunk, values)?,
                Values::Int8(codes) => self.int8(chunk, codes)?,
            }
            self.prune();
            Ok(())
        })
    }

    /// The largest rank at which a face is kept.
    fn bound(&self) -> f32 {
        self.nearest.worst().max(self.within.min(self.narrowed))
    }

    fn exact(&mut self, chunk: &Chunk, values: &[[f32; EXPRESSION_LEN]]) -> Result<(), Fault> {
        self.squares.resize(values.len(), 0.0);
        kernels::distances(self.target.point(), values, &mut self.squares);
        let shift = self.target.shift();
        let copies = self.target.copies(0.0);
        for (i, value) in values.iter().enumerate() {
            let squared = self.squares[i];
            if squared + shift <= self.bound() || copies.contains(&squared) {
                let from_plain = if self.target.is_centered() {
                    squared_distance(self.target.plain_point(), value)
                } else {
                    squared
                };
                if from_plain <= self.max_squared {
                    let bounds = self.exact_bounds(squared, from_plain);
                    self.candidate(chunk, i, &bounds, None)?;
                }
            }
        }
        Ok(())
    }

    fn int8(&mut self, chunk: &Chunk, codes: &[Codes]) -> Result<(), Fault> {
        let copies = self.target.copies(chunk.error + self.query.error);
        let mut limit = self.squared_limit(chunk.error);
        for (number, block) in codes.chunks(BLOCK).enumerate() {
            let start = number * BLOCK;
            self.square_block(block, &chunk.scales[start..][..block.len()]);
            if !any_within(&self.squares, limit, &copies) {
                continue;
            }
            for (i, codes) in block.iter().enumerate() {
                let squared = self.squares[i];
                if (squared <= limit || copies.contains(&squared))
                    && let Some(bounds) =
                        self.bounds(&chunk.rows[start + i], codes, squared, &copies)
                {
                    self.candidate(chunk, start + i, &bounds, Some(codes))?;
                    // Recomputed only here, as nothing else changes it.
                    limit = self.squared_limit(chunk.error);
                }
            }
        }
        Ok(())
    }

    /// Fills `squares` with the squared distances of the dequantized rows of a block.
    fn square_block(&mut self, codes: &[Codes], scales: &[[f32; 2]]) {
        self.products.resize(codes.len(), 0);
        kernels::products(&self.query.codes, codes, &mut self.products);
        self.query
            .squared_distances(&self.products, scales, &mut self.squares);
    }

    /// The largest squared distance between dequantized vectors at which a face with a quantization
    /// error up to `error` can be kept.
    fn squared_limit(&self, error: f32) -> f32 {
        let worst = self.bound() - self.target.shift();
        if worst < 0.0 {
            // Nothing can be kept; the sum of root and errors would be positive.
            -1.0
        } else {
            (worst.sqrt() + error + self.query.error).powi(2)
        }
    }

    /// Keeps a face whose lower bound is near enough.
    fn candidate(
        &mut self,
        chunk: &Chunk,
        index: usize,
        bounds: &Bounds,
        codes: Option<&Codes>,
    ) -> Result<(), Fault> {
        if bounds.lower > self.bound() {
            return Ok(());
        }
        let row = &chunk.rows[index];
        let is_near = bounds.lower <= self.nearest.worst() || bounds.reference[0] < self.reference;
        // Whether one that is merely within the slack counts is asked when it is about to be chosen.
        if is_near {
            if !self.counts(chunk.number, index, row, bounds)? {
                return Ok(());
            }
            self.count(row, bounds);
        }
        // Without codes the nearest are known exactly.
        if self.is_for_pool || codes.is_some() {
            self.candidates.push(Candidate {
                lower_bound: bounds.lower,
                reference: bounds.reference[0],
                chunk: chunk.number,
                index,
                row: *row,
            });
        }
        if self.is_for_pool {
            self.codes.extend(codes);
        }
        Ok(())
    }

    /// Whether a face meets all conditions.
    fn counts(
        &mut self,
        chunk: u64,
        index: usize,
        row: &Row,
        bounds: &Bounds,
    ) -> Result<bool, Fault> {
        if !self.filter.matches(row)? {
            return Ok(false);
        }
        // Bounds do not decide which of two points is nearer, nor codes an emotion; the full
        // expression does.
        if bounds.is_open || self.options.judges_expressions() {
            let expression = self.source.expression_at(chunk, index)?;
            return Ok(exact(self.target, self.options, &expression).is_some());
        }
        Ok(true)
    }

    /// Lets a face that counts rule out others by its upper bounds. Whether it is among the nearest
    /// itself is seen at the end, when all bounds are known.
    fn count(&mut self, row: &Row, bounds: &Bounds) {
        self.nearest.insert(Neighbor {
            distance: bounds.upper,
            id: row.id,
            group: row.group,
        });
        if let Some(slack) = self.slack
            && bounds.reference[1] < self.reference
        {
            self.reference = bounds.reference[1];
            let worst = self.reference.sqrt() + slack;
            self.within = self.target.rank_of(worst * worst);
        }
    }

    /// Bounds of a row's rank from the squared distance of its dequantized vector from the point;
    /// `None` if it is farther than the search allows. `copies` is as for [`Target::copies`].
    fn bounds(
        &self,
        row: &Row,
        codes: &Codes,
        squared: f32,
        copies: &RangeInclusive<f32>,
    ) -> Option<Bounds> {
        // The chunk's largest error let the row pass; its own error may be smaller.
        let from_point = interval(squared, row.error + self.query.error);
        let from_plain = match &self.plain_query {
            None => from_point,
            // Neither a copy nor too far: no other distance matters.
            Some(_) if self.max_squared == f32::MAX && !copies.contains(&squared) => [f32::MAX; 2],
            Some(query) => {
                let mut product = [0];
                kernels::products(&query.codes, std::slice::from_ref(codes), &mut product);
                let plain = query.squared_distance(product[0], [row.scale, row.squared_norm]);
                interval(plain, row.error + query.error)
            }
        };
        let [lower, upper] = [0, 1].map(|i| self.exact_bounds(from_point[i], from_plain[i]));
        (from_plain[0] <= self.max_squared).then_some(Bounds {
            lower: lower.lower,
            upper: upper.upper,
            reference: [
                self.target
                    .squared_reference(from_point[0], self.target.copy_factor(from_plain[1])),
                self.target
                    .squared_reference(from_point[1], self.target.copy_factor(from_plain[0])),
            ],
            is_open: from_plain[1] > self.max_squared,
        })
    }

    /// The bounds of a face at known distances.
    fn exact_bounds(&self, from_point: f32, from_plain: f32) -> Bounds {
        let rank = self.target.rank(from_point, from_plain);
        let factor = self.target.copy_factor(from_plain);
        Bounds {
            lower: rank,
            upper: rank,
            reference: [self.target.squared_reference(from_point, factor); 2],
            is_open: false,
        }
    }

    /// Forgets candidates that others have ruled out since, and narrows the bound where too many
    /// are left.
    fn prune(&mut self) {
        if !self.is_for_pool
            || self.candidates.len() <= MAX_WITHIN.max(self.limit.saturating_mul(2))
        {
            return;
        }
        self.keep_within(self.bound());
        if self.candidates.len() > MAX_WITHIN {
            let mut ranks: Vec<f32> = self.candidates.iter().map(|c| c.lower_bound).collect();
            let (_, median, _) = ranks.select_nth_unstable_by(MAX_WITHIN / 2, f32::total_cmp);
            self.narrowed = *median;
            self.keep_within(self.bound());
        }
    }

    fn keep_within(&mut self, bound: f32) {
        let keeps: Vec<bool> = self
            .candidates
            .iter()
            .map(|c| c.lower_bound <= bound)
            .collect();
        retain_where(&mut self.candidates, &keeps);
        if !self.codes.is_empty() {
            retain_where(&mut self.codes, &keeps);
        }
    }

    /// The nearest, with their squared scores.
    fn into_nearest(self) -> Result<Vec<Neighbor>, Fault> {
        let target = self.target;
        // Without candidates all was compared in full already, or there is nothing.
        let nearest = if self.candidates.is_empty() {
            self.nearest
        } else {
            self.compare_in_full()?
        };
        let scored = nearest.into_neighbors().map(|n| Neighbor {
            distance: target.squared_score(n.distance),
            ..n
        });
        Ok(scored.collect())
    }

    /// The nearest of the candidates. The worst upper bound has shrunk during the scan, so most of
    /// them are ruled out by now.
    fn compare_in_full(&self) -> Result<Nearest, Fault> {
        let worst = self.nearest.worst();
        let max = self.target.rank_limit(self.options.max_distance);
        let mut nearest = Nearest::new(self.limit, max);
        for candidate in &self.candidates {
            if candidate.lower_bound > worst {
                continue;
            }
            self.options.cancel.check()?;
            let expression = self
                .source
                .expression_at(candidate.chunk, candidate.index)?;
            if let Some(face) = exact(self.target, self.options, &expression) {
                nearest.insert(Neighbor {
                    distance: face.rank,
                    id: candidate.row.id,
                    group: candidate.row.group,
                });
            }
        }
        Ok(nearest)
    }

    /// All that is kept, to choose from.
    fn into_pool(mut self) -> Result<Pool<'a, S>, Fault> {
        let bound = self.bound();
        self.keep_within(bound);
        // With fewer groups than asked for there is no other face that counts.
        let is_whole = self.nearest.len() < self.limit;
        // What it has learned of pictures is for the pool's own.
        drop(self.filter);
        let found = Found {
            candidates: self.candidates,
            codes: self.codes,
            bound: if is_whole { f32::INFINITY } else { bound },
        };
        Pool::new(self.source, self.target, self.options, found)
    }
}

/// The least and the largest squared distance of a face, given that of its dequantized vector and
/// the error.
fn interval(squared: f32, error: f32) -> [f32; 2] {
    let dequantized = squared.max(0.0).sqrt();
    [
        (dequantized - error).max(0.0).powi(2),
        (dequantized + error).powi(2),
    ]
}
