//! Searching what a store beyond this process has found: the nearest faces come from there, and what
//! answers is decided here.

use super::answer;
use super::chunks::{Chunk, FaceVector, Values};
use super::error::{Fault, GalleryError};
use super::near_duplicates;
use super::options::{Filter, SearchOptions};
use super::pool::exact;
use super::records::{Entry, Match, Picture, Shortlisted};
use super::scan::MAX_WITHIN;
use super::source::Source;
use super::target::{COPY_DISTANCE, Target};
use crate::embed::{EXPRESSION_LEN, Expression};
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What the arithmetic of another program may add to a squared distance of vectors of unit length:
/// sums of 64 products of floats, near 4 at most, in any order.
const FOREIGN_ROUNDING: f32 = 2e-5;

/// The same of distances: what the root makes of it near 0 is less than this.
const MARGIN: f32 = 5e-3;

/// Where the faces are that can answer a search: what a store is asked for before a [`Shortlist`]
/// decides.
///
/// ```
/// use moue::Expression;
/// use moue::gallery::{Region, SearchOptions};
/// let mut query = Expression([0.0; 64]);
/// query.0[0] = 1.0;
/// let region = Region::of(&[query], &SearchOptions::nearest(3));
/// assert_eq!((region.point, region.copies), (query.0, None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    /// The nearest faces to this are asked for. It need not have unit length.
    pub point: [f32; EXPRESSION_LEN],
    /// No face farther from the point than this can be in the answer: a Euclidean distance, infinite
    /// without [`SearchOptions::max_distance`], negative if no face can.
    pub farthest: f32,
    /// Besides, all faces within a distance of another point: copies of the query's picture, which
    /// may have a low score wherever they are.
    pub copies: Option<([f32; EXPRESSION_LEN], f32)>,
}

impl Region {
    /// The region of a search; without targets around 0.
    pub fn of(targets: &[Expression], options: &SearchOptions) -> Self {
        let target = Target::of(targets, options.population_mean.as_ref());
        let limit = target.rank_limit(options.max_distance);
        let squared = limit - target.shift();
        Self {
            point: *target.point(),
            farthest: match limit {
                f32::MAX => f32::INFINITY,
                _ if squared < 0.0 => -1.0,
                // Wider by what arithmetic may differ, as below; a face too many does no harm.
                _ => squared.sqrt() + MARGIN,
            },
            copies: target
                .is_centered()
                .then(|| (*target.plain_point(), COPY_DISTANCE + MARGIN)),
        }
    }
}

/// Up to which distances a store has returned every face that meets the filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coverage {
    /// From [`Region::point`]; infinite if there are no others.
    pub within: f32,
    /// From the point of [`Region::copies`]; infinite if there are no others within its distance.
    pub copies_within: f32,
}

impl Coverage {
    /// Every face was returned.
    pub const ALL: Self = Self {
        within: f32::INFINITY,
        copies_within: f32::INFINITY,
    };
}

/// The faces that a store has found near to a query, from which the answer is chosen as a gallery's
/// file chooses: filters, negatives, emotions, one face of a picture and of its near-duplicates,
/// variety.
///
/// Near-duplicates are told among these faces, by perceptual hash and expression, so a store need not
/// know of them.
///
/// ```
/// use moue::gallery::{Gallery, SearchOptions, Shortlist, Shortlisted};
/// let gallery = Gallery::builtin()?;
/// let faces = gallery.expressions()?.into_iter().map(|(id, expression)| {
///     let picture = gallery.picture_of(id)?.unwrap();
///     Ok(Shortlisted { id, expression, picture })
/// });
/// let all = Shortlist::new(faces.collect::<Result<_, moue::gallery::GalleryError>>()?);
/// let (_, query) = gallery.expressions()?[40];
/// let options = SearchOptions::varied();
/// assert_eq!(all.search(&[query], &options)?, gallery.search(&[query], &options)?);
/// # Ok::<(), moue::gallery::GalleryError>(())
/// ```
pub struct Shortlist {
    chunk: Chunk,
    pictures: HashMap<u64, Picture>,
    /// The place of each face's row in the chunk.
    places: HashMap<u64, usize>,
    hidden: HashSet<u64>,
}

impl std::fmt::Debug for Shortlist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shortlist")
            .field("faces", &self.chunk.rows.len())
            .finish_non_exhaustive()
    }
}

impl Shortlist {
    /// A shortlist of these faces, in any order; one that comes twice counts once.
    pub fn new(mut faces: Vec<Shortlisted>) -> Self {
        // By id, so that near-duplicates are told in the order in which a file would have got them.
        faces.sort_by_key(|face| face.id);
        faces.dedup_by_key(|face| face.id);
        let groups = near_duplicates::groups(&faces);
        let mut list = Self {
            chunk: Chunk::empty(0),
            pictures: HashMap::new(),
            places: HashMap::new(),
            hidden: HashSet::new(),
        };
        for (place, face) in faces.into_iter().enumerate() {
            list.push(place, face, &groups);
        }
        list
    }

