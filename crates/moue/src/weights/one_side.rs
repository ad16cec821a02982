//! The expression network without its mirror image.

use moue_nn::{Model, Result};

/// The expression network's file embeds a crop and its mirror image, as a batch of two. This is the
/// part of it that embeds one of them.
pub(crate) fn load_one_side(bytes: &[u8]) -> Result<Model> {
    Model::load_from(bytes, "both_sides", 1)
}
