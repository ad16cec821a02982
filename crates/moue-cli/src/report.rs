//! How a run ended.

use moue::gallery::GalleryError;
use std::process::ExitCode;

/// The outcome of a command, the worst of what happened to its pictures.
// In the order of exit codes, so that `max` is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// Everything was found.
    Found,
    /// Some picture had no face or no match, or was rejected.
    Missing,
    /// Something failed.
    Error,
    /// The user stopped it.
    Interrupted,
}

impl Outcome {
    /// What shells report for a program stopped by Ctrl-C: 128 and the number of SIGINT.
    pub(crate) const INTERRUPTED: u8 = 130;

    /// `Found` if the condition holds, otherwise `Missing`.
    pub(crate) fn found_if(found: bool) -> Self {
        if found { Self::Found } else { Self::Missing }
    }
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Found => 0,
            Outcome::Missing => 1,
            Outcome::Error => 2,
            Outcome::Interrupted => Outcome::INTERRUPTED,
        })
    }
}

/// A hint on what the user can do about an error, printed after it; often none. The library's
/// errors name no command, as other programs use it too.
pub(crate) fn advice(error: &anyhow::Error) -> String {
    match error.downcast_ref() {
        Some(GalleryError::Missing(path)) => {
            let path = path.display();
            format!("; `moue gallery add {path} PICTURES…` makes one")
        }
        Some(GalleryError::OtherWeights { .. }) => {
            "; `moue gallery add NEW_GALLERY PICTURES…` does that".into()
        }
        _ => String::new(),
    }
}
