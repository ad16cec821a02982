//! Pictures in a terminal. `moue live`: kitty's graphics where the terminal has them, else cells of
//! two pixels with captions as text. `moue find`: pictures between its lines.

mod blocks;
mod canvas;
mod cells;
mod iterm;
mod keys;
mod kitty;
mod layout;
mod mode;
mod palette;
mod pictures;
mod protocol;
mod query;
mod sixel;

pub(crate) use mode::{end_at_once, restore};
pub(crate) use pictures::{PictureTerminal, Tile};

use crate::output;
use crate::view::{Key, Scene, Screen, View};
use anyhow::Result;
use cells::Cells;
use crossterm::cursor::MoveTo;
use crossterm::execute;
use crossterm::style::Print;
use crossterm::terminal::{Clear, ClearType};
use keys::Keys;
use palette::Palette;
use std::io::{self, IsTerminal, Write, stdout};

/// Columns and rows where the terminal reports no size: those of a VT100.
const DEFAULT_SIZE: [usize; 2] = [80, 24];
/// With fewer cells nothing could be recognized; with more a slow connection could not keep up.
const MIN_SIZE: [usize; 2] = [20, 8];
const MAX_SIZE: [usize; 2] = [240, 80];

/// The terminal as a screen of `moue live`. Where standard output is no terminal, pictures follow
/// each other and no key is read.
pub(crate) struct TerminalScreen {
    palette: Palette,
    keys: Option<Keys>,
    /// Of the picture that is shown.
    size: [usize; 2],
    has_kitty: bool,
}

impl TerminalScreen {
    /// Takes the terminal; it is given back when the screen is dropped.
    pub(crate) fn open() -> Result<Self> {
        let is_terminal = stdout().is_terminal();
        if is_terminal {
            mode::take()?;
        }
        Ok(Self {
            palette: Palette::of_environment(),
            keys: is_terminal.then(Keys::read),
            size: [0, 0],
            has_kitty: kitty::is_supported(),
        })
    }
}

impl Drop for TerminalScreen {
    fn drop(&mut self) {
        restore();
    }
}

impl TerminalScreen {
    fn draw(&mut self, view: &mut View, scene: &Scene<'_>) -> io::Result<()> {
        let size = size();
        let mut out = stdout().lock();
        if self.keys.is_some() && size != self.size {
            execute!(out, Clear(ClearType::All))?;
        }
        self.size = size;
        if self.has_kitty {
            let picture = kitty::encode(&view.draw(scene));
            return execute!(out, MoveTo(0, 0), Print(picture));
        }
        let mut cells = Cells::new(size);
        layout::draw(&mut cells, view, scene, self.palette);
        for (row, text) in cells.rows(self.palette).enumerate() {
            match self.keys {
                Some(_) => write!(out, "\x1b[{};1H{text}", row + 1)?,
                None => writeln!(out, "{text}")?,
            }
        }
        out.flush()
    }
}

impl Screen for TerminalScreen {
    fn show(&mut self, view: &mut View, scene: &Scene<'_>) -> Result<bool> {
        self.draw(view, scene).map_err(output::unwritten)?;
        Ok(true)
    }

    fn key(&mut self) -> Option<Key> {
        self.keys.as_ref()?.next()
    }

    fn has_keys(&self) -> bool {
        self.keys.is_some()
    }
}

/// Columns and rows of the picture.
fn size() -> [usize; 2] {
    let size = stdout().is_terminal().then(crossterm::terminal::size);
    let size = match size {
        Some(Ok((columns, rows))) if columns > 0 && rows > 0 => {
            [usize::from(columns), usize::from(rows)]
        }
        _ => DEFAULT_SIZE,
    };
    [0, 1].map(|i| size[i].clamp(MIN_SIZE[i], MAX_SIZE[i]))
}
