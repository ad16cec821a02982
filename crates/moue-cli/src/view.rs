//! What `moue live` shows: the camera with the face marked, and beside it the pictures that match.

mod tiles;

use crate::emotions;
use crate::stores::Store;
use anyhow::Result;
use moue::embed::Emotions;
use moue::{BoundingBox, Frame, Match};
use moue_graph::{Canvas, Detection, Image};
use std::sync::Arc;
use tiles::{PANEL, TILE, Tiles};

pub(crate) const BACKGROUND: [u8; 3] = [22, 24, 31];
pub(crate) const TEXT: [u8; 3] = [232, 233, 240];
const QUIET: [u8; 3] = [140, 145, 162];
const ACCENT: [u8; 3] = [255, 196, 61];

/// Pixels of the camera's panel.
const CAMERA: [usize; 2] = [640, 480];
/// Pixels between panels.
const GAP: i64 = 16;
/// Pixels of the dots of a caption's letters, whose lines are 8 dots high.
const CAPTION_DOT: i64 = 2;
/// Pixels of a match's panel: its picture and some 15 letters of caption.
const MATCH_WIDTH: i64 = 384;
/// Lines of a caption that fit between the top of a panel and its bar, and their distance.
const CAPTION_LINES: usize = 4;
const LINE_HEIGHT: i64 = 22;
/// Words of a caption that are placed: more than fit, and few, as a label may be of any length.
const MAX_WORDS: usize = 64;
/// Pixels that a bar is high, and from its top to the bottom of its panel.
const BAR_HEIGHT: i64 = 6;
const BAR_RISE: i64 = 24;
/// Pixels that the bar of emotions is high, at the bottom of the camera's panel, and from the top of
/// its words to it.
const EMOTIONS_HEIGHT: i64 = 8;
const EMOTIONS_RISE: i64 = 22;

/// The distances at which the bar of a match is full and empty. Of the best matches of 4,593 frames
/// of test clips 98 in 100 are from 0.32 to 0.96 away, so that a scale from 0 to 2 would show bars that
/// all look the same; drawings are nearer to each other.
const NEAR: f32 = 0.25;
const FAR: f32 = 1.1;
/// The shortest bar, so that it is seen that there is one.
const MIN_BAR: f32 = 0.02;

/// What a moment looks like.
pub(crate) struct Scene<'a> {
    pub(crate) camera: Camera<'a>,
    pub(crate) shown: &'a [Match],
    /// Matches for which there is place.
    pub(crate) limit: usize,
    /// What happened last, such as that a picture was saved; the keys if it is empty.
    pub(crate) status: &'a str,
}

impl Scene<'_> {
    /// What is written where matches would be.
    pub(crate) fn placeholder(&self) -> &'static str {
        if self.camera.emotions.is_some() {
            "no picture matches"
        } else {
            "make a face"
        }
    }

    /// What happened last, or the keys.
    pub(crate) fn status_line(&self) -> &str {
        match self.status {
            "" if cfg!(feature = "clipboard") => "q closes, s saves the moment, c copies the match",
            "" => "q closes, s saves the moment",
            status => status,
        }
    }
}

/// What a key of a live view does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Quit,
    /// Write the picture of the moment.
    Save,
    /// Put the best match into the clipboard.
    Copy,
}

/// Where a live view is shown.
pub(crate) trait Screen {
    /// Shows a moment; `false` once the screen has been closed.
    fn show(&mut self, view: &mut View, scene: &Scene<'_>) -> Result<bool>;

    /// The next key, if one was pressed.
    fn key(&mut self) -> Option<Key>;

    /// Whether somebody can press a key.
    fn has_keys(&self) -> bool;

    /// Pixels along a side of the pictures of matches that it shows.
    fn tile_side(&self) -> usize {
        TILE
    }
}

/// Draws the view.
#[derive(Default)]
pub(crate) struct View {
    tiles: Tiles,
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
    /// Pictures of matches are read at `tile_side` pixels along a side.
    pub(crate) fn of(gallery: Arc<Store>, tile_side: usize) -> Self {
        Self {
            tiles: Tiles::of(gallery, tile_side),
        }
    }

    /// One picture of the whole view.
    pub(crate) fn draw(&mut self, scene: &Scene<'_>) -> Image {
        let [width, height] = size(scene.limit);
        let mut canvas = Canvas::new(width as usize, height as usize, BACKGROUND);
        canvas.paste(&camera(&scene.camera), [GAP, GAP]);
        if let Some(emotions) = scene.camera.emotions {
            draw_emotion(&mut canvas, emotions);
        }
        let left = CAMERA[0] as i64 + 2 * GAP;
        for (rank, found) in scene.shown.iter().take(scene.limit).enumerate() {
            let panel = Panel {
                x: left,
                y: GAP + rank as i64 * row_height(),
                right: width - GAP,
            };
            self.draw_match(&mut canvas, panel, found, rank == 0);
        }
        if scene.shown.is_empty() {
            canvas.text([left, GAP + 8], scene.placeholder(), 2, QUIET);
        }
        canvas.text([GAP, height - GAP + 4], scene.status_line(), 1, QUIET);
        canvas.into_image()
    }

