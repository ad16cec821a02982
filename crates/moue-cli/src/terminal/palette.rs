//! Colors that a terminal has.

use std::fmt::Write;

/// Red, green and blue.
pub(super) type Color = [u8; 3];

/// How many colors there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Palette {
    /// Any, in 24 bits.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The 16 of the Linux console.
    Basic,
    /// None: brightness is shown by letters.
    None,
}

/// The colors of VGA, in the order of their codes.
const BASIC: [Color; 16] = [
    [0, 0, 0],
    [170, 0, 0],
    [0, 170, 0],
    [170, 85, 0],
    [0, 0, 170],
    [170, 0, 170],
    [0, 170, 170],
    [170, 170, 170],
    [85, 85, 85],
    [255, 85, 85],
    [85, 255, 85],
    [255, 255, 85],
    [85, 85, 255],
    [255, 85, 255],
    [85, 255, 255],
    [255, 255, 255],
];

impl Palette {
    /// What the environment says of the terminal. `NO_COLOR` is the convention of no-color.org.
    pub(super) fn of_environment() -> Self {
        Self::of(|name| std::env::var(name).unwrap_or_default())
    }

    /// What other variables than those of the environment say.
    pub(super) fn of(variable: impl Fn(&str) -> String) -> Self {
        let term = variable("TERM");
        let program = variable("TERM_PROGRAM");
        let colors = variable("COLORTERM");
        if !variable("NO_COLOR").is_empty() || term == "dumb" {
            Self::None
        } else if term == "linux" {
            // It takes codes for more colors and shows the nearest of 8; it has 16.
            Self::Basic
        } else if ["truecolor", "24bit"].contains(&colors.as_str())
            || term.contains("direct")
            || ["iTerm.app", "WezTerm", "ghostty", "vscode"].contains(&program.as_str())
        {
            Self::True
        } else {
            Self::Indexed
        }
    }

    /// The sequence that sets the colors of a cell.
    pub(super) fn write(self, out: &mut String, ink: Color, paper: Color) {
        let [r, g, b] = ink;
        let [r2, g2, b2] = paper;
        let _ = match self {
            Self::True => write!(out, "\x1b[38;2;{r};{g};{b};48;2;{r2};{g2};{b2}m"),
            Self::Indexed => write!(out, "\x1b[38;5;{};48;5;{}m", indexed(ink), indexed(paper)),
            Self::Basic => write!(out, "\x1b[{};{}m", basic(ink, 30), basic(paper, 40)),
            Self::None => Ok(()),
        };
    }

    pub(super) fn reset(self) -> &'static str {
        match self {
            Self::None => "",
            _ => "\x1b[0m",
        }
    }
}

/// The levels of xterm's cube along each color.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of xterm's colors: a cube of 6 × 6 × 6, and 24 grays, which are 8, 18, … 238.
fn indexed(color: Color) -> u16 {
    // The cube's levels are the same along each color, so the nearest of each makes the nearest.
    let level = |v: u8| {
        (0..LEVELS.len())
            .min_by_key(|i| LEVELS[*i].abs_diff(v))
            .unwrap_or(0)
    };
    let levels = color.map(level);
    let mean = color.iter().map(|v| u16::from(*v)).sum::<u16>() / 3;
    let gray = (mean.saturating_sub(3) / 10).min(23);
    let shade = (8 + 10 * gray) as u8;
    // Skin is nearer to a gray than to most of the cube, so both are compared.
    if distance(&[shade; 3], color) < distance(&levels.map(|i| LEVELS[i]), color) {
        return 232 + gray;
    }
    levels
        .iter()
        .fold(0, |code, level| code * 6 + *level as u16)
        + 16
}

fn distance(known: &Color, color: Color) -> i32 {
    let parts = known.iter().zip(color);
    parts
        .map(|(a, b)| (i32::from(*a) - i32::from(b)).pow(2))
        .sum()
}

/// The part of its gray that is mixed into a color before one of 16 is chosen. Without it a face is
/// half red and half gray, with more there is no color left; chosen by looking at faces.
const GRAY_PERCENT: u32 = 30;

/// A color nearer to its gray.
fn muted(color: Color) -> Color {
    let [r, g, b] = color.map(u32::from);
    // How bright people see red, green and blue (ITU-R BT.601).
    let gray = (299 * r + 587 * g + 114 * b) / 1000;
    let mixed = |v: u8| (u32::from(v) * (100 - GRAY_PERCENT) + gray * GRAY_PERCENT) / 100;
    color.map(|v| mixed(v) as u8)
}

/// The code of the nearest of 16 colors; bright ones are 60 above the others.
fn basic(color: Color, base: u16) -> u16 {
    let color = muted(color);
    let nearest = (0..BASIC.len()).min_by_key(|i| distance(&BASIC[*i], color));
    let nearest = nearest.unwrap_or(0) as u16;
    base + nearest % 8 + if nearest < 8 { 0 } else { 60 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_the_colors_that_they_have() {
        let of = |variables: &[(&str, &str)]| {
            Palette::of(|name| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map_or(String::new(), |(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[("TERM", "xterm-256color")]), Palette::Indexed);
        assert_eq!(of(&[("TERM", "linux")]), Palette::Basic);
        assert_eq!(of(&[("COLORTERM", "truecolor")]), Palette::True);
        assert_eq!(
            of(&[("COLORTERM", "truecolor"), ("NO_COLOR", "1")]),
            Palette::None
        );
    }

    #[test]
    fn the_nearest_color_is_taken() {
        assert_eq!((indexed([0; 3]), indexed([255; 3])), (16, 231));
        assert_eq!(
            (indexed([255, 0, 0]), indexed([8; 3]), indexed([238; 3])),
            (196, 232, 255)
        );
        // A dull skin color, which is nearer to a gray, and one in the light of a lamp.
        assert_eq!(
            (indexed([128, 120, 116]), indexed([222, 172, 98])),
            (243, 179)
        );
        assert_eq!((basic([250, 80, 90], 30), basic([0, 0, 150], 40)), (91, 44));
    }
}
