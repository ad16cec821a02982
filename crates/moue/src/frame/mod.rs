//! Pictures in memory: upright RGB, 8 bits a channel, from raw buffers or picture files.
//!
//! [`Frame::from_raw`] borrows or converts what a camera or a window has;
//! [`Frame::open`] and [`Frame::decode`] read JPEG, PNG, WebP, GIF, BMP and TIFF files within the
//! limits of [`DecodeOptions`], and HEIC, AVIF and JPEG XL through other programs.
//!
//! ```
//! use moue::Frame;
//! use moue::frame::PixelFormat;
//! let bgra = [255, 0, 0, 255, 0, 0, 255, 255];
//! let frame = Frame::from_raw(&bgra, 2, 1, 8, PixelFormat::Bgra)?;
//! assert_eq!(frame.pixels(), [0, 0, 255, 255, 0, 0]);
//! # Ok::<(), moue::frame::RawError>(())
//! ```

mod buffer;
mod convert;
mod decode;
mod exif;
#[cfg(feature = "video")]
mod external;
mod files;
mod format;
mod gif;
mod jpeg;
mod jpeg_fast;
mod jpeg_header;
mod limits;
mod resize;
mod shares;
mod tiff;
mod turn;
mod webp;
mod window;
mod with_image;

pub use buffer::{Frame, RawError};
pub use convert::{BACKGROUND, PixelFormat};
#[cfg(feature = "video")]
pub use external::picture_programs;
#[cfg(feature = "video")]
pub(crate) use files::open_regular;
pub(crate) use files::read;
pub use format::looks_like_picture;
pub(crate) use format::{AVIF_BRANDS, HEIF_BRANDS};
pub(crate) use gif::mended;
pub use limits::{DecodeError, DecodeLimit, DecodeOptions};
pub(crate) use webp::check_sizes as check_webp_sizes;
pub(crate) use window::Square;
pub(crate) use with_image::explain;
