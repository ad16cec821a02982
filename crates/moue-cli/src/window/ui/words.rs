//! Words in the middle of a place.

use super::palette::Palette;
use super::shapes;
use egui::text::LayoutJob;
use egui::{Align, Align2, Color32, FontId, Galley, Rect, Ui, vec2};
use std::sync::Arc;

/// Lines of a title or a hint at most.
const LINES: usize = 4;

/// Points between a title and its hint.
const SPACE: f32 = 6.0;

/// A title and a hint.
pub(crate) fn draw(ui: &Ui, place: Rect, [title, hint]: &[String; 2], colors: &Palette) {
    let width = place.width() - 32.0;
    let title = wrapped(ui, title, shapes::bold(15.0), colors.text, width);
    let hint = wrapped(ui, hint, shapes::font(13.0), colors.quiet, width);
    let height = title.size().y + SPACE + hint.size().y;
    let top = place.center() - vec2(0.0, height / 2.0);
    let second = top + vec2(0.0, title.size().y + SPACE);
    ui.painter().galley(top, title, colors.text);
    ui.painter().galley(second, hint, colors.quiet);
}

/// What a screen reader says of a title and a hint.
pub(crate) fn heard([title, hint]: &[String; 2]) -> String {
    match hint.as_str() {
        "" => title.clone(),
        hint => format!("{title}. {hint}"),
    }
}

/// Lines whose middles are below each other.
fn wrapped(ui: &Ui, words: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple(words.to_owned(), font, color, width);
    job.halign = Align::Center;
    job.wrap.max_rows = LINES;
    ui.painter().layout_job(job)
}

/// A word for a picture that is not there.
pub(crate) fn missing(ui: &Ui, place: Rect, words: &str, colors: &Palette) {
    let font = shapes::font(12.0);
    ui.painter().text(
        place.center(),
        Align2::CENTER_CENTER,
        words,
        font,
        colors.quiet,
    );
}
