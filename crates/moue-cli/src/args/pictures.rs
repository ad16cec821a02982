//! How pictures are shown in the terminal.

use clap::{Args as ClapArgs, ValueEnum};

/// A way to show pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Pictures {
    /// The best that the terminal has; nothing in a pipe or a file.
    Auto,
    /// Kitty's graphics, which Ghostty and others have too.
    Kitty,
    /// Inline images of iTerm2.
    Iterm,
    /// Sixel graphics, as foot, mlterm and Windows Terminal have them.
    Sixel,
    /// Colored half blocks.
    Blocks,
    /// No pictures.
    None,
}

/// Whether and how matches are shown in the terminal.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct PicturesArgs {
    /// How to show the pictures in the terminal.
    #[arg(long = "pictures", value_enum, value_name = "HOW", default_value_t = Pictures::Auto)]
    pub(crate) shown_by: Pictures,
    /// Show no pictures in the terminal: the same as --pictures none.
    #[arg(long, conflicts_with = "shown_by")]
    pub(crate) no_pictures: bool,
}

impl PicturesArgs {
    /// What the two options say together.
    pub(crate) fn choice(self) -> Pictures {
        if self.no_pictures {
            Pictures::None
        } else {
            self.shown_by
        }
    }
}
