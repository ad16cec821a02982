//! What is seen of a picture at a glance: what it is called and what it looks like.

use super::perceptual_hash::PictureHash;

/// In what an answer must differ from those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Difference {
    Nothing,
    Label,
    /// More bits of the perceptual hash than this; both pictures must have one.
    Look(u32),
    /// The label, and more bits of the perceptual hash than this, where both pictures have one.
    LabelAndLook(u32),
}

/// What is seen of a picture at a glance.
#[derive(Clone)]
pub(super) struct Appearance {
    pub(super) label: String,
    /// `None` where it is not known what the picture looks like: it then differs by [`Difference::LabelAndLook`]
    /// as by its label alone, and never by [`Difference::Look`].
    pub(super) perceptual_hash: Option<PictureHash>,
}

impl Appearance {
    /// Whether two pictures differ in this.
    pub(super) fn differs(&self, other: &Self, difference: Difference) -> bool {
        match difference {
            Difference::Nothing => true,
            Difference::Label => self.label != other.label,
            Difference::Look(bits) => self.bits_apart(other).is_some_and(|apart| apart > bits),
            Difference::LabelAndLook(bits) => {
                let looks_alike = self.bits_apart(other).is_some_and(|apart| apart <= bits);
                self.label != other.label && !looks_alike
            }
        }
    }

    fn bits_apart(&self, other: &Self) -> Option<u32> {
        let hashes = self.perceptual_hash.zip(other.perceptual_hash);
        hashes.map(|(a, b)| a.distance(&b))
    }
}
