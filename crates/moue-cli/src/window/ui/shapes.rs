//! Pictures and small signs.

use egui::epaint::RectShape;
use egui::{
    Align2, Color32, ColorImage, Context, FontFamily, FontId, Galley, Painter, Pos2, Rect, Stroke,
    StrokeKind, TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2,
};
use image::RgbImage;
use std::f32::consts::TAU;
use std::sync::Arc;

pub(crate) const RADIUS: f32 = 10.0;

/// The whole of a texture.
pub(crate) const WHOLE: Rect = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));

/// A picture as the toolkit takes it.
pub(crate) fn texture(context: &Context, name: &str, picture: &RgbImage) -> TextureHandle {
    let size = [picture.width() as usize, picture.height() as usize];
    let image = ColorImage::from_rgb(size, picture.as_raw());
    context.load_texture(name, image, TextureOptions::LINEAR)
}

/// Draws a part of a picture with round corners.
pub(crate) fn picture(painter: &Painter, picture: &TextureHandle, place: Rect, part: Rect) {
    let shape = RectShape::filled(place, RADIUS, Color32::WHITE);
    painter.add(shape.with_texture(picture.id(), part));
}

pub(crate) fn outline(painter: &Painter, place: Rect, width: f32, color: Color32) {
    let stroke = Stroke::new(width, color);
    painter.rect_stroke(place, RADIUS, stroke, StrokeKind::Inside);
}

pub(crate) fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

pub(crate) fn bold(size: f32) -> FontId {
    FontId::new(size, super::bold())
}

