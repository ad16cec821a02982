//! Expressions of people who do little with their faces. Their parameters were searched for, so that
//! the embeddings lie where those of FER+'s training faces do: among calm, sad and slightly smiling
//! people, whose lids are lower and whose lips are often apart.

use crate::blendshapes::Blendshapes;
use crate::pose::{Pose, pose};

const REST: Blendshapes = Blendshapes::REST;

// Lids and lips of people who do nothing for the camera; `calm` is a face fully at rest.
pub(super) const RELAXED: Pose = pose(
    "relaxed",
    "neutral",
    "Taking it easy.",
    4.0,
    &[],
    shapes! {
        brow_inner_up: 0.2, eye_blink_left: 0.43, eye_blink_right: 0.43, jaw_open: 0.12,
        mouth_pucker: 0.18, mouth_stretch_left: 0.04, mouth_stretch_right: 0.04,
        mouth_shrug_lower: 0.03,
    },
);

// The lower lip hangs a little: lips apart without speech.
pub(super) const QUIET: Pose = pose(
    "quiet",
    "neutral",
    "…",
    -3.0,
    &[],
    shapes! {
        brow_outer_up_left: 0.07, brow_outer_up_right: 0.07, eye_blink_left: 0.18,
        eye_blink_right: 0.18, eye_squint_left: 0.02, eye_squint_right: 0.02,
        mouth_frown_left: 0.09, mouth_frown_right: 0.09, mouth_funnel: 0.18,
        mouth_lower_down: 0.29, mouth_shrug_lower: 0.17,
    },
);

// Pressed lips under lowered lids, which alone would be those of `tired`.
pub(super) const PATIENT: Pose = pose(
    "patient",
    "neutral",
    "Take your time.",
    0.0,
    &[],
    shapes! {
        brow_down_left: 0.13, brow_down_right: 0.13, eye_blink_left: 0.43,
        eye_blink_right: 0.43, mouth_press: 0.48, mouth_shrug_lower: 0.31,
    },
);

pub(super) const LISTENING: Pose = pose(
    "listening",
    "neutral",
    "Go on, I am listening.",
    0.0,
    &[],
    shapes! {
        eye_blink_left: 0.35, eye_blink_right: 0.35, eye_squint_left: 0.38,
        eye_squint_right: 0.38, jaw_open: 0.16, mouth_smile_left: 0.04, mouth_smile_right: 0.04,
        mouth_frown_left: 0.26, mouth_frown_right: 0.26, mouth_pucker: 0.27,
        mouth_upper_up: 0.11, mouth_lower_down: 0.04, mouth_shrug_lower: 0.1,
    },
);

// Raised brows read as surprise where the eyes are wide, so these are not.
pub(super) const ATTENTIVE: Pose = pose(
    "attentive",
    "neutral",
    "Tell me more.",
    0.0,
    &[],
    shapes! {
        brow_inner_up: 0.33, brow_outer_up_left: 0.35, brow_outer_up_right: 0.35,
        eye_squint_left: 0.14, eye_squint_right: 0.14, eye_look_up: 0.31, nose_sneer_left: 0.13,
        nose_sneer_right: 0.13,
    },
);

// Just below 0.5, from where on the int8 network takes lids for closed ones.
pub(super) const MURMUR: Pose = pose(
    "murmur",
    "neutral",
    "As I was saying…",
    -2.0,
    &[],
    shapes! {
        eye_blink_left: 0.48, eye_blink_right: 0.48, eye_look_left: -0.24, jaw_open: 0.19,
        mouth_funnel: 0.1, mouth_upper_up: 0.14,
    },
);

// A rounded mouth, open less than in surprise: a vowel.
pub(super) const TALKING: Pose = pose(
    "talking",
    "neutral",
    "So, here is the plan:",
    3.0,
    &[],
    shapes! {
        brow_outer_up_left: 0.14, brow_outer_up_right: 0.14, eye_squint_left: 0.13,
        eye_squint_right: 0.13, jaw_open: 0.21, mouth_funnel: 0.41,
    },
);

pub(super) const DOUBTFUL: Pose = pose(
    "doubtful",
    "neutral",
    "I'm not so sure.",
    6.0,
    &[],
    shapes! {
        brow_inner_up: 0.33, eye_blink_left: 0.32, eye_blink_right: 0.32, eye_squint_left: 0.39,
        eye_squint_right: 0.39, eye_wide_left: 0.21, eye_wide_right: 0.21,
        mouth_frown_left: 0.25, mouth_frown_right: 0.25, mouth_funnel: 0.3, mouth_press: 0.46,
    },
);

// Less than a third of a smile, or it would be `smile` once more.
pub(super) const PLEASED: Pose = pose(
    "pleased",
    "neutral",
    "Not bad at all.",
    0.0,
    &[],
    shapes! {
        brow_outer_up_left: 0.23, brow_outer_up_right: 0.23, eye_blink_left: 0.37,
        eye_blink_right: 0.37, eye_squint_left: 0.47, eye_squint_right: 0.47, eye_look_up: 0.16,
        jaw_open: 0.15, mouth_smile_left: 0.18, mouth_smile_right: 0.18, mouth_funnel: 0.18,
        mouth_stretch_left: 0.21, mouth_stretch_right: 0.21, mouth_press: 0.02,
    },
);

// Pressed lips make it a closed smile; the eyes stay open, as they do not in `proud`.
pub(super) const CONTENT: Pose = pose(
    "content",
    "happiness",
    "All is well.",
    4.0,
    &[],
    shapes! {
        brow_inner_up: 0.15, eye_blink_left: 0.1, eye_blink_right: 0.1, cheek_squint_left: 0.2,
        cheek_squint_right: 0.2, mouth_smile_left: 0.6, mouth_smile_right: 0.6,
        mouth_press: 0.4,
    },
);

// Without tears: most sad faces in photos have none.
pub(super) const GLOOMY: Pose = pose(
    "gloomy",
    "sadness",
    "It was all for nothing.",
    0.0,
    &[],
    shapes! {
        brow_inner_up: 0.55, eye_blink_left: 0.33, eye_blink_right: 0.33, eye_look_left: 0.39,
        eye_look_up: 0.09, mouth_frown_left: 0.78, mouth_frown_right: 0.78,
        mouth_stretch_left: 0.45, mouth_stretch_right: 0.45,
    },
);

// Sad by brows and corners of the mouth; heavy lids alone would read as tired.
pub(super) const DOWNCAST: Pose = pose(
    "downcast",
    "sadness",
    "I wanted to come too.",
    0.0,
    &[],
    shapes! {
        brow_inner_up: 0.37, eye_blink_left: 0.21, eye_blink_right: 0.21, eye_look_up: -0.51,
        mouth_frown_left: 0.52, mouth_frown_right: 0.52, mouth_pucker: 0.25,
        mouth_upper_up: 0.23,
    },
);
