//! Frames in time: sources, the face tracker, the match stabilizer and the timeline.

mod source;
mod stabilizer;
mod timeline;
mod tracker;

pub use source::{
    Animation, FrameSource, RawFrames, SourceError, TimedFrame, is_video, open_source,
    open_source_with,
};
#[cfg(feature = "video")]
pub use source::{Ffmpeg, FfmpegError};
pub use stabilizer::{MatchStabilizer, StabilizerOptions};
pub use timeline::{Moment, Timeline, TimelineOptions};
pub use tracker::{FaceTracker, TrackerOptions};
