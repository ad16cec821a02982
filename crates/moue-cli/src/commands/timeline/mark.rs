//! The mark around the face of a moment: four corners that move with it.

use crate::palette::{self, Color, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW};
use image::{DynamicImage, RgbImage, Rgba, RgbaImage};
use moue::geometry::BoundingBox;
use std::fmt::Write;
use std::time::Duration;

/// A color for each person, in turns.
const COLORS: [Color; 6] = [ORANGE, SKY_BLUE, GREEN, PURPLE, VERMILION, YELLOW];

/// How much larger than a face its mark is.
const GROWTH: f32 = 1.2;

/// Pixels of a line, of the dark rim that sets it off from any picture, and of a mark's side at least.
const LINE: u32 = 5;
const RIM: u32 = 2;
const MIN_SIDE: u32 = 40;

/// Seconds between the places that a mark moves through, in a straight line from one to the next: a
/// head does not turn back within it.
const STEP: f64 = 0.2;

/// The color of a person, counted from 1.
pub(super) fn color(person: usize) -> Color {
    COLORS[(person - 1) % COLORS.len()]
}

/// That color as HTML has it.
pub(super) fn html_color(person: usize) -> String {
    palette::html(color(person))
}

/// Where a frame is in a picture: its left upper corner and its size in pixels.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) at: [f32; 2],
    pub(super) size: [f32; 2],
}

impl Panel {
    /// A frame in the middle of a panel, as large as it fits.
    pub(super) fn fitted(frame: [usize; 2], panel: [u32; 2]) -> Self {
        let [width, height] = frame.map(|side| side.max(1) as f32);
        let scale = (panel[0] as f32 / width).min(panel[1] as f32 / height);
        let size = [width * scale, height * scale];
        let at = [0, 1].map(|i| (panel[i] as f32 - size[i]) / 2.0);
        Self { at, size }
    }

    fn center(&self, place: &BoundingBox) -> [f32; 2] {
        let center = place.center();
        [0, 1].map(|i| self.at[i] + center[i] * self.size[i])
    }

    /// The sides of the mark of a face.
    pub(super) fn mark(&self, place: &BoundingBox) -> [u32; 2] {
        let side = |share: f32, i: usize| (share * self.size[i] * GROWTH) as u32;
        [side(place.width, 0), side(place.height, 1)].map(|side| side.max(MIN_SIDE))
    }
}

/// Corners of this size, with nothing between them.
pub(super) fn corners([width, height]: [u32; 2], [r, g, b]: [u8; 3]) -> RgbaImage {
    let stroke = LINE + 2 * RIM;
    let arm = (width.min(height) / 4).max(stroke);
    // Two arms from the corner at 0; what is left of them without so many pixels all around.
    let is_in = |[x, y]: [u32; 2], rim: u32| {
        let is_near = x.min(y) >= rim && x.max(y) + rim < arm;
        is_near && x.min(y) + rim < stroke
    };
    RgbaImage::from_fn(width, height, |x, y| {
        let place = [x.min(width - 1 - x), y.min(height - 1 - y)];
        if is_in(place, RIM) {
            Rgba([r, g, b, 255])
        } else if is_in(place, 0) {
            Rgba([0, 0, 0, 170])
        } else {
            Rgba([0; 4])
        }
    })
}

/// Marks a face in a small picture.
pub(super) fn draw(image: &mut RgbImage, place: &BoundingBox, color: [u8; 3]) {
    let panel = Panel {
        at: [0.0; 2],
        size: [image.width(), image.height()].map(|side| side as f32),
    };
    let mark = corners(panel.mark(place), color);
    let [x, y] = panel.center(place);
    let left = x as i64 - i64::from(mark.width()) / 2;
    let top = y as i64 - i64::from(mark.height()) / 2;
    let mut picture = DynamicImage::from(std::mem::take(image));
    image::imageops::overlay(&mut picture, &mark, left, top);
    *image = picture.into_rgb8();
}

