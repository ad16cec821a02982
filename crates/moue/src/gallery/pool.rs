//! The faces that answers are chosen from, known by bounds until one is about to be chosen.
//!
//! A full expression is read from the file, which takes a thousand times as long as a comparison by
//! codes. So only faces that the bounds do not rule out are read.

use super::appearance::Appearance;
use super::chunks::{Codes, Row};
use super::error::Fault;
use super::kernels;
use super::options::SearchOptions;
use super::quantization::QuantizedQuery;
use super::source::{RowFilter, Source};
use super::target::Target;
use crate::embed::{EXPRESSION_LEN, Expression, squared_distance};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// A face that a scan kept.
pub(super) struct Candidate {
    /// Its rank is at least this.
    pub(super) lower_bound: f32,
    /// And its [`Target::squared_reference`] at least this.
    pub(super) reference: f32,
    pub(super) chunk: u64,
    pub(super) index: usize,
    pub(super) row: Row,
}

/// What a scan found.
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    /// The candidates' codes, or nothing where the source has full expressions in memory.
    pub(super) codes: Vec<Codes>,
    /// All faces up to this rank are among the candidates.
    pub(super) bound: f32,
}

/// A face with its expression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact {
    pub(super) expression: Expression,
    /// As for [`Target::rank`].
    pub(super) rank: f32,
    /// As for [`Target::squared_reference`].
    pub(super) reference: f32,
    /// The squared distance from the plain point.
    pub(super) from_plain: f32,
}

/// What a face is to a search; `None` if it is too far or left out for its expression.
pub(super) fn exact(
    target: &Target,
    options: &SearchOptions,
    expression: &Expression,
) -> Option<Exact> {
    let from_point = squared_distance(target.point(), &expression.0);
    let from_plain = if target.is_centered() {
        squared_distance(target.plain_point(), &expression.0)
    } else {
        from_point
    };
    let is_excluded = options.judges_expressions()
        && options.excludes(expression, target.squared_from_plain(from_plain));
    let counts = from_plain <= target.squared_limit(options.max_distance) && !is_excluded;
    let factor = target.copy_factor(from_plain);
    counts.then(|| Exact {
        expression: *expression,
        rank: target.rank(from_point, from_plain),
        reference: target.squared_reference(from_point, factor),
        from_plain,
    })
}

/// The vectors of a pool's faces.
enum Vectors {
    Exact(Vec<[f32; EXPRESSION_LEN]>),
    Int8 {
        codes: Vec<Codes>,
        scales: Vec<[f32; 2]>,
    },
}

/// The candidates of a scan. A face is called by its place among them.
pub(super) struct Pool<'a, S: Source> {
    source: &'a S,
    target: &'a Target,
    options: &'a SearchOptions,
    candidates: Vec<Candidate>,
    /// The candidates' groups, side by side, as all are looked through.
    groups: Vec<u64>,
    vectors: Vectors,
    bound: f32,
    filter: RowFilter<'a, S>,
    // By place and not a list of all: of thousands of faces a few dozen are read.
    /// Faces that were read; `None` for those that do not count.
    read: HashMap<usize, Option<Exact>>,
}

impl<'a, S: Source> Pool<'a, S> {
    pub(super) fn new(
        source: &'a S,
        target: &'a Target,
        options: &'a SearchOptions,
        found: Found,
    ) -> Result<Self, Fault> {
        let Found {
            candidates,
            codes,
            bound,
        } = found;
        let scales = |c: &Candidate| [c.row.scale, c.row.squared_norm];
        // A source has either codes of all its faces or their expressions in memory.
        let vectors = if codes.len() == candidates.len() {
            Vectors::Int8 {
                scales: candidates.iter().map(scales).collect(),
                codes,
            }
        } else {
            let places = candidates.iter();
            let values = places.map(|c| Ok(source.expression_at(c.chunk, c.index)?.0));
            Vectors::Exact(values.collect::<Result<_, Fault>>()?)
        };
        Ok(Self {
            source,
            target,
            options,
            groups: candidates.iter().map(|c| c.row.group).collect(),
            candidates,
            vectors,
            bound,
            filter: RowFilter::new(source, options),
            read: HashMap::new(),
        })
    }

    pub(super) fn len(&self) -> usize {
        self.candidates.len()
    }

    pub(super) fn id(&self, place: usize) -> u64 {
        self.candidates[place].row.id
    }

    /// What is seen of the picture of a face.
    pub(super) fn appearance(&self, place: usize) -> Result<Appearance, Fault> {
        let entry = self.source.entry(self.id(place))?;
        // The hash of a video is that of one frame, whose face is seldom the one that is shown.
        let is_still = entry.time.is_none();
        Ok(Appearance {
            label: entry.label,
            perceptual_hash: entry.perceptual_hash.filter(|_| is_still),
        })
    }

