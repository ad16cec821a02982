//! Emoji of sadness and worry.

use super::definition::{Emoji, REST, emoji};
use crate::pose::Extra;

pub(super) const SAD: &[Emoji] = &[
    emoji(
        "😕",
        "confused face",
        "sadness",
        0.0,
        &[],
        REST.frown_left(0.45)
            .smile_right(0.3)
            .mouth_left(0.5)
            .inner_brows(0.55),
    ),
    emoji(
        "🫤",
        "face with diagonal mouth",
        "contempt",
        0.0,
        &[],
        REST.frown_left(0.6)
            .smile_right(0.1)
            .mouth_left(0.1)
            .brows_down(0.3),
    ),
    emoji(
        "😟",
        "worried face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.6).inner_brows(0.85).wide(0.25),
    ),
    emoji(
        "🙁",
        "slightly frowning face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.5).inner_brows(0.35),
    ),
    emoji(
        "☹️",
        "frowning face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.85).inner_brows(0.5).shrug(0.4).look_up(0.1),
    ),
    emoji(
        "😥",
        "sad but relieved face",
        "sadness",
        0.0,
        &[Extra::Sweat],
        REST.frown(0.4).inner_brows(0.9).blink(0.25).look_up(-0.5),
    ),
    emoji(
        "😢",
        "crying face",
        "sadness",
        0.0,
        &[Extra::Tears],
        REST.frown(0.6)
            .inner_brows(1.0)
            .shrug(0.2)
            .blink(0.16)
            .look_up(0.02)
            .brows_down(0.15),
    ),
    emoji(
        "😭",
        "loudly crying face",
        "sadness",
        0.0,
        &[Extra::Streams],
        REST.frown(0.9)
            .jaw(0.75)
            .lower_lip(0.6)
            .blink(1.0)
            .inner_brows(0.9)
            .brows_down(0.2),
    ),
    emoji(
        "😖",
        "confounded face",
        "disgust",
        0.0,
        &[],
        REST.blink(1.0)
            .brows_down(0.8)
            .frown(0.7)
            .sneer(0.5)
            .press(0.5)
            .squint(1.0),
    ),
    emoji(
        "😣",
        "persevering face",
        "sadness",
        0.0,
        &[],
        REST.blink(0.9)
            .brows_down(0.6)
            .frown(0.7)
            .inner_brows(0.3)
            .press(0.2),
    ),
    emoji(
        "😞",
        "disappointed face",
        "sadness",
        4.0,
        &[],
        REST.frown(0.9).inner_brows(0.9).blink(0.5).look_up(-0.8),
    ),
    emoji(
        "😓",
        "downcast face with sweat",
        "sadness",
        0.0,
        &[Extra::Sweat],
        REST.frown(0.7).inner_brows(0.9).blink(0.5).look_up(-0.5),
    ),
    emoji(
        "😩",
        "weary face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.8)
            .jaw(0.95)
            .lower_lip(0.4)
            .blink(1.0)
            .inner_brows(1.0),
    ),
    emoji(
        "😫",
        "tired face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.8)
            .jaw(0.7)
            .lower_lip(0.5)
            .upper_lip(0.1)
            .blink(1.0)
            .brows_down(0.7)
            .inner_brows(0.5)
            .cheeks(0.3),
    ),
];
