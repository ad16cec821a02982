//! Pictures at the size in which a sheet shows them.

use super::measures::TILE;
use crate::emotions;
use crate::marks::{Area, Marks};
use crate::raster;
use image::{Rgb, RgbImage, imageops};
use moue::embed::Emotions;
use moue::frame::PixelFormat;
use moue::{BoundingBox, Face, Found, Frame};

/// Beside pictures that are not square.
const BACKGROUND: Rgb<u8> = Rgb([236, 236, 240]);

/// What is shown of a match whose picture cannot be read.
const MISSING: Rgb<u8> = Rgb([200; 3]);

/// Pixels that a line of a mark is wide.
const LINE: i64 = 2;

/// Pixels that the bar of a query's emotions is high.
const BAR_HEIGHT: u32 = 10;

/// A close-up is so many boxes wide: with the hair and the chin, by which one knows who it is, and
/// with room for the number.
const CLOSE_UP: f32 = 1.9;

/// A picture scaled to fit a tile, in its middle.
pub(crate) struct Picture {
    image: RgbImage,
    /// Where the picture is in the tile.
    place: Area,
}

impl Picture {
    pub(crate) fn of(source: &RgbImage) -> Self {
        Self::of_frame(&raster::frame_of(source))
    }

    fn of_frame(source: &Frame<'_>) -> Self {
        let scale = TILE as f32 / source.width().max(source.height()) as f32;
        let [width, height] = [source.width(), source.height()].map(|length| scaled(length, scale));
        let small = raster::image_of(&source.resized(width as usize, height as usize));
        let mut image = RgbImage::from_pixel(TILE, TILE, BACKGROUND);
        let left = i64::from((TILE - width) / 2);
        let top = i64::from((TILE - height) / 2);
        imageops::replace(&mut image, &small, left, top);
        let place = Area {
            left,
            top,
            right: left + i64::from(width),
            bottom: top + i64::from(height),
        };
        Self { image, place }
    }

    /// Of a match whose picture cannot be read.
    pub(crate) fn missing() -> Self {
        Self::of(&RgbImage::from_pixel(8, 8, MISSING))
    }

    /// The pictures of the faces of a frame that are searched for: the frame with the face marked;
    /// if there are several, a close-up of each with its number. They are made of the frame at its
    /// full size, which a batch of pictures does not keep.
    pub(crate) fn of_faces(frame: &Frame<'_>, found: &[Found]) -> Vec<Self> {
        if let [found] = found {
            let mut picture = Self::of_frame(frame);
            picture.mark(&found.face.bounding_box);
            return vec![picture];
        }
        let boxes: Vec<BoundingBox> = found.iter().map(|f| f.face.bounding_box).collect();
        let pictures = found.iter().enumerate();
        pictures
            .map(|(i, found)| Self::close_up(frame, &found.face, &boxes, i + 1))
            .collect()
    }

    fn close_up(frame: &Frame<'_>, face: &Face, others: &[BoundingBox], number: usize) -> Self {
        let part = Part::around(&face.bounding_box, frame);
        let mut picture = part.picture(frame);
        let b = part.place(&face.bounding_box);
        let others: Vec<BoundingBox> = others.iter().map(|b| part.place(b)).collect();
        let mut marks = Marks::new(&mut picture.image, picture.place, LINE, &others);
        marks.outline(&b);
        marks.number(&b, number);
        picture
    }

    /// Marks a face by its corners. What is a face as a whole needs no mark.
    pub(crate) fn mark(&mut self, b: &BoundingBox) {
        if *b != BoundingBox::WHOLE {
            Marks::new(&mut self.image, self.place, LINE, &[*b]).corners(b);
        }
    }

    /// Draws the shares as a bar along the bottom.
    pub(crate) fn draw_emotions(&mut self, emotions: &Emotions) {
        for (color, [start, end]) in emotions::bar(emotions, i64::from(TILE)) {
            let [top, bottom] = [TILE - BAR_HEIGHT, TILE].map(i64::from);
            raster::fill(&mut self.image, [start, top], [end, bottom], Rgb(color));
        }
    }

    pub(super) fn image(&self) -> &RgbImage {
        &self.image
    }
}

