//! How a run ended.

use std::process::ExitCode;

/// The outcome of a command, the worst of what happened to its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// All was found.
    Found,
    /// Some picture had no face or no match, or was rejected.
    Missing,
    /// Something failed.
    Error,
    /// The user stopped it.
    Interrupted,
}

impl Outcome {
    /// What shells report for a program stopped by Ctrl-C.
    pub(crate) const INTERRUPTED: u8 = 130;
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
