//! Marks on pictures that tell which face is meant: corners, outlines and numbers.

use crate::raster::{fill, image_of};
use image::{Rgb, RgbImage, imageops};
use moue::{BoundingBox, Face};
use moue_graph::Canvas;

/// Marks and, around them, a dark edge: the one is seen on dark pictures, the other on light ones.
const COLOR: Rgb<u8> = Rgb([64, 235, 110]);
const EDGE: Rgb<u8> = Rgb([12, 32, 18]);

/// Lines are so many times thinner than the longer side of a picture.
const SIDE_PER_LINE: f32 = 450.0;

/// One for each key point, so that a swapped pair shows.
const POINT_COLORS: [Rgb<u8>; 6] = [
    Rgb([255, 60, 60]),
    Rgb([60, 120, 255]),
    Rgb([255, 220, 0]),
    Rgb([255, 80, 220]),
    Rgb([0, 220, 220]),
    Rgb([250, 250, 250]),
];

/// A box is so much larger than the face's, as a share of its side: the detector's goes through the
/// forehead and the chin, and a mark on them would hide what makes the expression.
const MARGIN: f32 = 0.06;

/// How much of a box's side a corner takes.
const CORNER: f32 = 0.2;

/// A rectangle in pixels, up to but without its right and bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) left: i64,
    pub(crate) top: i64,
    pub(crate) right: i64,
    pub(crate) bottom: i64,
}

impl Area {
    pub(crate) fn of_image(image: &RgbImage) -> Self {
        Self {
            left: 0,
            top: 0,
            right: image.width().into(),
            bottom: image.height().into(),
        }
    }

    /// Where a box of a picture is if the picture lies at `place`.
    pub(crate) fn of_box(b: &BoundingBox, place: Self) -> Self {
        let [width, height] = [place.width() as f32, place.height() as f32];
        // The casts saturate: a box of a file may have any numbers.
        Self {
            left: place.left.saturating_add((b.xmin * width) as i64),
            top: place.top.saturating_add((b.ymin * height) as i64),
            right: place
                .left
                .saturating_add(((b.xmin + b.width) * width) as i64),
            bottom: place
                .top
                .saturating_add(((b.ymin + b.height) * height) as i64),
        }
    }

    pub(crate) fn width(&self) -> i64 {
        self.right.saturating_sub(self.left)
    }

    pub(crate) fn height(&self) -> i64 {
        self.bottom.saturating_sub(self.top)
    }

    /// The area with so many further pixels at each side; fewer with a negative number.
    fn grown(self, by: i64) -> Self {
        Self {
            left: self.left.saturating_sub(by),
            top: self.top.saturating_sub(by),
            right: self.right.saturating_add(by),
            bottom: self.bottom.saturating_add(by),
        }
    }

    /// What of the area lies in another.
    fn clipped(self, to: Self) -> Self {
        Self {
            left: self.left.min(to.right).max(to.left),
            top: self.top.min(to.bottom).max(to.top),
            right: self.right.min(to.right).max(to.left),
            bottom: self.bottom.min(to.bottom).max(to.top),
        }
    }

    /// The area moved into another, as far as it fits there.
    fn moved_into(self, other: Self) -> Self {
        let left = self.left.min(other.right - self.width()).max(other.left);
        let top = self.top.min(other.bottom - self.height()).max(other.top);
        Self {
            left,
            top,
            right: left + self.width(),
            bottom: top + self.height(),
        }
    }

    /// Pixels that both have.
    fn shared(self, other: Self) -> i64 {
        let both = self.clipped(other);
        both.width().max(0).saturating_mul(both.height().max(0))
    }
}

/// Draws the boxes and key points of a picture's faces, and if there are several their numbers.
pub(crate) fn draw_faces(image: &mut RgbImage, faces: &[Face]) {
    let longer = image.width().max(image.height());
    let line = (longer as f32 / SIDE_PER_LINE).ceil() as i64;
    let place = Area::of_image(image);
    let boxes: Vec<BoundingBox> = faces.iter().map(|face| face.bounding_box).collect();
    let mut marks = Marks::new(image, place, line, &boxes);
    for face in faces {
        marks.outline(&face.bounding_box);
        marks.points(face);
    }
    // Last, so that no outline of a neighbor crosses a number. A single face needs none.
    if boxes.len() > 1 {
        for (number, b) in boxes.iter().enumerate() {
            marks.number(b, number + 1);
        }
    }
}

