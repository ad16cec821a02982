//! The expressions that every character pulls.

use crate::blendshapes::Blendshapes;
use crate::pose::{Extra, Pose, pose};

/// Some blendshapes, all others at rest.
macro_rules! shapes {
    ($($field:ident: $value:expr),* $(,)?) => { Blendshapes { $($field: $value,)* ..REST } };
}

mod everyday;

const REST: Blendshapes = Blendshapes::REST;

/// All expressions.
pub const POSES: &[Pose] = &[
    pose("calm", "neutral", "OK then.", 0.0, &[], REST),
    pose(
        "smile",
        "happiness",
        "Nice one!",
        3.0,
        &[],
        shapes! {
            mouth_smile_left: 0.7, mouth_smile_right: 0.7, cheek_squint_left: 0.3, cheek_squint_right: 0.3,
        },
    ),
    pose(
        "grin",
        "happiness",
        "Best day ever!",
        -3.0,
        &[],
        shapes! {
            mouth_smile_left: 1.0, mouth_smile_right: 1.0, mouth_upper_up: 0.6, jaw_open: 0.25, cheek_squint_left: 0.5,
            cheek_squint_right: 0.5, brow_outer_up_left: 0.3, brow_outer_up_right: 0.3,
        },
    ),
    pose(
        "laugh",
        "happiness",
        "I can't breathe!",
        8.0,
        &[Extra::Tears],
        shapes! {
            mouth_smile_left: 1.0, mouth_smile_right: 1.0, mouth_upper_up: 0.5, jaw_open: 0.85, eye_blink_left: 1.0,
            eye_blink_right: 1.0, cheek_squint_left: 1.0, cheek_squint_right: 1.0, brow_inner_up: 0.3,
        },
    ),
    pose(
        "cheer",
        "happiness",
        "We did it!",
        0.0,
        &[Extra::Sparkles],
        shapes! {
            mouth_smile_left: 0.9, mouth_smile_right: 0.9, jaw_open: 0.7, mouth_upper_up: 0.4, eye_wide_left: 0.5,
            eye_wide_right: 0.5, brow_outer_up_left: 0.8, brow_outer_up_right: 0.8, brow_inner_up: 0.6,
        },
    ),
    pose(
        "love",
        "happiness",
        "I love it so much",
        -6.0,
        &[Extra::Hearts, Extra::Blush],
        shapes! {
            mouth_smile_left: 0.8, mouth_smile_right: 0.8, eye_blink_left: 1.0, eye_blink_right: 1.0,
            cheek_squint_left: 0.8, cheek_squint_right: 0.8, brow_inner_up: 0.5,
        },
    ),
    pose(
        "proud",
        "happiness",
        "Told you so.",
        0.0,
        &[],
        shapes! {
            mouth_smile_left: 0.6, mouth_smile_right: 0.6, mouth_press: 0.5, eye_blink_left: 0.85, eye_blink_right: 0.85,
            brow_outer_up_left: 0.6, brow_outer_up_right: 0.6, brow_inner_up: 0.4,
        },
    ),
    pose(
        "smirk",
        "contempt",
        "I know something.",
        5.0,
        &[],
        shapes! {
            mouth_smile_left: 0.9, mouth_left: 0.35, eye_squint_left: 0.4, eye_squint_right: 0.4, brow_outer_up_left: 0.7,
            brow_down_right: 0.3, eye_look_left: 0.5,
        },
    ),
    pose(
        "wink",
        "happiness",
        "You get it.",
        6.0,
        &[],
        shapes! {
            mouth_smile_left: 0.9, mouth_smile_right: 0.6, eye_blink_left: 1.0, cheek_squint_left: 0.8,
            brow_outer_up_right: 0.6, brow_down_left: 0.2,
        },
    ),
    pose(
        "surprised",
        "surprise",
        "No way!",
        0.0,
        &[],
        shapes! {
            jaw_open: 0.45, mouth_funnel: 0.7, eye_wide_left: 0.7, eye_wide_right: 0.7, brow_inner_up: 0.8,
            brow_outer_up_left: 0.8, brow_outer_up_right: 0.8,
        },
    ),
    pose(
        "shocked",
        "surprise",
        "You did WHAT?!",
        0.0,
        &[Extra::Alarm],
        shapes! {
            jaw_open: 1.0, mouth_funnel: 0.3, eye_wide_left: 1.0, eye_wide_right: 1.0, brow_inner_up: 1.0,
            brow_outer_up_left: 1.0, brow_outer_up_right: 1.0,
        },
    ),
    pose(
        "scared",
        "fear",
        "It's behind me, isn't it?",
        -3.0,
        &[Extra::Sweat],
        shapes! {
            jaw_open: 0.3, mouth_stretch_left: 0.8, mouth_stretch_right: 0.8, mouth_frown_left: 0.5, mouth_frown_right: 0.5,
            mouth_lower_down: 0.6, eye_wide_left: 0.9, eye_wide_right: 0.9, brow_inner_up: 1.0, eye_look_left: -0.8,
        },
    ),
    pose(
        "worried",
        "fear",
        "Did I leave the oven on?",
        0.0,
        &[Extra::Sweat],
        shapes! {
            mouth_frown_left: 0.4, mouth_frown_right: 0.4, mouth_stretch_left: 0.3, mouth_stretch_right: 0.3,
            mouth_press: 0.3, brow_inner_up: 0.9, eye_wide_left: 0.3, eye_wide_right: 0.3, eye_look_up: 0.4, eye_look_left: 0.4,
        },
    ),
    pose(
        "sad",
        "sadness",
        "And there was cake…",
        4.0,
        &[],
        shapes! {
            mouth_frown_left: 0.8, mouth_frown_right: 0.8, mouth_shrug_lower: 0.3, brow_inner_up: 0.9, eye_squint_left: 0.2,
            eye_squint_right: 0.2, eye_look_up: -0.6, eye_blink_left: 0.25, eye_blink_right: 0.25,
        },
    ),
    pose(
        "tearful",
        "sadness",
        "It's fine. I'm fine.",
        -4.0,
        &[Extra::Tears],
        shapes! {
            mouth_frown_left: 0.9, mouth_frown_right: 0.9, mouth_shrug_lower: 0.6, brow_inner_up: 1.0, eye_wide_left: 0.2,
            eye_wide_right: 0.2,
        },
    ),
    pose(
        "sob",
        "sadness",
        "NOOOOO",
        0.0,
        &[Extra::Streams],
        shapes! {
            mouth_frown_left: 1.0, mouth_frown_right: 1.0, jaw_open: 0.7, mouth_lower_down: 0.6, mouth_stretch_left: 0.3,
            mouth_stretch_right: 0.3, eye_blink_left: 1.0, eye_blink_right: 1.0, brow_inner_up: 0.9, brow_down_left: 0.2,
            brow_down_right: 0.2,
        },
    ),
    pose(
        "plead",
        "sadness",
        "Pretty please?",
        7.0,
        &[Extra::Blush],
        shapes! {
            brow_inner_up: 1.0, eye_wide_left: 0.8, eye_wide_right: 0.8, mouth_frown_left: 0.3, mouth_frown_right: 0.3,
            mouth_pucker: 0.35, mouth_shrug_lower: 0.4, eye_look_up: 0.4,
        },
    ),
    pose(
        "pout",
        "sadness",
        "But I want it.",
        -5.0,
        &[],
        shapes! {
            mouth_pucker: 0.5, mouth_frown_left: 0.7, mouth_frown_right: 0.7, mouth_shrug_lower: 1.0, brow_down_left: 0.5,
            brow_down_right: 0.5, brow_inner_up: 0.2,
        },
    ),
    pose(
        "cross",
        "anger",
        "Not amused.",
        0.0,
        &[],
        shapes! {
            mouth_frown_left: 0.5, mouth_frown_right: 0.5, mouth_press: 0.8, brow_down_left: 0.9, brow_down_right: 0.9,
            eye_squint_left: 0.3, eye_squint_right: 0.3,
        },
    ),
    pose(
        "angry",
        "anger",
        "Say that again.",
        0.0,
        &[Extra::Anger],
        shapes! {
            mouth_frown_left: 0.8, mouth_frown_right: 0.8, mouth_upper_up: 0.6, mouth_lower_down: 0.7, mouth_stretch_left: 0.4,
            mouth_stretch_right: 0.4, jaw_open: 0.1, brow_down_left: 1.0, brow_down_right: 1.0, eye_squint_left: 0.3,
            eye_squint_right: 0.3, nose_sneer_left: 0.5, nose_sneer_right: 0.5,
        },
    ),
    pose(
        "furious",
        "anger",
        "RAAAAH!",
        0.0,
        &[Extra::Anger],
        shapes! {
            jaw_open: 0.85, mouth_frown_left: 0.4, mouth_frown_right: 0.4, mouth_stretch_left: 0.5, mouth_stretch_right: 0.5,
            mouth_upper_up: 0.8, mouth_lower_down: 0.6, brow_down_left: 1.0, brow_down_right: 1.0, eye_wide_left: 0.4,
            eye_wide_right: 0.4, nose_sneer_left: 1.0, nose_sneer_right: 1.0,
        },
    ),
    pose(
        "disgusted",
        "disgust",
        "Who ate that?",
        -7.0,
        &[],
        shapes! {
            nose_sneer_left: 1.0, nose_sneer_right: 1.0, mouth_upper_up: 0.8, mouth_frown_left: 0.7, mouth_frown_right: 0.7,
            brow_down_left: 0.7, brow_down_right: 0.7, eye_squint_left: 0.7, eye_squint_right: 0.7, mouth_left: -0.3,
        },
    ),
    pose(
        "bleh",
        "disgust",
        "Nope. Bleh.",
        4.0,
        &[],
        shapes! {
            tongue_out: 1.0, jaw_open: 0.4, nose_sneer_left: 0.8, nose_sneer_right: 0.8, mouth_frown_left: 0.4,
            mouth_frown_right: 0.4, eye_blink_left: 1.0, eye_blink_right: 1.0, brow_down_left: 0.6, brow_down_right: 0.6,
        },
    ),
    pose(
        "doubt",
        "contempt",
        "If you say so.",
        6.0,
        &[],
        shapes! {
            mouth_smile_right: 0.5, mouth_frown_left: 0.3, mouth_left: -0.5, brow_outer_up_left: 1.0, brow_inner_up: 0.1,
            brow_down_right: 0.8, eye_squint_right: 0.5, eye_blink_left: 0.15, eye_blink_right: 0.25,
        },
    ),
    pose(
        "bored",
        "neutral",
        "Is it Friday yet?",
        5.0,
        &[],
        shapes! {
            eye_blink_left: 0.55, eye_blink_right: 0.55, mouth_press: 0.4, mouth_frown_left: 0.2, mouth_frown_right: 0.2,
            eye_look_up: 0.3, eye_look_left: -0.5,
        },
    ),
    pose(
        "tired",
        "sadness",
        "Need. Coffee.",
        -6.0,
        &[],
        shapes! {
            eye_blink_left: 0.65, eye_blink_right: 0.65, eye_squint_left: 0.2, eye_squint_right: 0.2, mouth_frown_left: 0.45,
            mouth_frown_right: 0.45, jaw_open: 0.08, brow_inner_up: 0.4, eye_look_up: -0.4,
        },
    ),
    pose(
        "yawn",
        "neutral",
        "Five more minutes…",
        8.0,
        &[],
        shapes! {
            jaw_open: 1.0, mouth_funnel: 0.5, eye_blink_left: 1.0, eye_blink_right: 1.0, brow_inner_up: 0.6,
            brow_outer_up_left: 0.3, brow_outer_up_right: 0.3,
        },
    ),
    pose(
        "asleep",
        "neutral",
        "Zzz",
        10.0,
        &[Extra::Sleep],
        shapes! {
            eye_blink_left: 1.0, eye_blink_right: 1.0, mouth_smile_left: 0.15, mouth_smile_right: 0.15,
        },
    ),
    pose(
        "kiss",
        "happiness",
        "Mwah!",
        -5.0,
        &[Extra::Hearts, Extra::Blush],
        shapes! {
            mouth_pucker: 1.0, eye_blink_left: 1.0, eye_blink_right: 1.0, brow_outer_up_left: 0.3, brow_outer_up_right: 0.3,
        },
    ),
    pose(
        "whistle",
        "neutral",
        "Nothing to see here.",
        5.0,
        &[Extra::Note],
        shapes! {
            mouth_pucker: 0.8, mouth_funnel: 0.4, jaw_open: 0.1, eye_look_up: 0.9, eye_look_left: 0.6, brow_inner_up: 0.6,
            brow_outer_up_left: 0.5, brow_outer_up_right: 0.5, mouth_left: 0.2,
        },
    ),
    pose(
        "tongue",
        "happiness",
        "Nyah nyah!",
        -8.0,
        &[],
        shapes! {
            tongue_out: 1.0, jaw_open: 0.35, mouth_smile_left: 0.9, mouth_smile_right: 0.9, eye_blink_right: 1.0,
            cheek_squint_right: 0.8, brow_outer_up_left: 0.5,
        },
    ),
    pose(
        "think",
        "neutral",
        "Let me think…",
        5.0,
        &[],
        shapes! {
            mouth_left: -0.6, mouth_press: 0.6, mouth_pucker: 0.3, eye_look_up: 0.9, eye_look_left: -0.7, brow_down_right: 0.3,
            brow_outer_up_left: 0.7, brow_inner_up: 0.2,
        },
    ),
    pose(
        "confused",
        "surprise",
        "Wait, what?",
        -7.0,
        &[Extra::Question],
        shapes! {
            mouth_left: 0.3, mouth_frown_left: 0.4, mouth_smile_right: 0.2, jaw_open: 0.12, brow_down_left: 0.6,
            brow_outer_up_right: 0.9, brow_inner_up: 0.4, eye_squint_left: 0.4, eye_wide_right: 0.4,
        },
    ),
    pose(
        "yikes",
        "fear",
        "Yikes.",
        0.0,
        &[Extra::Sweat],
        shapes! {
            mouth_stretch_left: 1.0, mouth_stretch_right: 1.0, mouth_upper_up: 0.6, mouth_lower_down: 0.8,
            brow_inner_up: 0.7, eye_wide_left: 0.4, eye_wide_right: 0.4, eye_look_left: 0.7,
        },
    ),
    pose(
        "puffed",
        "neutral",
        "Holding it in.",
        0.0,
        &[Extra::Blush],
        shapes! {
            cheek_puff: 1.0, mouth_press: 0.9, mouth_pucker: 0.5, eye_wide_left: 0.4, eye_wide_right: 0.4,
            brow_outer_up_left: 0.4, brow_outer_up_right: 0.4, brow_inner_up: 0.3,
        },
    ),
    everyday::RELAXED,
    everyday::QUIET,
    everyday::PATIENT,
    everyday::LISTENING,
    everyday::ATTENTIVE,
    everyday::MURMUR,
    everyday::TALKING,
    everyday::DOUBTFUL,
    everyday::PLEASED,
    everyday::CONTENT,
    everyday::GLOOMY,
    everyday::DOWNCAST,
];
