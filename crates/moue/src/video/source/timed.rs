//! Frames with their times, and the trait of their sources.

use super::error::SourceError;
use crate::Frame;
use std::time::Duration;

/// By how much a frame's time may differ from the one wanted: those that are stored have whole
/// microseconds, and the clocks of some containers count milliseconds.
pub(super) const TIME_TOLERANCE: Duration = Duration::from_micros(1500);

/// A frame and when it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct TimedFrame {
    /// The picture.
    pub frame: Frame<'static>,
    /// From the start of the source; later frames have later times.
    pub time: Duration,
}

/// A source that returns frames one after the other.
///
/// ```
/// use moue::Frame;
/// use moue::video::{FrameSource, SourceError, TimedFrame};
/// use std::time::Duration;
///
/// /// A gray clip at 10 frames a second.
/// struct Fade(u8);
///
/// impl FrameSource for Fade {
///     fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
///         let Some(gray) = self.0.checked_sub(1) else { return Ok(None) };
///         self.0 = gray;
///         let frame = Frame::from_pixels(vec![gray; 12], 2, 2).expect("2×2 RGB pixels");
///         Ok(Some(TimedFrame { frame, time: Duration::from_millis(100 * u64::from(2 - gray)) }))
///     }
/// }
/// assert_eq!(Fade(2).next_frame()?.unwrap().time, Duration::from_millis(100));
/// # Ok::<(), SourceError>(())
/// ```
pub trait FrameSource {
    /// The next frame, `None` at the end.
    ///
    /// # Errors
    /// [`SourceError`]; nothing comes after that.
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError>;

    /// Whether frames come by themselves, in real time, as a camera's do.
    fn is_live(&self) -> bool {
        false
    }
}