/// Marks on one picture. What is drawn later keeps off what was drawn before.
pub(crate) struct Marks<'a> {
    image: &'a mut RgbImage,
    /// Where the picture lies in the image.
    place: Area,
    /// Pixels that a line is wide, and its edge.
    line: i64,
    edge: i64,
    /// Faces and numbers, which no further number should hide.
    taken: Vec<Area>,
}

impl<'a> Marks<'a> {
    /// Marks with lines of so many pixels on the picture that lies at `place`; `faces` are all of
    /// its boxes.
    pub(crate) fn new(
        image: &'a mut RgbImage,
        place: Area,
        line: i64,
        faces: &[BoundingBox],
    ) -> Self {
        Self {
            image,
            place,
            line,
            edge: (line / 2).max(1),
            taken: faces.iter().map(|b| Area::of_box(b, place)).collect(),
        }
    }

    /// Marks the corners of a face's box.
    pub(crate) fn corners(&mut self, b: &BoundingBox) {
        let area = self.around(b);
        let length = (area.width().min(area.height()) as f32 * CORNER) as i64;
        self.frame(area, length.max(2 * self.line));
    }

    /// Draws the outline of a face's box.
    pub(crate) fn outline(&mut self, b: &BoundingBox) {
        self.frame(self.around(b), i64::MAX);
    }

    /// Draws a face's key points.
    fn points(&mut self, face: &Face) {
        let size = [self.place.width() as f32, self.place.height() as f32];
        for (point, color) in face.key_points.iter().flatten().zip(POINT_COLORS) {
            let [x, y] = [(point[0] * size[0]) as i64, (point[1] * size[1]) as i64];
            let dot = Area {
                left: x,
                top: y,
                right: x.saturating_add(1),
                bottom: y.saturating_add(1),
            };
            self.fill(dot.grown(self.line + self.edge / 2), EDGE);
            self.fill(dot.grown(self.line), color);
        }
    }

    fn fill(&mut self, area: Area, color: Rgb<u8>) {
        let from = [area.left, area.top];
        fill(self.image, from, [area.right, area.bottom], color);
    }

    /// Writes a face's number beside its box, where it hides least of this and other faces.
    pub(crate) fn number(&mut self, b: &BoundingBox, number: usize) {
        let label = number_image(number, self.dot(b));
        let area = self.around(b).grown(self.line + self.edge);
        let places = label_places(area, &label);
        let places = places.map(|label| label.moved_into(self.place));
        let hidden = |label: &Area| -> i64 { self.taken.iter().map(|t| t.shared(*label)).sum() };
        // The first of equals: above the box is where one looks first.
        if let Some(best) = places.into_iter().min_by_key(hidden) {
            imageops::replace(self.image, &label, best.left, best.top);
            self.taken.push(best);
        }
    }

    /// Pixels of the dots of a number's letters: a tenth of the face, but legible when the whole
    /// picture is on a screen, and not as large as to cover other faces.
    fn dot(&self, b: &BoundingBox) -> i64 {
        let longer = self.place.width().max(self.place.height());
        let least = (longer / 400).max(1);
        let face = Area::of_box(b, self.place).height();
        (face / 60).clamp(least, least * 3)
    }

    /// The box with a margin, as far as its marks are inside of the picture.
    fn around(&self, b: &BoundingBox) -> Area {
        let area = Area::of_box(b, self.place);
        let side = area.width().max(area.height()).clamp(0, 1 << 20);
        let outside = self.line + self.edge;
        area.grown((side as f32 * MARGIN) as i64)
            .clipped(self.place.grown(-outside))
    }

    /// Draws lines outside of an area that go from its corners along its sides.
    fn frame(&mut self, area: Area, length: i64) {
        let outer = area.grown(self.line);
        let reach = [outer.width(), outer.height()].map(|side| length.min(side));
        let strokes = strokes(outer, self.line, reach);
        for (by, color) in [(self.edge, EDGE), (0, COLOR)] {
            for stroke in &strokes {
                self.fill(stroke.grown(by), color);
            }
        }
    }
}

/// The lines along the inner sides of an area, from each corner so far in each direction.
fn strokes(outer: Area, line: i64, [across, down]: [i64; 2]) -> Vec<Area> {
    let mut strokes = Vec::new();
    for left in [outer.left, outer.right - across] {
        for top in [outer.top, outer.bottom - line] {
            strokes.push(Area {
                left,
                top,
                right: left + across,
                bottom: top + line,
            });
        }
    }
    for left in [outer.left, outer.right - line] {
        for top in [outer.top, outer.bottom - down] {
            strokes.push(Area {
                left,
                top,
                right: left + line,
                bottom: top + down,
            });
        }
    }
    strokes
}

