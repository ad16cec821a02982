//! Where frames come from: pictures, animations, videos, cameras, raw bytes.

mod animation;
mod apng;
#[cfg(feature = "video")]
mod camera;
mod canvas;
#[cfg(feature = "video")]
mod command;
#[cfg(feature = "video")]
mod edit;
mod error;
#[cfg(feature = "video")]
mod ffmpeg;
#[cfg(feature = "video")]
mod fragments;
mod open;
#[cfg(feature = "video")]
mod ppm;
mod raw;
mod seek;
#[cfg(feature = "video")]
mod seeking;
mod sniff;
mod timed;

pub use animation::Animation;
#[cfg(feature = "video")]
pub use camera::{Camera, cameras};
#[cfg(feature = "video")]
pub use edit::{Scene, join_scenes};
pub use error::SourceError;
#[cfg(feature = "video")]
pub use ffmpeg::Ffmpeg;
pub use open::{open_source, open_source_with};
pub use raw::RawFrames;
pub use seek::{frame_at, frame_of};
pub use sniff::{is_video, looks_like_video};
pub use timed::{FrameSource, TimedFrame};
