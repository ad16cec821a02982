//! What `moue live` shows: the camera with the face marked, and beside it the pictures that match.

use crate::{emotions, matched};
use moue::detect::Letterbox;
use moue::embed::Emotions;
use moue::frame::PixelFormat;
use moue::{BoundingBox, Frame, Gallery, Match};
use moue_graph::{Canvas, Detection, Image};
use std::collections::HashMap;

const BACKGROUND: [u8; 3] = [22, 24, 31];
const PANEL: [u8; 3] = [36, 39, 50];
const TEXT: [u8; 3] = [232, 233, 240];
const QUIET: [u8; 3] = [140, 145, 162];
const ACCENT: [u8; 3] = [255, 196, 61];

/// Pixels of the camera's panel.
const CAMERA: [usize; 2] = [640, 480];
/// Pixels between panels.
const GAP: i64 = 16;
/// Pixels along a side of a match's picture.
const TILE: usize = 144;
/// Pixels that a letter of a caption is high and wide, drawn with dots of 2 × 2.
const LETTER: i64 = 16;
/// Pixels of a match's panel: its picture and 13 letters of caption.
const MATCH_WIDTH: i64 = 384;
/// Lines of a caption that fit between the top of a panel and its bar, and their distance.
const CAPTION_LINES: usize = 4;
const LINE_HEIGHT: i64 = 22;
/// Pixels that a bar is high, and from its top to the bottom of its panel.
const BAR_HEIGHT: i64 = 6;
const BAR_RISE: i64 = 24;
/// Pixels that the bar of emotions is high, at the bottom of the camera's panel, and from the top of
/// its words to it.
const EMOTIONS_HEIGHT: i64 = 8;
const EMOTIONS_RISE: i64 = 22;

/// The distance at which the bar of a match is empty. Distances go up to 2, but from 1 on two
/// expressions have little in common.
const FAR: f32 = 1.0;
/// The shortest bar, so that it is seen that there is one.
const MIN_BAR: f32 = 0.02;

/// Draws the view. Keeps the reduced pictures of matches, as they come up again and again, and
/// reading one takes longer than a frame lasts. There are at most as many as the gallery has
/// pictures, of 60 kB each, and usually a few dozen.
#[derive(Default)]
pub(crate) struct View {
    /// Where the pictures of matches are from; without it they are blank.
    gallery: Option<Gallery>,
    /// By the face's id, as a video has several.
    tiles: HashMap<u64, Image>,
}

/// What is shown of a frame.
pub(crate) struct Camera<'a> {
    pub(crate) frame: &'a Frame<'a>,
    pub(crate) faces: &'a [Detection],
    /// Of the face that is searched for.
    pub(crate) emotions: Option<&'a Emotions>,
}

/// A panel: its top left corner and its right edge.
#[derive(Clone, Copy)]
struct Panel {
    x: i64,
    y: i64,
    right: i64,
}

impl View {
    pub(crate) fn of(gallery: Gallery) -> Self {
        Self {
            gallery: Some(gallery),
            tiles: HashMap::new(),
        }
    }

    /// One picture of the whole view, with at most `limit` matches.
    pub(crate) fn draw(&mut self, camera: &Camera<'_>, shown: &[Match], limit: usize) -> Image {
        let [width, height] = size(limit);
        let mut canvas = Canvas::new(width as usize, height as usize, BACKGROUND);
        draw_camera(&mut canvas, camera.frame, camera.faces);
        if let Some(emotions) = camera.emotions {
            draw_emotions(&mut canvas, emotions);
        }
        let left = CAMERA[0] as i64 + 2 * GAP;
        for (rank, found) in shown.iter().take(limit).enumerate() {
            let panel = Panel {
                x: left,
                y: GAP + rank as i64 * row_height(),
                right: width - GAP,
            };
            self.draw_match(&mut canvas, panel, found, rank == 0);
        }
        if shown.is_empty() {
            canvas.text([left, GAP + 8], "make a face", 2, QUIET);
        }
        canvas.text([GAP, height - GAP + 4], "any key closes", 1, QUIET);
        canvas.into_image()
    }

    /// A match in its panel: picture, caption, and a bar that is the longer the nearer it is.
    fn draw_match(&mut self, canvas: &mut Canvas, panel: Panel, found: &Match, is_best: bool) {
        let corner = [panel.x, panel.y];
        let opposite = [panel.right, panel.y + TILE as i64];
        canvas.fill(corner, opposite, PANEL);
        canvas.paste(self.tile(found), corner);
        // What is beside the picture: caption above, bar below.
        let beside = Panel {
            x: panel.x + TILE as i64 + GAP,
            right: panel.right - GAP,
            ..panel
        };
        draw_caption(
            canvas,
            beside,
            &found.label,
            if is_best { TEXT } else { QUIET },
        );
        draw_bar(
            canvas,
            beside,
            found.distance,
            if is_best { ACCENT } else { QUIET },
        );
        if is_best {
            canvas.outline(corner, opposite, 3, ACCENT);
        }
    }

    fn tile(&mut self, found: &Match) -> &Image {
        let gallery = self.gallery.as_ref();
        self.tiles.entry(found.id).or_insert_with(|| {
            let tile = gallery.and_then(|gallery| load_tile(gallery, found));
            tile.unwrap_or_else(|| Canvas::new(TILE, TILE, PANEL).into_image())
        })
    }
}

fn row_height() -> i64 {
    TILE as i64 + GAP
}

