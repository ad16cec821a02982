//! Asking a terminal what it can show.

/// What a terminal has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Abilities {
    /// Kitty's graphics.
    pub(super) kitty: bool,
    pub(super) sixel: bool,
    /// Pixels of a cell.
    pub(super) cell: Option<[u32; 2]>,
}

/// A picture of one pixel that kitty's protocol only checks, the size of a cell (XTWINOPS 16), and
/// the primary device attributes (DA1). Every terminal answers the last, and answers come in the
/// order of the questions: when it is there, the others are or will not come. The cursor is saved
/// before and the line erased from there behind: a terminal that takes a question for text shows none.
#[cfg(unix)]
const QUESTIONS: &[u8] =
    b"\x1b7\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c\x1b8\x1b[K";

/// The answers in `bytes`; `None` if they do not end yet.
#[cfg_attr(
    not(unix),
    allow(dead_code, reason = "only terminals of Unix are asked")
)]
fn parse(bytes: &[u8]) -> Option<Abilities> {
    let text = String::from_utf8_lossy(bytes);
    // DA1 is `ESC [ ? numbers c`; 4 is sixel graphics.
    let attributes = text.split("\x1b[?").skip(1).find_map(|rest| {
        let (numbers, _) = rest.split_once('c')?;
        let is_answer = numbers.chars().all(|c| c.is_ascii_digit() || c == ';');
        is_answer.then_some(numbers)
    })?;
    Some(Abilities {
        kitty: text.contains("\x1b_Gi=31;OK"),
        sixel: attributes.split(';').any(|number| number == "4"),
        cell: cell(&text),
    })
}

/// Width and height of a cell: `ESC [ 6 ; height ; width t`.
fn cell(text: &str) -> Option<[u32; 2]> {
    let (_, rest) = text.split_once("\x1b[6;")?;
    let (numbers, _) = rest.split_once('t')?;
    let (height, width) = numbers.split_once(';')?;
    let side = |text: &str| text.parse().ok().filter(|side| (2..=200).contains(side));
    Some([side(width)?, side(height)?])
}

#[cfg(unix)]
pub(super) use unix::ask;

#[cfg(not(unix))]
pub(super) fn ask() -> Option<Abilities> {
    // Consoles of Windows have to be asked by other means, and only the newest have sixels.
    None
}

#[cfg(unix)]
mod unix {
    use super::{Abilities, QUESTIONS, parse};
    use crate::report::Outcome;
    use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use std::io::{IsTerminal, Stdin, Write, stdin, stdout};
    use std::time::{Duration, Instant};

    /// How long to wait for answers. A terminal on the same machine takes some milliseconds; an
    /// answer that came later would be read by the shell as if it had been typed.
    const TIMEOUT: Duration = Duration::from_millis(200);
    const REMOTE_TIMEOUT: Duration = Duration::from_millis(1000);

    /// More bytes than answers have are typed by somebody.
    const MAX_ANSWER: usize = 4096;

    /// What Ctrl-C sends in raw mode.
    const INTERRUPT: u8 = 3;

    /// Asks the terminal; `None` if there is none, it is not ours to read, or it does not answer.
    pub(in crate::terminal) fn ask() -> Option<Abilities> {
        let stdin = stdin();
        if !stdin.is_terminal() || !is_foreground(&stdin) {
            return None;
        }
        let raw = RawMode::enter()?;
        let answer = answer(&stdin);
        drop(raw);
        if answer.contains(&INTERRUPT) {
            std::process::exit(Outcome::INTERRUPTED.into());
        }
        parse(&answer)
    }

    /// Whether the terminal lets this process change its mode: one in the background would be
    /// stopped.
    fn is_foreground(stdin: &Stdin) -> bool {
        rustix::termios::tcgetpgrp(stdin).is_ok_and(|group| group == rustix::process::getpgrp())
    }

    /// The terminal without echo and lines, as long as this lives.
    struct RawMode;

    impl RawMode {
        fn enter() -> Option<Self> {
            enable_raw_mode().is_ok().then_some(Self)
        }
    }

    impl Drop for RawMode {
        fn drop(&mut self) {
            // There is nothing to do about a terminal that has gone.
            let _ = disable_raw_mode();
        }
    }

    /// What the terminal answers in time.
    fn answer(stdin: &Stdin) -> Vec<u8> {
        let mut answer = Vec::new();
        let mut out = stdout().lock();
        if out.write_all(QUESTIONS).and_then(|()| out.flush()).is_err() {
            return answer;
        }
        let is_remote = std::env::var_os("SSH_CONNECTION").is_some();
        let end = Instant::now() + if is_remote { REMOTE_TIMEOUT } else { TIMEOUT };
        while answer.len() < MAX_ANSWER && parse(&answer).is_none() {
            let mut buffer = [0; 256];
            if !is_ready(stdin, end.saturating_duration_since(Instant::now())) {
                break;
            }
            match rustix::io::read(stdin, &mut buffer) {
                Ok(count) if count > 0 => answer.extend(&buffer[..count]),
                _ => break,
            }
        }
        answer
    }

    /// Waits until there is something to read; `false` if nothing comes in time.
    fn is_ready(stdin: &Stdin, wait: Duration) -> bool {
        let Ok(wait) = Timespec::try_from(wait) else {
            return false;
        };
        let mut waiting = [PollFd::new(stdin, PollFlags::IN)];
        poll(&mut waiting, Some(&wait)).is_ok_and(|ready| ready > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_when_they_are_complete() {
        let of = |kitty, sixel, cell| Some(Abilities { kitty, sixel, cell });
        let xterm = b"\x1b[6;18;9t\x1b[?64;1;4;22c";
        assert_eq!(parse(xterm), of(false, true, Some([9, 18])));
        let kitty = b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c";
        assert_eq!(parse(kitty), of(true, false, Some([10, 20])));
        assert_eq!(parse(b"\x1b[?1;2c"), of(false, false, None));
        // Attribute 44 is another one, and what was typed is no answer.
        assert_eq!(parse(b"abc\x1b[?1;44c"), of(false, false, None));
        assert_eq!(parse(b"\x1b_Gi=31;OK\x1b\\\x1b[?62;4"), None);
        assert_eq!(parse(b""), None);
    }
}
