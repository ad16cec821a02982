//! Answers that are called differently and do not look alike.

use super::error::Fault;
use super::perceptual_hash::PictureHash;
use super::pool::Pool;
use super::source::Source;
use std::collections::HashMap;

/// Records that are read for one search: the built-in gallery has 20 faces of a label. Frames of a
/// video have one label for thousands, and there it says nothing.
const MAX_READ: usize = 256;

/// What pictures must not share with one that was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MustDiffer {
    /// They may share all.
    InNothing,
    InLabel,
    /// In their labels, and in more bits of their perceptual hashes than this.
    InLabelAndLook(u32),
}

/// What is seen of a picture at a glance.
#[derive(Clone)]
pub(super) struct Appearance {
    pub(super) label: String,
    /// `None` of pictures that were added without one; they look like no other.
    pub(super) perceptual_hash: Option<PictureHash>,
}

impl Appearance {
    fn differs(&self, other: &Self, rule: MustDiffer) -> bool {
        match rule {
            MustDiffer::InNothing => true,
            MustDiffer::InLabel => self.label != other.label,
            MustDiffer::InLabelAndLook(bits) => {
                self.label != other.label && !self.looks_like(other, bits)
            }
        }
    }

    fn looks_like(&self, other: &Self, bits: u32) -> bool {
        let hashes = self.perceptual_hash.zip(other.perceptual_hash);
        hashes.is_some_and(|(a, b)| a.distance(&b) <= bits)
    }
}

/// The pictures of the faces that were chosen.
pub(super) struct Appearances {
    rule: MustDiffer,
    shown: Vec<Appearance>,
    /// By place in the pool.
    read: HashMap<usize, Appearance>,
}

impl Appearances {
    pub(super) fn new() -> Self {
        Self {
            rule: MustDiffer::InNothing,
            shown: Vec::new(),
            read: HashMap::new(),
        }
    }

    /// From now on a face is new by this rule.
    pub(super) fn set_rule(&mut self, rule: MustDiffer) {
        self.rule = rule;
    }

    /// Whether it is known that a face's picture differs from all that are shown.
    pub(super) fn is_new<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<bool, Fault> {
        // The first answer needs no record read.
        if self.rule == MustDiffer::InNothing || self.shown.is_empty() {
            return Ok(true);
        }
        if !self.read.contains_key(&place) {
            if self.read.len() >= MAX_READ {
                return Ok(false);
            }
            self.read.insert(place, pool.appearance(place)?);
        }
        let mut shown = self.shown.iter();
        Ok(shown.all(|other| other.differs(&self.read[&place], self.rule)))
    }

    /// Shows a face.
    pub(super) fn take<S: Source>(
        &mut self,
        place: usize,
        pool: &Pool<'_, S>,
    ) -> Result<(), Fault> {
        if self.rule != MustDiffer::InNothing {
            let known = self.read.get(&place).cloned().map(Ok);
            self.shown
                .push(known.unwrap_or_else(|| pool.appearance(place))?);
        }
        Ok(())
    }
}