    fn push(&mut self, place: usize, face: Shortlisted, groups: &HashMap<u64, u64>) {
        let picture = face.picture.id;
        self.chunk.push(&FaceVector {
            id: face.id,
            picture,
            group: groups.get(&picture).copied().unwrap_or(picture),
            expression: face.expression,
        });
        self.places.insert(face.id, place);
        if face.picture.hidden {
            self.hidden.insert(picture);
        }
        // The same picture may come with each of its faces and that face alone.
        match self.pictures.get_mut(&picture) {
            None => {
                self.pictures.insert(picture, face.picture);
            }
            Some(known) => {
                let is_new = |id: u64| known.faces.iter().all(|f| f.id != id);
                let mut new: Vec<_> = face.picture.faces;
                new.retain(|f| is_new(f.id));
                known.faces.extend(new);
            }
        }
    }

    /// Number of faces.
    pub fn len(&self) -> usize {
        self.chunk.rows.len()
    }

    /// Whether there is no face in it.
    pub fn is_empty(&self) -> bool {
        self.chunk.rows.is_empty()
    }

    /// The answer of a gallery that has these faces and no others.
    ///
    /// # Errors
    /// [`GalleryError::Cancelled`], and [`GalleryError::Damaged`] if a picture lacks its face.
    pub fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, GalleryError> {
        answer::search(self, targets, options).map_err(|f| f.at(Path::new("store")))
    }

    /// How far from [`Region::point`] faces may be that would change `found`, the answer of
    /// [`Shortlist::search`], if all faces within `coverage` are here; `None` if the answer is that
    /// of all faces, infinity if it takes more faces to tell.
    pub fn missing(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
        found: &[Match],
        coverage: &Coverage,
    ) -> Option<f32> {
        let target = Target::of(targets, options.population_mean.as_ref());
        let complete = complete_rank(&target, coverage);
        let is_certain = targets.is_empty() || options.limit == 0;
        if is_certain || complete >= target.rank_limit(options.max_distance) {
            return None;
        }
        let Some(last) = found.get(options.limit - 1) else {
            return Some(f32::INFINITY);
        };
        // The place of the last answer may go to an equal face, which is farther by up to `tie`.
        let tie = match (options.min_separation, options.variety) {
            (Some(_), Some(variety)) => variety.tie,
            _ => 0.0,
        };
        let worst = target.rank_of((last.score + tie).powi(2));
        let worst = worst.max(self.worst_varied(&target, options));
        let beyond = (worst - target.shift()).max(0.0) + 2.0 * FOREIGN_ROUNDING;
        (worst > complete).then_some(beyond.sqrt())
    }

    /// The largest rank of faces from which varied answers are chosen.
    fn worst_varied(&self, target: &Target, options: &SearchOptions) -> f32 {
        let (None, Some(variety)) = (options.min_separation, options.variety) else {
            return f32::NEG_INFINITY;
        };
        // A scan narrows its own pool to fewer than this.
        if self.len() >= MAX_WITHIN {
            return f32::NEG_INFINITY;
        }
        let counting = self.chunk.rows.iter().zip(self.values());
        let references = counting.filter_map(|(row, value)| {
            let picture = self.pictures.get(&row.picture)?;
            let is_shown = !picture.hidden && options.filter.matches(picture);
            let face = exact(target, options, &Expression(*value)).filter(|_| is_shown);
            face.map(|face| face.reference)
        });
        let best = references.fold(f32::INFINITY, f32::min);
        target.rank_of((best.sqrt() + variety.slack).powi(2))
    }

    /// The most faces that can be of use: where more are near, a search narrows itself to fewer.
    pub const MAX_FACES: usize = MAX_WITHIN;

    fn values(&self) -> &[[f32; EXPRESSION_LEN]] {
        match &self.chunk.values {
            Values::Exact(values) => values,
            Values::Int8(_) => &[],
        }
    }
}

/// The largest rank up to which no face is missing.
fn complete_rank(target: &Target, coverage: &Coverage) -> f32 {
    let squared = |distance: f32| (distance * distance - FOREIGN_ROUNDING).max(0.0);
    let others = squared(coverage.within) + target.shift();
    if !target.is_centered() || coverage.copies_within.is_infinite() {
        return others;
    }
    // Copies that were not returned are at least so far from the one point, and from the other at
    // least as far as the nearest place where a copy can be.
    let from_point = (*target.copies(0.0).start()).max(0.0);
    let from_plain = squared(coverage.copies_within) - target.squared_from_plain(0.0);
    others.min(target.rank(from_point, from_plain.max(0.0)))
}

impl Source for Shortlist {
    fn for_each_chunk(
        &self,
        body: &mut dyn FnMut(&Chunk) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        body(&self.chunk)
    }

    fn picture_matches(&self, picture: u64, filter: &Filter) -> Result<bool, Fault> {
        let picture = self.pictures.get(&picture);
        Ok(picture.is_some_and(|p| filter.matches(p)))
    }

    fn hidden(&self) -> &HashSet<u64> {
        &self.hidden
    }

    fn expression_at(&self, _: u64, index: usize) -> Result<Expression, Fault> {
        let value = self.values().get(index);
        value.map(|v| Expression(*v)).ok_or_else(Fault::cut_off)
    }

    fn entry(&self, face: u64) -> Result<Entry, Fault> {
        let row = self.places.get(&face).and_then(|i| self.chunk.rows.get(*i));
        let picture = row.and_then(|row| self.pictures.get(&row.picture));
        picture
            .and_then(|picture| picture.entry_of(face))
            .ok_or_else(|| Fault::damaged(format_args!("face {face} has no record")))
    }
}
