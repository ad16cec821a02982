//! The gallery's pictures: list, add, show, change, remove.

pub(super) mod add;
pub(super) mod change;
pub(super) mod list;
pub(super) mod map;
pub(super) mod sent;
mod words;

use crate::problem::Problem;

/// The number in a path.
fn id_of(path: &str) -> Result<u64, Problem> {
    path.parse().map_err(|_| Problem::no_such_picture())
}
