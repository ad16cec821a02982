//! The pictures that match.

use super::layout::GAP;
use super::moment::Card;
use crate::cache;
use crate::window::ui::palette::Palette;
use crate::window::ui::shapes::{self, RADIUS, WHOLE};
use egui::text::LayoutJob;
use egui::{Context, Galley, Rect, Sense, TextureHandle, Ui, Vec2, WidgetInfo, WidgetType, vec2};
use moue_graph::Image;
use std::collections::HashMap;
use std::sync::Arc;

/// Points that a bar is high.
const BAR_HEIGHT: f32 = 6.0;
/// The shortest bar, so that it is seen that there is one.
const MIN_BAR: f32 = 0.02;
/// Lines of a caption at most.
const LINES: usize = 4;
/// The size of a caption's letters as a share of the height that it has with its bar.
const LETTERS: f32 = 0.12;
/// Rows of less height have room for one line and a bar.
const LOW: f32 = 90.0;

/// Pictures that were shown before, by the face's id.
#[derive(Default)]
pub(super) struct Textures(HashMap<u64, (Arc<Image>, TextureHandle)>);

impl Textures {
    fn get(&mut self, context: &Context, card: &Card) -> &TextureHandle {
        let known = self.0.get(&card.id);
        // A video's thumbnail is replaced by its frame when that has been read.
        if known.is_none_or(|(picture, _)| !Arc::ptr_eq(picture, &card.picture)) {
            let picture = crate::raster::image_of(&card.picture);
            let texture = shapes::texture(context, "match", &picture);
            let kept = (Arc::clone(&card.picture), texture);
            cache::insert(&mut self.0, card.id, kept);
        }
        &self.0[&card.id].1
    }
}

/// A match: its picture, its caption, and a bar that is the longer the nearer it is.
pub(super) fn draw(
    ui: &Ui,
    place: Rect,
    card: &Card,
    is_best: bool,
    textures: &mut Textures,
    colors: &Palette,
) {
    let painter = ui.painter();
    painter.rect_filled(place, RADIUS, colors.panel);
    let picture = Rect::from_min_size(place.min, Vec2::splat(place.height()));
    shapes::picture(painter, textures.get(ui.ctx(), card), picture, WHOLE);
    if is_best {
        shapes::outline(painter, place, 3.0, colors.accent);
    }
    let mut beside = place.shrink2(vec2(GAP, if place.height() < LOW { 6.0 } else { GAP }));
    beside.min.x = picture.max.x + GAP;
    draw_bar(ui, beside, card.nearness, is_best, colors);
    let words = caption(ui, beside, card, is_best, colors);
    painter.galley(beside.min, words, colors.text);
    let response = ui.interact(place, ui.id().with(("match", card.id)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &card.caption));
}

fn draw_bar(ui: &Ui, beside: Rect, nearness: f32, is_best: bool, colors: &Palette) {
    let mut bar = beside;
    bar.min.y = bar.max.y - BAR_HEIGHT;
    ui.painter()
        .rect_filled(bar, BAR_HEIGHT / 2.0, colors.ground);
    bar.max.x = bar.min.x + bar.width() * nearness.clamp(MIN_BAR, 1.0);
    let color = if is_best { colors.accent } else { colors.quiet };
    ui.painter().rect_filled(bar, BAR_HEIGHT / 2.0, color);
}

/// As many lines as there is room for; what has no place ends in an ellipsis.
fn caption(ui: &Ui, beside: Rect, card: &Card, is_best: bool, colors: &Palette) -> Arc<Galley> {
    let size = (beside.height() * LETTERS).clamp(14.0, 24.0);
    let (font, color) = if is_best {
        (shapes::bold(size), colors.text)
    } else {
        (shapes::font(size), colors.quiet)
    };
    let mut job = LayoutJob::simple(card.caption.clone(), font, color, beside.width());
    let room = (beside.height() - BAR_HEIGHT - GAP / 2.0) / (size * 1.3);
    job.wrap.max_rows = (room as usize).clamp(1, LINES);
    ui.painter().layout_job(job)
}
