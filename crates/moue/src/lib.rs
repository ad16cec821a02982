//! moue finds the pictures in a collection that make the same face as the one in a photo.
//!
//! A [`Frame`] goes through a [`FaceDetector`], which finds each [`Face`], and an
//! [`ExpressionEmbedder`], which turns the face's expression (not whose it is) into 64 numbers, its
//! [`Expression`]. A `Gallery` returns the pictures with the nearest expressions, each as a
//! [`Match`]. [`Finder`] does all of it in one call. The networks are compiled in; nothing is
//! downloaded.
//!
//! ```no_run
//! # #[cfg(feature = "drawings")] {
//! use moue::{Finder, Frame, Gallery};
//! let mut finder = Finder::new(Gallery::builtin()?)?;
//! let frame = Frame::open("me.jpg")?;
//! for found in finder.find(&frame)? {
//!     println!("{:?}", found.matches);
//! }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to find what
//!
//! | to | start at |
//! |---|---|
//! | read pictures, also untrusted ones, within limits | [`Frame::open`], [`frame::DecodeOptions`] |
//! | find faces | [`FaceDetector::detect`], [`detect::DetectOptions`] |
//! | compare expressions | [`ExpressionEmbedder::embed`], [`Expression::distance`] |
//! | follow faces through a video | [`video::open_source`], [`video::FaceTracker`] |
//! | list the moments of a clip | [`video::Timeline`] |
//! | keep a gallery and search it | [`gallery`] |
//! | read the words in a picture | `words` |
//! | do all of it for one picture | [`Finder`], [`finder::FindOptions`] |
//! | end a request early | [`cancel::CancelToken`] |
//! | run another network in a detector | [`FaceDetector::with_network`], [`network`] |
//!
//! Beside it are [`moue_nn`], which runs TensorFlow Lite models, these and others;
//! [`moue-graph`](https://docs.rs/moue-graph), which runs MediaPipe's graphs of calculators on
//! them; and [`moue-index`](https://docs.rs/moue-index), which fills galleries from folders,
//! archives and collections.
//!
//! # Conventions
//!
//! Coordinates are relative to the upright picture: x from 0, its left edge, to 1, y from 0, its
//! top edge, to 1. Scores are between 0 and 1, distances of expressions between 0 and 2. Times are
//! [`Duration`](std::time::Duration)s from the start of a clip. Input of any kind leads to errors,
//! not panics.
//!
//! # Features
//!
//! All but `free-weights` and `gpu` are on by default. Without them the crate finds, embeds and tracks
//! faces and searches galleries in memory. This also works on `wasm32-unknown-unknown`: nothing reads a clock, starts
//! a thread or opens a file unless the caller requests it. The example `in_memory` does all of
//! this, and CI runs it as a WebAssembly module.
//!
//! | feature | what it adds |
//! |---|---|
//! | `compiled-weights` | the networks as part of the program: `FaceDetector::new`, `ExpressionEmbedder::new`, `Finder::new` |
//! | `drawings` | the gallery of drawings that is compiled in, `Gallery::builtin` |
//! | `free-weights` | less accurate networks that were trained on sources with free terms alone, in place of the others; not on by default |
//! | `gallery` | galleries in files, `Gallery`, kept by the embedded database `redb` |
//! | `gpu` | networks on graphics cards, `network::run_on`; not on by default |
//! | `parallel` | several searches at a time on all cores, with `rayon` |
//! | `video` | videos and cameras through the program `ffmpeg`, `video::Ffmpeg`; words in pictures through `tesseract`, `words` |

pub mod burst;
pub mod cancel;
mod compiled_files;
pub mod detect;
pub mod digest;
pub mod embed;
pub mod finder;
pub mod frame;
pub mod gallery;
pub mod geometry;
mod kernels;
mod micros;
pub mod network;
#[cfg(feature = "video")]
mod program;
pub mod video;
pub mod weights;
#[cfg(feature = "video")]
pub mod words;

pub use detect::{Effort, Face, FaceDetector};
pub use embed::{Expression, ExpressionEmbedder};
pub use finder::{FindError, Finder, Found};
pub use frame::Frame;
#[cfg(feature = "gallery")]
pub use gallery::Gallery;
pub use gallery::Match;
pub use geometry::{BoundingBox, Point};
#[cfg(feature = "video")]
pub use program::ProgramError;
