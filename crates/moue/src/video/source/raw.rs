//! Frames without a container: red, green, blue, one after the other.

use super::error::SourceError;
use super::timed::{FrameSource, TimedFrame};
use crate::Frame;
use std::io::{ErrorKind, Read};
use std::time::Duration;

/// Reads `width × height` RGB frames from a stream of bytes, as `ffmpeg -f rawvideo -pix_fmt rgb24`
/// writes them.
pub struct RawFrames<R> {
    input: R,
    width: usize,
    height: usize,
    /// Microseconds from frame to frame.
    interval: f64,
    number: u64,
}

impl<R: Read> RawFrames<R> {
    /// Reads from `input`, `rate` frames a second.
    ///
    /// ```
    /// use moue::video::{FrameSource, RawFrames};
    /// use std::time::Duration;
    /// let mut source = RawFrames::new(&[7u8; 24][..], 2, 2, 25.0);
    /// assert_eq!(source.next_frame()?.unwrap().time, Duration::ZERO);
    /// assert_eq!(source.next_frame()?.unwrap().time, Duration::from_millis(40));
    /// assert!(source.next_frame()?.is_none());
    /// # Ok::<(), moue::video::SourceError>(())
    /// ```
    pub fn new(input: R, width: usize, height: usize, rate: f64) -> Self {
        Self {
            input,
            width,
            height,
            interval: 1e6 / rate.max(1e-3),
            number: 0,
        }
    }
}

impl<R: Read> FrameSource for RawFrames<R> {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        let mut bytes = vec![0; self.width * self.height * 3];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.input.read(&mut bytes[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(SourceError::Raw(ErrorKind::UnexpectedEof.into())),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(SourceError::Raw(error)),
            }
        }
        let frame = Frame::from_pixels(bytes, self.width, self.height);
        let frame = frame.map_err(|e| SourceError::Raw(std::io::Error::other(e)))?;
        let time = Duration::from_micros((self.number as f64 * self.interval) as u64);
        self.number += 1;
        Ok(Some(TimedFrame { frame, time }))
    }
}
