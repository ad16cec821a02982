//! Answers that are called differently and do not look alike.

use super::appearance::{Appearance, Difference};
use super::error::Fault;
use super::pool::Pool;
use super::source::Source;
use std::collections::HashMap;

/// Records that are read for one search: the built-in gallery has 20 faces of a label. Frames of a
/// video have one label for thousands, and there it says nothing.
const MAX_READ: usize = 256;

/// The pictures of the faces that were chosen.
pub(super) struct Appearances {
    /// In what a new face's picture differs from those that are shown.
    difference: Difference,
    shown: Vec<Appearance>,
    /// By place in the pool.
    read: HashMap<usize, Appearance>,
}

impl Appearances {
    pub(super) fn new() -> Self {
        Self {
            difference: Difference::Nothing,
            shown: Vec::new(),
            read: HashMap::new(),
        }
    }

    /// From now on a face is new if its picture differs in this.
    pub(super) fn must_differ_in(&mut self, difference: Difference) {
        self.difference = difference;
    }

    /// Whether it is known that a face's picture differs from all that are shown.
    pub(super) fn is_new<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<bool, Fault> {
        // The first answer needs no record read.
        if self.difference == Difference::Nothing || self.shown.is_empty() {
            return Ok(true);
        }
        if !self.read.contains_key(&place) {
            if self.read.len() >= MAX_READ {
                return Ok(false);
            }
            self.read.insert(place, pool.appearance(place)?);
        }
        let mut shown = self.shown.iter();
        Ok(shown.all(|other| other.differs(&self.read[&place], self.difference)))
    }

    /// Shows a face.
    pub(super) fn take<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<(), Fault> {
        if self.difference != Difference::Nothing {
            let known = self.read.get(&place).cloned().map(Ok);
            self.shown
                .push(known.unwrap_or_else(|| pool.appearance(place))?);
        }
        Ok(())
    }
}