fn scaled(length: usize, scale: f32) -> u32 {
    ((length as f32 * scale).round() as u32).clamp(1, TILE)
}

/// A part of a frame: its corner and its size in pixels.
struct Part {
    corner: [usize; 2],
    size: [usize; 2],
    frame: [f32; 2],
}

impl Part {
    /// The square around a box, as far as it is in the frame.
    fn around(b: &BoundingBox, frame: &Frame<'_>) -> Self {
        let sides = [frame.width(), frame.height()];
        let frame = sides.map(|side| side as f32);
        let center = b.center();
        let side = (b.width * frame[0]).max(b.height * frame[1]) * CLOSE_UP;
        let corner: [usize; 2] = std::array::from_fn(|i| {
            let start = center[i] * frame[i] - side / 2.0;
            // The cast saturates, so a start before the frame becomes 0.
            (start as usize).min(sides[i] - 1)
        });
        let size = std::array::from_fn(|i| {
            let end = (center[i] * frame[i] + side / 2.0) as usize;
            (end.min(sides[i])).saturating_sub(corner[i]).max(1)
        });
        Self {
            corner,
            size,
            frame,
        }
    }

    fn picture(&self, frame: &Frame<'_>) -> Picture {
        let stride = frame.width() * 3;
        let start = self.corner[1] * stride + self.corner[0] * 3;
        let pixels = &frame.pixels()[start..];
        let part = Frame::from_raw(pixels, self.size[0], self.size[1], stride, PixelFormat::Rgb);
        match part {
            Ok(part) => Picture::of_frame(&part),
            // The part is never empty, so this is a picture of a size that no frame has.
            Err(_) => Picture::missing(),
        }
    }

    /// A box of the frame relative to the part.
    fn place(&self, b: &BoundingBox) -> BoundingBox {
        let at = |value: f32, i: usize| {
            (value * self.frame[i] - self.corner[i] as f32) / self.size[i] as f32
        };
        BoundingBox {
            xmin: at(b.xmin, 0),
            ymin: at(b.ymin, 1),
            width: b.width * self.frame[0] / self.size[0] as f32,
            height: b.height * self.frame[1] / self.size[1] as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White but for a red square where the face is.
    fn frame() -> Frame<'static> {
        let mut image = RgbImage::from_pixel(4000, 1000, Rgb([255; 3]));
        raster::fill(&mut image, [3000, 400], [3100, 500], Rgb([255, 0, 0]));
        let pixels = image.into_raw();
        Frame::from_raw(&pixels, 4000, 1000, 12_000, PixelFormat::Rgb)
            .unwrap()
            .into_owned()
    }

    fn face() -> Face {
        Face {
            bounding_box: BoundingBox {
                xmin: 0.75,
                ymin: 0.4,
                width: 0.025,
                height: 0.1,
            },
            ..Face::whole()
        }
    }

    #[test]
    fn close_ups_are_cut_from_the_full_size() {
        let face = face();
        let picture = Picture::close_up(&frame(), &face, &[face.bounding_box], 3);
        let red = picture.image.pixels().filter(|p| p.0 == [255, 0, 0]);
        // The face is 100 of the 190 pixels of the part.
        let side = f64::from(TILE) * 100.0 / 190.0;
        let share = red.count() as f64 / (side * side);
        assert!((0.93..1.05).contains(&share), "{share}");
    }

    #[test]
    fn parts_at_the_edge_stay_in_the_frame() {
        let frame = frame();
        for (xmin, ymin, side) in [
            (-0.2, -0.2, 0.3),
            (0.95, 0.9, 0.3),
            (0.0, 0.0, 1.0),
            (2.0, 2.0, 0.1),
            (f32::NAN, 0.5, f32::INFINITY),
        ] {
            let b = BoundingBox {
                xmin,
                ymin,
                width: side,
                height: side,
            };
            let part = Part::around(&b, &frame);
            for (i, length) in [4000, 1000].into_iter().enumerate() {
                assert!(part.size[i] >= 1 && part.corner[i] + part.size[i] <= length);
            }
            part.picture(&frame);
        }
    }
}
