//! How a terminal shows pictures between its lines.

use super::kitty;
use super::palette::Palette;
use super::query::{self, Abilities};
use std::io::{IsTerminal, stdout};

/// Pixels of a cell where the terminal reports none: those of a VT340, which had sixels first.
pub(super) const CELL: [u32; 2] = [10, 20];

/// A way to show pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Kitty's graphics.
    Kitty,
    /// The inline images of iTerm2.
    Iterm,
    /// Sixel graphics of DEC terminals.
    Sixel,
    /// Half blocks, two pixels in each cell.
    Blocks(Palette),
}

/// A terminal that shows pictures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terminal {
    pub(super) protocol: Protocol,
    /// Pixels of a cell.
    pub(super) cell: [u32; 2],
}

/// What the environment tells.
#[derive(Debug, PartialEq, Eq)]
enum Guess {
    Known(Protocol),
    /// It shows no pictures, or must not be asked.
    None,
    /// Only the terminal knows.
    Ask,
}

/// What standard output shows pictures with; `None` for a pipe, a file, and terminals without.
pub(super) fn detect() -> Option<Terminal> {
    if !stdout().is_terminal() {
        return None;
    }
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let (protocol, asked) = match guess(variable) {
        Guess::None => return None,
        Guess::Known(protocol) => (protocol, None),
        Guess::Ask => {
            let abilities = query::ask();
            (best_of(abilities.as_ref(), variable)?, abilities)
        }
    };
    Some(Terminal {
        protocol,
        cell: asked.and_then(|asked| asked.cell).unwrap_or_else(cell),
    })
}

/// The terminal with a protocol that the user has chosen.
pub(super) fn chosen(protocol: Protocol) -> Terminal {
    Terminal {
        protocol,
        cell: cell(),
    }
}

/// Pixels of a cell as the system knows them.
fn cell() -> [u32; 2] {
    let size = stdout()
        .is_terminal()
        .then(crossterm::terminal::window_size);
    match size {
        Some(Ok(size)) if size.width >= size.columns && size.height >= size.rows => {
            let side = |pixels: u16, cells: u16| u32::from(pixels) / u32::from(cells.max(1));
            // Many terminals report 0 pixels.
            match [side(size.width, size.columns), side(size.height, size.rows)] {
                [width, height] if width > 1 && height > 1 => [width, height],
                _ => CELL,
            }
        }
        _ => CELL,
    }
}

/// Terminals that have a protocol name themselves.
fn guess(variable: impl Fn(&str) -> String) -> Guess {
    let term = variable("TERM");
    let program = variable("TERM_PROGRAM");
    let is_unset = term.is_empty() && cfg!(unix);
    // The console of Linux has 16 colors, in which nobody is recognized.
    if is_unset || ["dumb", "linux"].contains(&term.as_str()) {
        return Guess::None;
    }
    if is_multiplexed(&variable) {
        return Guess::Ask;
    }
    if kitty::is_named(&variable) {
        return Guess::Known(Protocol::Kitty);
    }
    if ["iTerm.app", "mintty"].contains(&program.as_str()) || variable("LC_TERMINAL") == "iTerm2" {
        return Guess::Known(Protocol::Iterm);
    }
    // These print the question about kitty's graphics as text.
    if program == "Apple_Terminal" || term.starts_with("eterm") {
        return blocks(&variable).map_or(Guess::None, Guess::Known);
    }
    Guess::Ask
}

/// Whether tmux or screen is between us and the terminal. A multiplexer has its own abilities, and
/// the variables of the terminal that it runs in.
fn is_multiplexed(variable: impl Fn(&str) -> String) -> bool {
    let term = variable("TERM");
    let is_set = |name: &str| !variable(name).is_empty();
    is_set("TMUX") || is_set("STY") || term.starts_with("tmux") || term.starts_with("screen")
}

/// The best of what a terminal has answered.
fn best_of(abilities: Option<&Abilities>, variable: impl Fn(&str) -> String) -> Option<Protocol> {
    match abilities {
        Some(abilities) if abilities.kitty => Some(Protocol::Kitty),
        Some(abilities) if abilities.sixel => Some(Protocol::Sixel),
        _ => blocks(&variable),
    }
}

/// Half blocks need colors, which `NO_COLOR` forbids.
fn blocks(variable: impl Fn(&str) -> String) -> Option<Protocol> {
    match Palette::of(variable) {
        Palette::None | Palette::Basic => None,
        palette => Some(Protocol::Blocks(palette)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> String + 'a {
        move |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map_or(String::new(), |(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn terminals_are_known_by_their_names() {
        let known = |protocol| Guess::Known(protocol);
        let xterm = ("TERM", "xterm-256color");
        for (variables, expected) in [
            (vec![("TERM", "xterm-kitty")], known(Protocol::Kitty)),
            (
                vec![xterm, ("TERM_PROGRAM", "ghostty")],
                known(Protocol::Kitty),
            ),
            (
                vec![xterm, ("TERM_PROGRAM", "iTerm.app")],
                known(Protocol::Iterm),
            ),
            (
                vec![xterm, ("LC_TERMINAL", "iTerm2")],
                known(Protocol::Iterm),
            ),
            (
                vec![xterm, ("TERM_PROGRAM", "Apple_Terminal")],
                known(Protocol::Blocks(Palette::Indexed)),
            ),
            (vec![xterm], Guess::Ask),
            // The variables of the terminal around tmux tell nothing of tmux.
            (
                vec![("TERM", "screen"), ("TMUX", "x"), ("KITTY_WINDOW_ID", "1")],
                Guess::Ask,
            ),
            (
                vec![("TERM", "dumb"), ("KITTY_WINDOW_ID", "1")],
                Guess::None,
            ),
            (vec![("TERM", "linux")], Guess::None),
        ] {
            assert_eq!(guess(of(&variables)), expected, "{variables:?}");
        }
    }

    #[test]
    fn the_best_that_a_terminal_has_is_taken() {
        let terminal = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
        let without_color = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        let answer = |kitty, sixel| Abilities {
            kitty,
            sixel,
            cell: None,
        };
        let of_terminal = |abilities: Option<Abilities>| best_of(abilities.as_ref(), of(&terminal));
        let of_colorless =
            |abilities: Option<Abilities>| best_of(abilities.as_ref(), of(&without_color));
        assert_eq!(of_terminal(Some(answer(true, true))), Some(Protocol::Kitty));
        assert_eq!(
            of_terminal(Some(answer(false, true))),
            Some(Protocol::Sixel)
        );
        let blocks = Some(Protocol::Blocks(Palette::True));
        assert_eq!(of_terminal(Some(answer(false, false))), blocks);
        assert_eq!(of_terminal(None), blocks);
        assert_eq!(of_colorless(None), None);
        assert_eq!(
            of_colorless(Some(answer(false, true))),
            Some(Protocol::Sixel)
        );
    }
}
