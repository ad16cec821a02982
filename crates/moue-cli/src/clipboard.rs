//! The system's clipboard: an emoji is put there as text, a picture as a picture.
//!
//! Under X11 the program that copied something hands it to every program that pastes it. As moue
//! ends at once, it starts itself again to do that, until something else is copied.

use crate::matched;
use anyhow::{Context, Result, ensure};
use arboard::{Clipboard, ImageData};
use moue::Match;
use std::borrow::Cow;

/// The hidden command that holds what was copied.
#[cfg(target_os = "linux")]
pub(crate) const HOLD_COMMAND: &str = "hold-clipboard";

enum Content {
    Text(String),
    Picture(image::RgbaImage),
}

/// Puts a match into the clipboard.
pub(crate) fn copy(found: &Match) -> Result<()> {
    // What cannot be read or has no clipboard is an error here, not in the other process.
    let content = content(&found.path)?;
    let clipboard = open()?;
    hand_over(clipboard, content, &found.path)
}

/// Puts what a gallery's path names into the clipboard, and returns when something else is there.
#[cfg(target_os = "linux")]
pub(crate) fn hold(path: &str) -> Result<()> {
    use arboard::SetExtLinux;
    let mut clipboard = open()?;
    match content(path)? {
        Content::Text(text) => clipboard.set().wait().text(text)?,
        Content::Picture(picture) => clipboard.set().wait().image(pixels(picture))?,
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn hand_over(clipboard: Clipboard, _: Content, path: &str) -> Result<()> {
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    drop(clipboard);
    let program = std::env::current_exe().context("the program does not know its own path")?;
    Command::new(program)
        .args([HOLD_COMMAND, path])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C is meant for what runs in the terminal.
        .process_group(0)
        .spawn()
        .context("cannot hold what was copied")?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn hand_over(mut clipboard: Clipboard, content: Content, _: &str) -> Result<()> {
    match content {
        Content::Text(text) => clipboard.set_text(text)?,
        Content::Picture(picture) => clipboard.set_image(pixels(picture))?,
    }
    Ok(())
}

fn open() -> Result<Clipboard> {
    let has_display = !cfg!(target_os = "linux") || std::env::var_os("DISPLAY").is_some();
    ensure!(
        has_display,
        "there is no clipboard: it belongs to a desktop (X11, or Wayland with Xwayland), and DISPLAY is not set"
    );
    Clipboard::new().context("there is no clipboard")
}

fn content(path: &str) -> Result<Content> {
    if let Some(emoji) = path
        .strip_prefix("emoji:")
        .and_then(moue_drawings::emoji::find)
    {
        return Ok(Content::Text(emoji.character.to_owned()));
    }
    let picture = matched::by_path(path)?;
    let picture = image::DynamicImage::ImageRgb8(picture).into_rgba8();
    Ok(Content::Picture(picture))
}

fn pixels(picture: image::RgbaImage) -> ImageData<'static> {
    ImageData {
        width: picture.width() as usize,
        height: picture.height() as usize,
        bytes: Cow::Owned(picture.into_raw()),
    }
}
