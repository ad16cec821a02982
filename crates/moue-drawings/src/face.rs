//! Where the parts of a face are, in units of the drawing, before the head leans.

// Every drawing is 256 units wide and high. All numbers of this crate were chosen by eye, so that
// each expression is clear at the size of a thumbnail.

use crate::blendshapes::Blendshapes;

/// The middle of the picture and of every face.
pub(crate) const CENTER: f32 = 128.0;

/// Height of the eyes.
pub(crate) const EYE_Y: f32 = 124.0;

/// How far the chin sinks when the jaw opens.
pub(crate) fn jaw_drop(b: &Blendshapes) -> f32 {
    20.0 * b.jaw_open
}
