//! Where the parts of a face are, in units of the drawing, before the head leans.

use crate::blendshapes::Blendshapes;

/// The middle of the picture and of every face.
pub(crate) const CENTER: f32 = 128.0;

/// Height of the eyes.
pub(crate) const EYE_Y: f32 = 124.0;

/// How far the chin sinks when the jaw opens.
pub(crate) fn jaw_drop(b: &Blendshapes) -> f32 {
    20.0 * b.jaw_open
}
