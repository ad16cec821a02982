//! What is written where pictures would be, with what somebody can do about it.

use super::scene::View;
use crate::pick::model::{Source, Tab};
use crate::window::ui::palette::Palette;
use crate::window::ui::words;
use egui::{Rect, Sense, Ui, WidgetInfo, WidgetType};

pub(super) fn draw(ui: &mut Ui, place: Rect, view: &View<'_>, colors: &Palette) {
    let told = in_words(view).map(str::to_owned);
    words::draw(ui, place, &told, colors);
    let response = ui.interact(place, ui.id().with("empty"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, words::heard(&told)));
}

fn in_words<'a>(view: &View<'a>) -> [&'a str; 2] {
    let model = view.model;
    match model.tab() {
        Tab::Matches => no_matches(view),
        _ if model.is_filtered_empty() => [
            "Nothing here has these words",
            "Backspace takes letters away; Tab goes on to the next list",
        ],
        Tab::History => [
            "Nothing picked yet",
            "What you copy is listed here, the last first",
        ],
        Tab::Favorites => [
            "No favorites yet",
            "Ctrl+D, or a click on the star of a picture, keeps it here",
        ],
    }
}

fn no_matches<'a>(view: &View<'a>) -> [&'a str; 2] {
    let model = view.model;
    if let Some(trouble) = view.trouble {
        return ["There is nothing to search", trouble];
    }
    if model.is_filtered_empty() {
        return if model.is_searched() {
            [
                "No picture has these words",
                "They are looked for in labels, captions and tags; Backspace takes letters away",
            ]
        } else {
            ["Searching …", ""]
        };
    }
    match model.source() {
        Source::Starting => ["", ""],
        Source::Face => [
            "No picture matches",
            "A wider --max-distance or fewer filters find more",
        ],
        Source::NoFace => ["Make a face", "The pictures that match it come here"],
        Source::Failed(_) => [
            "No face to match",
            "Type words to find pictures; Tab shows what you picked before",
        ],
    }
}
