//! Answers that differ: which of the nearest faces are shown.

/// How the answers of a search are made to differ: by expression, by label, by what the picture looks
/// like, and by who makes it.
///
/// Faces are taken by their [`score`](super::Match::score), lowest first, each at least
/// `separation` from those before it, with another label and in a picture that does not look alike,
/// and none whose score is larger than the best by more than `slack`. If these are too few, the
/// remaining places go to those within the slack that have another label and do not look alike, then
/// to those that do not look alike, then to those with another label, then to those `separation` apart, and then to the best of the others:
/// a repeat is better than an expression that the query does not have. The records of 256 faces are
/// read at most, those of the best; it is more than enough where pictures have names of their own.
///
/// Of faces that are equal up to `tie` and within the slack, the one with the least hash of the query
/// and its id is taken, so that different queries meet different characters, and the same query
/// always the same.
///
/// The first 32 answers are made to differ. Where more than 16,384 faces are within the slack, it is
/// narrowed to between 8,192 and 16,384 of them; which these are may depend on whether the gallery is
/// searched by its int8 codes.
///
/// ```
/// use moue::gallery::{SearchOptions, Variety};
/// // Bolder: an answer may be much farther than the best one.
/// let bold = Variety { slack: 0.4, ..Variety::default() };
/// let options = SearchOptions { variety: Some(bold), ..SearchOptions::varied() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variety {
    /// How far apart two expressions are at least, 0 to 2, to count as different.
    pub separation: f32,
    /// How much larger than the best score that of an answer may be. A copy of the query's picture
    /// does not count as the best: its score says nothing of how low those of others can be.
    pub slack: f32,
    /// Faces within this distance of each other are equal.
    pub tie: f32,
    /// Pictures look alike if their perceptual hashes differ in at most this many of 256 bits. Frames of
    /// videos, and pictures without a hash, are told apart by their labels alone.
    pub alike_bits: u32,
}

impl Default for Variety {
    // Chosen on the FER+ validation faces against the built-in drawings; `docs/matching.md` has the
    // measures. The median pair of drawings of one pose is 0.08 apart. With a larger slack the
    // third answer has the face's class less often, with a smaller one fewer answers differ. Of two
    // drawings of one character three in four differ in at most 48 bits, of two characters one pair in
    // a hundred; of two photos one pair in a hundred differs in less than 82.
    fn default() -> Self {
        Self {
            separation: 0.25,
            slack: 0.25,
            tie: 0.15,
            alike_bits: 48,
        }
    }
}
