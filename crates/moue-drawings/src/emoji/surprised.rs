//! Emoji of surprise and fear.

use super::definition::{Emoji, REST, emoji};
use crate::pose::Extra;

pub(super) const SURPRISED: &[Emoji] = &[
    emoji(
        "😮",
        "face with open mouth",
        "surprise",
        0.0,
        &[],
        REST.jaw(0.75)
            .funnel(0.5)
            .wide(0.28)
            .brows_up(0.4)
            .inner_brows(0.7),
    ),
    emoji(
        "😯",
        "hushed face",
        "surprise",
        0.0,
        &[],
        REST.jaw(0.25)
            .funnel(0.8)
            .wide(0.2)
            .brows_up(0.5)
            .inner_brows(0.7),
    ),
    emoji(
        "😲",
        "astonished face",
        "surprise",
        0.0,
        &[],
        REST.jaw(1.0)
            .funnel(0.3)
            .wide(0.9)
            .brows_up(1.0)
            .inner_brows(0.9),
    ),
    emoji(
        "😳",
        "flushed face",
        "surprise",
        0.0,
        &[Extra::Blush],
        REST.wide(1.0)
            .inner_brows(1.0)
            .brows_up(1.0)
            .jaw(0.25)
            .funnel(0.5),
    ),
    emoji(
        "🥺",
        "pleading face",
        "sadness",
        5.0,
        &[Extra::Blush],
        REST.inner_brows(1.0)
            .wide(0.7)
            .frown(0.4)
            .pucker(0.3)
            .shrug(0.4)
            .look_up(0.4),
    ),
    emoji(
        "🥹",
        "face holding back tears",
        "sadness",
        0.0,
        &[Extra::Tears],
        REST.inner_brows(1.0)
            .wide(0.5)
            .smile(0.3)
            .press(0.3)
            .shrug(0.3),
    ),
    emoji(
        "😦",
        "frowning face with open mouth",
        "surprise",
        0.0,
        &[],
        REST.jaw(0.5)
            .frown(0.4)
            .funnel(0.3)
            .wide(0.3)
            .inner_brows(0.5),
    ),
    emoji(
        "😧",
        "anguished face",
        "fear",
        0.0,
        &[],
        REST.jaw(0.5)
            .frown(0.6)
            .funnel(0.4)
            .wide(0.4)
            .inner_brows(1.0),
    ),
    emoji(
        "😨",
        "fearful face",
        "fear",
        0.0,
        &[],
        REST.jaw(0.35)
            .frown(0.72)
            .stretch(0.5)
            .lower_lip(0.4)
            .wide(1.0)
            .inner_brows(1.0),
    ),
    emoji(
        "😰",
        "anxious face with sweat",
        "fear",
        0.0,
        &[Extra::Sweat],
        REST.jaw(0.3)
            .frown(0.9)
            .stretch(0.6)
            .lower_lip(0.3)
            .wide(0.6)
            .inner_brows(1.0),
    ),
    emoji(
        "😱",
        "face screaming in fear",
        "surprise",
        0.0,
        &[Extra::Alarm],
        REST.jaw(1.0)
            .funnel(0.4)
            .wide(1.0)
            .inner_brows(1.0)
            .brows_up(0.9)
            .stretch(0.4),
    ),
];
