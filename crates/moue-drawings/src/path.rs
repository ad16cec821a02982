//! Drawings by the paths that galleries have.

use crate::emoji::{self, Emoji};
use crate::{Drawing, find};

/// The drawing that a path of a compiled-in gallery names: `builtin:gus-smirk`, or `emoji:😮`.
pub fn by_path(path: &str) -> Option<Drawing> {
    match path.split_once(':')? {
        ("builtin", name) => find(name),
        ("emoji", character) => emoji::find(character).map(Emoji::drawing),
        _ => None,
    }
}
