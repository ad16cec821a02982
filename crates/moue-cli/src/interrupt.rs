//! Ctrl-C.

use crate::report::Outcome;
use crate::{files, terminal};
use anyhow::Result;
use moue::cancel::CancelToken;
use std::sync::OnceLock;

/// The token of a command that has to end in order, such as with a commit.
static TOKEN: OnceLock<CancelToken> = OnceLock::new();

/// From now on Ctrl-C ends every command with the exit code that the help states.
pub(crate) fn install() -> Result<()> {
    #[cfg(unix)]
    {
        // The terminal's crate brings this one along.
        let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGINT])?;
        std::thread::spawn(move || signals.forever().for_each(|_| handle()));
    }
    #[cfg(not(unix))]
    ctrlc::set_handler(handle)?;
    Ok(())
}

/// A token that Ctrl-C cancels instead of ending the program. A second Ctrl-C ends it at once:
/// galleries and files are whole at any time, so nothing that was reported is lost.
pub(crate) fn token() -> CancelToken {
    TOKEN.get_or_init(CancelToken::new).clone()
}

fn handle() {
    match TOKEN.get() {
        Some(token) if !token.is_cancelled() => token.cancel(),
        _ => {
            files::remove_unfinished();
            terminal::restore();
            std::process::exit(Outcome::INTERRUPTED.into());
        }
    }
}
