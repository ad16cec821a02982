//! Limits of decoding, and its errors.

use crate::cancel::{CancelToken, Cancelled};
#[cfg(feature = "video")]
use crate::program::ProgramError;
use std::fmt;
use std::time::Duration;

/// Limits and options of decoding a picture or animation.
///
/// Pictures are untrusted, and a few bytes can make a decoder use hours or gigabytes. What can be
/// checked before decoding is checked then: the file's size, the picture's sides, the memory its
/// pixels take, and the number of scans of a JPEG, each of which passes over the whole picture. The
/// decoders of single pictures cannot be interrupted once they run; with the default limits none
/// takes more than a few seconds. Animations check [`cancel`](Self::cancel) and their totals before
/// each frame.
///
/// ```
/// use moue::Frame;
/// use moue::frame::{DecodeError, DecodeLimit, DecodeOptions};
/// let options = DecodeOptions { max_file_bytes: 10, ..DecodeOptions::default() };
/// let refused = Frame::decode_with(&[0; 11], &options);
/// let Err(DecodeError::TooLarge { resource, asked, limit }) = refused else { panic!() };
/// assert_eq!((resource, asked, limit), (DecodeLimit::FileBytes, 11, 10));
/// ```
#[derive(Debug, Clone)]
pub struct DecodeOptions {
    /// Bytes of the file.
    pub max_file_bytes: u64,
    /// Pixels along either side.
    pub max_side: u32,
    /// Pixels of one picture.
    pub max_pixels: u64,
    /// Bytes that the decoder may allocate, and bytes of the pixels as the file stores them: 16-bit
    /// channels take twice as many as 8-bit ones.
    pub max_memory: u64,
    /// Scans of a JPEG.
    pub max_scans: u64,
    /// Frames of an animation.
    pub max_frames: u64,
    /// Pixels of all frames of an animation together: a frame of one pixel on a large canvas costs
    /// as much as the canvas.
    pub max_total_pixels: u64,
    /// Pixels of all frames of an animation together for each byte of its file, beyond the first
    /// 250 million: so that a small file cannot cost as much as a large one.
    pub max_pixels_per_byte: u64,
    /// Decodes a large JPEG at a half, a quarter or an eighth of its size if its longer side keeps
    /// this many pixels, which is several times faster. `None` decodes at full size.
    pub min_longer_side: Option<u16>,
    /// How long another program may take for the next frame of a video or camera, or for a picture
    /// in a format that it decodes for us.
    pub max_stall: Duration,
    /// Is checked before a picture, between the frames of an animation, and while another program
    /// works.
    pub cancel: CancelToken,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            max_file_bytes: 256 << 20,
            // Beyond the widest panoramas; also keeps `side * side * 4` far from overflow.
            max_side: 32_768,
            // The largest cameras of today have a little more than 100 million pixels.
            max_pixels: 120_000_000,
            // Enough for 100 million pixels of 8-bit RGBA and for 120 million of RGB, and so little
            // that two threads stay below a gigabyte. Larger JPEGs are decoded at half their size.
            max_memory: 400 << 20,
            // Encoders write about ten scans. A scan of nothing takes milliseconds at this many
            // pixels, so that a hundred of them add about a second.
            max_scans: 100,
            // Over an hour at 25 frames a second; GIFs of a few minutes are long.
            max_frames: 100_000,
            // 80 minutes at 640×360 and 10 frames a second, or 4800 frames of full HD; a minute or
            // so of work.
            max_total_pixels: 10_000_000_000,
            // A recording of a full-HD screen on which little moves has about a thousand.
            max_pixels_per_byte: 2000,
            min_longer_side: None,
            // A frame takes milliseconds, the first one of a camera a second or two. A disk that
            // has to spin up takes ten.
            max_stall: Duration::from_secs(60),
            cancel: CancelToken::default(),
        }
    }
}

impl DecodeOptions {
    /// Pixels that all frames of an animation in a file of so many bytes may have together.
    pub(crate) fn total_pixels(&self, bytes: usize) -> u64 {
        let by_size = self.max_pixels_per_byte.saturating_mul(bytes as u64);
        let by_size = by_size.saturating_add(FREE_PIXELS);
        self.max_total_pixels.min(by_size)
    }

    /// Refuses a picture that is too large or has no pixels.
    pub(crate) fn check_size(&self, width: u32, height: u32) -> Result<(), DecodeError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            return Err(DecodeError::Damaged("it has no pixels".into()));
        }
        let side = u64::from(width.max(height));
        DecodeLimit::Side.check(side, u64::from(self.max_side))?;
        DecodeLimit::Pixels.check(pixels, self.max_pixels)
    }
}

/// Pixels that the frames of any animation may have together, however small its file: a second or
/// two of work, and a thousand frames of 500×500.
const FREE_PIXELS: u64 = 250_000_000;

/// One of the limits of [`DecodeOptions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeLimit {
    /// [`DecodeOptions::max_file_bytes`].
    FileBytes,
    /// [`DecodeOptions::max_side`].
    Side,
    /// [`DecodeOptions::max_pixels`].
    Pixels,
    /// [`DecodeOptions::max_memory`].
    Memory,
    /// [`DecodeOptions::max_scans`].
    Scans,
    /// [`DecodeOptions::max_frames`].
    Frames,
    /// [`DecodeOptions::max_total_pixels`].
    TotalPixels,
}

impl DecodeLimit {
    /// Compares what a file needs with what is allowed.
    pub(crate) fn check(self, asked: u64, limit: u64) -> Result<(), DecodeError> {
        if asked > limit {
            return Err(DecodeError::TooLarge {
                resource: self,
                asked,
                limit,
            });
        }
        Ok(())
    }
}

impl fmt::Display for DecodeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FileBytes => "bytes of the file",
            Self::Side => "pixels along a side",
            Self::Pixels => "pixels",
            Self::Memory => "bytes of memory",
            Self::Scans => "scans",
            Self::Frames => "frames",
            Self::TotalPixels => "pixels in all frames",
        })
    }
}

/// Why a file is no usable picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The file cannot be read.
    // Its text has the cause, so the cause is no source: whoever prints both prints it twice.
    #[error("cannot be read: {0}")]
    Read(std::io::Error),
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// The content is none of JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF, JPEG XL.
    #[error(
        "not a picture in a known format (JPEG, PNG, WebP, GIF, BMP, TIFF, HEIC, AVIF, JPEG XL)"
    )]
    Unknown,
    /// The format is known, but not this variant of it.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// The file ends before the picture does.
    #[error("the file is cut off")]
    Truncated,
    /// The file needs more than a limit allows.
    #[error("too large: {asked} {resource}, at most {limit} are allowed")]
    TooLarge {
        /// Which limit.
        resource: DecodeLimit,
        /// How much the file needs, at least: reading and counting stop beyond the limit.
        asked: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// The content is damaged.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Another program, which decodes such files for us, is missing or failed.
    #[cfg(feature = "video")]
    #[error(transparent)]
    Program(ProgramError),
    /// The call was canceled or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<std::io::Error> for DecodeError {
    fn from(error: std::io::Error) -> Self {
        Self::Read(error)
    }
}

#[cfg(feature = "video")]
impl From<ProgramError> for DecodeError {
    fn from(error: ProgramError) -> Self {
        match error {
            ProgramError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Program(other),
        }
    }
}
