//! What people write about pictures, and its bounds.

use crate::options::{MAX_WORD, check_text, check_words};
use crate::problem::Problem;
use crate::upload::Words;
use serde::Deserialize;
use utoipa::IntoParams;

/// Bytes of a caption: those of the longest that collections have, and of a paragraph.
const MAX_CAPTION: usize = 4000;

/// What is written about a picture, for a body that is the picture itself.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(in crate::routes) struct WordParams {
    /// What to call it.
    label: Option<String>,
    /// A description.
    caption: Option<String>,
    /// A word to filter by; may be repeated.
    tag: Vec<String>,
}

impl WordParams {
    /// With what the body has, where the query has nothing.
    pub(super) fn or(self, body: Words) -> Words {
        Words {
            label: self.label.or(body.label),
            caption: self.caption.or(body.caption),
            tags: merged(self.tag, body.tags),
        }
    }
}

/// Refuses words beyond their bounds.
///
/// # Errors
/// [`Problem`] with the bound.
pub(super) fn check(words: &Words) -> Result<(), Problem> {
    if let Some(caption) = &words.caption {
        check_caption(caption)?;
    }
    if let Some(label) = &words.label {
        check_text(label, MAX_WORD)?;
    }
    check_tags(&words.tags)
}

fn check_tags(tags: &[String]) -> Result<(), Problem> {
    if tags.iter().any(|tag| tag.trim().is_empty()) {
        return Err(Problem::bad("a tag is empty"));
    }
    check_words(tags.iter())
}

/// Captions have lines.
fn check_caption(caption: &str) -> Result<(), Problem> {
    let lines = caption.replace(['\n', '\r', '\t'], " ");
    check_text(&lines, MAX_CAPTION)
}

/// The first tags, and those of the others that are not among them.
pub(super) fn merged(first: Vec<String>, others: Vec<String>) -> Vec<String> {
    let mut tags = first;
    for tag in others {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
