//! moue finds the pictures in a collection that make the same face as the one in a photo.
//!
//! A [`Frame`] goes through a [`FaceDetector`], which finds each [`Face`], and an
//! [`ExpressionEmbedder`], which turns the face's expression (not whose it is) into 64 numbers,
//! its [`Expression`]; a [`Gallery`] knows the nearest pictures to that, each a [`Match`].
//! [`Finder`] is all of it in one call. The networks are compiled in; nothing is downloaded.
//!
//! ```no_run
//! use moue::{Finder, Frame, Gallery};
//! let mut finder = Finder::new(Gallery::builtin()?)?;
//! let frame = Frame::open("me.jpg".as_ref())?;
//! for found in finder.find(&frame)? {
//!     println!("{:?}", found.matches);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod detect;
mod embed;
mod finder;
mod frame;
mod gallery;
mod geometry;
mod network;
mod resize;
mod source;
mod steady;
mod timeline;
mod weights;

pub use detect::{
    AnchorGrid, Candidate, DetectorOptions, Effort, Face, FaceDetector, FaceTracker, KeyPoint,
    Letterbox, Tracking, weighted_suppression,
};
pub use embed::{
    Alignment, CROP_EYE_DISTANCE, CROP_EYES_Y, EXPRESSION_LEN, EmbedError, Expression,
    ExpressionEmbedder, MIN_FACE_PIXELS,
};
pub use finder::{FaceChoice, FindError, Finder, Found, chosen};
pub use frame::{BACKGROUND, DecodeError, DecodeLimits, Frame, PixelFormat, RawError};
pub use gallery::{
    Entry, FileStamp, FileState, Filter, Gallery, GalleryError, Match, NewFace, NewPicture,
    Picture, PictureHash, Query, Report, StoredFace, StoredNumbers, same_picture,
};
pub use geometry::{BoundingBox, Point};
pub use moue_nn::{Isa, Model};
pub use network::{Network, NetworkError};
pub use source::{
    Animation, Ffmpeg, FfmpegError, FrameSource, RawFrames, SourceError, TimedFrame, is_video,
    open_source,
};
pub use steady::{Steadiness, Steady};
pub use timeline::{Moment, Timeline, TimelineOptions};
pub use weights::{
    EXPRESSION_MODEL, FACE_MODEL, REFINE_MODEL, expression_fingerprint, from_hex, hex, sha256,
    sha256_hex, sha256_of,
};
