//! The pictures, each with its number, its star and its caption.

use super::layout::{CAPTION_HEIGHT, Grid};
use super::scene::{Thumbnail, View};
use crate::pick::item::Item;
use crate::pick::model::{Event, NUMBERED};
use crate::window::ui::palette::Palette;
use crate::window::ui::shapes::{self, RADIUS, WHOLE, fitted};
use crate::window::ui::words;
use egui::{Rect, Response, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, vec2};

const STAR_SIDE: f32 = 18.0;
const BADGE_SIDE: f32 = 22.0;
/// Points from the corners of a picture to its number and star.
const INSET: f32 = 7.0;

/// A card: what it shows and how.
struct Card<'a> {
    item: &'a Item,
    number: usize,
    is_selected: bool,
    is_favorite: bool,
}

pub(super) fn draw(
    ui: &mut Ui,
    place: Rect,
    grid: Grid,
    view: &mut View<'_>,
    colors: &Palette,
    events: &mut Vec<Event>,
) {
    let items = view.model.shown();
    let selected = view.model.selected();
    let size = vec2(place.width(), grid.height(items.len()));
    let mut inner = ui.new_child(UiBuilder::new().max_rect(place));
    ScrollArea::vertical()
        .id_salt(view.model.tab().name())
        .show(&mut inner, |ui| {
            let (whole, _) = ui.allocate_exact_size(size, Sense::hover());
            for (number, item) in items.into_iter().enumerate() {
                let place = grid.place(number).translate(whole.min.to_vec2());
                let card = Card {
                    item,
                    number,
                    is_selected: number == selected,
                    is_favorite: view.model.is_favorite(item),
                };
                if card.is_selected && number >= NUMBERED {
                    ui.scroll_to_rect(place, None);
                }
                if ui.is_rect_visible(place) {
                    card.draw(ui, place, view, colors, events);
                }
            }
        });
}

impl Card<'_> {
    fn draw(
        &self,
        ui: &Ui,
        place: Rect,
        view: &mut View<'_>,
        colors: &Palette,
        events: &mut Vec<Event>,
    ) {
        let response = ui.interact(place, ui.id().with(("card", self.number)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, self.heard()));
        let mut picture = place;
        picture.max.y -= CAPTION_HEIGHT;
        let is_lit = response.hovered() || self.is_selected;
        let ground = if is_lit { colors.raised } else { colors.panel };
        ui.painter().rect_filled(picture, RADIUS, ground);
        self.draw_picture(ui, picture, (view.thumbnail)(self.item), colors);
        if self.is_selected {
            shapes::outline(ui.painter(), picture, 2.0, colors.accent);
        }
        self.draw_number(ui, picture, colors);
        let starred = self.draw_star(ui, picture, is_lit, view, colors);
        self.draw_caption(ui, place, colors);
        if starred {
            events.push(Event::Star(self.number));
        } else if response.clicked() {
            events.push(Event::Click(self.number));
        }
        self.tell_whole_title(response);
    }

    /// What a screen reader says.
    fn heard(&self) -> String {
        let number = if self.number < NUMBERED {
            format!("{}: ", self.number + 1)
        } else {
            String::new()
        };
        let star = if self.is_favorite { ", favorite" } else { "" };
        format!("{number}{}{star}", self.item.title())
    }

    fn draw_picture(&self, ui: &Ui, place: Rect, thumbnail: Thumbnail, colors: &Palette) {
        match thumbnail {
            Thumbnail::Ready(texture) => {
                let fitted = fitted(texture.size_vec2(), place);
                shapes::picture(ui.painter(), &texture, fitted, WHOLE);
            }
            Thumbnail::Missing => words::missing(ui, place, "gone", colors),
            Thumbnail::Waited => {}
        }
    }

    fn draw_number(&self, ui: &Ui, picture: Rect, colors: &Palette) {
        if self.number >= NUMBERED {
            return;
        }
        let corner = picture.min + Vec2::splat(INSET);
        let place = Rect::from_min_size(corner, Vec2::splat(BADGE_SIDE));
        let parts = if self.is_selected {
            [colors.accent, colors.on_accent]
        } else {
            [colors.ground.gamma_multiply(0.9), colors.text]
        };
        shapes::badge(ui.painter(), place, self.number + 1, parts);
    }

    /// The star of a favorite; of other pictures only where the pointer or the selection is. Returns
    /// whether it was clicked.
    fn draw_star(
        &self,
        ui: &Ui,
        picture: Rect,
        is_lit: bool,
        view: &View<'_>,
        colors: &Palette,
    ) -> bool {
        let corner = picture.right_top() + vec2(-INSET - BADGE_SIDE, INSET);
        let place = Rect::from_min_size(corner, Vec2::splat(BADGE_SIDE));
        let response = ui.interact(place, ui.id().with(("star", self.number)), Sense::click());
        response.widget_info(|| {
            let words = format!("Favorite: {}", self.item.title());
            WidgetInfo::selected(WidgetType::Checkbox, true, self.is_favorite, words)
        });
        if is_lit || response.hovered() || self.is_favorite {
            let color = if self.is_favorite || response.hovered() {
                colors.accent
            } else {
                colors.quiet
            };
            let painter = ui.painter();
            painter.rect_filled(place, 7.0, colors.ground.gamma_multiply(0.9));
            let star = Rect::from_center_size(place.center(), Vec2::splat(STAR_SIDE));
            view.star.draw(painter, star, color);
        }
        response.clicked()
    }

    fn draw_caption(&self, ui: &Ui, place: Rect, colors: &Palette) {
        let color = if self.is_selected {
            colors.text
        } else {
            colors.quiet
        };
        let words = shapes::line(
            ui,
            self.item.title(),
            shapes::font(13.0),
            color,
            place.width(),
        );
        let left = place.center().x - words.size().x / 2.0;
        let top = place.max.y - CAPTION_HEIGHT + 4.0;
        ui.painter().galley(egui::pos2(left, top), words, color);
    }

    /// A caption that is cut off is shown whole beside the pointer.
    fn tell_whole_title(&self, response: Response) {
        let title = self.item.title();
        if title.chars().count() > 20 {
            response.on_hover_text(title);
        }
    }
}
