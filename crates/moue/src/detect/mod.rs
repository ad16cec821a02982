//! Finding faces in a picture.
//!
//! [`FaceDetector::detect`] returns [`Face`]s: a box, a score and six key points each, in
//! coordinates relative to the picture. How much work it does is an [`Effort`], one of the
//! [`DetectOptions`]:
//!
//! * [`Effort::Live`] runs the network once on the letterboxed picture, decodes its boxes from SSD
//!   anchors and merges them by weighted non-maximum suppression. A second network then sees a
//!   leveled close-up of each of the few best ones: it decides which are faces, and where exactly.
//! * [`Effort::Thorough`], the default, runs the first network on overlapping tiles at several
//!   scales and the second one on a close-up of each proposed face, twice. If no upright face is
//!   certain, it searches the picture rotated by 90, 180 and 270 degrees too.
//!
//! ```no_run
//! use moue::{FaceDetector, Frame};
//! let faces = FaceDetector::new()?.detect(&Frame::open("party.jpg")?)?;
//! for face in faces {
//!     println!("{:.2} at {:?}", face.score, face.bounding_box);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In a video, [`FaceTracker`](crate::video::FaceTracker) follows faces from frame to frame.

mod anchors;
mod decode;
mod detector;
mod face;
mod letterbox;
mod live;
mod multi_scale;
mod nms;
mod options;
mod proposals;
mod pyramid;
mod refine;
mod second_stage;
mod thresholds;
mod tiles;
mod upright_crops;
mod view;

pub use anchors::AnchorGrid;
pub use detector::FaceDetector;
pub use face::{Face, KeyPoint};
pub use letterbox::Letterbox;
pub use live::ProposalRefiner;
pub use nms::{Candidate, weighted_suppression};
pub use options::{DetectError, DetectOptions, DetectorOptions, Effort, LiveRefinement};
pub(crate) use refine::Asymmetry;
