//! The camera at the top of the window.

use super::View;
use super::layout::fitted;
use super::shapes::{self, RADIUS, WHOLE};
use crate::pick::model::Source;
use crate::pick::reports::Moment;
use crate::window::ui::palette::Palette;
use egui::{Align2, Color32, Context, Rect, TextureHandle, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Pictures at least so much wider than high are cut at the top and at the bottom, so that they fill
/// the width; others are shown whole.
const CUT_FROM: f32 = 1.2;

/// The last moment of the source.
pub(crate) struct Camera {
    picture: TextureHandle,
    faces: Vec<[f32; 4]>,
    emotion: Option<(String, Color32)>,
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

    /// Where the picture is drawn, and which part of it: with the face in the middle, if some has to
    /// be cut off.
    fn placed(&self, place: Rect) -> [Rect; 2] {
        let size = self.picture.size_vec2();
        if size.x / size.y < CUT_FROM {
            return [fitted(size, place), WHOLE];
        }
        let share = (size.x / size.y / place.aspect_ratio()).min(1.0);
        let middle = self
            .faces
            .first()
            .map_or(0.5, |[_, top, _, height]| top + height / 2.0);
        let top = (middle - share / 2.0).clamp(0.0, 1.0 - share);
        let part = Rect::from_min_size(pos2(0.0, top), vec2(1.0, share));
        [fitted(vec2(size.x, size.y * share), place), part]
    }
}

pub(super) fn draw(ui: &mut Ui, place: Rect, view: &View<'_>, colors: &Palette) {
    ui.painter().rect_filled(place, RADIUS, colors.panel);
    let words = in_words(view);
    match view.camera {
        Some(camera) => draw_moment(ui, place, camera, colors),
        None => draw_words(ui, place, &words, colors),
    }
    let failed = matches!(view.model.source(), Source::Failed(_));
    if failed && view.camera.is_some() {
        let ground = [colors.ground, colors.text];
        shapes::chip(
            ui,
            place.left_bottom() + vec2(10.0, -10.0),
            colors.error,
            &words[0],
            ground,
        );
    }
    let response = ui.interact(place, ui.id().with("camera"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, words.join(". ")));
}

fn draw_moment(ui: &Ui, place: Rect, camera: &Camera, colors: &Palette) {
    let [whole, part] = camera.placed(place);
    shapes::picture(ui.painter(), &camera.picture, whole, part);
    // What is cut off has no corners.
    let painter = ui.painter().with_clip_rect(whole);
    for [left, top, width, height] in &camera.faces {
        let at = |x: f32, y: f32| {
            let share = (vec2(x, y) - part.min.to_vec2()) / part.size();
            whole.min + share * whole.size()
        };
        let face = Rect::from_two_pos(at(*left, *top), at(left + width, top + height));
        if face.is_finite() {
            shapes::corners(&painter, face, colors.accent);
        }
    }
    if let Some((name, color)) = &camera.emotion {
        let corner = place.left_bottom() + vec2(10.0, -10.0);
        shapes::chip(ui, corner, *color, name, [colors.ground, colors.text]);
    }
}

/// What is going on, and what somebody can do about it.
fn in_words(view: &View<'_>) -> [String; 2] {
    let [title, hint] = match view.model.source() {
        Source::Starting => ["Starting …", ""],
        Source::Face => {
            let emotion = view.camera.and_then(|camera| camera.emotion.as_ref());
            return [
                emotion.map_or_else(
                    || "A face".to_owned(),
                    |(name, _)| format!("Your face: {name}"),
                ),
                String::new(),
            ];
        }
        Source::NoFace => [
            "No face is seen",
            "Look into the camera, with light on your face",
        ],
        Source::Failed(reason) => {
            return [
                reason.clone(),
                "Type words to find pictures without a camera, or start moue pick --video FILE with \
                 a picture"
                    .to_owned(),
            ];
        }
    };
    [title.to_owned(), hint.to_owned()]
}

/// A title and a hint in the middle of a place.
pub(super) fn draw_words(ui: &Ui, place: Rect, [title, hint]: &[String; 2], colors: &Palette) {
    let width = place.width() - 32.0;
    let wrapped = |words: &String, size, color| {
        let painter = ui.painter();
        let font = if size > 14.0 {
            shapes::bold(size)
        } else {
            shapes::font(size)
        };
        let mut job = egui::text::LayoutJob::simple(words.clone(), font, color, width);
        job.halign = egui::Align::Center;
        job.wrap.max_rows = 4;
        painter.layout_job(job)
    };
    let title = wrapped(title, 15.0, colors.text);
    let hint = wrapped(hint, 13.0, colors.quiet);
    let space = 6.0;
    let height = title.size().y + space + hint.size().y;
    let top = place.center() - vec2(0.0, height / 2.0);
    let second = top + vec2(0.0, title.size().y + space);
    ui.painter().galley(top, title, colors.text);
    ui.painter().galley(second, hint, colors.quiet);
}

/// Words for a picture that is not there.
pub(super) fn draw_missing(ui: &Ui, place: Rect, words: &str, colors: &Palette) {
    let painter = ui.painter();
    painter.text(
        place.center(),
        Align2::CENTER_CENTER,
        words,
        shapes::font(12.0),
        colors.quiet,
    );
}
