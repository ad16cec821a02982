//! One pass over all chunks for the nearest faces. The answer is that of comparing every face in
//! full; int8 codes only save work (see `quantization`).

use super::chunks::{Chunk, Row, Values};
use super::error::Fault;
use super::kernels;
use super::options::{SearchOptions, Target};
use super::quantization::QuantizedQuery;
use super::source::Source;
use super::top_k::{Nearest, Neighbor};
use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};
use std::collections::HashMap;

/// The `limit` nearest faces of different groups, with their squared distances.
pub(super) fn nearest(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    limit: usize,
) -> Result<Vec<Neighbor>, Fault> {
    let mut scan = Scan::new(source, target, options, limit);
    source.for_each_chunk(&mut |chunk| {
        options.cancel.check()?;
        scan.chunk(chunk)
    })?;
    scan.finish()
}

/// A face that may be among the nearest, known by its codes.
struct Candidate {
    /// It is at least this far from the target.
    lower_bound: f32,
    chunk: u64,
    index: usize,
    id: u64,
    group: u64,
}

struct Scan<'a, S> {
    source: &'a S,
    target: &'a Target,
    options: &'a SearchOptions,
    limit: usize,
    query: QuantizedQuery,
    /// The nearest by exact squared distance or, over codes, by the square of the upper bound.
    nearest: Nearest,
    candidates: Vec<Candidate>,
    filter: RowFilter<'a, S>,
    // Buffers, kept from chunk to chunk.
    squares: Vec<f32>,
    products: Vec<i32>,
}

impl<'a, S: Source> Scan<'a, S> {
    fn new(source: &'a S, target: &'a Target, options: &'a SearchOptions, limit: usize) -> Self {
        Self {
            source,
            target,
            options,
            limit,
            query: QuantizedQuery::of(&target.center),
            nearest: Nearest::new(limit, target.squared_limit(options.max_distance)),
            candidates: Vec::new(),
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
            Values::Exact(values) => self.exact(&chunk.rows, values),
            Values::Int8(codes) => self.int8(chunk, codes),
        }
    }

    fn exact(&mut self, rows: &[Row], values: &[[f32; EXPRESSION_LEN]]) -> Result<(), Fault> {
        self.squares.resize(rows.len(), 0.0);
        kernels::distances(&self.target.center, values, &mut self.squares);
        for (i, row) in rows.iter().enumerate() {
            let squared = self.squares[i];
            // The filter reads records, so it is applied only to faces that are near enough.
            if squared <= self.nearest.worst()
                && !self.is_negative(&Expression(values[i]), squared)
                && self.filter.matches(row)?
            {
                self.nearest.insert(Neighbor {
                    distance: squared,
                    id: row.id,
                    group: row.group,
                });
            }
        }
        Ok(())
    }

    fn int8(&mut self, chunk: &Chunk, codes: &[[i8; EXPRESSION_LEN]]) -> Result<(), Fault> {
        self.products.resize(codes.len(), 0);
        kernels::products(&self.query.codes, codes, &mut self.products);
        self.query
            .squared_distances(&self.products, &chunk.scales, &mut self.squares);
        let mut limit = self.squared_limit(chunk.error);
        for i in 0..chunk.rows.len() {
            if self.squares[i] <= limit {
                self.candidate(chunk, i)?;
                // Recomputed only here, as nothing else changes it.
                limit = self.squared_limit(chunk.error);
            }
        }
        Ok(())
    }

    /// The largest squared distance between dequantized vectors at which a face with a quantization
    /// error up to `error` can be among the nearest.
    fn squared_limit(&self, error: f32) -> f32 {
        let worst = self.nearest.worst();
        if worst < 0.0 {
            // Nothing can be kept; the sum of root and errors would be positive.
            -1.0
        } else {
            (worst.sqrt() + error + self.query.error).powi(2)
        }
    }

    /// Keeps a face whose lower bound is near enough.
    fn candidate(&mut self, chunk: &Chunk, index: usize) -> Result<(), Fault> {
        let row = &chunk.rows[index];
        let dequantized = self.squares[index].max(0.0).sqrt();
        // The chunk's largest error let the row pass; its own error may be smaller.
        let error = row.error + self.query.error;
        let lower_bound = (dequantized - error).max(0.0);
        if lower_bound * lower_bound > self.nearest.worst() || !self.filter.matches(row)? {
            return Ok(());
        }
        // Bounds do not decide which of two points is nearer; the full expression does.
        if !self.options.negatives.is_empty() {
            let expression = self.source.expression_at(chunk.number, index)?;
            let squared = squared_distance(&self.target.center, &expression.0);
            if self.is_negative(&expression, squared) {
                return Ok(());
            }
        }
        // Its upper bound may rule out others; whether it is among the nearest itself is seen at
        // the end, when all bounds are known.
        self.candidates.push(Candidate {
            lower_bound,
            chunk: chunk.number,
            index,
            id: row.id,
            group: row.group,
        });
        self.nearest.insert(Neighbor {
            distance: (dequantized + error).powi(2),
            id: row.id,
            group: row.group,
        });
        Ok(())
    }

    /// Whether a face at this squared distance from the center is nearer to a negative.
    fn is_negative(&self, expression: &Expression, squared: f32) -> bool {
        !self.options.negatives.is_empty()
            && self
                .options
                .is_nearer_to_negative(expression, squared + self.target.mean_square_offset)
    }

    /// The nearest, with their exact squared distances from the targets.
    fn finish(self) -> Result<Vec<Neighbor>, Fault> {
        let offset = self.target.mean_square_offset;
        // Without candidates all was compared in full already, or there is nothing.
        let nearest = if self.candidates.is_empty() {
            self.nearest
        } else {
            self.compare_in_full()?
        };
        Ok(nearest
            .into_neighbors()
            .map(|n| Neighbor {
                distance: (n.distance + offset).max(0.0),
                ..n
            })
            .collect())
    }

    /// The nearest of the candidates. The worst upper bound has shrunk during the scan, so most of
    /// them are ruled out by now.
    fn compare_in_full(&self) -> Result<Nearest, Fault> {
        let worst = self.nearest.worst();
        let max = self.target.squared_limit(self.options.max_distance);
        let mut nearest = Nearest::new(self.limit, max);
        for candidate in &self.candidates {
            if candidate.lower_bound * candidate.lower_bound > worst {
                continue;
            }
            self.options.cancel.check()?;
            let expression = self
                .source
                .expression_at(candidate.chunk, candidate.index)?;
            nearest.insert(Neighbor {
                distance: squared_distance(&self.target.center, &expression.0),
                id: candidate.id,
                group: candidate.group,
            });
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
