//! The system's clipboard: an emoji is put there as text, a picture as a picture, and pictures or
//! files are taken from it.
//!
//! Under X11 the program that copied something hands it to every program that pastes it. As moue
//! ends at once, it starts itself again to do that, until something else is copied.

use crate::matched;
use crate::stores::Store;
use anyhow::{Context, Result, bail, ensure};
use arboard::{Clipboard, Error, ImageData};
use moue::frame::PixelFormat;
use moue::gallery::path_of;
use moue::{Frame, Match};
use std::borrow::Cow;
use std::path::PathBuf;

/// The hidden command that holds what was copied.
#[cfg(target_os = "linux")]
const HOLD_COMMAND: &str = "hold-clipboard";

enum Content {
    Text(String),
    Picture(image::RgbaImage),
}

/// What was in the clipboard.
pub(crate) enum Pasted {
    Files(Vec<PathBuf>),
    Picture(Frame<'static>),
}

/// Puts a match into the clipboard: an emoji as text, a drawing or file as its picture, and of a
/// video, or of what is no longer there, the thumbnail in the gallery.
pub(crate) fn copy(gallery: Option<&Store>, found: &Match) -> Result<()> {
    // What cannot be read or has no clipboard is an error here, not in the other process.
    let content = content(gallery, found)?;
    let clipboard = open()?;
    hand_over(clipboard, content)
}

/// Takes files or a picture from the clipboard.
pub(crate) fn paste() -> Result<Pasted> {
    let mut clipboard = open()?;
    // Files first: who copies one in a file manager may get its icon as a picture too.
    match clipboard.get().file_list() {
        Ok(files) if !files.is_empty() => return Ok(Pasted::Files(files)),
        Ok(_) | Err(Error::ContentNotAvailable | Error::ClipboardNotSupported) => {}
        Err(error) => return Err(error).context("the clipboard cannot be read"),
    }
    match clipboard.get_image() {
        Ok(picture) => return frame_of(&picture).map(Pasted::Picture),
        Err(Error::ContentNotAvailable) => {}
        Err(error) => return Err(error).context("the picture in the clipboard cannot be read"),
    }
    if let Some(path) = copied_path(&clipboard.get_text().unwrap_or_default()) {
        return Ok(Pasted::Files(vec![path]));
    }
    bail!("there is neither a picture nor a file in the clipboard: copy one first")
}

/// The file of a path that was copied as text, as from a terminal.
fn copied_path(text: &str) -> Option<PathBuf> {
    let path = path_of(text.trim());
    (!text.trim().is_empty() && path.exists()).then_some(path)
}

fn frame_of(picture: &ImageData<'_>) -> Result<Frame<'static>> {
    let ImageData {
        width,
        height,
        bytes,
    } = picture;
    let frame = Frame::from_raw(bytes, *width, *height, width * 4, PixelFormat::Rgba);
    let frame = frame.context("the picture in the clipboard cannot be used")?;
    Ok(frame.into_owned())
}

#[cfg(not(target_os = "linux"))]
fn hand_over(mut clipboard: Clipboard, content: Content) -> Result<()> {
    match content {
        Content::Text(text) => clipboard.set_text(text)?,
        Content::Picture(picture) => clipboard.set_image(pixels(picture))?,
    }
    Ok(())
}

fn open() -> Result<Clipboard> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_display = !cfg!(target_os = "linux") || is_set("DISPLAY");
    ensure!(
        has_display || !is_set("WAYLAND_DISPLAY"),
        "there is no clipboard: moue reaches that of Wayland through Xwayland, and DISPLAY is not \
         set; install the package xwayland"
    );
    ensure!(
        has_display,
        "there is no clipboard: it belongs to a desktop (X11, or Wayland with Xwayland), and DISPLAY is not set"
    );
    Clipboard::new().context("there is no clipboard")
}

fn content(gallery: Option<&Store>, found: &Match) -> Result<Content> {
    if let Some(emoji) = &found.emoji {
        return Ok(Content::Text(emoji.clone()));
    }
    let picture = match gallery {
        Some(gallery) => matched::image(gallery, found)?.image,
        None => matched::by_path(&found.path)?,
    };
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

/// Puts what standard input has, a PNG file or text, into the clipboard, and returns when something
/// else is there.
#[cfg(target_os = "linux")]
pub(crate) fn hold() -> Result<()> {
    use arboard::SetExtLinux;
    use std::io::Read;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let mut clipboard = open()?;
    // No text begins as a PNG file does, whose first byte is none of UTF-8.
    match String::from_utf8(bytes) {
        Ok(text) => clipboard.set().wait().text(text)?,
        Err(error) => {
            let picture = image::load_from_memory(error.as_bytes())?.into_rgba8();
            clipboard.set().wait().image(pixels(picture))?;
        }
    }
    Ok(())
}

/// Starts the process that holds what was copied, and hands it over.
#[cfg(target_os = "linux")]
fn hand_over(clipboard: Clipboard, content: Content) -> Result<()> {
    use std::io::{Cursor, Write};
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    drop(clipboard);
    let mut bytes = Vec::new();
    match content {
        Content::Text(text) => bytes.extend(text.as_bytes()),
        Content::Picture(picture) => {
            picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)?;
        }
    }
    let program = std::env::current_exe().context("the program does not know its own path")?;
    let mut child = Command::new(program)
        .arg(HOLD_COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // A group of its own: Ctrl-C is meant for what runs in the terminal.
        .process_group(0)
        .spawn()
        .context("cannot hold what was copied")?;
    // Closed behind it: the end is what the other process waits for.
    let input = child.stdin.take();
    input
        .context("cannot hold what was copied")?
        .write_all(&bytes)?;
    Ok(())
}
