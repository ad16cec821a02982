//! Inputs that the command line names: pictures, galleries and sources of frames.

use crate::args::shared::SourceArgs;
use anyhow::{Context, Result, anyhow, ensure};
use moue::frame::{DecodeError, DecodeOptions};
use moue::gallery::GalleryError;
use moue::video::{FrameSource, RawFrames, SourceError};
use moue::{Expression, Finder, Frame, Gallery};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Reads a picture; `-` is standard input.
pub(crate) fn open_picture(path: &Path) -> Result<Frame<'static>, DecodeError> {
    if path.as_os_str() != "-" {
        return Frame::open(path);
    }
    let mut bytes = Vec::new();
    // One byte more than a picture may have shows that it has too many.
    let limit = DecodeOptions::default().max_file_bytes + 1;
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)?;
    Frame::decode(&bytes)
}

/// The galleries that are compiled in. Their names have neither separator nor extension: a file of
/// that name is `./emoji`.
const COMPILED_IN: [&str; 2] = ["builtin", "emoji"];

/// Opens a gallery for reading: a compiled-in one by its name, or a file.
pub(crate) fn open_gallery(path: &Path) -> Result<Gallery, GalleryError> {
    match path.to_str() {
        Some("builtin") => Gallery::builtin(),
        Some("emoji") => Gallery::emoji(),
        _ => Gallery::open(path),
    }
}

/// Opens a gallery for writing; `open` is how.
pub(crate) fn open_for_writing<'a>(
    path: &'a Path,
    open: impl FnOnce(&'a Path) -> Result<Gallery, GalleryError>,
) -> Result<Gallery> {
    refuse_compiled_in(path)?;
    Ok(open(path)?)
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
    if let Some(raw) = args.raw {
        let frames = RawFrames::new(std::io::stdin(), raw.width, raw.height, raw.rate);
        return Ok(Box::new(frames));
    }
    // The camera has a default, so it comes last.
    match &args.video {
        Some(path) => open_video(path),
        None => open_camera(&args.camera).with_context(|| source_name(args)),
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
    // Otherwise a missing program would be reported before a missing file.
    std::fs::metadata(path).with_context(|| path.display().to_string())?;
    let opened = moue::video::open_source(path).map_err(|error| match error {
        // The library names pictures alone, as it has looked for a video before.
        SourceError::Decode(DecodeError::Unknown) => {
            anyhow!("neither a video nor an animation or picture in a known format")
        }
        other => other.into(),
    });
    opened.with_context(|| path.display().to_string())
}

/// Opens a camera, through the system's interface where the program was built with it.
pub(crate) fn open_camera(name: &str) -> Result<Box<dyn FrameSource>> {
    #[cfg(feature = "camera")]
    return Ok(Box::new(crate::camera::NativeCamera::open(name)?));
    #[cfg(not(feature = "camera"))]
    Ok(Box::new(moue::video::Ffmpeg::camera(name)?))
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