/// Width and height of a view with so many matches.
fn size(limit: usize) -> [i64; 2] {
    let rows = limit.max(1) as i64;
    let height = (CAMERA[1] as i64).max(rows * row_height() - GAP) + 2 * GAP;
    let width = CAMERA[0] as i64 + 3 * GAP + MATCH_WIDTH;
    [width, height]
}

fn draw_camera(canvas: &mut Canvas, frame: &Frame<'_>, faces: &[Detection]) {
    let [panel_width, panel_height] = CAMERA.map(|side| side as f32);
    let scale = (panel_width / frame.width() as f32).min(panel_height / frame.height() as f32);
    let width = ((frame.width() as f32 * scale) as usize).max(1);
    let height = ((frame.height() as f32 * scale) as usize).max(1);
    let small = frame.resized(width, height);
    let corner = [
        GAP + ((CAMERA[0] - width) / 2) as i64,
        GAP + ((CAMERA[1] - height) / 2) as i64,
    ];
    let opposite = [GAP + CAMERA[0] as i64, GAP + CAMERA[1] as i64];
    canvas.fill([GAP, GAP], opposite, PANEL);
    canvas.paste(&small, corner);
    for face in faces {
        let [from, to] = to_pixels(&face.bounding_box, [width, height], corner);
        draw_corners(canvas, from, to);
    }
}

/// The shares as one bar along the bottom of the camera's panel, and the leading one in words.
fn draw_emotions(canvas: &mut Canvas, emotions: &Emotions) {
    let bottom = GAP + CAMERA[1] as i64;
    let top = bottom - EMOTIONS_HEIGHT;
    for (color, [start, end]) in emotions::bar(emotions, CAMERA[0] as i64) {
        canvas.fill([GAP + start, top], [GAP + end, bottom], color);
    }
    let words = emotions::leading(emotions);
    let color = emotions::color(emotions.top());
    // Behind the words, as the picture may be of any color.
    let right = GAP + 4 + words.len() as i64 * LETTER;
    canvas.fill([GAP, top - EMOTIONS_RISE], [right, top], PANEL);
    canvas.text([GAP + 4, top - EMOTIONS_RISE + 3], &words, 2, color);
}

fn draw_caption(canvas: &mut Canvas, panel: Panel, label: &str, color: [u8; 3]) {
    let letters = ((panel.right - panel.x) / LETTER).max(4) as usize;
    let lines = wrapped(label, letters);
    for (line, words) in lines.iter().take(CAPTION_LINES).enumerate() {
        let top = panel.y + 14 + line as i64 * LINE_HEIGHT;
        canvas.text([panel.x, top], words, 2, color);
    }
}

fn draw_bar(canvas: &mut Canvas, panel: Panel, distance: f32, color: [u8; 3]) {
    let full = panel.right - panel.x;
    let nearness = (1.0 - distance / FAR).clamp(MIN_BAR, 1.0);
    let filled = (full as f32 * nearness) as i64;
    let top = panel.y + TILE as i64 - BAR_RISE;
    let bottom = top + BAR_HEIGHT;
    canvas.fill([panel.x, top], [panel.right, bottom], BACKGROUND);
    canvas.fill([panel.x, top], [panel.x + filled, bottom], color);
}

/// The picture of a match, fitted into a tile; `None` if it cannot be read.
fn load_tile(gallery: &Gallery, found: &Match) -> Option<Image> {
    let image = matched::image(gallery, found).ok()?;
    let width = image.width() as usize;
    let height = image.height() as usize;
    let frame = Frame::from_raw(image.as_raw(), width, height, width * 3, PixelFormat::Rgb);
    Some(Letterbox::fit(&frame.ok()?, TILE).into_frame())
}

/// The box in pixels of a picture of `size` at `corner`, kept inside of it.
fn to_pixels(b: &BoundingBox, size: [usize; 2], corner: [i64; 2]) -> [[i64; 2]; 2] {
    [[b.xmin, b.ymin], [b.xmin + b.width, b.ymin + b.height]].map(|point| {
        std::array::from_fn(|i| corner[i] + (point[i].clamp(0.0, 1.0) * size[i] as f32) as i64)
    })
}

/// The four corners of a rectangle, which hide less of a face than its outline.
fn draw_corners(canvas: &mut Canvas, from: [i64; 2], to: [i64; 2]) {
    const LINE: i64 = 4;
    let length = ((to[0] - from[0]).min(to[1] - from[1]) / 4).max(LINE);
    for (x, dx) in [(from[0], 1), (to[0], -1)] {
        for (y, dy) in [(from[1], 1), (to[1], -1)] {
            fill_between(canvas, [x, y], [x + dx * length, y + dy * LINE]);
            fill_between(canvas, [x, y], [x + dx * LINE, y + dy * length]);
        }
    }
}

/// Fills the rectangle between two opposite corners.
fn fill_between(canvas: &mut Canvas, a: [i64; 2], b: [i64; 2]) {
    let from = [a[0].min(b[0]), a[1].min(b[1])];
    let to = [a[0].max(b[0]), a[1].max(b[1])];
    canvas.fill(from, to, ACCENT);
}

/// Words in lines of at most so many letters.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line = word.to_owned();
        } else if length <= letters {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Expression;

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
        let expression = Expression(std::array::from_fn(|_| 0.125));
        let camera = Camera {
            frame: &frame,
            faces: &[face],
            emotions: Some(&expression.emotions()),
        };
        let view = View::default().draw(&camera, &[far], 3);
        assert_eq!((view.width(), view.height()), (640 + 48 + 384, 512));
    }
}
