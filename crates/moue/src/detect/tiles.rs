//! The parts of a picture that together show faces of every size: an image pyramid in tiles.

use super::view::{Quarter, View};
use crate::Frame;

/// The share of a tile that its neighbor shows too. A face up to this share of a tile's side is
/// whole in one of the two; larger ones are whole in the larger tiles of the level before, where
/// they are above [`MIN_FACE_SHARE`]. 0.25 just suffices for halved tiles; the rest is margin.
const OVERLAP: f32 = 0.29;

/// Tiles along the longer side, level by level: each level halves the smallest face.
const TILES_PER_SIDE: [usize; 3] = [2, 4, 8];

/// Levels end once faces of this width in pixels are detected: a further level would magnify the
/// picture without adding detail. The smallest faces that are found are then about 24 pixels wide.
const MIN_FACE_PIXELS: f32 = 30.0;

/// Width of the smallest face that the network finds, as a share of its input: about ten pixels of
/// 128, a little more than one cell of the finest anchor grid holds.
const MIN_FACE_SHARE: f32 = 0.075;

/// The whole picture with a margin, for faces that its edges cut: the view is this many times the
/// longer side.
pub(super) const MARGIN_SCALE: f32 = 1.6;

/// The whole picture, without a margin.
pub(super) fn whole(frame: &Frame<'_>) -> View {
    scaled(frame, 1.0)
}

/// The whole picture in a square of `scale` times its longer side.
fn scaled(frame: &Frame<'_>, scale: f32) -> View {
    let [width, height] = [frame.width() as f32, frame.height() as f32];
    let middle = [width / 2.0, height / 2.0];
    View::new(middle, scale * width.max(height))
}

/// All views beside [`whole`] that are searched of a turned picture, the largest first.
pub(super) fn views(frame: &Frame<'_>, quarter: Quarter) -> Vec<View> {
    let [width, height] = [frame.width() as f32, frame.height() as f32];
    let longer = width.max(height);
    let mut views = vec![scaled(frame, MARGIN_SCALE)];
    let mut side = longer;
    for &count in levels(quarter) {
        if side * MIN_FACE_SHARE <= MIN_FACE_PIXELS {
            break;
        }
        side = tile_side(longer, count);
        for y in starts(height, side) {
            views.extend(
                starts(width, side).map(|x| View::new([x + side / 2.0, y + side / 2.0], side)),
            );
        }
    }
    views
}

/// Whether the smallest faces are searched at no more than about twice the scale of the whole
/// picture.
pub(super) fn has_one_level(frame: &Frame<'_>) -> bool {
    let longer = frame.width().max(frame.height()) as f32;
    tile_side(longer, TILES_PER_SIDE[0]) * MIN_FACE_SHARE <= MIN_FACE_PIXELS
}

/// Side of a tile of which `count` cover the longer side.
fn tile_side(longer: f32, count: usize) -> f32 {
    longer / (count as f32 - OVERLAP * (count - 1) as f32)
}

/// A rotated picture is searched for larger faces only: there are three rotations, and most
/// pictures have no face in any of them.
fn levels(quarter: Quarter) -> &'static [usize] {
    match quarter {
        Quarter::Upright => &TILES_PER_SIDE,
        _ => &TILES_PER_SIDE[..1],
    }
}

/// Where tiles of `side` pixels start along an axis of `length` pixels, so that they overlap enough
/// and lie evenly.
fn starts(length: f32, side: f32) -> impl Iterator<Item = f32> {
    let step = side * (1.0 - OVERLAP);
    // Rounding may leave a hundredth of a step, which is no tile of its own.
    let count = ((length - side) / step - 0.01).ceil().max(0.0) as usize + 1;
    let (first, step) = match count {
        1 => ((length - side) / 2.0, 0.0),
        _ => (0.0, (length - side) / (count - 1) as f32),
    };
    (0..count).map(move |i| first + i as f32 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_picture_and_overlap() {
        for (length, side) in [(500.0, 292.0), (1080.0, 321.5), (100.0, 300.0)] {
            let starts: Vec<f32> = starts(length, side).collect();
            assert!(
                starts[0] <= 0.0 && starts.last().unwrap() + side >= length - 0.02 * side,
                "{starts:?}"
            );
            assert!(
                starts.windows(2).all(|w| w[0] + side - w[1] > 0.28 * side),
                "{starts:?}"
            );
        }
    }

    #[test]
    fn small_pictures_need_few_views_and_large_ones_see_24_pixels() {
        let frame = |w: usize, h: usize| Frame::from_pixels(vec![0; w * h * 3], w, h).unwrap();
        assert_eq!(views(&frame(256, 256), Quarter::Upright).len(), 1);
        assert_eq!(views(&frame(512, 512), Quarter::Upright).len(), 1 + 4);
        assert_eq!(views(&frame(640, 480), Quarter::Upright).len(), 1 + 4);
        let large = views(&frame(1920, 1080), Quarter::Upright);
        assert!((40..80).contains(&large.len()), "{}", large.len());
    }
}