    /// A match in its panel: picture, caption, and a bar that is the longer the nearer it is.
    fn draw_match(&mut self, canvas: &mut Canvas, panel: Panel, found: &Match, is_best: bool) {
        let corner = [panel.x, panel.y];
        let opposite = [panel.right, panel.y + TILE as i64];
        canvas.fill(corner, opposite, PANEL);
        let tile = self.tile(found);
        if tile.width() == TILE {
            canvas.paste(tile, corner);
        } else {
            canvas.paste(&tile.resized(TILE, TILE), corner);
        }
        // What is beside the picture: caption above, bar below.
        let beside = Panel {
            x: panel.x + TILE as i64 + GAP,
            right: panel.right - GAP,
            ..panel
        };
        draw_caption(
            canvas,
            beside,
            caption(found),
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

    /// The picture of a match, fitted into a square.
    pub(crate) fn tile(&mut self, found: &Match) -> &Arc<Image> {
        self.tiles.get(found)
    }

    /// The picture of a match, fitted into a square of so many pixels.
    pub(crate) fn picture(&self, found: &Match, side: usize) -> Image {
        self.tiles.load_now(found, side)
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

/// The camera's picture with its faces marked, and the shares of emotions as a bar at its bottom.
pub(crate) fn camera(shown: &Camera<'_>) -> Image {
    let frame = shown.frame;
    let [panel_width, panel_height] = CAMERA.map(|side| side as f32);
    let scale = (panel_width / frame.width() as f32).min(panel_height / frame.height() as f32);
    let width = ((frame.width() as f32 * scale) as usize).max(1);
    let height = ((frame.height() as f32 * scale) as usize).max(1);
    let corner = [
        ((CAMERA[0] - width) / 2) as i64,
        ((CAMERA[1] - height) / 2) as i64,
    ];
    let mut canvas = Canvas::new(CAMERA[0], CAMERA[1], PANEL);
    canvas.paste(&frame.resized(width, height), corner);
    for face in shown.faces {
        let [from, to] = to_pixels(&face.bounding_box, [width, height], corner);
        draw_corners(&mut canvas, from, to);
    }
    let bottom = CAMERA[1] as i64;
    let parts = shown
        .emotions
        .map(|all| emotions::bar(all, CAMERA[0] as i64));
    for (color, [start, end]) in parts.into_iter().flatten() {
        canvas.fill([start, bottom - EMOTIONS_HEIGHT], [end, bottom], color);
    }
    canvas.into_image()
}

/// What is written beside a match: its caption, which is the joke, or what it is called.
pub(crate) fn caption(found: &Match) -> &str {
    let caption = found.caption.as_deref();
    caption
        .filter(|text| !text.trim().is_empty())
        .unwrap_or(&found.label)
}

/// How near a match is: 1 up to [`NEAR`], and 0 from [`FAR`] on.
pub(crate) fn nearness(distance: f32) -> f32 {
    ((FAR - distance) / (FAR - NEAR)).clamp(0.0, 1.0)
}

/// The leading emotion in words, above the bar of all.
fn draw_emotion(canvas: &mut Canvas, emotions: &Emotions) {
    let bottom = GAP + CAMERA[1] as i64 - EMOTIONS_HEIGHT;
    let words = emotions::leading(emotions);
    let color = emotions::color(emotions.top());
    // Behind the words, as the picture may be of any color.
    let right = GAP + 8 + Canvas::text_width(&words, CAPTION_DOT);
    canvas.fill([GAP, bottom - EMOTIONS_RISE], [right, bottom], PANEL);
    canvas.text(
        [GAP + 4, bottom - EMOTIONS_RISE + 3],
        &words,
        CAPTION_DOT,
        color,
    );
}

fn draw_caption(canvas: &mut Canvas, panel: Panel, label: &str, color: [u8; 3]) {
    let width = panel.right - panel.x;
    for (line, words) in wrapped(label, width, CAPTION_LINES).iter().enumerate() {
        let top = panel.y + 14 + line as i64 * LINE_HEIGHT;
        canvas.text([panel.x, top], words, CAPTION_DOT, color);
    }
}

fn draw_bar(canvas: &mut Canvas, panel: Panel, distance: f32, color: [u8; 3]) {
    let full = panel.right - panel.x;
    let filled = (full as f32 * nearness(distance).max(MIN_BAR)) as i64;
    let top = panel.y + TILE as i64 - BAR_RISE;
    let bottom = top + BAR_HEIGHT;
    canvas.fill([panel.x, top], [panel.right, bottom], BACKGROUND);
    canvas.fill([panel.x, top], [panel.x + filled, bottom], color);
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

/// Words in at most `count` lines of `width` pixels. What has no place ends in an ellipsis.
pub(crate) fn wrapped(text: &str, width: i64, count: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace().take(MAX_WORDS) {
        let is_last = lines.len() == count;
        let line = lines.last_mut().expect("there is at least one line");
        if line.is_empty() {
            line.push_str(word);
            continue;
        }
        let longer = format!("{line} {word}");
        if is_last || Canvas::text_width(&longer, CAPTION_DOT) <= width {
            *line = longer;
        } else {
            lines.push(word.to_owned());
        }
    }
    let fitted = lines
        .iter()
        .map(|line| Canvas::fitted(line, CAPTION_DOT, width));
    fitted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Expression;
    use moue::frame::PixelFormat;

    #[test]
    fn captions_are_wrapped_at_words_and_end_in_an_ellipsis() {
        let width = Canvas::text_width("one two", CAPTION_DOT);
        assert_eq!(wrapped("one two three", width + 4, 4)[0], "one two");
        assert_eq!(wrapped("", width, 4), [""]);
        let long = wrapped("incomprehensible", width, 4);
        assert!(long.len() == 1 && long[0].ends_with('…'), "{long:?}");
        let many = wrapped(&"three ".repeat(30), width, CAPTION_LINES);
        assert!(many.len() == CAPTION_LINES && many[CAPTION_LINES - 1].ends_with('…'));
        let fits = |line: &String| Canvas::text_width(line, CAPTION_DOT) <= width;
        assert!(many.iter().all(fits));
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
        let view = View::default().draw(&Scene {
            camera,
            shown: &[far],
            limit: 3,
            status: "",
        });
        assert_eq!((view.width(), view.height()), (640 + 48 + 384, 512));
    }
}
