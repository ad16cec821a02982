//! moue finds the pictures in a collection that make the same face as the one in a photo.
//!
//! A [`Frame`] goes through a [`FaceDetector`], which finds each [`Face`], and an
//! [`ExpressionEmbedder`], which turns the face's expression (not whose it is) into 64 numbers,
//! its [`Expression`]; a `Gallery` knows the nearest pictures to that, each a [`Match`].
//! [`Finder`] is all of it in one call. The networks are compiled in; nothing is downloaded.
//!
//! ```no_run
//! use moue::{Finder, Frame, Gallery};
//! let mut finder = Finder::new(Gallery::builtin()?)?;
//! let frame = Frame::open("me.jpg")?;
//! for found in finder.find(&frame)? {
//!     println!("{:?}", found.matches);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cancel;
pub mod detect;
pub mod digest;
pub mod embed;
pub mod finder;
pub mod frame;
pub mod gallery;
pub mod geometry;
mod micros;
pub mod network;
pub mod video;
pub mod weights;

pub use detect::{Effort, Face, FaceDetector};
pub use embed::{Expression, ExpressionEmbedder};
pub use finder::{FindError, Finder, Found};
pub use frame::Frame;
#[cfg(feature = "gallery")]
pub use gallery::Gallery;
pub use gallery::Match;
pub use geometry::{BoundingBox, Point};