/// Words in one line of this width; what has no place ends in an ellipsis.
pub(crate) fn line(ui: &Ui, words: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = egui::text::LayoutJob::simple_singleline(words.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    ui.painter().layout_job(job)
}

/// Words on a round ground of their own, whose lower left corner is given.
pub(crate) fn chip(ui: &Ui, corner: Pos2, dot: Color32, words: &str, [ground, text]: [Color32; 2]) {
    let words = line(ui, words, font(13.0), text, 220.0);
    let size = words.size() + vec2(30.0, 10.0);
    let place = Rect::from_min_size(corner - vec2(0.0, size.y), size);
    let painter = ui.painter();
    painter.rect_filled(place, size.y / 2.0, ground.gamma_multiply(0.88));
    painter.circle_filled(place.left_center() + vec2(13.0, 0.0), 4.5, dot);
    painter.galley(place.min + vec2(22.0, 5.0), words, text);
}

/// A magnifying glass around a point.
pub(crate) fn glass(painter: &Painter, at: Pos2, color: Color32) {
    let stroke = Stroke::new(1.6, color);
    painter.circle_stroke(at - Vec2::splat(1.5), 5.0, stroke);
    painter.line_segment([at + Vec2::splat(2.2), at + Vec2::splat(6.0)], stroke);
}

/// The four corners of a rectangle, which hide less of a face than its outline.
pub(crate) fn corners(painter: &Painter, place: Rect, color: Color32) {
    let length = place.size().min_elem() / 4.0;
    let stroke = Stroke::new(3.0, color);
    for (at, x, y) in [
        (place.left_top(), 1.0, 1.0),
        (place.right_top(), -1.0, 1.0),
        (place.left_bottom(), 1.0, -1.0),
        (place.right_bottom(), -1.0, -1.0),
    ] {
        let [beside, below] = [vec2(x * length, 0.0), vec2(0.0, y * length)];
        painter.line(vec![at + beside, at, at + below], stroke);
    }
}

/// The largest rectangle of this shape in the middle of another.
pub(crate) fn fitted(shape: Vec2, place: Rect) -> Rect {
    let scale = (place.width() / shape.x).min(place.height() / shape.y);
    Rect::from_center_size(place.center(), shape * scale)
}

/// A number on a round ground.
pub(crate) fn badge(painter: &Painter, place: Rect, number: usize, [ground, text]: [Color32; 2]) {
    painter.rect_filled(place, 7.0, ground);
    let number = number.to_string();
    painter.text(
        place.center(),
        Align2::CENTER_CENTER,
        number,
        bold(13.0),
        text,
    );
}

/// A filled star: not every font has one, and the toolkit draws only convex shapes.
pub(crate) struct Star(TextureHandle);

/// Pixels along the side of the star's picture, and samples along each side of a pixel.
const STAR_SIDE: usize = 48;
const SAMPLES: usize = 4;

impl Star {
    pub(crate) fn new(context: &Context) -> Self {
        let places = (0..STAR_SIDE).flat_map(|y| (0..STAR_SIDE).map(move |x| [x, y]));
        let gray: Vec<u8> = places.map(coverage).collect();
        let pixels = gray.iter().map(|share| Color32::from_white_alpha(*share));
        let image = ColorImage::new([STAR_SIDE; 2], pixels.collect());
        Self(context.load_texture("star", image, TextureOptions::LINEAR))
    }

    pub(crate) fn draw(&self, painter: &Painter, place: Rect, color: Color32) {
        painter.image(self.0.id(), place, WHOLE, color);
    }
}

/// How much of a pixel the star covers, 0 to 255.
fn coverage([x, y]: [usize; 2]) -> u8 {
    let at = |pixel: usize, sample: usize| {
        let middle = (sample as f32 + 0.5) / SAMPLES as f32;
        2.0 * (pixel as f32 + middle) / STAR_SIDE as f32 - 1.0
    };
    let samples = (0..SAMPLES).flat_map(|i| (0..SAMPLES).map(move |j| [i, j]));
    let inside = samples.filter(|[i, j]| is_in_star(at(x, *i), at(y, *j)));
    (inside.count() * 255 / (SAMPLES * SAMPLES)) as u8
}

/// Whether a point is in a star of five points whose outer radius is 1.
fn is_in_star(x: f32, y: f32) -> bool {
    /// Of the inner corners; with it the edges of opposite points are on one line.
    const INNER: f32 = 0.382;
    let step = TAU / 10.0;
    // The angle from the nearest point of the star, which has one at the top.
    let turned = x.atan2(-y).rem_euclid(2.0 * step);
    let angle = turned.min(2.0 * step - turned);
    // The edge from the outer corner at angle 0 to the inner one at `step`.
    let [inner_x, inner_y] = [INNER * step.cos(), INNER * step.sin()];
    let radius = x.hypot(y);
    let [px, py] = [radius * angle.cos(), radius * angle.sin()];
    (1.0 - px) * inner_y - py * (1.0 - inner_x) >= 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_fitted_into_the_middle() {
        let place = Rect::from_min_size(pos2(10.0, 0.0), vec2(100.0, 50.0));
        let fitted = fitted(vec2(20.0, 20.0), place);
        assert_eq!(
            fitted,
            Rect::from_min_size(pos2(35.0, 0.0), vec2(50.0, 50.0))
        );
    }

    #[test]
    fn the_star_has_five_points_and_the_right_size() {
        assert!(is_in_star(0.0, 0.0) && is_in_star(0.0, -0.95));
        // Between two points.
        assert!(!is_in_star(0.0, 0.9) && is_in_star(0.0, 0.35));
        let covered: usize = (0..STAR_SIDE)
            .flat_map(|y| (0..STAR_SIDE).map(move |x| usize::from(coverage([x, y]))))
            .sum();
        let share = covered as f32 / 255.0 / (STAR_SIDE * STAR_SIDE) as f32;
        // Ten triangles of half of the outer times the inner radius times the sine of 36 degrees,
        // in a square of side 2.
        let expected = 5.0 * 0.382 * (TAU / 10.0).sin() / 4.0;
        assert!((share - expected).abs() < 0.01, "{share} {expected}");
    }
}
