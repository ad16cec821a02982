//! The window of `moue pick`.

use super::copy;
use super::item::Item;
use super::kept::Kept;
use super::keys;
use super::model::{Effect, Event, Model};
use super::reports::{Outbox, Report};
use super::search::{Request, SharedGallery};
use super::thumbnails::Thumbnails;
use super::view::{self, View};
use crate::args::pick::CloseAt;
use crate::report;
use crate::window::ui::shapes::Star;
use crate::window::ui::{Camera, Content, Phase};
use egui::{RawInput, Ui};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::Instant;

/// What the window is joined to.
pub(crate) struct Wires {
    pub(crate) reports: Receiver<Report>,
    pub(crate) requests: Sender<Request>,
    pub(crate) outbox: Outbox,
    pub(crate) gallery: Arc<SharedGallery>,
    pub(crate) kept: Kept,
    /// Whether what is picked is written down.
    pub(crate) keeps_history: bool,
}

/// The state of the window and what it shows.
pub(crate) struct PickWindow {
    wires: Wires,
    start: Instant,
    model: Model,
    camera: Option<Camera>,
    thumbnails: Thumbnails,
    /// Why there is nothing to search.
    trouble: Option<String>,
    /// Whether the gallery could not be searched at all.
    has_failed: bool,
    star: Option<Star>,
    columns: usize,
    phase: Phase,
    close_at: Option<CloseAt>,
}

impl PickWindow {
    pub(crate) fn new(wires: Wires, thumbnails: Thumbnails, close_at: Option<CloseAt>) -> Self {
        let (lists, note) = match wires.kept.load() {
            Ok(lists) => (lists, None),
            Err(error) => (Default::default(), Some(report::chain(&error))),
        };
        let mut window = Self {
            wires,
            start: Instant::now(),
            model: Model::new(lists),
            camera: None,
            thumbnails,
            trouble: None,
            has_failed: false,
            star: None,
            columns: 3,
            phase: Phase::Shown,
            close_at,
        };
        note.into_iter()
            .for_each(|note| window.handle(Event::Note(note)));
        window
    }

    /// Why nothing could be searched, if that was so.
    pub(crate) fn failure(self) -> Option<String> {
        self.trouble.filter(|_| self.has_failed)
    }

    fn handle(&mut self, event: Event) {
        for effect in self.model.handle(self.start.elapsed(), event) {
            self.act(effect);
        }
    }

    fn act(&mut self, effect: Effect) {
        match effect {
            Effect::Search(words) => {
                // After an error nobody searches any more, and the window says so.
                let _ = self.wires.requests.send(Request::Words(words));
            }
            Effect::Copy(item) => self.copy(item),
            Effect::Keep(change) => {
                if !self.wires.keeps_history && change.is_history() {
                    return;
                }
                if let Err(error) = self.wires.kept.change(change) {
                    self.handle(Event::Note(report::chain(&error)));
                }
            }
            Effect::Close => self.phase = Phase::Over,
        }
    }

    /// Copies on a thread, with the window out of the way already: a large picture takes a moment.
    fn copy(&mut self, item: Item) {
        self.phase = Phase::Hidden;
        let gallery = Arc::clone(&self.wires.gallery);
        let outbox = self.wires.outbox.clone();
        std::thread::spawn(move || {
            let copied = copy::copy(gallery.of(&item), &item);
            outbox.send(Report::Copied(match copied {
                Ok(()) => Ok(item),
                Err(error) => Err(report::chain(&error)),
            }));
        });
    }

    fn take_reports(&mut self, ui: &Ui) {
        let reports: Vec<Report> = self.wires.reports.try_iter().collect();
        for report in reports {
            match report {
                Report::Moment(moment) => self.camera = Some(Camera::new(ui.ctx(), moment)),
                Report::Source(source) => self.handle(Event::Source(source)),
                Report::Found { items, words } => self.handle(Event::Found { items, words }),
                Report::Picture(item, picture) => {
                    self.thumbnails.take(ui.ctx(), &item, picture.as_ref());
                }
                Report::GivenUp(item) => self.thumbnails.forget(&item),
                Report::EmptyGallery => self.trouble = Some(EMPTY_GALLERY.to_owned()),
                Report::NoGallery(reason) => {
                    self.trouble = Some(reason);
                    self.has_failed = true;
                }
                Report::Dismissed => self.phase = dismissed(self.phase),
                Report::Copied(copied) => {
                    self.phase = Phase::Shown;
                    self.handle(Event::Copied(copied));
                }
            }
        }
    }

    /// Whether what a measurement waits for is on the screen.
    fn is_measured(&self) -> bool {
        match self.close_at {
            None => false,
            Some(CloseAt::Window) => true,
            Some(CloseAt::Match) => {
                let shown = self.model.shown();
                let first = shown.first();
                first.is_some_and(|item| self.thumbnails.is_ready(item))
            }
        }
    }
}

/// What becomes of a window that is to close: one that is hidden copies a picture, and closes when
/// that is done.
fn dismissed(phase: Phase) -> Phase {
    match phase {
        Phase::Hidden => Phase::Hidden,
        Phase::Shown | Phase::Over => Phase::Over,
    }
}

const EMPTY_GALLERY: &str = "The gallery is empty: moue gallery add FILE.moue FOLDER fills one, and \
                             without --gallery moue's own drawings are searched";

impl Content for PickWindow {
    fn take_keys(&mut self, input: &mut RawInput) {
        for event in keys::take(input, self.columns) {
            self.handle(event);
        }
    }

    fn draw(&mut self, ui: &mut Ui) {
        self.take_reports(ui);
        let star = self.star.get_or_insert_with(|| Star::new(ui.ctx()));
        let thumbnails = &mut self.thumbnails;
        let mut view = View {
            model: &self.model,
            camera: self.camera.as_ref(),
            trouble: self.trouble.as_deref(),
            star,
            thumbnail: &mut |item| thumbnails.get(item),
        };
        let drawn = view::draw(ui, &mut view);
        self.columns = drawn.columns;
        for event in drawn.events {
            self.handle(event);
        }
    }

    fn phase(&mut self) -> Phase {
        if self.is_measured() {
            return Phase::Over;
        }
        self.phase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_has_begun_is_finished() {
        assert_eq!(dismissed(Phase::Shown), Phase::Over);
        assert_eq!(dismissed(Phase::Hidden), Phase::Hidden);
    }
}
