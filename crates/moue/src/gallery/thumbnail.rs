//! Small pictures of faces.

use crate::{BoundingBox, Face, Frame};
use jpeg_encoder::{ColorType, Encoder};

/// Pixels along a side. Chosen by hand: at 96 an expression is recognized at a glance, in a few
/// kilobytes.
const SIDE: u16 = 96;

/// Side of the square around the face, in lengths of the longer side of its box. A box ends at
/// forehead and chin; 1.7 shows the hair and the neck too.
const MARGIN: f32 = 1.7;

/// JPEG quality, of 100: the customary default, below which blocks show around eyes and mouth.
const QUALITY: u8 = 75;

/// A square JPEG of a face and its surroundings, 96 × 96 pixels. `None` if the box of the face is
/// not finite or the picture is smaller than a pixel. A square at the edge is moved into the
/// picture.
///
/// ```
/// use moue::frame::PixelFormat;
/// use moue::{BoundingBox, Face, Frame};
/// let frame = Frame::from_raw(&[90; 40 * 30 * 3], 40, 30, 120, PixelFormat::Rgb)?;
/// let jpeg = moue::gallery::thumbnail(&frame, &Face::whole()).unwrap();
/// assert_eq!(Frame::decode(&jpeg)?.width(), 96);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn thumbnail(frame: &Frame<'_>, face: &Face) -> Option<Vec<u8>> {
    let [left, top, side] = square_around(frame, face)?;
    let size = usize::from(SIDE);
    let small = frame.cropped(left, top, side, side).resized(size, size);
    let mut bytes = Vec::new();
    Encoder::new(&mut bytes, QUALITY)
        .encode(small.pixels(), SIDE, SIDE, ColorType::Rgb)
        .ok()?;
    Some(bytes)
}

/// Left, top and side of the square in pixels.
fn square_around(frame: &Frame<'_>, face: &Face) -> Option<[usize; 3]> {
    let width = frame.width() as f32;
    let height = frame.height() as f32;
    let square = thumbnail_square(width, height, &face.bounding_box)?;
    let is_seen = square[2] >= 1.0;
    is_seen.then(|| square.map(|v| v as usize))
}

/// Left, top and side of the square that [`thumbnail`] shows of a picture of this size, in its
/// units. `None` if the box is not finite.
pub fn thumbnail_square(width: f32, height: f32, b: &BoundingBox) -> Option<[f32; 3]> {
    // `min` and `max` below would put a number in the place of NaN.
    let is_finite = [b.xmin, b.ymin, b.width, b.height]
        .iter()
        .all(|v| v.is_finite());
    let box_width = b.width * width;
    let box_height = b.height * height;
    let side = (box_width.max(box_height) * MARGIN).min(width.min(height));
    // Written without `clamp`, which panics where the side is not a number.
    let at = |low: f32, size: f32| (low - side / 2.0).min(size - side).max(0.0);
    let left = at(b.xmin * width + box_width / 2.0, width);
    let top = at(b.ymin * height + box_height / 2.0, height);
    let is_valid = is_finite && side.is_finite() && side > 0.0;
    is_valid.then_some([left, top, side])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    #[test]
    fn a_face_at_the_edge_has_a_thumbnail_and_one_outside_does_not_panic() {
        let pixels = vec![90; 40 * 30 * 3];
        let frame = Frame::from_raw(&pixels, 40, 30, 120, PixelFormat::Rgb).unwrap();
        let at = |xmin| Face {
            bounding_box: BoundingBox {
                xmin,
                ymin: -0.2,
                width: 0.5,
                height: 0.5,
            },
            score: 1.0,
            key_points: Some([[0.5; 2]; 6]),
        };
        let jpeg = thumbnail(&frame, &at(0.8)).unwrap();
        assert_eq!(Frame::decode(&jpeg).unwrap().width(), usize::from(SIDE));
        assert!(thumbnail(&frame, &at(f32::NAN)).is_none());
        let _ = thumbnail(&frame, &at(1e30));
    }
}
