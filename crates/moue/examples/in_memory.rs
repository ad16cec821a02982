//! Follows, embeds and searches for a face without files, threads and clocks: the crate's core.
//!
//! It is a program where there is an operating system:
//! `cargo run --release -p moue --example in_memory`. For WebAssembly, without default features, it
//! is a module whose function `node` calls:
//!
//! ```sh
//! node -e 'WebAssembly.instantiate(require("fs").readFileSync(process.argv[1])).then(m =>
//!     console.log(m.instance.exports.faces()))' in_memory.wasm
//! ```

use moue::cancel::CancelToken;
use moue::detect::DetectOptions;
use moue::finder::FindOptions;
use moue::gallery::{MemoryGallery, NewPicture};
use moue::video::{FaceTracker, TrackerOptions};
use moue::{ExpressionEmbedder, FaceDetector, Finder, Frame};
use std::error::Error;
use std::time::Duration;

const PICTURE: &[u8] = include_bytes!("../../../docs/sample.png");
/// The tracker takes close-ups until a face rests, the detector only two, so that their places differ
/// a little: the distance is 0.025 on x86-64, out of at most 2. Chosen by hand, with room for another
/// processor's rounding and other weights.
const SAME: f32 = 0.1;

/// Number of faces in the picture that a gallery of it finds again, -1 after an error.
#[allow(
    unsafe_code,
    reason = "a function that a WebAssembly module exports by name"
)]
// SAFETY: nothing else in the program has this name.
#[unsafe(no_mangle)]
pub extern "C" fn faces() -> i32 {
    count().map_or(-1, |n| n as i32)
}

fn count() -> Result<usize, Box<dyn Error>> {
    let frame = Frame::decode(PICTURE)?;
    let mut finder = Finder::new(gallery_of(&frame)?)?.with_options(FindOptions {
        detect: DetectOptions {
            cancel: CancelToken::new(),
            ..DetectOptions::default()
        },
        ..FindOptions::default()
    });
    let found = finder.find(&frame)?;
    let matches = found.iter().filter_map(|f| f.matches.first());
    Ok(matches.filter(|m| m.distance < SAME).count())
}

/// A gallery of the faces that the tracker finds in the frame.
fn gallery_of(frame: &Frame<'_>) -> Result<MemoryGallery, Box<dyn Error>> {
    let mut tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
    let mut embedder = ExpressionEmbedder::new()?;
    let mut picture = NewPicture {
        hash: moue::digest::sha256(PICTURE),
        path: "sample.png".into(),
        ..NewPicture::default()
    };
    for face in tracker.update(frame, Duration::ZERO)? {
        let expression = embedder.embed(frame, &face)?;
        picture.faces.push((face, expression).into());
    }
    let mut gallery = MemoryGallery::new();
    gallery.add(&[picture]);
    Ok(gallery)
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("{} face found again", count()?);
    Ok(())
}
