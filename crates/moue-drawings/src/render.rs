//! Drawings as pixels.

use crate::{Drawing, SIDE};
use resvg::{tiny_skia, usvg};

impl Drawing {
    /// The picture as `size × size × 3` bytes: red, green, blue.
    pub fn render(&self, size: u32) -> Vec<u8> {
        let Some(mut pixels) = tiny_skia::Pixmap::new(size, size) else {
            return Vec::new();
        };
        pixels.fill(tiny_skia::Color::WHITE);
        // The text is our own; should it ever fail to parse, the picture stays white and a test
        // fails.
        if let Ok(tree) = usvg::Tree::from_str(&self.svg(), &usvg::Options::default()) {
            let scale = size as f32 / SIDE;
            let scale = tiny_skia::Transform::from_scale(scale, scale);
            resvg::render(&tree, scale, &mut pixels.as_mut());
        }
        let rgba = pixels.data().as_chunks::<4>().0;
        rgba.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emoji::{self, Emoji};
    use crate::{all, find};
    use std::collections::HashSet;

    #[test]
    fn every_svg_parses_and_shows_something() {
        for drawing in all().chain(emoji::all().map(Emoji::drawing)) {
            usvg::Tree::from_str(&drawing.svg(), &usvg::Options::default())
                .expect("our own SVG parses");
        }
        let picture = find("mina-grin").unwrap().render(64);
        let colors: HashSet<&[u8]> = picture.chunks(3).collect();
        assert!(colors.len() > 50);
    }
}
