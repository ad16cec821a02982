//! What is seen of a picture at a glance: what it is called and what it looks like.

use super::perceptual_hash::PictureHash;

/// In what an answer must differ from those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    Nothing,
    Label,
    /// The label, and more bits of the perceptual hash than this.
    LabelAndLook(u32),
}

/// What is seen of a picture at a glance.
#[derive(Clone)]
pub(super) struct Appearance {
    pub(super) label: String,
    /// `None` of pictures that were added without one; they look like no other.
    pub(super) perceptual_hash: Option<PictureHash>,
}

impl Appearance {
    /// Whether two pictures differ in this.
    pub(super) fn differs(&self, other: &Self, difference: Difference) -> bool {
        match difference {
            Difference::Nothing => true,
            Difference::Label => self.label != other.label,
            Difference::LabelAndLook(bits) => {
                self.label != other.label && !self.looks_like(other, bits)
            }
        }
    }

    fn looks_like(&self, other: &Self, bits: u32) -> bool {
        let hashes = self.perceptual_hash.zip(other.perceptual_hash);
        hashes.is_some_and(|(a, b)| a.distance(&b) <= bits)
    }
}
