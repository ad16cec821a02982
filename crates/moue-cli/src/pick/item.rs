//! A picture that can be picked.

use crate::captions;
use moue::Match;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A picture of a gallery: of a search, of the history, or a favorite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// The gallery that it was found in, as the command line had it.
    pub(crate) gallery: String,
    /// The face's number there.
    pub(crate) face: u64,
    /// Where the picture is, as the gallery has it.
    pub(crate) path: String,
    pub(crate) label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caption: Option<String>,
    /// The character, if it is an emoji.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) emoji: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    /// When the face is seen in a video or animation, in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) micros: Option<u64>,
}

impl Item {
    pub(crate) fn of(found: &Match, gallery: &str) -> Self {
        Self {
            gallery: gallery.to_owned(),
            face: found.id,
            path: found.path.clone(),
            label: found.label.clone(),
            caption: found.caption.clone(),
            emoji: found.emoji.clone(),
            tags: found.tags.clone(),
            micros: found.time.map(|time| time.as_micros() as u64),
        }
    }

    /// What reads pictures of matches takes.
    pub(crate) fn to_match(&self) -> Match {
        Match {
            id: self.face,
            label: self.label.clone(),
            path: self.path.clone(),
            emoji: self.emoji.clone(),
            tags: self.tags.clone(),
            caption: self.caption.clone(),
            time: self.micros.map(Duration::from_micros),
            ..Match::default()
        }
    }

    /// Whether both are the same picture, or the same moment of a video.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.path == other.path && self.micros == other.micros
    }

    /// What is written under it: the caption, which is the joke, or what it is called.
    pub(crate) fn title(&self) -> &str {
        captions::description(&self.label, self.caption.as_deref()).unwrap_or(&self.label)
    }

    /// Whether each of these words is in its label, its caption or one of its tags, in any case.
    pub(crate) fn has_words(&self, words: &str) -> bool {
        let caption = self.caption.as_deref().unwrap_or_default();
        let text = format!("{} {caption} {}", self.label, self.tags.join(" ")).to_lowercase();
        words
            .to_lowercase()
            .split_whitespace()
            .all(|word| text.contains(word.trim_start_matches('#')))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An item with this label and nothing else.
    pub(crate) fn item(label: &str) -> Item {
        let found = Match {
            label: label.to_owned(),
            path: format!("/pictures/{label}.jpg"),
            ..Match::default()
        };
        Item::of(&found, "my.moue")
    }

    #[test]
    fn words_are_looked_for_in_label_caption_and_tags() {
        let cat = Item {
            caption: Some("When it is Monday".into()),
            tags: vec!["Office".into()],
            ..item("cat-3")
        };
        for words in ["", "cat", "MONDAY", "off", "#office", "monday cat", " it "] {
            assert!(cat.has_words(words), "{words}");
        }
        for words in ["dog", "cat dog", "tuesday"] {
            assert!(!cat.has_words(words), "{words}");
        }
    }

    #[test]
    fn an_item_becomes_the_match_that_it_was() {
        let found = Match {
            id: 7,
            time: Some(Duration::from_micros(1_500_000)),
            emoji: Some("😀".into()),
            caption: Some("ha".into()),
            ..Match::default()
        };
        assert_eq!(Item::of(&found, "emoji").to_match(), found);
    }

    #[test]
    fn two_moments_of_a_video_are_two_items() {
        let at = |micros| Item {
            micros: Some(micros),
            ..item("clip")
        };
        assert!(at(1).is_same(&at(1)) && !at(1).is_same(&at(2)));
    }
}
