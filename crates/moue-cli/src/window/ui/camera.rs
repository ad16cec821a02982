//! A camera's picture with its faces marked.

use super::palette::Palette;
use super::shapes::{self, WHOLE, fitted};
use egui::{Color32, Context, Rect, TextureHandle, Ui, pos2, vec2};
use image::RgbImage;

/// Pictures at least so much wider than high may be cut at the top and at the bottom, so that they
/// fill the width; others are shown whole.
const CUT_FROM: f32 = 1.2;

/// A moment of a camera or a video.
pub(crate) struct Moment {
    pub(crate) picture: RgbImage,
    /// Boxes of faces: left, top, width and height as shares of the picture.
    pub(crate) faces: Vec<[f32; 4]>,
    /// What people would call the expression, with its color.
    pub(crate) emotion: Option<(String, [u8; 3])>,
}

/// A moment as it is drawn.
pub(crate) struct Camera {
    picture: TextureHandle,
    faces: Vec<[f32; 4]>,
    pub(crate) emotion: Option<(String, Color32)>,
}

/// How a picture is laid into its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// All of it is shown.
    Whole,
    /// A wide one fills the width, with the face in the middle.
    Cut,
}

impl Camera {
    pub(crate) fn new(context: &Context, moment: Moment) -> Self {
        Self {
            // A new one for each frame: the renderer keeps what it has drawn by its texture's number.
            picture: shapes::texture(context, "camera", &moment.picture),
            faces: moment.faces,
            emotion: moment
                .emotion
                .map(|(name, [red, green, blue])| (name, Color32::from_rgb(red, green, blue))),
        }
    }

    /// Draws the picture, its faces, and the expression in words.
    pub(crate) fn draw(&self, ui: &Ui, place: Rect, fit: Fit, colors: &Palette) {
        let [whole, part] = self.placed(place, fit);
        shapes::picture(ui.painter(), &self.picture, whole, part);
        self.draw_faces(ui, [whole, part], colors);
        if let Some((name, color)) = &self.emotion {
            let corner = whole.left_bottom() + vec2(10.0, -10.0);
            shapes::chip(ui, corner, *color, name, [colors.ground, colors.text]);
        }
    }

    /// The corners of faces; what is cut off has none.
    fn draw_faces(&self, ui: &Ui, [whole, part]: [Rect; 2], colors: &Palette) {
        let painter = ui.painter().with_clip_rect(whole);
        for [left, top, width, height] in &self.faces {
            let at = |x: f32, y: f32| {
                let share = (vec2(x, y) - part.min.to_vec2()) / part.size();
                whole.min + share * whole.size()
            };
            let face = Rect::from_two_pos(at(*left, *top), at(left + width, top + height));
            if face.is_finite() {
                shapes::corners(&painter, face, colors.accent);
            }
        }
    }

    /// Where the picture is drawn, and which part of it.
    fn placed(&self, place: Rect, fit: Fit) -> [Rect; 2] {
        let size = self.picture.size_vec2();
        if fit == Fit::Whole || size.x / size.y < CUT_FROM {
            return [fitted(size, place), WHOLE];
        }
        let share = (size.x / size.y / place.aspect_ratio()).min(1.0);
        let face = self.faces.first();
        let middle = face.map_or(0.5, |[_, top, _, height]| top + height / 2.0);
        let top = (middle - share / 2.0).clamp(0.0, 1.0 - share);
        let part = Rect::from_min_size(pos2(0.0, top), vec2(1.0, share));
        [fitted(vec2(size.x, size.y * share), place), part]
    }
}
