//! What the window shows, and what its keys do.

use super::cards::{self, Textures};
use super::inbox::Inbox;
use super::layout::{self, Layout};
use super::moment::{LiveMoment, LiveScene};
use crate::window::message::{Closing, Message, Pressed, closes};
use crate::window::ui::palette::Palette;
use crate::window::ui::shapes::{self, RADIUS, WHOLE, fitted};
use crate::window::ui::{Camera, Content, Fit, Phase, words};
use egui::{
    Color32, Event, Key, RawInput, Rect, Sense, TextureHandle, Ui, Vec2, ViewportCommand,
    WidgetInfo, WidgetType,
};
use moue_graph::Image;
use std::sync::Arc;

/// The state of the window.
pub(super) struct Stage {
    inbox: Arc<Inbox>,
    closing: Closing,
    shown: Shown,
    textures: Textures,
    phase: Phase,
}

/// What is on the screen.
enum Shown {
    Nothing,
    /// A picture of a graph.
    Picture(TextureHandle),
    Live(Box<Live>),
}

/// A moment of `moue live`, and its camera as it is drawn.
struct Live {
    scene: LiveScene,
    camera: Camera,
}

impl Stage {
    pub(super) fn new(inbox: Arc<Inbox>, closing: Closing) -> Self {
        Self {
            inbox,
            closing,
            shown: Shown::Nothing,
            textures: Textures::default(),
            phase: Phase::Hidden,
        }
    }

    fn take_messages(&mut self, ui: &Ui) {
        while let Some(title) = self.inbox.take_title() {
            ui.ctx().send_viewport_cmd(ViewportCommand::Title(title));
        }
        match self.inbox.take_picture() {
            Some(Message::Show(picture)) => self.show(ui, &picture),
            Some(Message::Live(moment)) => self.show_live(ui, *moment),
            _ => {}
        }
    }

    fn show(&mut self, ui: &Ui, picture: &Image) {
        self.appear(
            ui,
            Vec2::new(picture.width() as f32, picture.height() as f32),
        );
        let picture = crate::raster::image_of(picture);
        self.shown = Shown::Picture(shapes::texture(ui.ctx(), "picture", &picture));
    }

    fn show_live(&mut self, ui: &Ui, LiveMoment { camera, scene }: LiveMoment) {
        self.appear(ui, Vec2::from(layout::USUAL));
        self.shown = Shown::Live(Box::new(Live {
            camera: Camera::new(ui.ctx(), camera),
            scene,
        }));
    }

    /// Puts the window on the screen with the first picture, which gives its size.
    fn appear(&mut self, ui: &Ui, size: Vec2) {
        if self.phase == Phase::Hidden {
            self.phase = Phase::Shown;
            ui.ctx().send_viewport_cmd(ViewportCommand::InnerSize(size));
        }
    }
}

impl Content for Stage {
    fn take_keys(&mut self, input: &mut RawInput) {
        let pressed = input.events.iter().filter_map(pressed);
        for key in pressed {
            if closes(key, self.closing) {
                self.phase = Phase::Over;
            }
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        self.take_messages(ui);
        match &self.shown {
            Shown::Nothing => {}
            Shown::Picture(picture) => draw_picture(ui, picture),
            Shown::Live(live) => live.draw(ui, &mut self.textures),
        }
    }

    fn phase(&mut self) -> Phase {
        if self.inbox.is_closing() {
            self.phase = Phase::Over;
        }
        self.phase
    }
}

/// A key, as far as it may mean something.
fn pressed(event: &Event) -> Option<Pressed> {
    match event {
        Event::Key {
            key: Key::Escape,
            pressed: true,
            ..
        } => Some(Pressed::Escape),
        // Letters come as text, as the layout of the keyboard has them.
        Event::Text(text) => text.chars().next().map(Pressed::Letter),
        Event::Copy => Some(Pressed::Letter('c')),
        Event::Key { pressed: true, .. } => Some(Pressed::Other),
        _ => None,
    }
}

/// A picture of a graph, as large as fits.
fn draw_picture(ui: &Ui, picture: &TextureHandle) {
    let place = fitted(picture.size_vec2(), ui.max_rect());
    ui.painter()
        .image(picture.id(), place, WHOLE, Color32::WHITE);
}

impl Live {
    fn draw(&self, ui: &Ui, textures: &mut Textures) {
        let colors = Palette::of(ui.ctx().theme());
        let layout = Layout::of(ui.max_rect());
        self.draw_camera(ui, layout.camera, &colors);
        self.draw_emotions(ui, layout.emotions, &colors);
        let rows = layout::rows(layout.cards, self.scene.limit);
        for (rank, (card, place)) in self.scene.cards.iter().zip(rows).enumerate() {
            cards::draw(ui, place, card, rank == 0, textures, &colors);
        }
        if self.scene.cards.is_empty() {
            let told = [self.scene.placeholder.to_owned(), String::new()];
            words::draw(ui, layout.cards, &told, &colors);
        }
        self.draw_status(ui, layout.status, &colors);
    }

    fn draw_camera(&self, ui: &Ui, place: Rect, colors: &Palette) {
        ui.painter().rect_filled(place, RADIUS, colors.panel);
        self.camera.draw(ui, place, Fit::Whole, colors);
        let response = ui.interact(place, ui.id().with("camera"), Sense::hover());
        let told = self.camera.emotion.as_ref();
        let told = told.map_or(self.scene.placeholder, |(words, _)| words);
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, told));
    }

    /// The shares of emotions as a bar.
    fn draw_emotions(&self, ui: &Ui, place: Rect, colors: &Palette) {
        ui.painter().rect_filled(place, 4.0, colors.panel);
        let all = &self.scene.emotions;
        let parts = layout::parts(place, all.iter().map(|(_, share)| *share));
        for (([red, green, blue], _), part) in all.iter().zip(parts) {
            let color = Color32::from_rgb(*red, *green, *blue);
            ui.painter().rect_filled(part, 0.0, color);
        }
    }

    fn draw_status(&self, ui: &Ui, place: Rect, colors: &Palette) {
        let font = shapes::font(13.0);
        let words = shapes::line(ui, &self.scene.status, font, colors.quiet, place.width());
        ui.painter().galley(place.min, words, colors.quiet);
        let response = ui.interact(place, ui.id().with("status"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &self.scene.status));
    }
}
