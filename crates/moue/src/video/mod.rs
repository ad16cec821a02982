//! Frames in time: sources, the face tracker, the match stabilizer and the timeline.
//!
//! [`open_source`] opens a picture, an animation or a video as a [`FrameSource`] of
//! [`TimedFrame`]s; a [`FaceTracker`] follows the faces through them, [`People`] tells whose they
//! are, a [`VideoEmbedder`] embeds them for half of a still's cost, a [`MatchStabilizer`] keeps what
//! is shown beside them still, and a [`Timeline`] finds the most expressive moments. A [`ClipReader`]
//! does all that for the people of a whole clip. Times are [`Duration`](std::time::Duration)s from
//! the start of the source.

mod clip;
mod curve;
mod cuts;
mod moment;
mod motion;
mod one_euro;
mod people;
mod smoothing;
mod source;
mod stabilizer;
mod timeline;
mod tracker;
mod turns;

pub use clip::{Clip, ClipReader, ClipTimeline, Person, PersonMoment};
pub use moment::{Moment, TimelineOptions, agreeing, without_repeats};
pub use people::{People, PersonFace};
pub use source::{
    Animation, FrameSource, RawFrames, SourceError, TimedFrame, frame_at, frame_of, is_video,
    looks_like_video, open_source, open_source_with,
};
#[cfg(feature = "video")]
pub use source::{Camera, Ffmpeg, Scene, cameras, join_scenes};
pub use stabilizer::{MatchStabilizer, StabilizerOptions};
pub use timeline::Timeline;
pub use tracker::{FaceTracker, TrackerOptions};
pub use turns::VideoEmbedder;
