//! Answers that are called differently.

use super::error::Fault;
use super::pool::Pool;
use super::source::Source;
use std::collections::HashMap;

/// Labels that are read for one search, each with a record: the built-in gallery has 20 faces of a
/// label. Frames of a video have one label for thousands, and there it says nothing.
const MAX_READ: usize = 256;

/// The labels of the faces that were chosen.
#[derive(Default)]
pub(super) struct Labels {
    must_differ: bool,
    shown: Vec<String>,
    /// By place in the pool.
    read: HashMap<usize, String>,
}

impl Labels {
    /// From now on a face whose label is shown is not new.
    pub(super) fn must_differ(&mut self) {
        self.must_differ = true;
    }

    /// From now on every face is new.
    pub(super) fn may_repeat(&mut self) {
        self.must_differ = false;
    }

    /// Whether it is known that no face with this one's label is shown; or any, if labels may repeat.
    pub(super) fn is_new<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<bool, Fault> {
        // The first answer needs no record read.
        if !self.must_differ || self.shown.is_empty() {
            return Ok(true);
        }
        if !self.read.contains_key(&place) {
            if self.read.len() >= MAX_READ {
                return Ok(false);
            }
            self.read.insert(place, pool.label(place)?);
        }
        Ok(!self.shown.contains(&self.read[&place]))
    }

    /// Shows a face.
    pub(super) fn take<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<(), Fault> {
        if self.must_differ {
            let known = self.read.get(&place).cloned().map(Ok);
            self.shown.push(known.unwrap_or_else(|| pool.label(place))?);
        }
        Ok(())
    }
}