/// Where a label can be: above and below the box, beside it, and in its corner.
fn label_places(area: Area, label: &RgbImage) -> [Area; 5] {
    let [width, height] = [label.width(), label.height()].map(i64::from);
    let corners = [
        [area.left, area.top - height],
        [area.left, area.bottom],
        [area.right, area.top],
        [area.left - width, area.top],
        [area.left, area.top],
    ];
    corners.map(|[left, top]| Area {
        left,
        top,
        right: left + width,
        bottom: top + height,
    })
}

/// A number, dark on the color of the marks.
fn number_image(number: usize, dot: i64) -> RgbImage {
    let text = number.to_string();
    let width = Canvas::text_width(&text, dot) + 4 * dot;
    // The digits are 7 of the 8 dots of a line high.
    let height = 11 * dot;
    let mut canvas = Canvas::new(width as usize, height as usize, EDGE.0);
    let edge = (dot / 2).max(1);
    canvas.fill([edge, edge], [width - edge, height - edge], COLOR.0);
    canvas.text([2 * dot, 2 * dot], &text, dot, EDGE.0);
    image_of(&canvas.into_image())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: BoundingBox = BoundingBox {
        xmin: 0.4,
        ymin: 0.4,
        width: 0.2,
        height: 0.2,
    };

    fn gray(level: u8) -> RgbImage {
        RgbImage::from_pixel(200, 200, Rgb([level; 3]))
    }

    fn marks(image: &mut RgbImage) -> Marks<'_> {
        let place = Area::of_image(image);
        Marks::new(image, place, 2, &[FACE])
    }

    /// Whether all pixels of the face are as they were.
    fn is_face_free(image: &RgbImage, level: u8) -> bool {
        let mut places = (80..120).flat_map(|y| (80..120).map(move |x| (x, y)));
        places.all(|(x, y)| *image.get_pixel(x, y) == Rgb([level; 3]))
    }

    fn drawn(image: &RgbImage, level: u8) -> usize {
        let other = image.pixels().filter(|p| **p != Rgb([level; 3]));
        other.count()
    }

    #[test]
    fn marks_are_around_the_face_and_not_on_it() {
        for level in [0, 128, 255] {
            let mut outlined = gray(level);
            marks(&mut outlined).outline(&FACE);
            let mut cornered = gray(level);
            marks(&mut cornered).corners(&FACE);
            let mut numbered = gray(level);
            marks(&mut numbered).number(&FACE, 12);
            for image in [&outlined, &cornered, &numbered] {
                assert!(is_face_free(image, level));
                assert!(drawn(image, level) > 50);
            }
            assert!(drawn(&cornered, level) < drawn(&outlined, level));
        }
    }

    #[test]
    fn marks_stand_out_on_any_gray() {
        for level in 0..=255 {
            let differs = |color: Rgb<u8>| color.0[1].abs_diff(level) >= 80;
            assert!(differs(COLOR) || differs(EDGE), "{level}");
        }
    }

    #[test]
    fn a_number_keeps_off_other_faces() {
        let mut image = gray(0);
        let place = Area::of_image(&image);
        let above = BoundingBox {
            ymin: 0.15,
            height: 0.2,
            ..FACE
        };
        let mut marks = Marks::new(&mut image, place, 2, &[FACE, above]);
        marks.number(&FACE, 1);
        marks.number(&above, 2);
        let [faces, labels] = [&marks.taken[..2], &marks.taken[2..]];
        for label in labels {
            assert!(faces.iter().all(|face| face.shared(*label) == 0));
        }
        assert_eq!(labels[0].shared(labels[1]), 0);
    }

    #[test]
    fn boxes_beyond_the_picture_are_marked_inside_of_it() {
        for b in [
            BoundingBox {
                xmin: -0.5,
                ymin: -0.5,
                width: 0.8,
                height: 0.8,
            },
            BoundingBox::WHOLE,
            BoundingBox {
                xmin: f32::NAN,
                ymin: -1e30,
                width: f32::INFINITY,
                height: 1e30,
            },
        ] {
            let mut image = gray(0);
            let mut marks = marks(&mut image);
            marks.outline(&b);
            marks.corners(&b);
            marks.number(&b, 3);
            assert!(drawn(&image, 0) > 20, "{b:?}");
        }
    }
}