/// How a mark moves: the places of a face with their times from the start of a scene, of which the
/// first and the last say when it is shown.
pub(super) struct Path(Vec<(f64, [f32; 2])>);

impl Path {
    /// `None` if the face is nowhere.
    pub(super) fn of(
        places: impl Iterator<Item = (Duration, BoundingBox)>,
        start: Duration,
        panel: Panel,
    ) -> Option<Self> {
        let seconds = |time: Duration| time.saturating_sub(start).as_secs_f64();
        let all: Vec<_> = places
            .map(|(t, p)| (seconds(t), panel.center(&p)))
            .collect();
        let mut points: Vec<(f64, [f32; 2])> = Vec::new();
        for (i, point) in all.iter().enumerate() {
            let is_far = |last: &(f64, [f32; 2])| point.0 - last.0 >= STEP;
            if i + 1 == all.len() || points.last().is_none_or(is_far) {
                points.push(*point);
            }
        }
        (!points.is_empty()).then_some(Self(points))
    }

    /// The options of `ffmpeg`'s filter `overlay` for a mark with this path.
    pub(super) fn overlay(&self) -> String {
        let (from, to) = (self.0[0].0, self.0[self.0.len() - 1].0);
        format!(
            "overlay=x='{}-w/2':y='{}-h/2':enable='between(t,{from:.3},{to:.3})'",
            self.expression(0),
            self.expression(1)
        )
    }

    /// A coordinate over time: the first one, and for each step the part of it that is done.
    fn expression(&self, axis: usize) -> String {
        let mut out = format!("{:.1}", self.0[0].1[axis]);
        for pair in self.0.windows(2) {
            let [(from, a), (to, b)] = [pair[0], pair[1]];
            let _ = write!(
                out,
                "+{:.2}*clip((t-{from:.3})/{:.3},0,1)",
                b[axis] - a[axis],
                (to - from).max(0.001)
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(x: f32) -> BoundingBox {
        BoundingBox::centered([x, 0.5], [0.2, 0.3])
    }

    #[test]
    fn a_frame_is_in_the_middle_of_its_panel() {
        let panel = Panel::fitted([640, 480], [640, 720]);
        assert_eq!((panel.at, panel.size), ([0.0, 120.0], [640.0, 480.0]));
        assert_eq!(panel.center(&place(0.25)), [160.0, 360.0]);
        assert_eq!(panel.mark(&place(0.25)), [153, 172]);
    }

    #[test]
    fn a_mark_has_four_corners_and_nothing_between() {
        let mark = corners([100, 60], [1, 2, 3]);
        let at = |x, y| mark.get_pixel(x, y).0;
        for [x, y] in [[3, 3], [96, 3], [3, 56], [96, 56], [12, 4]] {
            assert_eq!(at(x, y), [1, 2, 3, 255], "{x} {y}");
        }
        for [x, y] in [[0, 0], [7, 7], [14, 4]] {
            assert_eq!(at(x, y)[3], 170, "{x} {y}: the rim");
        }
        for [x, y] in [[50, 3], [3, 30], [50, 30], [12, 12]] {
            assert_eq!(at(x, y)[3], 0, "{x} {y}");
        }
    }

    #[test]
    fn a_path_goes_from_the_first_face_to_the_last() {
        let panel = Panel::fitted([100, 100], [100, 100]);
        let millis = |n: u64| Duration::from_millis(n);
        let places = (0..11).map(|i| (millis(1000 + i * 30), place(0.2 + 0.01 * i as f32)));
        let path = Path::of(places, millis(900), panel).unwrap();
        assert_eq!(
            path.overlay(),
            "overlay=x='20.0+7.00*clip((t-0.100)/0.210,0,1)+3.00*clip((t-0.310)/0.090,0,1)-w/2':\
             y='50.0+0.00*clip((t-0.100)/0.210,0,1)+0.00*clip((t-0.310)/0.090,0,1)-h/2':\
             enable='between(t,0.100,0.400)'"
        );
        assert!(Path::of(std::iter::empty(), millis(0), panel).is_none());
    }
}
