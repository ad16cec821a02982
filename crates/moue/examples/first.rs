//! The first program of the tutorial: three drawings that make the same face.
//!
//! `cargo run --release -p moue --example first -- me.jpg`

use moue::{Finder, Frame, Gallery};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or("me.jpg".into());
    let mut finder = Finder::new(Gallery::builtin()?)?;
    for found in finder.find(&Frame::open(path)?)? {
        for m in found.matches {
            println!("{:.3} {}", m.distance, m.label);
        }
    }
    Ok(())
}
