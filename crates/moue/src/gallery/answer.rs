//! From a search to the pictures that answer it.

use super::error::Fault;
use super::options::SearchOptions;
use super::records::Match;
use super::scan;
use super::source::Source;
use super::target::Target;
use super::variety::{Choice, Ranked, Ties, Variety};
use crate::embed::Expression;

/// How many times `limit` neighbors are considered for answers that are separated. This and the two
/// below were chosen by hand: when a pool does not suffice, all is scanned again; a large one costs
/// reading one expression for each neighbor considered.
const POOL_FACTOR: usize = 8;
/// The least size of that pool.
const POOL_MIN: usize = 64;
/// How much larger the pool is made when it did not suffice.
const POOL_GROWTH: usize = 4;

/// Neighbors that are considered for answers that differ: a dozen of the 35 poses of our drawings
/// with their 20 characters. A larger pool makes scans of large galleries slower, as more faces may
/// be in it.
const VARIETY_POOL: usize = 256;
/// Answers that are made to differ. Nobody sees many more at once, and each is compared with all
/// before it.
const MAX_VARIED: usize = 32;

/// The pictures nearest to `targets`, lowest score first; without targets there are none.
pub(super) fn search(
    source: &impl Source,
    targets: &[Expression],
    options: &SearchOptions,
) -> Result<Vec<Match>, Fault> {
    // Before all else, so that a canceled search of an empty gallery reports it too.
    options.cancel.check()?;
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    let target = Target::of(targets, options.population_mean.as_ref());
    let found = match (options.min_separation, options.variety) {
        (Some(separation), _) => separated(source, &target, options, separation)?,
        (None, Some(variety)) => varied(source, &target, options, variety)?,
        (None, None) if target.is_centered() => {
            scan::nearest_faces(source, &target, options, options.limit)?
        }
        // The plain list needs no expression but those that the scan compares.
        (None, None) => return nearest(source, &target, options),
    };
    // Records are read of the answer only: they are JSON and far larger than the vectors.
    found
        .into_iter()
        .map(|face| {
            Ok(Match::new(
                source.entry(face.id)?,
                face.distance,
                face.score,
            ))
        })
        .collect()
}

fn nearest(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
) -> Result<Vec<Match>, Fault> {
    let found = scan::nearest(source, target, options, options.limit)?;
    found
        .into_iter()
        .map(|n| {
            let distance = n.distance.sqrt();
            Ok(Match::new(source.entry(n.id)?, distance, distance))
        })
        .collect()
}

/// The best of which any two are at least `separation` apart: taken greedily from a pool of the
/// nearest, which grows until there are enough or no more faces.
fn separated(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    separation: f32,
) -> Result<Vec<Ranked>, Fault> {
    let mut size = options.limit.saturating_mul(POOL_FACTOR).max(POOL_MIN);
    let tie = options.variety.map_or(0.0, |variety| variety.tie);
    loop {
        let pool = scan::nearest_faces(source, target, options, size)?;
        let mut choice = Choice::new(&pool, Ties::new(tie, target, &options.preferred));
        choice.take_separated(options.limit, separation, f32::INFINITY);
        let chosen = choice.into_chosen();
        // A pool that is not full has every face that counts; a larger one would have no more.
        if pool.len() < size || chosen.len() >= options.limit {
            return Ok(chosen);
        }
        size = size.saturating_mul(POOL_GROWTH);
    }
}

/// The best, made to differ as far as `variety` allows.
fn varied(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    variety: Variety,
) -> Result<Vec<Ranked>, Fault> {
    if options.limit == 0 {
        return Ok(Vec::new());
    }
    let mut pool = scan::nearest_faces(source, target, options, options.limit.max(VARIETY_POOL))?;
    // What is beyond the pool of a long list follows as it is.
    let rest = pool.split_off(pool.len().min(VARIETY_POOL));
    let mut choice = Choice::new(&pool, Ties::new(variety.tie, target, &options.preferred));
    let limit = options.limit.min(MAX_VARIED);
    choice.take_separated(limit, variety.separation, variety.slack);
    choice.fill(options.limit);
    let mut chosen = choice.into_chosen();
    chosen.extend(rest);
    chosen.truncate(options.limit);
    Ok(chosen)
}
