//! The filter, the tabs and the line at the bottom.

use crate::pick::model::{Event, Model, Source, Tab};
use crate::window::ui::palette::Palette;
use crate::window::ui::shapes;
use egui::accesskit::Live;
use egui::{Align2, Frame, Id, Rect, Sense, TextEdit, Ui, WidgetInfo, WidgetType, vec2};

/// Letters of the filter: more than a caption has.
const MOST_LETTERS: usize = 100;

/// The filter. It has the keyboard at any time.
pub(super) fn field(
    ui: &mut Ui,
    place: Rect,
    model: &Model,
    colors: &Palette,
    events: &mut Vec<Event>,
) {
    ui.painter().rect_filled(place, 9.0, colors.panel);
    shapes::glass(
        ui.painter(),
        place.left_center() + vec2(18.0, 0.0),
        colors.quiet,
    );
    let mut words = model.words().to_owned();
    let mut inner = place;
    inner.min.x += 34.0;
    inner.max.x -= 8.0;
    let hint = egui::RichText::new("Type to filter")
        .size(15.0)
        .color(colors.quiet);
    let edit = TextEdit::singleline(&mut words)
        .id(Id::new("filter"))
        .frame(Frame::NONE)
        .font(shapes::font(15.0))
        .hint_text(hint)
        .char_limit(MOST_LETTERS)
        .vertical_align(egui::Align::Center)
        .desired_width(inner.width());
    let response = ui.put(inner, edit);
    if !response.has_focus() {
        response.request_focus();
    }
    if response.changed() {
        events.push(Event::Words(words));
    }
}

/// The three lists that can be seen.
pub(super) fn tabs(
    ui: &mut Ui,
    place: Rect,
    shown: Tab,
    colors: &Palette,
    events: &mut Vec<Event>,
) {
    ui.painter().rect_filled(place, 9.0, colors.panel);
    let width = place.width() / Tab::ALL.len() as f32;
    for (number, tab) in Tab::ALL.into_iter().enumerate() {
        let corner = place.min + vec2(number as f32 * width, 0.0);
        let part = Rect::from_min_size(corner, vec2(width, place.height())).shrink(3.0);
        if tab_button(ui, part, tab, tab == shown, colors) {
            events.push(Event::Tab(tab));
        }
    }
}

/// Returns whether it was clicked.
fn tab_button(ui: &Ui, place: Rect, tab: Tab, is_shown: bool, colors: &Palette) -> bool {
    let response = ui.interact(place, ui.id().with(tab.name()), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, is_shown, tab.name()));
    let (ground, text) = match (is_shown, response.hovered()) {
        (true, _) => (colors.accent, colors.on_accent),
        (false, true) => (colors.raised, colors.text),
        (false, false) => (colors.panel, colors.quiet),
    };
    ui.painter().rect_filled(place, 7.0, ground);
    let font = if is_shown {
        shapes::bold(13.5)
    } else {
        shapes::font(13.5)
    };
    ui.painter().text(
        place.center(),
        Align2::CENTER_CENTER,
        tab.name(),
        font,
        text,
    );
    response.clicked()
}

/// What happened last, or the keys.
pub(super) fn status(ui: &mut Ui, place: Rect, model: &Model, colors: &Palette) {
    let (words, color) = match model.note() {
        Some(note) => (note, colors.error),
        None => (
            "1–9 copies · Tab switches · Ctrl+D favorite · Esc closes",
            colors.quiet,
        ),
    };
    let line = shapes::line(ui, words, shapes::font(12.5), color, place.width());
    let corner = place.center() - line.size() / 2.0;
    ui.painter().galley(corner, line, color);
    let response = ui.interact(place, Id::new("status"), Sense::hover());
    let heard = heard(model);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &heard));
    // A screen reader says what changes here.
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
}

/// What somebody who does not see the window has to know of it.
fn heard(model: &Model) -> String {
    if let Some(note) = model.note() {
        return note.to_owned();
    }
    let shown = model.shown();
    match (shown.first(), model.source()) {
        (Some(first), _) => {
            let count = shown.len();
            format!("{}: {count}, first {}", model.tab().name(), first.title())
        }
        (None, Source::Failed(reason)) => reason.clone(),
        (None, _) => format!("{}: nothing", model.tab().name()),
    }
}
