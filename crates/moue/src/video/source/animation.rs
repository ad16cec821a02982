//! GIF, animated WebP and APNG as sequences of whole frames with their timing.

use super::{FrameSource, SourceError, TimedFrame};
use crate::Frame;
use crate::frame::{DecodeError, DecodeLimits, PixelFormat};
use crate::frame::{explain, read};
use image::codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, Frames, ImageDecoder, ImageFormat};
use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

/// Shortest time that a frame is shown; browsers show frames that ask for less this long.
const SHORTEST_DELAY: Duration = Duration::from_millis(20);
/// What browsers make of a frame that asks for less.
const USUAL_DELAY: Duration = Duration::from_millis(100);

/// The frames of an animation, decoded one at a time.
pub struct Animation {
    frames: Frames<'static>,
    time: Duration,
    limits: DecodeLimits,
}

type Bytes = Cursor<Vec<u8>>;

impl Animation {
    /// Opens a file; `None` if it is no animation.
    ///
    /// # Errors
    /// [`DecodeError`] if it can't be read or is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<Self>, DecodeError> {
        let limits = DecodeLimits::default();
        Self::decode_within(read(path.as_ref(), &limits)?, &limits)
    }

    /// As [`Animation::open`], for a file in memory.
    ///
    /// # Errors
    /// As for [`Animation::open`].
    pub fn decode(bytes: Vec<u8>) -> Result<Option<Self>, DecodeError> {
        Self::decode_within(bytes, &DecodeLimits::default())
    }

    fn decode_within(bytes: Vec<u8>, limits: &DecodeLimits) -> Result<Option<Self>, DecodeError> {
        let Ok(format) = image::guess_format(&bytes) else {
            return Ok(None);
        };
        let frames = match format {
            ImageFormat::Gif => limited(
                GifDecoder::new(Cursor::new(bytes)).map_err(explain)?,
                limits,
            )?
            .into_frames(),
            ImageFormat::WebP => {
                let decoder = limited(
                    WebPDecoder::new(Cursor::new(bytes)).map_err(explain)?,
                    limits,
                )?;
                if !decoder.has_animation() {
                    return Ok(None);
                }
                decoder.into_frames()
            }
            ImageFormat::Png => {
                let decoder: PngDecoder<Bytes> = limited(
                    PngDecoder::new(Cursor::new(bytes)).map_err(explain)?,
                    limits,
                )?;
                if !decoder.is_apng().map_err(explain)? {
                    return Ok(None);
                }
                decoder.apng().map_err(explain)?.into_frames()
            }
            _ => return Ok(None),
        };
        Ok(Some(Self {
            frames,
            time: Duration::ZERO,
            limits: limits.clone(),
        }))
    }
}

/// Refuses pictures beyond the limits before any pixel is made.
fn limited<D: ImageDecoder>(mut decoder: D, limits: &DecodeLimits) -> Result<D, DecodeError> {
    let (width, height) = decoder.dimensions();
    limits.check(width, height)?;
    let mut image_limits = image::Limits::default();
    image_limits.max_alloc = Some(limits.memory);
    decoder.set_limits(image_limits).map_err(explain)?;
    Ok(decoder)
}

impl FrameSource for Animation {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        let Some(frame) = self.frames.next() else {
            return Ok(None);
        };
        let frame = frame.map_err(explain)?;
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        let micros = u64::from(numerator) * 1000 / u64::from(denominator.max(1));
        let delay = Duration::from_micros(micros);
        let time = self.time;
        self.time += if delay < SHORTEST_DELAY {
            USUAL_DELAY
        } else {
            delay
        };
        let pixels = frame.into_buffer();
        self.limits.check(pixels.width(), pixels.height())?;
        let (width, height) = (pixels.width() as usize, pixels.height() as usize);
        let frame = Frame::from_raw(pixels.as_raw(), width, height, width * 4, PixelFormat::Rgba);
        let frame = frame
            .map_err(|e| DecodeError::Damaged(e.to_string()))?
            .into_owned();
        Ok(Some(TimedFrame { frame, time }))
    }
}
