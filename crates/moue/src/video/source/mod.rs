//! Where frames come from: pictures, animations, videos, cameras, raw bytes.

mod animation;
mod error;
#[cfg(feature = "video")]
mod ffmpeg;
mod open;
#[cfg(feature = "video")]
mod ppm;
mod raw;
mod timed;

pub use animation::Animation;
#[cfg(feature = "video")]
pub use error::FfmpegError;
pub use error::SourceError;
#[cfg(feature = "video")]
pub use ffmpeg::Ffmpeg;
pub use open::{is_video, open_source, open_source_with};
pub use raw::RawFrames;
pub use timed::{FrameSource, TimedFrame};
