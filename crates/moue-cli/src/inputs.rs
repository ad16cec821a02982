//! Inputs that the command line names: pictures, galleries and sources of frames.

mod frames;
mod pictures;

pub(crate) use frames::{Frames, Next, WANTED_CHECK};
pub(crate) use pictures::Input;

use crate::address;
use crate::args::shared::SourceArgs;
use crate::output::shown;
use anyhow::{Context, Result, anyhow, ensure};
use moue::frame::{DecodeError, DecodeLimit, DecodeOptions};
use moue::gallery::GalleryError;
use moue::video::{FrameSource, RawFrames, SourceError, looks_like_video};
use moue::{Expression, Finder, Frame, Gallery};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Frames of a video that are read unless `--frames` gives another number: nine hours at 30 frames a
/// second. `moue timeline` keeps 280 bytes of each that has a face.
pub(crate) const MAX_VIDEO_FRAMES: u64 = 1_000_000;

/// Bytes by which [`looks_like_video`] knows a video.
const VIDEO_START_BYTES: u64 = 400;

/// Reads a picture; `-` is standard input.
pub(crate) fn open_picture(path: &Path) -> Result<Frame<'static>> {
    if path.as_os_str() != "-" {
        let start = || read_start(std::fs::File::open(path)?, VIDEO_START_BYTES);
        return Frame::open(path).map_err(|error| explained(error, start));
    }
    // One byte more than a picture may have shows that it has too many.
    let limit = DecodeOptions::default().max_file_bytes + 1;
    let bytes = read_start(std::io::stdin().lock(), limit).map_err(DecodeError::from)?;
    Frame::decode(&bytes).map_err(|error| explained(error, || Ok(bytes)))
}

fn read_start(from: impl Read, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Names the commands for videos, where a video was given as a picture. `start` reads how the file
/// begins, and only where it is known to be one: opening a pipe would wait for its other end.
fn explained(
    error: DecodeError,
    start: impl FnOnce() -> std::io::Result<Vec<u8>>,
) -> anyhow::Error {
    let may_be_video = matches!(
        error,
        DecodeError::Unknown
            | DecodeError::TooLarge {
                resource: DecodeLimit::FileBytes,
                ..
            }
    );
    if may_be_video && start().is_ok_and(|start| looks_like_video(&start)) {
        return anyhow!("this is a video, not a picture; {FOR_VIDEOS}");
    }
    error.into()
}

/// What to use for a video in the place of a picture.
const FOR_VIDEOS: &str =
    "`moue timeline` finds its moments, and `moue live --json --video` the faces of each frame";

/// The galleries that are compiled in. Their names have neither separator nor extension: a file of
/// that name is `./emoji`.
pub(crate) const COMPILED_IN: [&str; 2] = ["builtin", "emoji"];

/// Opens a gallery's file for reading, or a compiled-in one by its name.
pub(crate) fn open_gallery(path: &Path) -> Result<Gallery> {
    address::require_file(path)?;
    Ok(match path.to_str() {
        Some("builtin") => Gallery::builtin()?,
        Some("emoji") => Gallery::emoji()?,
        _ => Gallery::open(path)?,
    })
}

/// Opens a gallery for writing; `open` is how.
pub(crate) fn open_for_writing<'a>(
    path: &'a Path,
    open: impl FnOnce(&'a Path) -> Result<Gallery, GalleryError>,
) -> Result<Gallery> {
    require_writable(path)?;
    Ok(open(path)?)
}

/// Refuses what is no gallery's file that can be changed: an address, or a compiled-in gallery.
pub(crate) fn require_writable(path: &Path) -> Result<()> {
    address::require_file(path)?;
    refuse_compiled_in(path)
}

/// Refuses to write to a compiled-in gallery: the program would write to a file that no command
/// reads by that name.
pub(crate) fn refuse_compiled_in(path: &Path) -> Result<()> {
    let name = path.to_string_lossy();
    ensure!(
        !COMPILED_IN.contains(&&*name),
        "{name} is compiled into the program and cannot be changed; \
         `moue gallery merge mine.moue {name}` copies it into a gallery of your own, \
         and a file of that name is ./{name}"
    );
    Ok(())
}

/// Opens the source of frames that the options name.
pub(crate) fn open_source(args: &SourceArgs) -> Result<Box<dyn FrameSource>> {
    open_source_with(args, &DecodeOptions::default())
}

/// The same, which may be canceled.
pub(crate) fn open_source_with(
    args: &SourceArgs,
    options: &DecodeOptions,
) -> Result<Box<dyn FrameSource>> {
    if let Some(raw) = args.raw {
        let frames = RawFrames::new(std::io::stdin(), raw.width, raw.height, raw.rate);
        return Ok(Box::new(frames));
    }
    // The camera has a default, so it comes last.
    match &args.video {
        Some(path) => open_video_with(path, options),
        None => open_camera(&args.camera, options).with_context(|| source_name(args)),
    }
}

/// What a source is called in messages.
pub(crate) fn source_name(args: &SourceArgs) -> String {
    match &args.video {
        _ if args.raw.is_some() => "standard input".to_owned(),
        Some(path) => path.display().to_string(),
        None => format!("camera {}", args.camera),
    }
}

/// Opens a video, an animation or a picture.
pub(crate) fn open_video(path: &Path) -> Result<Box<dyn FrameSource>> {
    open_video_with(path, &DecodeOptions::default())
}

/// The same, which may be canceled.
pub(crate) fn open_video_with(
    path: &Path,
    options: &DecodeOptions,
) -> Result<Box<dyn FrameSource>> {
    // Otherwise a missing program would be reported before a missing file.
    std::fs::metadata(path).with_context(|| path.display().to_string())?;
    let opened = moue::video::open_source_with(path, options).map_err(|error| match error {
        // The library names pictures alone, as it has looked for a video before.
        SourceError::Decode(DecodeError::Unknown) => {
            anyhow!("neither a video nor an animation or picture in a known format")
        }
        other => other.into(),
    });
    opened.with_context(|| path.display().to_string())
}

/// What to say if a video goes on behind the last frame that is read.
pub(crate) fn cut_short(video: &Path, frames: u64) -> String {
    let name = shown(&video.to_string_lossy());
    let first = match frames {
        1 => "first frame was".to_owned(),
        count => format!("first {count} frames were"),
    };
    format!("{name}: only the {first} read; --frames {frames} is the limit")
}

/// Opens a camera, through the system's interface where the program was built with it.
pub(crate) fn open_camera(name: &str, options: &DecodeOptions) -> Result<Box<dyn FrameSource>> {
    #[cfg(feature = "camera")]
    {
        let _ = options;
        Ok(Box::new(crate::camera::NativeCamera::open(name)?))
    }
    #[cfg(not(feature = "camera"))]
    Ok(Box::new(moue::video::Ffmpeg::camera_with(name, options)?))
}

/// The expressions of pictures, each of which must have one.
pub(crate) fn expressions(
    finder: &mut Finder,
    paths: &[PathBuf],
    cropped: bool,
) -> Result<Vec<Expression>> {
    let mut all = Vec::new();
    for path in paths {
        let frame = open_picture(path).with_context(|| path.display().to_string())?;
        let expressions = finder.expressions(&frame, cropped)?;
        ensure!(!expressions.is_empty(), "{}: no face found", path.display());
        all.extend(expressions);
    }
    Ok(all)
}
