//! From a search to the pictures that answer it.

use super::choice::{Choice, Chosen};
use super::error::Fault;
use super::options::SearchOptions;
use super::records::Match;
use super::scan;
use super::source::Source;
use super::target::Target;
use super::variety::Variety;
use crate::embed::Expression;

/// How many times `limit` neighbors are considered for answers that are separated. This and the two
/// below were chosen by hand: when a pool does not suffice, all is scanned again; a large one costs
/// reading one expression for each neighbor considered.
const POOL_FACTOR: usize = 8;
/// The least size of that pool.
const POOL_MIN: usize = 64;
/// How much larger the pool is made when it did not suffice.
const POOL_GROWTH: usize = 4;

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
        (None, None) if target.is_centered() => ranked(source, &target, options)?,
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

/// The best by score.
fn ranked(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
) -> Result<Vec<Chosen>, Fault> {
    let pool = scan::pool(source, target, options, options.limit, None)?;
    let mut choice = Choice::new(pool, 0.0, &[]);
    choice.fill(options.limit)?;
    Ok(choice.into_chosen())
}

/// The best of which any two are at least `separation` apart: taken greedily from a pool of the
/// nearest, which grows until it suffices.
fn separated(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    separation: f32,
) -> Result<Vec<Chosen>, Fault> {
    let mut size = options.limit.saturating_mul(POOL_FACTOR).max(POOL_MIN);
    let tie = options.variety.map_or(0.0, |variety| variety.tie);
    loop {
        let pool = scan::pool(source, target, options, size, None)?;
        let mut choice = Choice::new(pool, tie, &options.preferred);
        if choice.take_separated(options.limit, separation)? {
            return Ok(choice.into_chosen());
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
) -> Result<Vec<Chosen>, Fault> {
    let slack = Some(variety.slack);
    let pool = scan::pool(source, target, options, options.limit, slack)?;
    let mut choice = Choice::new(pool, variety.tie, &options.preferred);
    choice.take_varied(options.limit, variety)?;
    Ok(choice.into_chosen())
}
