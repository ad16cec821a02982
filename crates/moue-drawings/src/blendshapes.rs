//! The parameters of an expression, named as in Apple's ARKit.

use serde::Serialize;

/// Declares [`Blendshapes`] with one field for each name.
macro_rules! blendshapes {
    ($($field:ident, $name:literal, $doc:literal;)+) => {
        /// How far each muscle group is moved: 0 at rest, 1 at most. Left and right are the
        /// subject's own.
        #[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct Blendshapes {
            $(#[doc = $doc] pub $field: f32,)+
        }

        impl Blendshapes {
            /// All at rest.
            pub const REST: Self = Self { $($field: 0.0,)+ };

            /// The ARKit names, in the order of [`Blendshapes::values`].
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// All values, in the order of [`Blendshapes::NAMES`].
            pub fn values(&self) -> Vec<f32> {
                vec![$(self.$field,)+]
            }
        }
    };
}

blendshapes! {
    brow_inner_up, "browInnerUp", "Inner ends of both brows rise.";
    brow_down_left, "browDownLeft", "Left brow sinks.";
    brow_down_right, "browDownRight", "Right brow sinks.";
    brow_outer_up_left, "browOuterUpLeft", "Outer end of the left brow rises.";
    brow_outer_up_right, "browOuterUpRight", "Outer end of the right brow rises.";
    eye_blink_left, "eyeBlinkLeft", "Left lids close.";
    eye_blink_right, "eyeBlinkRight", "Right lids close.";
    eye_squint_left, "eyeSquintLeft", "Left lower lid tightens.";
    eye_squint_right, "eyeSquintRight", "Right lower lid tightens.";
    eye_wide_left, "eyeWideLeft", "Left upper lid rises.";
    eye_wide_right, "eyeWideRight", "Right upper lid rises.";
    eye_look_left, "eyeLookLeft", "Both eyes look to the subject's left, negative to the right (ARKit has one each).";
    eye_look_up, "eyeLookUp", "Both eyes look up, negative down (ARKit has one each).";
    cheek_puff, "cheekPuff", "Cheeks fill with air.";
    cheek_squint_left, "cheekSquintLeft", "Left cheek rises.";
    cheek_squint_right, "cheekSquintRight", "Right cheek rises.";
    nose_sneer_left, "noseSneerLeft", "Left side of the nose wrinkles.";
    nose_sneer_right, "noseSneerRight", "Right side of the nose wrinkles.";
    jaw_open, "jawOpen", "Jaw drops.";
    jaw_left, "jawLeft", "Jaw moves to the subject's left, negative to the right.";
    mouth_smile_left, "mouthSmileLeft", "Left corner of the mouth rises.";
    mouth_smile_right, "mouthSmileRight", "Right corner of the mouth rises.";
    mouth_frown_left, "mouthFrownLeft", "Left corner of the mouth sinks.";
    mouth_frown_right, "mouthFrownRight", "Right corner of the mouth sinks.";
    mouth_pucker, "mouthPucker", "Lips close to a kiss.";
    mouth_funnel, "mouthFunnel", "Lips open to a ring.";
    mouth_stretch_left, "mouthStretchLeft", "Left corner of the mouth moves outward.";
    mouth_stretch_right, "mouthStretchRight", "Right corner of the mouth moves outward.";
    mouth_upper_up, "mouthUpperUp", "Upper lip rises on both sides.";
    mouth_lower_down, "mouthLowerDown", "Lower lip sinks on both sides.";
    mouth_press, "mouthPress", "Lips press together on both sides.";
    mouth_shrug_lower, "mouthShrugLower", "Lower lip pushes up and out.";
    mouth_left, "mouthLeft", "Whole mouth moves to the subject's left, negative to the right.";
    tongue_out, "tongueOut", "Tongue comes out.";
}

/// A side of the face, as seen in the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The picture's left, which is the subject's right.
    PictureLeft,
    /// The picture's right, which is the subject's left.
    PictureRight,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::PictureLeft, Self::PictureRight];

    /// -1 on the picture's left, 1 on its right.
    pub(crate) fn sign(self) -> f32 {
        match self {
            Self::PictureLeft => -1.0,
            Self::PictureRight => 1.0,
        }
    }

    /// The value for this side of a pair `(subject's left, subject's right)`.
    pub(crate) fn of(self, (left, right): (f32, f32)) -> f32 {
        match self {
            Self::PictureLeft => right,
            Self::PictureRight => left,
        }
    }
}
