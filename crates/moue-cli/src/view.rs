//! What `moue live` shows: the camera with the face marked, and beside it the pictures that match.

use crate::raster;
use moue::frame::PixelFormat;
use moue::{BoundingBox, Frame, Match};
use moue_graph::{Canvas, Detection, Image};
use std::collections::HashMap;

const BACKGROUND: [u8; 3] = [22, 24, 31];
const PANEL: [u8; 3] = [36, 39, 50];
const TEXT: [u8; 3] = [232, 233, 240];
const QUIET: [u8; 3] = [140, 145, 162];
const ACCENT: [u8; 3] = [255, 196, 61];

/// Sizes in pixels.
const PICTURE: [usize; 2] = [640, 480];
const GAP: i64 = 16;
const TILE: usize = 144;
/// Letters are so many pixels high and wide.
const LETTER: i64 = 16;

/// The distance at which the bar of a match is empty.
const FAR: f32 = 1.0;

/// Draws the view; keeps the pictures of matches, small, as they come up again and again.
#[derive(Default)]
pub(crate) struct View {
    tiles: HashMap<String, Image>,
}

impl View {
    /// One picture of the whole view.
    pub(crate) fn draw(
        &mut self,
        frame: &Frame<'_>,
        faces: &[Detection],
        shown: &[Match],
        top: usize,
    ) -> Image {
        let rows = top.max(1) as i64;
        let row = TILE as i64 + GAP;
        let height = (PICTURE[1] as i64).max(rows * row - GAP) + 2 * GAP;
        let width = PICTURE[0] as i64 + 3 * GAP + 24 * LETTER;
        let mut canvas = Canvas::new(width as usize, height as usize, BACKGROUND);
        self.camera(&mut canvas, frame, faces);
        let left = PICTURE[0] as i64 + 2 * GAP;
        for (rank, found) in shown.iter().take(top).enumerate() {
            self.found(
                &mut canvas,
                [left, GAP + rank as i64 * row],
                width - GAP,
                found,
                rank == 0,
            );
        }
        if shown.is_empty() {
            canvas.text([left, GAP + 8], "make a face", 2, QUIET);
        }
        canvas.text([GAP, height - GAP + 4], "any key closes", 1, QUIET);
        canvas.into_image()
    }

    fn camera(&self, canvas: &mut Canvas, frame: &Frame<'_>, faces: &[Detection]) {
        let scale = (PICTURE[0] as f32 / frame.width() as f32)
            .min(PICTURE[1] as f32 / frame.height() as f32);
        let side = |length: usize| ((length as f32 * scale) as usize).max(1);
        let small = frame.resized(side(frame.width()), side(frame.height()));
        let size = [small.width(), small.height()];
        let corner: [i64; 2] = std::array::from_fn(|i| GAP + ((PICTURE[i] - size[i]) / 2) as i64);
        canvas.fill(
            [GAP, GAP],
            [GAP + PICTURE[0] as i64, GAP + PICTURE[1] as i64],
            PANEL,
        );
        canvas.paste(&small, corner);
        for face in faces {
            let [from, to] = pixels(&face.bounding_box, size, corner);
            corners(canvas, from, to);
        }
    }

    /// A match in its panel: picture, caption, and a bar that is the longer the nearer it is.
    fn found(
        &mut self,
        canvas: &mut Canvas,
        [x, y]: [i64; 2],
        right: i64,
        found: &Match,
        first: bool,
    ) {
        let tile = TILE as i64;
        canvas.fill([x, y], [right, y + tile], PANEL);
        canvas.paste(self.tile(&found.path), [x, y]);
        let (left, room) = (x + tile + GAP, (right - x - tile - 2 * GAP) / LETTER);
        for (line, words) in wrapped(&found.label, room.max(4) as usize)
            .iter()
            .take(4)
            .enumerate()
        {
            canvas.text(
                [left, y + 14 + line as i64 * 22],
                words,
                2,
                if first { TEXT } else { QUIET },
            );
        }
        let (full, near) = (
            right - GAP - left,
            (1.0 - found.distance / FAR).clamp(0.02, 1.0),
        );
        let bar = y + tile - 24;
        canvas.fill([left, bar], [left + full, bar + 6], BACKGROUND);
        canvas.fill(
            [left, bar],
            [left + (full as f32 * near) as i64, bar + 6],
            if first { ACCENT } else { QUIET },
        );
        if first {
            canvas.outline([x, y], [right, y + tile], 3, ACCENT);
        }
    }

    fn tile(&mut self, path: &str) -> &Image {
        self.tiles.entry(path.to_owned()).or_insert_with(|| {
            let gray = || Canvas::new(TILE, TILE, PANEL).into_image();
            let picture = raster::load(path).ok().and_then(|image| {
                let (width, height) = (image.width() as usize, image.height() as usize);
                let frame =
                    Frame::from_raw(image.as_raw(), width, height, width * 3, PixelFormat::Rgb)
                        .ok()?;
                Some(moue::detect::Letterbox::fit(&frame, TILE).into_frame())
            });
            picture.unwrap_or_else(gray)
        })
    }
}

/// The box in pixels of a picture of `size` at `corner`, kept inside of it.
fn pixels(b: &BoundingBox, size: [usize; 2], corner: [i64; 2]) -> [[i64; 2]; 2] {
    let at = |relative: [f32; 2]| -> [i64; 2] {
        std::array::from_fn(|i| corner[i] + (relative[i].clamp(0.0, 1.0) * size[i] as f32) as i64)
    };
    [
        at([b.xmin, b.ymin]),
        at([b.xmin + b.width, b.ymin + b.height]),
    ]
}

/// The four corners of a rectangle, which hide less of a face than its outline.
fn corners(canvas: &mut Canvas, from: [i64; 2], to: [i64; 2]) {
    let length = ((to[0] - from[0]).min(to[1] - from[1]) / 4).max(4);
    for (x, dx) in [(from[0], 1), (to[0], -1)] {
        for (y, dy) in [(from[1], 1), (to[1], -1)] {
            let span = |a: i64, b: i64| (a.min(b), a.max(b));
            let ((x0, x1), (y0, y1)) = (span(x, x + dx * length), span(y, y + dy * 4));
            canvas.fill([x0, y0], [x1, y1], ACCENT);
            let ((x0, x1), (y0, y1)) = (span(x, x + dx * 4), span(y, y + dy * length));
            canvas.fill([x0, y0], [x1, y1], ACCENT);
        }
    }
}

/// Words in lines of at most so many letters.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is a line");
        let needed = last.chars().count() + usize::from(!last.is_empty()) + word.chars().count();
        if needed <= room || last.is_empty() {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_wrapped_at_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 4), ["incomprehensible"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn any_face_can_be_drawn() {
        let frame = Frame::from_raw(&[90; 30], 5, 2, 15, PixelFormat::Rgb).unwrap();
        let strange = BoundingBox {
            xmin: -9.0,
            ymin: f32::NAN,
            width: 40.0,
            height: 0.1,
        };
        let face = Detection {
            bounding_box: strange,
            ..Detection::default()
        };
        let far = Match {
            label: "far away".into(),
            path: "no such file".into(),
            distance: 9.0,
            ..Match::default()
        };
        let view = View::default().draw(&frame, &[face], &[far], 3);
        assert_eq!((view.width(), view.height()), (640 + 48 + 384, 512));
    }
}
