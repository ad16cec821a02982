//! Ctrl-C.

use crate::report::Outcome;
use crate::terminal;
use anyhow::Result;
use moue::cancel::CancelToken;
#[cfg(unix)]
use std::io::Read;
use std::sync::OnceLock;

/// The token of a command that has to end in order, such as with a commit.
static TOKEN: OnceLock<CancelToken> = OnceLock::new();

/// From now on Ctrl-C ends every command with the exit code that the help states.
pub(crate) fn install() -> Result<()> {
    #[cfg(unix)]
    install_self_pipe()?;
    #[cfg(not(unix))]
    ctrlc::set_handler(handle)?;
    Ok(())
}

/// A signal handler may do little more than write a byte (Bernstein's self-pipe trick); a thread
/// waits for it. A pipe and not the sockets of `signal_hook::iterator`: no command opens a socket.
#[cfg(unix)]
fn install_self_pipe() -> Result<()> {
    let (mut signals, handler) = std::io::pipe()?;
    signal_hook::low_level::pipe::register(signal_hook::consts::SIGINT, handler)?;
    std::thread::spawn(move || {
        let mut byte = [0];
        while signals.read_exact(&mut byte).is_ok() {
            handle();
        }
    });
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
        _ => terminal::end_at_once(Outcome::INTERRUPTED.into()),
    }
}
