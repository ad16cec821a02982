//! Matches on a terminal: their pictures side by side.

use super::print;
use crate::args::FindArgs;
use crate::args::pictures::Pictures;
use crate::stores::Store;
use crate::terminal::{PictureTerminal, Tile};
use crate::{captions, matched, output};
use anyhow::Result;
use image::RgbImage;
use image::imageops;
use moue::gallery::shown_path;
use moue::{BoundingBox, Match};

/// Pictures that are searched for at once and still shown unless the user says how: of more nobody
/// looks at each, and reading the matches takes longer than the search.
const MAX_QUERIES: usize = 24;

/// How much larger than a face's box its close-up is: with hair, chin and some of what is around.
const CLOSE_UP: f32 = 1.9;

/// Prints matches, with their pictures where the terminal shows some.
pub(super) struct Printer {
    terminal: Option<PictureTerminal>,
}

impl Printer {
    pub(super) fn new(args: &FindArgs, queries: usize) -> Self {
        let choice = args.show.choice();
        let is_too_many = choice == Pictures::Auto && queries > MAX_QUERIES;
        let is_text = !args.json && !is_too_many;
        Self {
            terminal: is_text.then(|| PictureTerminal::open(choice)).flatten(),
        }
    }

    pub(super) fn print(&self, gallery: &Store, matches: &[Match]) -> Result<()> {
        match &self.terminal {
            Some(terminal) if !matches.is_empty() => {
                let is_coarse = terminal.is_coarse();
                let tiles = matches.iter().map(|m| tile(gallery, m, is_coarse));
                let tiles: Vec<Tile> = tiles.collect();
                output::print_own(&terminal.rows(&tiles)?)
            }
            _ => print::matches(matches),
        }
    }
}

fn tile(gallery: &Store, m: &Match, is_coarse: bool) -> Tile {
    let caption = captions::description(&m.label, m.caption.as_deref());
    Tile {
        // Without its picture a match still has its text.
        picture: matched::image(gallery, m).ok().map(|shown| {
            let has_box = is_coarse && shown.is_whole;
            has_box
                .then(|| close_up(&shown.image, &m.bounding_box))
                .flatten()
                .unwrap_or(shown.image)
        }),
        name: captions::title(m),
        detail: format!("distance {:.3}", m.distance),
        caption: caption.map(str::to_owned),
        path: shown_path(&m.path),
    }
}

/// The square around a face; `None` if the picture is not much larger.
fn close_up(picture: &RgbImage, b: &BoundingBox) -> Option<RgbImage> {
    let [width, height] = [picture.width(), picture.height()].map(|side| side as f32);
    let side = (b.width * width).max(b.height * height) * CLOSE_UP;
    // What is not finite fails too.
    let is_smaller = side >= 1.0 && side < 0.9 * width.max(height);
    if !is_smaller {
        return None;
    }
    let from =
        |center: f32, length: f32| (center - side / 2.0).clamp(0.0, (length - side).max(0.0));
    let x = from((b.xmin + b.width / 2.0) * width, width);
    let y = from((b.ymin + b.height / 2.0) * height, height);
    let [w, h] = [width, height].map(|length| side.min(length) as u32);
    let part = imageops::crop_imm(picture, x as u32, y as u32, w.max(1), h.max(1));
    Some(part.to_image())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(xmin: f32, ymin: f32, side: f32) -> Option<RgbImage> {
        let picture = RgbImage::from_fn(200, 100, |x, y| image::Rgb([x as u8, y as u8, 0]));
        let face = BoundingBox {
            xmin,
            ymin,
            width: side / 2.0,
            height: side,
        };
        close_up(&picture, &face)
    }

    #[test]
    fn a_small_face_fills_its_picture() {
        let middle = of(0.45, 0.4, 0.2).unwrap();
        assert_eq!(middle.dimensions(), (38, 38));
        // From the middle of the box, (100, 50), half the side to the left and up.
        assert_eq!(middle.get_pixel(0, 0).0, [81, 31, 0]);
        let corner = of(-0.1, -0.1, 0.2).unwrap();
        assert_eq!(corner.get_pixel(0, 0).0, [0, 0, 0]);
        // As high as the picture, if the face is.
        assert_eq!(of(0.4, 0.1, 0.8).unwrap().dimensions(), (152, 100));
        assert!(of(0.1, 0.1, 0.99).is_none());
        assert!(of(f32::NAN, 0.1, f32::NAN).is_none());
        assert!(of(f32::NAN, f32::NAN, 0.1).is_some());
    }
}
