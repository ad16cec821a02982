//! What an expression is: parameters, a caption, and signs beside the face.

use crate::blendshapes::Blendshapes;

/// A sign drawn beside the face for the same expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    /// Drops under the eyes.
    Tears,
    /// Streams from the eyes.
    Streams,
    /// A drop on the temple.
    Sweat,
    /// Red cheeks.
    Blush,
    /// The comic sign of anger.
    Anger,
    /// Letters of sleep.
    Sleep,
    /// Hearts around the head.
    Hearts,
    /// Stars around the head.
    Sparkles,
    /// A question mark.
    Question,
    /// Exclamation marks.
    Alarm,
    /// A note of a tune.
    Note,
}

/// An expression with its name and caption.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Lower-case, one word.
    pub name: &'static str,
    /// What one would write with the picture.
    pub caption: &'static str,
    /// The FER emotion that it is nearest to, for tests and training.
    pub emotion: &'static str,
    /// The face's parameters.
    pub shapes: Blendshapes,
    /// Degrees that the head leans to the picture's right.
    pub roll: f32,
    /// What is drawn beside the face.
    pub extras: &'static [Extra],
}

/// A pose of an emotion; `roll` is in degrees.
pub(crate) const fn pose(
    name: &'static str,
    emotion: &'static str,
    caption: &'static str,
    roll: f32,
    extras: &'static [Extra],
    shapes: Blendshapes,
) -> Pose {
    Pose {
        name,
        caption,
        emotion,
        shapes,
        roll,
        extras,
    }
}
