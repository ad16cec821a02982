//! Pictures that the command line selects by path or by the number of a face.

use crate::output::{message, shown};
use crate::report::Outcome;
use moue::gallery::Picture;

/// Selectors of the command line, and which of them have matched a picture.
pub(super) struct Selection<'a> {
    selectors: &'a [String],
    matched: Vec<bool>,
}

impl<'a> Selection<'a> {
    pub(super) fn new(selectors: &'a [String]) -> Self {
        Self {
            selectors,
            matched: vec![false; selectors.len()],
        }
    }

    /// Whether one of the selectors matches the picture; without selectors every picture does.
    pub(super) fn contains(&mut self, picture: &Picture) -> bool {
        let mut any = self.selectors.is_empty();
        // All selectors are asked, so that one that names a picture twice is not reported.
        for (matched, selector) in self.matched.iter_mut().zip(self.selectors) {
            if selects(selector, picture) {
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
                message(&format!("{}: not in the gallery", shown(selector)));
                outcome = Outcome::Missing;
            }
        }
        outcome
    }
}

/// Whether `selector` is the path of a picture or the number of one of its faces.
fn selects(selector: &str, picture: &Picture) -> bool {
    picture.path == selector
        || selector
            .parse()
            .is_ok_and(|id: u64| picture.faces.iter().any(|face| face.id == id))
}
