//! Small pictures of faces.

use jpeg_encoder::{ColorType, Encoder};
use moue::{Face, Frame};

/// Pixels along a side.
const SIDE: usize = 96;
/// Side of the square around the face, in widths of its box.
const AROUND: f32 = 1.7;
/// JPEG quality, of 100.
const QUALITY: u8 = 75;

/// A square JPEG of a face and what is around it; `None` if the face lies outside of the picture.
pub fn thumbnail(frame: &Frame<'_>, face: &Face) -> Option<Vec<u8>> {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let b = face.bounding_box;
    let (bw, bh) = (b.width * width, b.height * height);
    let side = (bw.max(bh) * AROUND).min(width.min(height));
    let left = (b.xmin * width + bw / 2.0 - side / 2.0).clamp(0.0, width - side);
    let top = (b.ymin * height + bh / 2.0 - side / 2.0).clamp(0.0, height - side);
    if !side.is_finite() || side < 1.0 || !left.is_finite() || !top.is_finite() {
        return None;
    }
    let small = frame
        .cropped(left as usize, top as usize, side as usize, side as usize)
        .resized(SIDE, SIDE);
    let mut bytes = Vec::new();
    let side = SIDE as u16;
    Encoder::new(&mut bytes, QUALITY)
        .encode(small.pixels(), side, side, ColorType::Rgb)
        .ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::BoundingBox;
    use moue::frame::PixelFormat;

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
        assert_eq!(Frame::decode(&jpeg).unwrap().width(), SIDE);
        assert!(thumbnail(&frame, &at(f32::NAN)).is_none());
        let _ = thumbnail(&frame, &at(1e30));
    }
}
