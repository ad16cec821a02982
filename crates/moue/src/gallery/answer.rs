//! From a search to the pictures that answer it.

use super::error::Fault;
use super::options::{SearchOptions, Target};
use super::records::Match;
use super::scan;
use super::source::Source;
use super::top_k::Neighbor;
use crate::embed::Expression;

/// How many times `limit` neighbors are considered for answers that are separated. This and the two
/// below were chosen by hand: when a pool does not suffice, all is scanned again; a large one costs
/// reading one expression for each neighbor considered.
const POOL_FACTOR: usize = 8;
/// The least size of that pool.
const POOL_MIN: usize = 64;
/// How much larger the pool is made when it did not suffice.
const POOL_GROWTH: usize = 4;

/// The pictures nearest to `targets`, nearest first; without targets there are none.
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
    let target = Target::of(targets);
    let found = match options.min_separation {
        None => scan::nearest(source, &target, options, options.limit)?,
        Some(separation) => separated(source, &target, options, separation)?,
    };
    // Records are read of the answer only: they are JSON and far larger than the vectors.
    found
        .into_iter()
        .map(|n| Ok(Match::new(source.entry(n.id)?, n.distance.sqrt())))
        .collect()
}

/// The nearest of which any two are at least `separation` apart: taken greedily from a pool of the
/// nearest, which grows until there are enough or no more faces.
fn separated(
    source: &impl Source,
    target: &Target,
    options: &SearchOptions,
    separation: f32,
) -> Result<Vec<Neighbor>, Fault> {
    let mut pool = options.limit.saturating_mul(POOL_FACTOR).max(POOL_MIN);
    loop {
        let neighbors = scan::nearest(source, target, options, pool)?;
        let chosen = choose_separated(source, &neighbors, separation, options.limit)?;
        // A pool that is not full has every face that counts; a larger one would have no more.
        if neighbors.len() < pool || chosen.len() >= options.limit {
            return Ok(chosen);
        }
        pool = pool.saturating_mul(POOL_GROWTH);
    }
}

/// Of `neighbors`, nearest first, those that are at least `separation` from all chosen before them.
fn choose_separated(
    source: &impl Source,
    neighbors: &[Neighbor],
    separation: f32,
    limit: usize,
) -> Result<Vec<Neighbor>, Fault> {
    // Each is compared with all chosen before it: quadratic, but in the limit, which is small.
    let mut chosen: Vec<(Neighbor, Expression)> = Vec::new();
    for neighbor in neighbors {
        if chosen.len() >= limit {
            break;
        }
        let expression = source.expression_of(neighbor.id)?;
        if chosen
            .iter()
            .all(|(_, other)| other.distance(&expression) >= separation)
        {
            chosen.push((*neighbor, expression));
        }
    }
    Ok(chosen.into_iter().map(|(neighbor, _)| neighbor).collect())
}
