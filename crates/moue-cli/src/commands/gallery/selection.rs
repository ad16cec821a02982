//! Pictures that the command line selects by path, by the number of a face, or by label.

use crate::address;
use crate::output::{message, shown};
use crate::report::Outcome;
use moue::gallery::{Picture, shown_path, stored_text};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// What a selector of the command line has turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Nothing,
    /// The label of a picture, where a command takes none.
    Label,
    Picture,
}

/// Selectors of the command line, and what they have named so far.
pub(super) struct Selection<'a> {
    selectors: &'a [OsString],
    named: Vec<Named>,
    by_label: bool,
}

impl<'a> Selection<'a> {
    pub(super) fn new(selectors: &'a [OsString]) -> Self {
        Self {
            selectors,
            named: vec![Named::Nothing; selectors.len()],
            by_label: false,
        }
    }

    /// Selectors of which it is known already whether they have matched a picture.
    #[cfg(feature = "stores")]
    pub(super) fn of_matched(selectors: &'a [OsString], matched: Vec<bool>) -> Self {
        let named = |matched| {
            if matched {
                Named::Picture
            } else {
                Named::Nothing
            }
        };
        Self {
            selectors,
            named: matched.into_iter().map(named).collect(),
            by_label: false,
        }
    }

    /// Selects by label too. Several pictures may have one label.
    pub(super) fn with_labels(self) -> Self {
        Self {
            by_label: true,
            ..self
        }
    }

    /// Whether one of the selectors matches the picture; without selectors every picture does.
    pub(super) fn contains(&mut self, picture: &Picture) -> bool {
        let mut any = self.selectors.is_empty();
        // All selectors are asked, so that one that names a picture twice is not reported.
        for (named, selector) in self.named.iter_mut().zip(self.selectors) {
            let is_label = is_label(selector, picture);
            if is_label && self.by_label && !is_number(selector) || selects(selector, picture) {
                *named = Named::Picture;
                any = true;
            } else if is_label && *named == Named::Nothing {
                *named = Named::Label;
            }
        }
        any
    }

    /// Prints every selector that has selected no picture of the gallery, and why.
    pub(super) fn report_unmatched(&self, gallery: &Path) -> Outcome {
        let mut outcome = Outcome::Found;
        for (selector, named) in self.selectors.iter().zip(&self.named) {
            let reason = match named {
                Named::Picture => continue,
                Named::Nothing => "not in the gallery".to_owned(),
                // Several pictures may have it, so it does not say which one is meant.
                Named::Label => format!(
                    "this is a label; give the path or the number of a face, which `moue gallery list {}` shows",
                    address::shown(gallery)
                ),
            };
            let selector = shown_path(&stored_text(selector.as_ref()));
            message(&format!("{}: {reason}", shown(&selector)));
            outcome = Outcome::Missing;
        }
        outcome
    }
}

fn is_label(selector: &OsStr, picture: &Picture) -> bool {
    selector.to_str() == Some(&picture.label)
}

/// Whether `selector` stands for a face, also where a picture has that label: files that are called 17.jpg
/// have such ones.
fn is_number(selector: &OsStr) -> bool {
    let text = selector.to_str();
    text.is_some_and(|text| text.parse::<u64>().is_ok())
}

/// Whether `selector` is the path of a picture, also relative to the working directory, or the
/// number of one of its faces.
fn selects(selector: &OsStr, picture: &Picture) -> bool {
    let path = Path::new(selector);
    let is_path = |path: &Path| picture.path == stored_text(path);
    let id = selector.to_str().and_then(|text| text.parse::<u64>().ok());
    let is_face = |id: u64| picture.faces.iter().any(|face| face.id == id);
    is_path(path)
        || id.is_some_and(is_face)
        || std::path::absolute(path).is_ok_and(|path| is_path(&path))
}
