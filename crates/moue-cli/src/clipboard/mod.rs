//! The system's clipboard: an emoji is put there as text, a picture as a picture, and pictures or
//! files are taken from it.
//!
//! Under X11 the program that copied something hands it to every program that pastes it. As moue
//! ends at once, it starts itself again to do that, until something else is copied.

#[cfg(all(feature = "pick", target_os = "linux"))]
mod x11;

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

/// What is put into the clipboard.
#[cfg_attr(
    not(all(feature = "pick", target_os = "linux")),
    allow(
        dead_code,
        reason = "only `moue pick` copies files, and only X11 wants both"
    )
)]
pub(crate) enum Content {
    Text(String),
    Picture(image::RgbaImage),
    /// A file, as file managers copy it.
    File(PathBuf),
    /// A picture and its file: under X11 whoever pastes it may choose, elsewhere it is a picture.
    PictureFile(image::RgbaImage, PathBuf),
}

/// What was in the clipboard.
pub(crate) enum Pasted {
    Files(Vec<PathBuf>),
    Picture(Frame<'static>),
}

/// Puts a match into the clipboard: an emoji as text, a drawing or file as its picture, of an
/// animation or video the frame, and of what is no longer there the thumbnail in the gallery.
pub(crate) fn copy(gallery: Option<&Store>, found: &Match) -> Result<()> {
    // What cannot be read or has no clipboard is an error here, not in the other process.
    put(content(gallery, found)?)
}

/// Puts something into the clipboard, where it stays after the program has ended.
pub(crate) fn put(content: Content) -> Result<()> {
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
        Content::Picture(picture) | Content::PictureFile(picture, _) => {
            clipboard.set_image(pixels(picture))?;
        }
        Content::File(file) => clipboard.set().file_list(&[file])?,
    }
    Ok(())
}

fn open() -> Result<Clipboard> {
    let has_display = !cfg!(target_os = "linux") || is_set("DISPLAY");
    let on_wayland = !has_display && is_set("WAYLAND_DISPLAY");
    ensure!(
        has_display || on_wayland,
        "there is no clipboard: it belongs to a desktop (X11, or Wayland with Xwayland), and DISPLAY is not set"
    );
    // Not every compositor gives its clipboard to a program without a window; all give it to Xwayland.
    let without_xwayland = "there is no clipboard: moue reaches that of Wayland through Xwayland, and \
         DISPLAY is not set; install the package xwayland";
    ensure!(!on_wayland || HAS_DATA_CONTROL, without_xwayland);
    Clipboard::new().context(if on_wayland {
        without_xwayland
    } else {
        "there is no clipboard"
    })
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// Whether the clipboard of Wayland is reached without Xwayland, where the compositor allows it.
const HAS_DATA_CONTROL: bool = cfg!(feature = "pick");

pub(crate) fn content(gallery: Option<&Store>, found: &Match) -> Result<Content> {
    if let Some(emoji) = &found.emoji {
        return Ok(Content::Text(emoji.clone()));
    }
    let picture = match gallery {
        Some(gallery) => matched::image(gallery, found)?.image,
        None => matched::original(found)?,
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

/// Puts what standard input has, as [`hand_over`] writes it, into the clipboard, and returns when
/// something else is there.
#[cfg(target_os = "linux")]
pub(crate) fn hold() -> Result<()> {
    use arboard::SetExtLinux;
    use std::io::Read;
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let content = Content::from_bytes(&bytes).context("this is nothing to hold")?;
    #[cfg(feature = "pick")]
    if !is_set("WAYLAND_DISPLAY")
        && let Content::PictureFile(picture, file) = content
    {
        return x11::hold(forms(picture, file));
    }
    let mut clipboard = open()?;
    let set = clipboard.set().wait();
    match content {
        Content::Text(text) => set.text(text)?,
        Content::Picture(picture) | Content::PictureFile(picture, _) => {
            set.image(pixels(picture))?;
        }
        Content::File(file) => set.file_list(&[file])?,
    }
    Ok(())
}

/// A picture as PNG, its file as others hand it on, and the content of the file.
#[cfg(all(feature = "pick", target_os = "linux"))]
fn forms(picture: image::RgbaImage, file: PathBuf) -> Vec<x11::Form> {
    use image::ImageFormat;
    let known = ImageFormat::from_path(&file).ok();
    let uri = uri(&file);
    let list = format!("{uri}\r\n").into_bytes();
    let copied = format!("copy\n{uri}").into_bytes();
    let read = move || std::fs::read(&file).ok();
    let mut forms = vec![
        x11::Form::new("text/uri-list", move || Some(list.clone())),
        x11::Form::new("x-special/gnome-copied-files", move || Some(copied.clone())),
    ];
    if known == Some(ImageFormat::Png) {
        // The file itself is what was asked for.
        forms.push(x11::Form::new("image/png", read));
        return forms;
    }
    forms.push(x11::Form::new("image/png", move || as_png(&picture)));
    forms.extend(known.map(|format| x11::Form::new(format.to_mime_type(), read)));
    forms
}

#[cfg(all(feature = "pick", target_os = "linux"))]
fn as_png(picture: &image::RgbaImage) -> Option<Vec<u8>> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

/// The address of a file.
#[cfg(all(feature = "pick", target_os = "linux"))]
fn uri(file: &std::path::Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;
    let mut uri = "file://".to_owned();
    for byte in file.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(*byte));
            }
            // Writing to a text never fails.
            other => write!(uri, "%{other:02X}").unwrap_or_default(),
        }
    }
    uri
}

