//! The command line of `moue pick`.

use super::shared::{SearchArgs, SourceArgs};
use clap::{Args as ClapArgs, ValueEnum};

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  moue pick
  moue pick --gallery my.moue --tag cats
  moue pick --video me.jpg                  a picture instead of the camera
  moue pick --daemon                        waits for Ctrl+Alt+M in any window
  moue pick --daemon --hotkey super+shift+KeyF

1 to 9, Enter or a click copies a picture and closes the window: still pictures as a picture (on X11 \
also as their file), animations as their file, emoji as text. Letters filter by label, caption \
and tags; matches also by the words in pictures, but by tags only if typed in full. Tab switches to the \
history and the favorites, the arrows move, Ctrl+D marks a favorite, Esc closes.

On Wayland the desktop assigns the hotkey and may ask you first. If it offers none, bind a key to \
`moue pick` in its keyboard settings.

History and favorites are in pick.json in your data folder (on Linux ~/.local/share/moue). \
What the camera sees is not stored or sent. Videos and cameras need the program ffmpeg.")]
pub(crate) struct PickArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) search: SearchArgs,
    /// Colors of the window.
    #[arg(long, value_enum, default_value_t = Theme::System)]
    pub(crate) theme: Theme,
    /// Do not remember what is picked.
    #[arg(long)]
    pub(crate) no_history: bool,
    /// Stay in the background; the hotkey opens and closes the window.
    #[arg(long)]
    pub(crate) daemon: bool,
    /// The hotkey: modifiers (ctrl, alt, shift, super) and a key (KeyA, Digit1, F9, Space), joined by +.
    #[arg(
        long,
        value_name = "KEYS",
        default_value = "ctrl+alt+KeyM",
        requires = "daemon"
    )]
    pub(crate) hotkey: String,
    /// Close the window when standard input ends, by which a daemon closes it.
    #[arg(long, hide = true)]
    pub(crate) close_with_input: bool,
    /// Close the window by itself, for measurements: once it is drawn, or once it shows a match.
    #[arg(long, value_enum, hide = true)]
    pub(crate) close_at: Option<CloseAt>,
}

/// Colors of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Theme {
    /// As the desktop has them.
    System,
    /// Dark letters on a light ground.
    Light,
    /// Light letters on a dark ground.
    Dark,
}

/// When a window that is measured closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CloseAt {
    /// Once it has been drawn.
    Window,
    /// Once it shows a match with its picture.
    Match,
}
