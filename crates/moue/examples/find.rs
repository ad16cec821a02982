//! Finds the drawings that make the same face as the one in a picture.
//!
//! `cargo run --release -p moue --example find -- me.jpg`

use moue::cancel::CancelToken;
use moue::detect::DetectOptions;
use moue::finder::{FaceChoice, FindOptions};
use moue::gallery::SearchOptions;
use moue::{Finder, Frame, Gallery};
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: find PICTURE")?;
    let frame = Frame::open(&path)?;
    let mut finder = Finder::new(Gallery::builtin()?)?.with_options(FindOptions {
        search: SearchOptions::nearest(3),
        choice: FaceChoice::All,
        detect: DetectOptions {
            // One request may take so long and no longer, whatever the picture is.
            cancel: CancelToken::with_timeout(Duration::from_secs(10)),
            ..DetectOptions::default()
        },
    });
    for found in finder.find(&frame)? {
        let b = found.face.bounding_box;
        println!(
            "a face at {:.2}, {:.2}, score {:.2}",
            b.xmin, b.ymin, found.face.score
        );
        match found.expression {
            Ok(_) => found
                .matches
                .iter()
                .for_each(|m| println!("  {:.3} {} ({})", m.distance, m.label, m.path)),
            Err(reason) => println!("  has no expression: {reason}"),
        }
    }
    Ok(())
}
