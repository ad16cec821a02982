//! One pass over all chunks for the nearest faces. The answer is that of comparing every face in
//! full; int8 codes only save work (see `quantization`).

use super::chunks::{Chunk, Row, Values};
use super::error::Fault;
use super::kernels;
use super::options::SearchOptions;
use super::quantization::QuantizedQuery;
use super::source::Source;
use super::target::Target;
use super::top_k::{Nearest, Neighbor};
use super::variety::Ranked;
use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};
use std::collections::HashMap;

/// The `limit` best faces of different groups, with their squared scores.
pub(super) fn nearest(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    limit: usize,
) -> Result<Vec<Neighbor>, Fault> {
    let scan = Scan::over_all(source, target, options, limit)?;
    Ok(scan.finish()?.neighbors)
}

/// The `limit` best faces of different groups, with their expressions.
pub(super) fn nearest_faces(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    limit: usize,
) -> Result<Vec<Ranked>, Fault> {
    let mut scan = Scan::over_all(source, target, options, limit)?;
    let places = std::mem::take(&mut scan.places);
    let found = scan.finish()?;
    let places: HashMap<u64, (u64, usize)> = places.into_iter().chain(found.places).collect();
    let mut faces = Vec::new();
    for neighbor in &found.neighbors {
        // A face was in some place before it was found.
        let Some((chunk, index)) = places.get(&neighbor.id) else {
            continue;
        };
        let expression = source.expression_at(*chunk, *index)?;
        faces.push(Ranked::new(target, neighbor, expression));
    }
    Ok(faces)
}

/// A face that may be among the nearest, known by its codes.
struct Candidate {
    /// Its rank is at least this.
    lower_bound: f32,
    chunk: u64,
    index: usize,
    id: u64,
    group: u64,
}

/// What the rank of a face is at least and at most.
struct Bounds {
    lower: f32,
    upper: f32,
    /// Whether only the full expression tells if the face counts, and its rank.
    is_open: bool,
}

/// A finished scan.
struct Finished {
    /// With their squared scores.
    neighbors: Vec<Neighbor>,
    /// Chunk and index of each face that was compared in full at the end.
    places: Vec<(u64, (u64, usize))>,
}

struct Scan<'a, S> {
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
    candidates: Vec<Candidate>,
    /// Chunk and index of the faces that were kept by their full expressions.
    places: Vec<(u64, (u64, usize))>,
    filter: RowFilter<'a, S>,
    // Buffers, kept from chunk to chunk.
    squares: Vec<f32>,
    products: Vec<i32>,
}

