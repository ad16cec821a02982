//! The camera at the top of the window.

use super::scene::View;
use crate::pick::model::Source;
use crate::window::ui::palette::Palette;
use crate::window::ui::shapes::{self, RADIUS};
use crate::window::ui::{Fit, words};
use egui::{Rect, Ui, WidgetInfo, WidgetType, vec2};

pub(super) fn draw(ui: &mut Ui, place: Rect, view: &View<'_>, colors: &Palette) {
    ui.painter().rect_filled(place, RADIUS, colors.panel);
    let told = in_words(view);
    match view.camera {
        Some(camera) => camera.draw(ui, place, Fit::Cut, colors),
        None => words::draw(ui, place, &told, colors),
    }
    if !view.is_watching() && view.camera.is_some() {
        let corner = place.left_bottom() + vec2(10.0, -10.0);
        let ground = [colors.ground, colors.text];
        shapes::chip(ui, corner, colors.error, &told[0], ground);
    }
    let response = ui.interact(place, ui.id().with("camera"), egui::Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, words::heard(&told)));
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
