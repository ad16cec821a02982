//! Inputs that the command line names: pictures, galleries and sources of frames.

use crate::args::shared::SourceArgs;
use anyhow::{Context, Result};
use moue::frame::{DecodeError, DecodeOptions};
use moue::gallery::GalleryError;
use moue::video::{FrameSource, RawFrames};
use moue::{Frame, Gallery};
use std::io::Read;
use std::path::Path;

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

/// Opens a gallery for reading; `builtin` is the compiled-in one.
pub(crate) fn open_gallery(path: &Path) -> Result<Gallery, GalleryError> {
    if path.as_os_str() == "builtin" {
        Gallery::builtin()
    } else {
        Gallery::open(path)
    }
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
        None => open_camera(&args.camera).with_context(|| format!("camera {}", args.camera)),
    }
}

/// Opens a video, an animation or a picture.
pub(crate) fn open_video(path: &Path) -> Result<Box<dyn FrameSource>> {
    moue::video::open_source(path).with_context(|| path.display().to_string())
}

/// Opens a camera, through the system's interface where the program was built with it.
pub(crate) fn open_camera(name: &str) -> Result<Box<dyn FrameSource>> {
    #[cfg(feature = "camera")]
    return Ok(Box::new(crate::camera::NativeCamera::open(name)?));
    #[cfg(not(feature = "camera"))]
    Ok(Box::new(moue::video::Ffmpeg::camera(name)?))
}