impl<'a, S: Source> Scan<'a, S> {
    fn over_all(
        source: &'a S,
        target: &'a Target,
        options: &'a SearchOptions,
        limit: usize,
    ) -> Result<Self, Fault> {
        let mut scan = Self::new(source, target, options, limit);
        source.for_each_chunk(&mut |chunk| {
            options.cancel.check()?;
            scan.chunk(chunk)
        })?;
        Ok(scan)
    }

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
            candidates: Vec::new(),
            places: Vec::new(),
            filter: RowFilter {
                source,
                options,
                known: HashMap::new(),
            },
            squares: Vec::new(),
            products: Vec::new(),
        }
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), Fault> {
        match &chunk.values {
            Values::Exact(values) => self.exact(chunk, values),
            Values::Int8(codes) => self.int8(chunk, codes),
        }
    }

    fn exact(&mut self, chunk: &Chunk, values: &[[f32; EXPRESSION_LEN]]) -> Result<(), Fault> {
        self.squares.resize(values.len(), 0.0);
        kernels::distances(self.target.point(), values, &mut self.squares);
        let shift = self.target.shift();
        let copies = self.target.copies(0.0);
        for (i, row) in chunk.rows.iter().enumerate() {
            let squared = self.squares[i];
            if squared + shift > self.nearest.worst() && !copies.contains(&squared) {
                continue;
            }
            // The filter reads records, so it is applied only to faces that are near enough.
            if let Some(rank) = self.rank(&Expression(values[i]), squared)
                && rank <= self.nearest.worst()
                && self.filter.matches(row)?
            {
                self.places.push((row.id, (chunk.number, i)));
                self.nearest.insert(Neighbor {
                    distance: rank,
                    id: row.id,
                    group: row.group,
                });
            }
        }
        Ok(())
    }

    /// The rank of a face at this squared distance from the point; `None` if it is too far or
    /// left out for its expression.
    fn rank(&self, expression: &Expression, squared: f32) -> Option<f32> {
        let from_plain = if self.target.is_centered() {
            squared_distance(self.target.plain_point(), &expression.0)
        } else {
            squared
        };
        let is_excluded = self.options.judges_expressions() && {
            let squared = self.target.squared_from_plain(from_plain);
            self.options.excludes(expression, squared)
        };
        let counts = from_plain <= self.max_squared && !is_excluded;
        counts.then(|| self.target.rank(squared, from_plain))
    }

    fn int8(&mut self, chunk: &Chunk, codes: &[[i8; EXPRESSION_LEN]]) -> Result<(), Fault> {
        self.products.resize(codes.len(), 0);
        kernels::products(&self.query.codes, codes, &mut self.products);
        self.query
            .squared_distances(&self.products, &chunk.scales, &mut self.squares);
        let copies = self.target.copies(chunk.error + self.query.error);
        let mut limit = self.squared_limit(chunk.error);
        for i in 0..chunk.rows.len() {
            if self.squares[i] <= limit || copies.contains(&self.squares[i]) {
                self.candidate(chunk, codes, i)?;
                // Recomputed only here, as nothing else changes it.
                limit = self.squared_limit(chunk.error);
            }
        }
        Ok(())
    }

    /// The largest squared distance between dequantized vectors at which a face with a quantization
    /// error up to `error` can be among the nearest.
    fn squared_limit(&self, error: f32) -> f32 {
        let worst = self.nearest.worst() - self.target.shift();
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
        codes: &[[i8; EXPRESSION_LEN]],
        index: usize,
    ) -> Result<(), Fault> {
        let row = &chunk.rows[index];
        let Some(mut bounds) = self.bounds(row, &codes[index], self.squares[index]) else {
            return Ok(());
        };
        if bounds.lower > self.nearest.worst() || !self.filter.matches(row)? {
            return Ok(());
        }
        // Bounds do not decide which of two points is nearer, nor codes an emotion; the full
        // expression does.
        if bounds.is_open || self.options.judges_expressions() {
            let expression = self.source.expression_at(chunk.number, index)?;
            let squared = squared_distance(self.target.point(), &expression.0);
            let Some(rank) = self.rank(&expression, squared) else {
                return Ok(());
            };
            if bounds.is_open {
                bounds.lower = rank;
                bounds.upper = rank;
            }
        }
        // Its upper bound may rule out others; whether it is among the nearest itself is seen at
        // the end, when all bounds are known.
        self.candidates.push(Candidate {
            lower_bound: bounds.lower,
            chunk: chunk.number,
            index,
            id: row.id,
            group: row.group,
        });
        self.nearest.insert(Neighbor {
            distance: bounds.upper,
            id: row.id,
            group: row.group,
        });
        Ok(())
    }

    /// Bounds of a row's rank from the squared distance of its dequantized vector from the point;
    /// `None` if it is farther than the search allows.
    fn bounds(&self, row: &Row, codes: &[i8; EXPRESSION_LEN], squared: f32) -> Option<Bounds> {
        let dequantized = squared.max(0.0).sqrt();
        // The chunk's largest error let the row pass; its own error may be smaller.
        let error = row.error + self.query.error;
        let shift = self.target.shift();
        let mut bounds = Bounds {
            lower: (dequantized - error).max(0.0).powi(2) + shift,
            upper: (dequantized + error).powi(2) + shift,
            is_open: false,
        };
        let Some(query) = &self.plain_query else {
            return Some(bounds);
        };
        let mut product = [0];
        kernels::products(&query.codes, std::slice::from_ref(codes), &mut product);
        let plain = query.squared_distance(product[0], [row.scale, row.squared_norm]);
        let plain = plain.max(0.0).sqrt();
        let error = row.error + query.error;
        let nearest = (plain - error).max(0.0).powi(2);
        if nearest > self.max_squared {
            return None;
        }
        let may_be_copy = self.target.is_copy(nearest);
        bounds.is_open = may_be_copy || (plain + error).powi(2) > self.max_squared;
        // Copies are ranked by their distance, which may be less than that from the point.
        if may_be_copy {
            bounds.lower = 0.0;
        }
        Some(bounds)
    }

    /// The nearest, with their squared scores.
    fn finish(self) -> Result<Finished, Fault> {
        let target = self.target;
        // Without candidates all was compared in full already, or there is nothing.
        let nearest = if self.candidates.is_empty() {
            self.nearest
        } else {
            self.compare_in_full()?
        };
        let place = |c: &Candidate| (c.id, (c.chunk, c.index));
        Ok(Finished {
            places: self.candidates.iter().map(place).collect(),
            neighbors: nearest
                .into_neighbors()
                .map(|n| Neighbor {
                    distance: target.squared_score(n.distance),
                    ..n
                })
                .collect(),
        })
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
            let squared = squared_distance(self.target.point(), &expression.0);
            if let Some(rank) = self.rank(&expression, squared) {
                nearest.insert(Neighbor {
                    distance: rank,
                    id: candidate.id,
                    group: candidate.group,
                });
            }
        }
        Ok(nearest)
    }
}

/// Asks the source which rows' pictures meet the filter, once for each picture.
struct RowFilter<'a, S> {
    source: &'a S,
    options: &'a SearchOptions,
    known: HashMap<u64, bool>,
}

impl<S: Source> RowFilter<'_, S> {
    fn matches(&mut self, row: &Row) -> Result<bool, Fault> {
        let filter = &self.options.filter;
        if filter.is_empty() {
            return Ok(true);
        }
        if let Some(known) = self.known.get(&row.picture) {
            return Ok(*known);
        }
        let matches = self.source.picture_matches(row.picture, filter)?;
        self.known.insert(row.picture, matches);
        Ok(matches)
    }
}