    pub(super) fn target(&self) -> &'a Target {
        self.target
    }

    /// All faces up to this rank are in the pool.
    pub(super) fn bound(&self) -> f32 {
        self.bound
    }

    /// What a face's rank is at least.
    pub(super) fn lower_bound(&self, place: usize) -> f32 {
        self.candidates[place].lower_bound
    }

    /// The least [`Target::squared_reference`] of the faces that count.
    pub(super) fn reference(&mut self) -> Result<Option<f32>, Fault> {
        let bounds = self.candidates.iter().map(|c| c.reference);
        let mut queue: BinaryHeap<Reverse<(u32, bool, usize)>> = (bounds.enumerate())
            .map(|(place, bound)| Reverse((bound.to_bits(), false, place)))
            .collect();
        while let Some(Reverse((bits, is_exact, place))) = queue.pop() {
            // All that are left have larger bounds.
            if is_exact {
                return Ok(Some(f32::from_bits(bits)));
            }
            if let Some(face) = self.read(place)? {
                queue.push(Reverse((face.reference.to_bits(), true, place)));
            }
        }
        Ok(None)
    }

    /// Whether no other face of its group has a lower rank.
    pub(super) fn is_best_of_group(&mut self, place: usize, face: &Exact) -> Result<bool, Fault> {
        let group = self.groups[place];
        let id = self.id(place);
        for other in 0..self.groups.len() {
            // Nearly all groups have one picture, with one face: nothing else is read then.
            if self.groups[other] == group
                && other != place
                && self.lower_bound(other) <= face.rank
                && let Some(rival) = self.read(other)?
                && (rival.rank, self.id(other)) < (face.rank, id)
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A face, if it counts.
    pub(super) fn read(&mut self, place: usize) -> Result<Option<Exact>, Fault> {
        if let Some(known) = self.read.get(&place) {
            return Ok(*known);
        }
        self.options.cancel.check()?;
        let Candidate {
            chunk, index, row, ..
        } = &self.candidates[place];
        // The record first: most searches have no filter, and those that have leave out most faces.
        let face = if self.filter.matches(row)? {
            let expression = self.source.expression_at(*chunk, *index)?;
            exact(self.target, self.options, &expression)
        } else {
            None
        };
        self.read.insert(place, face);
        Ok(face)
    }

    /// How far each face is at least and at most from an expression.
    pub(super) fn distances(&self, from: &Expression) -> Distances {
        let mut squares = vec![0.0; self.candidates.len()];
        match &self.vectors {
            Vectors::Exact(values) => {
                kernels::distances(&from.0, values, &mut squares);
                Distances {
                    squares,
                    // The same arithmetic as of `Expression::distance`.
                    errors: None,
                }
            }
            Vectors::Int8 { codes, scales } => {
                let query = QuantizedQuery::of(&from.0);
                let mut products = vec![0; codes.len()];
                kernels::products(&query.codes, codes, &mut products);
                query.squared_distances(&products, scales, &mut squares);
                let errors = self.candidates.iter().map(|c| c.row.error + query.error);
                Distances {
                    squares,
                    errors: Some(errors.collect()),
                }
            }
        }
    }
}

/// How far the faces of a pool are from one expression.
pub(super) struct Distances {
    squares: Vec<f32>,
    errors: Option<Vec<f32>>,
}

impl Distances {
    pub(super) fn may_be_within(&self, place: usize, distance: f32) -> bool {
        self.squares[place].max(0.0).sqrt() - self.error(place) <= distance
    }

    pub(super) fn may_be_beyond(&self, place: usize, distance: f32) -> bool {
        self.squares[place].max(0.0).sqrt() + self.error(place) >= distance
    }

    fn error(&self, place: usize) -> f32 {
        self.errors.as_ref().map_or(0.0, |errors| errors[place])
    }
}

/// Faces of a pool, in the order of their ranks and ids. What is read of them is only what must be
/// known to tell which is next.
pub(super) struct Queue {
    /// Lower bound or rank as bits, which sort as the floats do, since ranks are not negative; then
    /// whether it is the rank, its id and place.
    heap: BinaryHeap<Reverse<(u32, bool, u64, usize)>>,
}

impl Queue {
    pub(super) fn of<S: Source>(
        pool: &Pool<'_, S>,
        places: impl IntoIterator<Item = usize>,
    ) -> Self {
        let bits = |place: usize| pool.lower_bound(place).max(0.0).to_bits();
        let items = places.into_iter();
        Self {
            heap: items
                .map(|place| Reverse((bits(place), false, pool.id(place), place)))
                .collect(),
        }
    }

    /// The next face that counts and is the best of its group.
    pub(super) fn next<S: Source>(
        &mut self,
        pool: &mut Pool<'_, S>,
    ) -> Result<Option<(usize, Exact)>, Fault> {
        while let Some(Reverse((_, is_exact, _, place))) = self.heap.pop() {
            let Some(face) = pool.read(place)? else {
                continue;
            };
            if !is_exact {
                self.put_back(pool, place, &face);
            } else if pool.is_best_of_group(place, &face)? {
                return Ok(Some((place, face)));
            }
        }
        Ok(None)
    }

    /// Puts a face back that was not taken when it was its turn.
    pub(super) fn put_back<S: Source>(&mut self, pool: &Pool<'_, S>, place: usize, face: &Exact) {
        let bits = face.rank.max(0.0).to_bits();
        self.heap.push(Reverse((bits, true, pool.id(place), place)));
    }
}
