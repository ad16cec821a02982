//! moue for other languages: what the Swift package and the Kotlin library are generated from.
//!
//! UniFFI reads the items of this crate and writes a Swift and a Kotlin class for each, with these
//! comments as their documentation. `bindings/swift` and `bindings/kotlin` put each language's own
//! habits on top: actors and `AsyncStream`, coroutines and `Flow`.
//!
//! | class | does |
//! |---|---|
//! | [`Frame`] | pixels: a file's, a camera's packed or planar ones, turned upright |
//! | [`Finder`] | finds the faces of a frame and the pictures that make the same face |
//! | [`Gallery`] | the pictures: built in, or a person's own in a file |
//! | [`FaceTracker`] | follows the faces of a camera, with matches that hold still |
//! | [`Timeline`] | the expressive moments of a clip |
//! | [`Cancellation`] | ends a call early |
//!
//! Every object may be used by several threads at once. Calls block their thread; a search of a
//! camera's frame takes a few milliseconds, a still some ten times as long.

// Imports go from right to left: `error`, `cancellation`, `pixels`, `answer`, `times` → `frame`,
// `options`, `timeline` → `gallery` → `finder` → `adding`, `tracker`; `drawing` stands alone.
mod adding;
mod answer;
mod cancellation;
mod drawing;
mod error;
mod finder;
mod frame;
mod gallery;
mod options;
mod pixels;
mod timeline;
mod times;
mod tracker;

pub use adding::{PictureFile, Progress};
pub use answer::{BoundingBox, Emotions, Face, Found, Match, Point};
pub use cancellation::Cancellation;
pub use drawing::{DrawCommand, PathElement, draw_commands, drawing_svg};
pub use error::MoueError;
pub use finder::Finder;
pub use frame::{Bitmap, Frame};
pub use gallery::{Gallery, PictureInfo, StoredFace};
pub use options::{Effort, FaceChoice, FindOptions};
pub use pixels::{PackedLayout, PixelFormat, PlanarLayout, Rotation, YuvMatrix, YuvRange};
pub use timeline::{Moment, MomentOptions, Timeline};
pub use tracker::{FaceTracker, TrackOptions};

uniffi::setup_scaffolding!("moue");

/// The version of the library, such as `0.1.0`.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The fingerprint of the weights. Galleries made with other weights are refused.
#[uniffi::export]
pub fn fingerprint() -> String {
    moue::weights::expression_fingerprint().to_owned()
}
