//! Follows faces through a picture, animation or video, and lists the most expressive moments.
//!
//! `cargo run --release -p moue --example track -- clip.gif`

use moue::video::{FaceTracker, Timeline, TimelineOptions, TrackerOptions, open_source};
use moue::{ExpressionEmbedder, FaceDetector};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: track CLIP")?;
    let mut source = open_source(&path)?;
    let mut tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
    let mut embedder = ExpressionEmbedder::new()?;
    let mut expressions = Vec::new();
    while let Some(timed) = source.next_frame()? {
        let faces = tracker.update(&timed.frame, timed.time)?;
        if let Some(face) = faces.first()
            && let Ok(expression) = embedder.embed(&timed.frame, face)
        {
            expressions.push((timed.time, expression));
        }
    }
    println!("{} frames with a face", expressions.len());
    for moment in Timeline::of(&expressions, &TimelineOptions::default()).moments {
        println!("{:>8.2?}  strength {:.2}", moment.time, moment.strength);
    }
    Ok(())
}
