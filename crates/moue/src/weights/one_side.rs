//! The expression network without its mirror image.

use moue_nn::{Model, Result};

/// The activation behind which the expression network embeds each side.
pub(super) const ONE_SIDE: &str = "both_sides";

/// The expression network's file embeds a crop and its mirror image, as a batch of two. This is the
/// part of it that embeds one of them.
pub(crate) fn load_one_side(bytes: &[u8]) -> Result<Model> {
    Model::load_from(bytes, ONE_SIDE, 1)
}
