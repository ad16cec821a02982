//! Cameras through the system's own interface, without the program `ffmpeg`: the feature `camera`.

use anyhow::{Context, Result};
use moue::Frame;
use moue::video::{FrameSource, SourceError, TimedFrame};
use nokhwa::Camera;
use nokhwa::pixel_format::RgbFormat;
use nokhwa::utils::{CameraIndex, RequestedFormat, RequestedFormatType};
use std::time::{Duration, Instant};

/// An open camera; its frames are mirrored.
pub(crate) struct NativeCamera {
    camera: Camera,
    start: Instant,
    last: Option<Duration>,
}

impl NativeCamera {
    /// Opens a camera by its number or by the name that the system gives it.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let index = name
            .parse()
            .map_or_else(|_| CameraIndex::String(name.to_owned()), CameraIndex::Index);
        // The time from a face to its match counts more than pixels: faces are reduced anyway.
        let format =
            RequestedFormat::new::<RgbFormat>(RequestedFormatType::AbsoluteHighestFrameRate);
        let mut camera = Camera::new(index, format).context("it cannot be opened")?;
        camera.open_stream().context("it gives no pictures")?;
        Ok(Self {
            camera,
            start: Instant::now(),
            last: None,
        })
    }

    fn picture(&mut self) -> Result<Frame<'static>> {
        let picture = self.camera.frame()?.decode_image::<RgbFormat>()?;
        let width = picture.width() as usize;
        let height = picture.height() as usize;
        let mut pixels = picture.into_raw();
        // People expect to see themselves as in a mirror.
        for row in pixels.chunks_exact_mut(width * 3) {
            row.as_chunks_mut::<3>().0.reverse();
        }
        Ok(Frame::from_pixels(pixels, width, height)?)
    }
}

impl FrameSource for NativeCamera {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        let frame = self
            .picture()
            .map_err(|e| SourceError::Raw(std::io::Error::other(e)))?;
        // A clock may return the same time for two frames, and times have to increase.
        let earliest = self
            .last
            .map_or(Duration::ZERO, |last| last + Duration::from_micros(1));
        let time = self.start.elapsed().max(earliest);
        self.last = Some(time);
        Ok(Some(TimedFrame { frame, time }))
    }

    fn is_live(&self) -> bool {
        true
    }
}
