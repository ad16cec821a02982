//! What an emoji is, for the files that list them.

use crate::blendshapes::Blendshapes;
use crate::pose::{Extra, Pose};

/// A face without any movement, from which the poses start.
pub(super) const REST: Blendshapes = Blendshapes::REST;

/// A face emoji and the pose that stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Emoji {
    /// The character, with its variation selector where it needs one to be shown in color.
    pub character: &'static str,
    /// The face; its name and its caption are the emoji's short name.
    pub pose: Pose,
}

pub(super) const fn emoji(
    character: &'static str,
    name: &'static str,
    emotion: &'static str,
    roll: f32,
    extras: &'static [Extra],
    shapes: Blendshapes,
) -> Emoji {
    let pose = Pose {
        name,
        caption: name,
        emotion,
        shapes,
        roll,
        extras,
    };
    Emoji { character, pose }
}
