//! Emoji of anger and disgust.

use super::definition::{Emoji, REST, emoji};
use crate::pose::Extra;

pub(super) const ANGRY: &[Emoji] = &[
    emoji(
        "😤",
        "face with steam from nose",
        "anger",
        0.0,
        &[],
        REST.brows_down(0.9)
            .blink(1.0)
            .press(0.9)
            .frown(0.6)
            .sneer(0.5)
            .puff(0.4),
    ),
    emoji(
        "😡",
        "enraged face",
        "anger",
        0.0,
        &[Extra::Anger],
        REST.brows_down(1.0)
            .frown(0.9)
            .press(0.8)
            .squint(0.3)
            .sneer(0.6),
    ),
    emoji(
        "😠",
        "angry face",
        "anger",
        0.0,
        &[],
        REST.brows_down(1.0)
            .frown(0.8)
            .press(0.4)
            .squint(0.3)
            .sneer(0.35),
    ),
    emoji(
        "🤬",
        "face with symbols on mouth",
        "anger",
        0.0,
        &[Extra::Anger],
        REST.brows_down(1.0)
            .jaw(0.3)
            .upper_lip(0.3)
            .lower_lip(0.8)
            .stretch(0.68)
            .frown(0.6)
            .sneer(0.8),
    ),
    emoji(
        "😈",
        "smiling face with horns",
        "happiness",
        0.0,
        &[],
        REST.brows_down(0.9)
            .smile(1.0)
            .squint(0.2)
            .upper_lip(0.5)
            .jaw(0.3),
    ),
    emoji(
        "👿",
        "angry face with horns",
        "anger",
        0.0,
        &[],
        REST.brows_down(1.0)
            .frown(0.8)
            .upper_lip(0.7)
            .lower_lip(0.6)
            .sneer(0.5),
    ),
    emoji(
        "🤢",
        "nauseated face",
        "disgust",
        4.0,
        &[],
        REST.frown(0.7)
            .sneer(0.8)
            .brows_down(0.5)
            .blink(0.35)
            .squint(0.7)
            .puff(0.4),
    ),
    emoji(
        "🤮",
        "face vomiting",
        "disgust",
        0.0,
        &[],
        REST.jaw(0.8)
            .tongue(0.6)
            .blink(1.0)
            .brows_down(0.7)
            .sneer(0.8)
            .frown(0.4),
    ),
];
