//! Emoji of joy, play and affection.

use super::definition::{Emoji, REST, emoji};
use crate::pose::Extra;

pub(super) const SMILING: &[Emoji] = &[
    emoji(
        "😀",
        "grinning face",
        "happiness",
        0.0,
        &[],
        REST.smile(0.95)
            .cheeks(0.2)
            .jaw(0.2)
            .upper_lip(0.58)
            .brows_up(0.1)
            .inner_brows(0.3),
    ),
    emoji(
        "😃",
        "grinning face with big eyes",
        "happiness",
        0.0,
        &[],
        REST.smile(0.95)
            .jaw(0.38)
            .upper_lip(0.4)
            .wide(0.5)
            .brows_up(0.3)
            .inner_brows(0.4),
    ),
    emoji(
        "😄",
        "grinning face with smiling eyes",
        "happiness",
        0.0,
        &[],
        REST.smile(1.0)
            .jaw(0.25)
            .upper_lip(0.58)
            .blink(0.9)
            .cheeks(0.7)
            .brows_up(0.42),
    ),
    emoji(
        "😁",
        "beaming face with smiling eyes",
        "happiness",
        0.0,
        &[],
        REST.smile(0.7)
            .upper_lip(0.58)
            .lower_lip(0.4)
            .jaw(0.1)
            .blink(0.9)
            .cheeks(0.7)
            .brows_up(0.2),
    ),
    emoji(
        "😆",
        "grinning squinting face",
        "happiness",
        4.0,
        &[],
        REST.smile(1.0)
            .jaw(0.6)
            .upper_lip(0.5)
            .blink(1.0)
            .cheeks(1.0)
            .brows_down(0.4)
            .squint(0.6),
    ),
    emoji(
        "😅",
        "grinning face with sweat",
        "happiness",
        0.0,
        &[Extra::Sweat],
        REST.smile(1.0)
            .jaw(0.6)
            .upper_lip(0.4)
            .blink(1.0)
            .cheeks(0.6)
            .inner_brows(0.6),
    ),
    emoji(
        "🤣",
        "rolling on the floor laughing",
        "happiness",
        14.0,
        &[Extra::Streams],
        REST.smile(1.0)
            .jaw(0.8)
            .upper_lip(0.6)
            .blink(0.9)
            .cheeks(1.0)
            .inner_brows(0.4),
    ),
    emoji(
        "😂",
        "face with tears of joy",
        "happiness",
        0.0,
        &[Extra::Tears],
        REST.smile(1.0)
            .jaw(0.7)
            .upper_lip(0.5)
            .blink(1.0)
            .cheeks(0.9)
            .inner_brows(0.4),
    ),
    emoji(
        "🙂",
        "slightly smiling face",
        "happiness",
        0.0,
        &[],
        REST.smile(0.38).brows_up(0.25),
    ),
    emoji(
        "😉",
        "winking face",
        "happiness",
        5.0,
        &[],
        REST.smile_left(0.8)
            .smile_right(0.6)
            .blink_left(1.0)
            .cheeks_left(0.8)
            .brows_up_right(0.7)
            .brows_down_left(0.2),
    ),
    emoji(
        "😊",
        "smiling face with smiling eyes",
        "happiness",
        0.0,
        &[Extra::Blush],
        REST.smile(0.75)
            .blink(1.0)
            .cheeks(0.7)
            .brows_up(0.2)
            .inner_brows(0.3),
    ),
    emoji(
        "🥰",
        "smiling face with hearts",
        "happiness",
        -5.0,
        &[Extra::Hearts, Extra::Blush],
        REST.smile(0.8).blink(1.0).cheeks(0.8).inner_brows(0.6),
    ),
    emoji(
        "😍",
        "smiling face with heart-eyes",
        "happiness",
        0.0,
        &[Extra::Hearts],
        REST.smile(1.0)
            .jaw(0.55)
            .upper_lip(0.4)
            .wide(0.7)
            .cheeks(0.2)
            .brows_up(0.6)
            .inner_brows(0.5),
    ),
    emoji(
        "🤩",
        "star-struck",
        "happiness",
        0.0,
        &[Extra::Sparkles],
        REST.smile(1.0)
            .jaw(0.55)
            .upper_lip(0.5)
            .wide(0.9)
            .brows_up(0.9)
            .inner_brows(0.7),
    ),
    emoji(
        "😘",
        "face blowing a kiss",
        "happiness",
        5.0,
        &[Extra::Hearts],
        REST.pucker(0.9)
            .blink_left(1.0)
            .cheeks_left(0.4)
            .brows_up_right(0.5)
            .smile(0.2),
    ),
    emoji(
        "😗",
        "kissing face",
        "neutral",
        0.0,
        &[],
        REST.pucker(1.0).brows_up(0.1),
    ),
    emoji(
        "☺️",
        "smiling face",
        "happiness",
        0.0,
        &[Extra::Blush],
        REST.smile(0.9)
            .cheeks(0.5)
            .blink(0.75)
            .squint(0.3)
            .inner_brows(0.2),
    ),
    emoji(
        "😚",
        "kissing face with closed eyes",
        "happiness",
        -4.0,
        &[Extra::Blush],
        REST.pucker(1.0).blink(1.0).cheeks(0.5).smile(0.3),
    ),
    emoji(
        "🥲",
        "smiling face with tear",
        "happiness",
        0.0,
        &[Extra::Tears],
        REST.smile(0.25).inner_brows(0.9).blink(0.2).press(0.2),
    ),
    emoji(
        "😋",
        "face savoring food",
        "happiness",
        4.0,
        &[],
        REST.smile(0.9)
            .cheeks(0.7)
            .blink(1.0)
            .tongue(0.5)
            .jaw(0.32)
            .mouth_left(0.3),
    ),
    emoji(
        "😛",
        "face with tongue",
        "happiness",
        0.0,
        &[],
        REST.smile(0.5).jaw(0.55).tongue(1.0).brows_up(0.2),
    ),
    emoji(
        "😜",
        "winking face with tongue",
        "happiness",
        -8.0,
        &[],
        REST.smile(0.9)
            .jaw(0.4)
            .tongue(1.0)
            .blink_right(1.0)
            .cheeks_right(0.8)
            .brows_up_left(0.6)
            .wide_left(0.4),
    ),
    emoji(
        "🤪",
        "zany face",
        "happiness",
        -12.0,
        &[],
        REST.smile(0.9)
            .jaw(0.3)
            .tongue(1.0)
            .wide_left(1.0)
            .blink_right(0.2)
            .squint_right(0.5)
            .brows_up_left(0.8)
            .brows_down_right(0.5)
            .look_left(0.4)
            .look_up(0.3),
    ),
    emoji(
        "😝",
        "squinting face with tongue",
        "happiness",
        4.0,
        &[],
        REST.smile(0.8)
            .jaw(0.65)
            .tongue(1.0)
            .blink(1.0)
            .cheeks(0.9)
            .brows_down(0.2),
    ),
];
