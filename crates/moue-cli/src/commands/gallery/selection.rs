//! Pictures that the command line selects by path, by the number of a face, or by label.

use crate::output::{message, shown};
use crate::report::Outcome;
use moue::gallery::{Picture, shown_path, stored_text};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Selectors of the command line, and which of them have matched a picture.
pub(super) struct Selection<'a> {
    selectors: &'a [OsString],
    matched: Vec<bool>,
    by_label: bool,
}

impl<'a> Selection<'a> {
    pub(super) fn new(selectors: &'a [OsString]) -> Self {
        Self {
            selectors,
            matched: vec![false; selectors.len()],
            by_label: false,
        }
    }

    /// Selectors of which it is known already whether they have matched a picture.
    #[cfg(feature = "stores")]
    pub(super) fn of_matched(selectors: &'a [OsString], matched: Vec<bool>) -> Self {
        Self {
            selectors,
            matched,
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
        for (matched, selector) in self.matched.iter_mut().zip(self.selectors) {
            let named = self.by_label && is_label(selector, picture);
            if named || selects(selector, picture) {
                *matched = true;
                any = true;
            }
        }
        any
    }

    /// Prints every selector that matched no picture.
    pub(super) fn report_unmatched(&self) -> Outcome {
        let mut outcome = Outcome::Found;
        for (selector, matched) in self.selectors.iter().zip(&self.matched) {
            if !matched {
                let selector = shown_path(&stored_text(selector.as_ref()));
                message(&format!("{}: not in the gallery", shown(&selector)));
                outcome = Outcome::Missing;
            }
        }
        outcome
    }
}

/// Whether `selector` is the label of a picture. A number is that of a face: files that are called
/// 17.jpg have such labels.
fn is_label(selector: &OsStr, picture: &Picture) -> bool {
    let text = selector.to_str();
    text.is_some_and(|text| text == picture.label && text.parse::<u64>().is_err())
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
