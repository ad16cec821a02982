//! GIF, animated WebP and APNG as sequences of whole frames with their timing.

use super::apng;
use super::canvas::check_canvas;
use super::error::SourceError;
use super::timed::{FrameSource, TimedFrame};
use crate::Frame;
use crate::frame::{DecodeError, DecodeLimit, DecodeOptions, PixelFormat};
use crate::frame::{check_webp_sizes, explain, mended, read};
use image::codecs::{gif::GifDecoder, webp::WebPDecoder};
use image::{AnimationDecoder, Delay, Frames, ImageDecoder, ImageFormat, Rgba};
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

/// Frames that ask for less are shown for [`USUAL_DELAY`], as browsers do: many GIFs ask for 0.
const SHORTEST_DELAY: Duration = Duration::from_millis(20);
/// What a disposed frame leaves.
const CLEAR: Rgba<u8> = Rgba([0; 4]);

/// How long browsers show a frame that asks for too little.
const USUAL_DELAY: Duration = Duration::from_millis(100);

/// The frames of an animation, decoded one at a time.
///
/// A small file may ask for many large frames: the totals of all frames are limited by
/// [`DecodeOptions::max_frames`] and [`DecodeOptions::max_total_pixels`], and
/// [`DecodeOptions::cancel`] is checked before each frame.
///
/// ```no_run
/// use moue::frame::DecodeOptions;
/// use moue::video::{Animation, FrameSource};
/// let bytes = std::fs::read("wave.gif")?;
/// let mut animation = Animation::decode_with(bytes, &DecodeOptions::default())?.expect("it moves");
/// while let Some(timed) = animation.next_frame()? {
///     println!("{:?}", timed.time);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Animation {
    frames: Frames<'static>,
    /// When the next frame is shown.
    time: Duration,
    options: DecodeOptions,
    /// Frames so far.
    count: u64,
    /// Pixels of a frame, the whole canvas.
    canvas: u64,
    /// Pixels that all frames may have together.
    max_total_pixels: u64,
}

impl Animation {
    /// Opens a file within the default [`DecodeOptions`]; `None` if it is no animation.
    ///
    /// # Errors
    /// [`DecodeError`] if it can't be read or is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Option<Self>, DecodeError> {
        Self::open_with(path, &DecodeOptions::default())
    }

    /// As [`Animation::open`], with the caller's options.
    ///
    /// # Errors
    /// As for [`Animation::open`].
    pub fn open_with(
        path: impl AsRef<Path>,
        options: &DecodeOptions,
    ) -> Result<Option<Self>, DecodeError> {
        Self::decode_with(read(path.as_ref(), options)?, options)
    }

    /// As [`Animation::open`], for a file in memory.
    ///
    /// # Errors
    /// As for [`Animation::open`].
    pub fn decode(bytes: Vec<u8>) -> Result<Option<Self>, DecodeError> {
        Self::decode_with(bytes, &DecodeOptions::default())
    }

    /// As [`Animation::decode`], with the caller's options.
    ///
    /// # Errors
    /// As for [`Animation::open`].
    pub fn decode_with(
        bytes: Vec<u8>,
        options: &DecodeOptions,
    ) -> Result<Option<Self>, DecodeError> {
        DecodeLimit::FileBytes.check(bytes.len() as u64, options.max_file_bytes)?;
        let max_total_pixels = options.total_pixels(bytes.len());
        let opened = catch_unwind(AssertUnwindSafe(|| frames(bytes, options)));
        let Some((frames, canvas)) = opened.map_err(|_| gave_up())?? else {
            return Ok(None);
        };
        Ok(Some(Self {
            frames,
            time: Duration::ZERO,
            options: options.clone(),
            count: 0,
            canvas,
            max_total_pixels,
        }))
    }

    /// Counts a frame that was just decoded. The totals are checked after it, as only its decoding
    /// shows whether there is one: an animation may end exactly at the limit.
    fn count_frame(&mut self) -> Result<(), DecodeError> {
        self.count += 1;
        DecodeLimit::Frames.check(self.count, self.options.max_frames)?;
        let total = self.count.saturating_mul(self.canvas);
        DecodeLimit::TotalPixels.check(total, self.max_total_pixels)
    }
}

