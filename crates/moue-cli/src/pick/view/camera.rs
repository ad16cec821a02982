//! The camera at the top of the window.

use super::layout::fitted;
use super::scene::{Camera, View};
use super::shapes::{self, RADIUS, WHOLE};
use super::words;
use crate::pick::model::Source;
use crate::window::ui::palette::Palette;
use egui::{Rect, Ui, WidgetInfo, WidgetType, pos2, vec2};

/// Pictures at least so much wider than high are cut at the top and at the bottom, so that they fill
/// the width; others are shown whole.
const CUT_FROM: f32 = 1.2;

/// Where the picture is drawn, and which part of it: with the face in the middle, if some has to
/// be cut off.
fn placed(camera: &Camera, place: Rect) -> [Rect; 2] {
    let size = camera.picture.size_vec2();
    if size.x / size.y < CUT_FROM {
        return [fitted(size, place), WHOLE];
    }
    let share = (size.x / size.y / place.aspect_ratio()).min(1.0);
    let face = camera.faces.first();
    let middle = face.map_or(0.5, |[_, top, _, height]| top + height / 2.0);
    let top = (middle - share / 2.0).clamp(0.0, 1.0 - share);
    let part = Rect::from_min_size(pos2(0.0, top), vec2(1.0, share));
    [fitted(vec2(size.x, size.y * share), place), part]
}

pub(super) fn draw(ui: &mut Ui, place: Rect, view: &View<'_>, colors: &Palette) {
    ui.painter().rect_filled(place, RADIUS, colors.panel);
    let told = in_words(view);
    match view.camera {
        Some(camera) => draw_moment(ui, place, camera, colors),
        None => words::draw(ui, place, &told, colors),
    }
    if !view.is_watching() && view.camera.is_some() {
        let corner = place.left_bottom() + vec2(10.0, -10.0);
        let ground = [colors.ground, colors.text];
        shapes::chip(ui, corner, colors.error, &told[0], ground);
    }
    let response = ui.interact(place, ui.id().with("camera"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, told.join(". ")));
}

fn draw_moment(ui: &Ui, place: Rect, camera: &Camera, colors: &Palette) {
    let [whole, part] = placed(camera, place);
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
