//! Emoji of rest, thought, doubt and sleep.

use super::definition::{Emoji, REST, emoji};
use crate::pose::Extra;

pub(super) const CALM: &[Emoji] = &[
    emoji(
        "🤔",
        "thinking face",
        "neutral",
        5.0,
        &[],
        REST.mouth_left(-0.5)
            .press(0.5)
            .frown(0.2)
            .brows_down_right(0.5)
            .brows_up_left(0.8)
            .look_up(0.3)
            .look_left(-0.4),
    ),
    emoji(
        "🤨",
        "face with raised eyebrow",
        "contempt",
        0.0,
        &[],
        REST.brows_up_left(1.0)
            .brows_down_right(0.8)
            .squint_right(0.3)
            .press(0.4)
            .frown(0.1),
    ),
    emoji(
        "😐",
        "neutral face",
        "neutral",
        0.0,
        &[],
        REST.blink(0.2).frown(0.1).press(0.38).squint(0.2),
    ),
    emoji(
        "😑",
        "expressionless face",
        "neutral",
        0.0,
        &[],
        REST.blink(0.55)
            .press(0.5)
            .frown(0.12)
            .inner_brows(0.15)
            .jaw(0.12),
    ),
    emoji(
        "😏",
        "smirking face",
        "contempt",
        0.0,
        &[],
        REST.smile_left(0.9)
            .mouth_left(0.35)
            .squint(0.45)
            .brows_up_left(0.4)
            .brows_down_right(0.2)
            .look_left(0.6)
            .blink(0.3),
    ),
    emoji(
        "😒",
        "unamused face",
        "contempt",
        0.0,
        &[],
        REST.frown(0.7)
            .blink(0.4)
            .brows_down(0.55)
            .look_left(0.8)
            .mouth_left(0.25),
    ),
    emoji(
        "🙄",
        "face with rolling eyes",
        "contempt",
        0.0,
        &[],
        REST.look_up(1.0)
            .look_left(0.3)
            .frown(0.45)
            .press(0.3)
            .brows_up(0.4)
            .inner_brows(0.3),
    ),
    emoji(
        "😬",
        "grimacing face",
        "fear",
        0.0,
        &[],
        REST.stretch(0.9)
            .upper_lip(0.6)
            .lower_lip(0.8)
            .wide(0.15)
            .inner_brows(0.25),
    ),
    emoji(
        "😌",
        "relieved face",
        "happiness",
        0.0,
        &[],
        REST.smile(0.6).blink(1.0).inner_brows(0.8).brows_up(0.1),
    ),
    emoji(
        "😔",
        "pensive face",
        "sadness",
        0.0,
        &[],
        REST.frown(0.5).blink(0.4).inner_brows(0.9).look_up(-0.8),
    ),
    emoji(
        "😪",
        "sleepy face",
        "sadness",
        5.0,
        &[Extra::Tears],
        REST.blink(1.0).frown(0.6).inner_brows(0.8).jaw(0.2),
    ),
    emoji(
        "😴",
        "sleeping face",
        "neutral",
        9.0,
        &[Extra::Sleep],
        REST.blink(1.0).frown(0.2).jaw(0.6).brows_up(0.2),
    ),
    emoji(
        "🥱",
        "yawning face",
        "neutral",
        6.0,
        &[],
        REST.jaw(1.0).blink(1.0).inner_brows(0.7).squint(0.5),
    ),
    emoji(
        "🥵",
        "hot face",
        "disgust",
        0.0,
        &[Extra::Sweat, Extra::Blush],
        // With a jaw that is less open the network sees a calm face.
        REST.tongue(1.0)
            .jaw(0.8)
            .frown(0.2)
            .blink(0.3)
            .squint(0.6)
            .inner_brows(0.9),
    ),
    emoji(
        "🥶",
        "cold face",
        "fear",
        0.0,
        &[],
        REST.stretch(0.7)
            .upper_lip(0.5)
            .lower_lip(0.7)
            .inner_brows(0.7)
            .blink(0.1)
            .squint(0.4),
    ),
];
