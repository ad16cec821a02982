//! Searching a store that finds the nearest faces: it is asked for more than are wanted, and what
//! answers is decided here, by the code that searches a file.

use crate::StoreError;
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Coverage, Filter, Match, Region, SearchOptions, Shortlist, Shortlisted};

/// What a store is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The faces nearest to this are wanted, by Euclidean distance. Stored expressions have unit
    /// length, so the largest dot products are the same faces; the point itself may have any length.
    pub point: &'a [f32; EXPRESSION_LEN],
    /// Only faces within this distance, which may be infinite, matter.
    pub within: f32,
    /// So many at most.
    pub limit: usize,
    /// Only faces of pictures that meet this matter. A store leaves out what it can; the rest is
    /// left out afterwards.
    pub filter: &'a Filter,
}

/// A store that finds the nearest faces.
pub trait Nearby {
    /// The nearest faces, nearest first. Fewer than [`Asked::limit`] are all that matter. Hidden
    /// pictures may be among them, and so may faces that do not matter.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn nearest(&self, asked: &Asked<'_>) -> Result<Vec<Shortlisted>, StoreError>;
}

/// How many faces a store is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverFetch {
    /// At first, for each picture that is wanted: faces of one picture, its copies, and what a filter
    /// leaves out need room.
    pub factor: usize,
    /// At first at least.
    pub least: usize,
    /// How many times as many next, where they did not suffice.
    pub growth: usize,
    /// At most, for a store that is not exact: what these do not answer is not answered.
    /// [`usize::MAX`] for one that is.
    pub most: usize,
}

impl OverFetch {
    /// For a store whose answers equal those of a scan of all faces. The numbers are those by which
    /// a file's search for separated answers begins and grows.
    pub const EXACT: Self = Self {
        factor: 8,
        least: 64,
        growth: 4,
        most: usize::MAX,
    };

    /// For a store with an approximate index that returns up to `most` faces.
    pub const fn approximate(most: usize) -> Self {
        Self {
            most,
            ..Self::EXACT
        }
    }
}

/// The pictures that match `targets`, as [`GalleryStore::search`](crate::GalleryStore::search) has
/// it, from the nearest faces of a store. It asks once or twice in most searches, and until it is
/// certain of the answer or [`OverFetch::most`] faces were returned.
///
/// # Errors
/// [`StoreError`] of the store, and [`StoreError::Cancelled`], which is checked before each question.
pub fn search(
    store: &dyn Nearby,
    targets: &[Expression],
    options: &SearchOptions,
    fetch: &OverFetch,
) -> Result<Vec<Match>, StoreError> {
    options.cancel.check()?;
    let region = Region::of(targets, options);
    if targets.is_empty() || options.limit == 0 || region.farthest < 0.0 {
        return Ok(Vec::new());
    }
    let enough = options.limit.saturating_mul(fetch.factor);
    let mut limit = enough.max(fetch.least).min(fetch.most);
    let mut within = region.farthest;
    loop {
        options.cancel.check()?;
        let asked = Asked {
            point: &region.point,
            within,
            limit,
            filter: &options.filter,
        };
        let fetched = Fetched::of(store, &region, &asked)?;
        let list = Shortlist::new(fetched.faces);
        let found = list.search(targets, options)?;
        let missing = list.missing(targets, options, &found, &fetched.coverage);
        let Some(missing) = missing.filter(|_| limit < fetch.most) else {
            return Ok(found);
        };
        limit = limit.saturating_mul(fetch.growth).min(fetch.most);
        within = region.farthest;
        // The distance is known up to which faces matter, so one more question suffices. With an
        // unknown one all that the search allows may matter.
        if missing.is_finite() {
            limit = limit.max(Shortlist::MAX_FACES).min(fetch.most);
            within = missing.min(region.farthest);
        }
    }
}

/// The answers to one round of questions.
struct Fetched {
    faces: Vec<Shortlisted>,
    coverage: Coverage,
}

impl Fetched {
    fn of(store: &dyn Nearby, region: &Region, asked: &Asked<'_>) -> Result<Self, StoreError> {
        let faces = store.nearest(asked)?;
        let within = match faces.last() {
            Some(last) if faces.len() >= asked.limit => distance(asked.point, last),
            // All within the distance; of those beyond nothing is known.
            _ if asked.within < region.farthest => asked.within,
            _ => f32::INFINITY,
        };
        let mut fetched = Self {
            faces,
            coverage: Coverage {
                within,
                ..Coverage::ALL
            },
        };
        if let Some((point, within)) = &region.copies {
            fetched.add_copies(
                store,
                &Asked {
                    point,
                    within: *within,
                    ..*asked
                },
            )?;
        }
        Ok(fetched)
    }

    /// Copies of the query's picture may have a low score although they are far from the point.
    fn add_copies(&mut self, store: &dyn Nearby, asked: &Asked<'_>) -> Result<(), StoreError> {
        let copies = store.nearest(asked)?;
        // A full answer may have been cut off; a shorter one is all that there is.
        if let Some(last) = copies.last().filter(|_| copies.len() >= asked.limit) {
            self.coverage.copies_within = distance(asked.point, last);
        }
        self.faces.extend(copies);
        Ok(())
    }
}

fn distance(point: &[f32; EXPRESSION_LEN], face: &Shortlisted) -> f32 {
    Expression(*point).distance(&face.expression)
}