/// The frames of an animation and the pixels of its canvas; `None` if the file is no animation.
fn frames(
    bytes: Vec<u8>,
    options: &DecodeOptions,
) -> Result<Option<(Frames<'static>, u64)>, DecodeError> {
    let Ok(format) = image::guess_format(&bytes) else {
        return Ok(None);
    };
    let explain = |error| explain(error, options);
    Ok(match format {
        ImageFormat::Gif => {
            let bytes = Cursor::new(mended(&bytes).into_owned());
            let mut decoder = GifDecoder::new(bytes).map_err(explain)?;
            let canvas = limit(&mut decoder, options)?;
            Some((decoder.into_frames(), canvas))
        }
        ImageFormat::WebP => {
            check_webp_sizes(&bytes)?;
            let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(explain)?;
            if !decoder.has_animation() {
                return Ok(None);
            }
            let canvas = limit(&mut decoder, options)?;
            // Without a color the decoder does not dispose of frames. Browsers ignore the color that
            // the file states, and show what is behind the picture.
            decoder.set_background_color(CLEAR).map_err(explain)?;
            Some((decoder.into_frames(), canvas))
        }
        ImageFormat::Png => {
            let Some(animation) = apng::open(bytes, options)? else {
                return Ok(None);
            };
            let canvas = animation.pixels();
            Some((Frames::new(Box::new(animation)), canvas))
        }
        _ => None,
    })
}

/// Refuses pictures beyond the limits before any pixel is made; returns the pixels of a frame.
fn limit(decoder: &mut impl ImageDecoder, options: &DecodeOptions) -> Result<u64, DecodeError> {
    let (width, height) = decoder.dimensions();
    options.check_size(width, height)?;
    let mut limits = image::Limits::default();
    limits.max_alloc = Some(options.max_memory);
    decoder
        .set_limits(limits)
        .map_err(|error| explain(error, options))?;
    check_canvas([width, height], options)
}

fn gave_up() -> DecodeError {
    DecodeError::Damaged("the decoder gave up".into())
}

/// How long a frame is shown.
fn shown_for(delay: Delay) -> Duration {
    let (numerator, denominator) = delay.numer_denom_ms();
    let micros = u64::from(numerator) * 1000 / u64::from(denominator.max(1));
    let delay = Duration::from_micros(micros);
    if delay < SHORTEST_DELAY {
        USUAL_DELAY
    } else {
        delay
    }
}

impl FrameSource for Animation {
    fn next_frame(&mut self) -> Result<Option<TimedFrame>, SourceError> {
        self.options.cancel.check().map_err(DecodeError::from)?;
        // A decoder that panics on a damaged file must not take its caller along; nothing comes
        // after an error, so what it was changing is not seen again.
        let next = catch_unwind(AssertUnwindSafe(|| self.frames.next()));
        let Some(frame) = next.map_err(|_| gave_up())? else {
            return Ok(None);
        };
        self.count_frame()?;
        let frame = frame.map_err(|error| explain(error, &self.options))?;
        let time = self.time;
        self.time += shown_for(frame.delay());
        let pixels = frame.into_buffer();
        self.options.check_size(pixels.width(), pixels.height())?;
        let [width, height] = [pixels.width() as usize, pixels.height() as usize];
        let frame = Frame::from_raw(pixels.as_raw(), width, height, width * 4, PixelFormat::Rgba)
            .map_err(|e| DecodeError::Damaged(e.to_string()))?
            .into_owned();
        Ok(Some(TimedFrame { frame, time }))
    }
}