#[cfg(target_os = "linux")]
impl Content {
    /// A letter for the kind, and what is held. Pixels are not compressed: the other process would do
    /// that while the user waits for this one.
    fn to_bytes(&self) -> Vec<u8> {
        use std::os::unix::ffi::OsStrExt;
        let path = |path: &PathBuf| path.as_os_str().as_bytes().to_vec();
        match self {
            Self::Text(text) => tagged(b't', &[text.as_bytes()]),
            Self::Picture(picture) => tagged(b'p', &[&size(picture), picture.as_raw()]),
            Self::File(file) => tagged(b'f', &[&path(file)]),
            Self::PictureFile(picture, file) => {
                tagged(b'b', &[&size(picture), picture.as_raw(), &path(file)])
            }
        }
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let (kind, rest) = bytes.split_first()?;
        let path = |bytes: &[u8]| PathBuf::from(OsStr::from_bytes(bytes));
        match kind {
            b't' => Some(Self::Text(String::from_utf8(rest.to_vec()).ok()?)),
            b'p' => {
                let (picture, rest) = read_picture(rest)?;
                rest.is_empty().then_some(Self::Picture(picture))
            }
            b'f' => Some(Self::File(path(rest))),
            b'b' => {
                let (picture, rest) = read_picture(rest)?;
                Some(Self::PictureFile(picture, path(rest)))
            }
            _ => None,
        }
    }
}

#[cfg(target_os = "linux")]
fn tagged(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    [&[&[kind][..]], parts].concat().concat()
}

#[cfg(target_os = "linux")]
fn size(picture: &image::RgbaImage) -> Vec<u8> {
    let sides = [picture.width(), picture.height()];
    sides.map(u32::to_le_bytes).concat()
}

/// A picture, and what comes after it.
#[cfg(target_os = "linux")]
fn read_picture(bytes: &[u8]) -> Option<(image::RgbaImage, &[u8])> {
    let (width, rest) = bytes.split_first_chunk()?;
    let (height, rest) = rest.split_first_chunk()?;
    let [width, height] = [*width, *height].map(u32::from_le_bytes);
    let length = u64::from(width) * u64::from(height) * 4;
    let (pixels, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let picture = image::RgbaImage::from_raw(width, height, pixels.to_vec())?;
    Some((picture, rest))
}

/// Starts the process that holds what was copied, and hands it over.
#[cfg(target_os = "linux")]
fn hand_over(clipboard: Clipboard, content: Content) -> Result<()> {
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    drop(clipboard);
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
        .write_all(&content.to_bytes())?;
    // It ends when something else is copied; nobody else would take its exit code.
    std::thread::spawn(move || child.wait());
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_is_what_is_held() {
        let again = |content: Content| Content::from_bytes(&content.to_bytes()).unwrap();
        assert!(matches!(again(Content::Text("😀".into())), Content::Text(t) if t == "😀"));
        let path = PathBuf::from("/a b/ü.gif");
        assert!(matches!(again(Content::File(path.clone())), Content::File(f) if f == path));
        let picture = image::RgbaImage::from_fn(3, 2, |x, y| image::Rgba([x as u8, y as u8, 7, 9]));
        let alone = again(Content::Picture(picture.clone()));
        assert!(matches!(alone, Content::Picture(p) if p == picture));
        let both = again(Content::PictureFile(picture.clone(), path.clone()));
        assert!(matches!(both, Content::PictureFile(p, f) if p == picture && f == path));
    }

    #[test]
    fn what_is_cut_short_is_not_held() {
        let huge = [&b"p"[..], &[0xff; 8], b"abc"].concat();
        for bytes in [
            &b""[..],
            b"x",
            b"p1",
            b"t\xff",
            b"p\x01\0\0\0\x01\0\0\0abc",
            &huge,
        ] {
            assert!(Content::from_bytes(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    #[cfg(feature = "pick")]
    fn an_address_escapes_what_is_no_letter() {
        let path = std::path::Path::new("/a b/ü#1.png");
        assert_eq!(uri(path), "file:///a%20b/%C3%BC%231.png");
    }
}
