//! What the window does, without a window: events change the state and have effects.

use super::item::Item;
use super::kept::{Change, Lists};
use std::time::Duration;

/// Pictures with a number.
pub(crate) const NUMBERED: usize = 9;

/// A key that comes so soon after a change of the matches was meant for what was there before: people
/// need about a fifth of a second to press a key.
const GRACE: Duration = Duration::from_millis(250);

/// Which pictures are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    /// Those that match the face.
    #[default]
    Matches,
    /// Those that were picked last.
    History,
    /// Those that were marked.
    Favorites,
}

impl Tab {
    pub(crate) const ALL: [Self; 3] = [Self::Matches, Self::History, Self::Favorites];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Matches => "Matches",
            Self::History => "History",
            Self::Favorites => "Favorites",
        }
    }

    fn after(self, steps: usize) -> Self {
        Self::ALL[(self as usize + steps) % Self::ALL.len()]
    }
}

/// What the source of faces is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Source {
    /// No frame has come yet.
    #[default]
    Starting,
    Face,
    NoFace,
    /// It cannot be read, with the reason.
    Failed(String),
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// A digit key, counted from 0.
    Digit(usize),
    /// The selected picture is chosen.
    Enter,
    /// A picture was clicked, counted from 0.
    Click(usize),
    /// The star of a picture was clicked.
    Star(usize),
    /// The selected picture is marked or unmarked as a favorite.
    Favorite,
    /// The selection moves by so many pictures.
    Move(isize),
    NextTab,
    PreviousTab,
    Tab(Tab),
    /// The words of the filter are these now.
    Words(String),
    /// What matches now, and the words that it was searched with.
    Found {
        items: Vec<Item>,
        words: String,
    },
    Source(Source),
    /// What the copy of a picture came to.
    Copied(Result<Item, String>),
    /// Something to tell.
    Note(String),
    Escape,
}

/// What has to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Search with these words.
    Search(String),
    Copy(Item),
    /// Write it down.
    Keep(Change),
    Close,
}

/// The state of the window.
#[derive(Debug, Default)]
pub(crate) struct Model {
    tab: Tab,
    words: String,
    found: Vec<Item>,
    /// The words that `found` was searched with.
    found_words: String,
    /// What was found before, and when it changed.
    before: Vec<Item>,
    changed: Duration,
    lists: Lists,
    source: Source,
    selected: usize,
    note: Option<String>,
}

impl Model {
    pub(crate) fn new(lists: Lists) -> Self {
        Self {
            lists,
            ..Self::default()
        }
    }

    pub(crate) fn tab(&self) -> Tab {
        self.tab
    }

    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Something to tell, until the next key.
    pub(crate) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    pub(crate) fn is_favorite(&self, item: &Item) -> bool {
        self.lists.is_favorite(item)
    }

    /// The pictures of the tab that have the words. A search has looked for them already, once it has
    /// answered.
    pub(crate) fn shown(&self) -> Vec<&Item> {
        let words = match self.tab {
            Tab::Matches if self.is_searched() => "",
            _ => &self.words,
        };
        let has_words = |item: &&Item| item.has_words(words);
        self.all().iter().filter(has_words).collect()
    }

    /// The pictures of the tab with and without the words.
    fn all(&self) -> &[Item] {
        match self.tab {
            Tab::Matches => &self.found,
            Tab::History => &self.lists.history,
            Tab::Favorites => &self.lists.favorites,
        }
    }

    /// Whether it is for the words that nothing is shown.
    pub(crate) fn is_filtered_empty(&self) -> bool {
        let has_more = self.tab == Tab::Matches || !self.all().is_empty();
        has_more && !self.words.is_empty() && self.shown().is_empty()
    }

    /// Whether what is found was searched with the words of now.
    pub(crate) fn is_searched(&self) -> bool {
        self.found_words == self.words
    }

    /// The selected picture, counted from 0.
    pub(crate) fn selected(&self) -> usize {
        self.selected.min(self.shown().len().saturating_sub(1))
    }

    /// Takes an event that happened at `now`, from the start; returns what has to be done.
    pub(crate) fn handle(&mut self, now: Duration, event: Event) -> Vec<Effect> {
        match event {
            Event::Digit(place) => self.copy(self.meant(now, place)),
            Event::Click(place) => self.copy(self.meant(now, place)),
            Event::Enter => self.copy(self.at(self.selected())),
            Event::Star(place) => self.toggle(self.at(place)),
            Event::Favorite => self.toggle(self.at(self.selected())),
            Event::Move(by) => self.move_by(by),
            Event::NextTab => self.go_to(self.tab.after(1)),
            Event::PreviousTab => self.go_to(self.tab.after(Tab::ALL.len() - 1)),
            Event::Tab(tab) => self.go_to(tab),
            Event::Words(words) => self.filter(words),
            Event::Found { items, words } => self.take(now, items, words),
            Event::Source(source) => self.set_source(source),
            Event::Copied(Ok(item)) => self.close_with(item),
            Event::Copied(Err(reason)) | Event::Note(reason) => self.tell(reason),
            Event::Escape => vec![Effect::Close],
        }
    }

    fn at(&self, place: usize) -> Option<Item> {
        self.shown().get(place).map(|item| (*item).clone())
    }

    /// The picture of a place that somebody meant who has just pressed its key.
    fn meant(&self, now: Duration, place: usize) -> Option<Item> {
        let is_fresh = now.saturating_sub(self.changed) < GRACE;
        let before = self.before.get(place);
        match before.filter(|_| is_fresh && self.tab == Tab::Matches) {
            Some(before) => Some(before.clone()),
            None => self.at(place),
        }
    }

    fn copy(&mut self, item: Option<Item>) -> Vec<Effect> {
        self.note = None;
        item.map(Effect::Copy).into_iter().collect()
    }

    fn toggle(&mut self, item: Option<Item>) -> Vec<Effect> {
        self.note = None;
        let Some(item) = item else {
            return Vec::new();
        };
        let change = if self.lists.is_favorite(&item) {
            Change::Unfavored(item)
        } else {
            Change::Favored(item)
        };
        self.lists.apply(change.clone());
        vec![Effect::Keep(change)]
    }

    fn move_by(&mut self, by: isize) -> Vec<Effect> {
        let last = self.shown().len().saturating_sub(1);
        self.selected = self.selected().saturating_add_signed(by).min(last);
        Vec::new()
    }

    fn go_to(&mut self, tab: Tab) -> Vec<Effect> {
        self.tab = tab;
        self.selected = 0;
        self.note = None;
        Vec::new()
    }

    fn filter(&mut self, words: String) -> Vec<Effect> {
        if words == self.words {
            return Vec::new();
        }
        self.words = words;
        self.selected = 0;
        self.note = None;
        // What was there before has other words, and nobody means it any more.
        self.before.clear();
        vec![Effect::Search(self.words.clone())]
    }

    fn take(&mut self, now: Duration, items: Vec<Item>, words: String) -> Vec<Effect> {
        if items != self.found {
            self.before = std::mem::replace(&mut self.found, items);
            self.changed = now;
            if words != self.found_words {
                self.before.clear();
            }
        }
        self.found_words = words;
        Vec::new()
    }

    fn set_source(&mut self, source: Source) -> Vec<Effect> {
        self.source = source;
        Vec::new()
    }

    fn close_with(&mut self, item: Item) -> Vec<Effect> {
        let change = Change::Picked(item);
        self.lists.apply(change.clone());
        vec![Effect::Keep(change), Effect::Close]
    }

    fn tell(&mut self, note: String) -> Vec<Effect> {
        self.note = Some(note);
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::item;
    use super::*;

    const LATER: Duration = Duration::from_secs(5);

    fn found(labels: &[&str]) -> Event {
        Event::Found {
            items: labels.iter().map(|label| item(label)).collect(),
            words: String::new(),
        }
    }

    /// A window that has found pictures with these labels.
    fn with_found(labels: &[&str]) -> Model {
        let mut model = Model::default();
        assert_eq!(model.handle(Duration::ZERO, found(labels)), []);
        model
    }

    #[test]
    fn a_digit_copies_and_then_the_window_closes() {
        let mut model = with_found(&["a", "b"]);
        let effects = model.handle(LATER, Event::Digit(1));
        assert_eq!(effects, [Effect::Copy(item("b"))]);
        let effects = model.handle(LATER, Event::Copied(Ok(item("b"))));
        let picked = Effect::Keep(Change::Picked(item("b")));
        assert_eq!(effects, [picked, Effect::Close]);
        // There is no third one.
        assert_eq!(model.handle(LATER, Event::Digit(2)), []);
    }

    #[test]
    fn a_copy_that_fails_leaves_the_window_open_and_says_why() {
        let mut model = with_found(&["a"]);
        let failed = Event::Copied(Err("it is gone".into()));
        assert_eq!(model.handle(LATER, failed), []);
        assert_eq!(model.note(), Some("it is gone"));
        model.handle(LATER, Event::NextTab);
        assert_eq!(model.note(), None);
    }

    #[test]
    fn a_key_right_after_a_change_means_what_was_there_before() {
        let mut model = with_found(&["a", "b"]);
        model.handle(LATER, found(&["c", "b"]));
        let soon = LATER + GRACE / 2;
        let copied = model.handle(soon, Event::Digit(0));
        assert_eq!(copied, [Effect::Copy(item("a"))]);
        let copied = model.handle(LATER + GRACE, Event::Digit(0));
        assert_eq!(copied, [Effect::Copy(item("c"))]);
        // The same matches again are no change.
        model.handle(LATER * 2, found(&["c", "b"]));
        let copied = model.handle(LATER * 2, Event::Digit(0));
        assert_eq!(copied, [Effect::Copy(item("c"))]);
    }

    #[test]
    fn typing_searches_and_what_was_there_before_is_meant_no_more() {
        let mut model = with_found(&["a"]);
        let effects = model.handle(LATER, Event::Words("cat".into()));
        assert_eq!(effects, [Effect::Search("cat".into())]);
        assert_eq!(model.handle(LATER, Event::Words("cat".into())), []);
        // Until the search answers, what was there is filtered.
        assert!(!model.is_searched() && model.is_filtered_empty());
        assert_eq!(model.handle(LATER, Event::Enter), []);
        let cats = Event::Found {
            items: vec![item("cat")],
            words: "cat".into(),
        };
        model.handle(LATER, cats);
        assert!(model.is_searched());
        let copied = model.handle(LATER, Event::Digit(0));
        assert_eq!(copied, [Effect::Copy(item("cat"))]);
    }

    #[test]
    fn tabs_go_round_and_filter_what_they_have() {
        let lists = Lists {
            history: vec![item("cat"), item("dog")],
            favorites: vec![],
        };
        let mut model = Model::new(lists);
        model.handle(LATER, Event::NextTab);
        assert_eq!((model.tab(), model.shown().len()), (Tab::History, 2));
        model.handle(LATER, Event::Words("dog".into()));
        assert_eq!(model.shown(), [&item("dog")]);
        let copied = model.handle(LATER, Event::Enter);
        assert_eq!(copied, [Effect::Copy(item("dog"))]);
        model.handle(LATER, Event::Words("horse".into()));
        assert!(model.is_filtered_empty());
        model.handle(LATER, Event::NextTab);
        assert_eq!(model.tab(), Tab::Favorites);
        assert!(!model.is_filtered_empty());
        model.handle(LATER, Event::NextTab);
        model.handle(LATER, Event::PreviousTab);
        assert_eq!(model.tab(), Tab::Favorites);
    }

    #[test]
    fn a_favorite_is_marked_and_unmarked() {
        let mut model = with_found(&["a", "b"]);
        model.handle(LATER, Event::Move(1));
        let marked = model.handle(LATER, Event::Favorite);
        assert_eq!(marked, [Effect::Keep(Change::Favored(item("b")))]);
        assert!(model.is_favorite(&item("b")));
        let unmarked = model.handle(LATER, Event::Star(1));
        assert_eq!(unmarked, [Effect::Keep(Change::Unfavored(item("b")))]);
        assert_eq!(model.handle(LATER, Event::Star(7)), []);
    }

    #[test]
    fn the_selection_stays_on_a_picture() {
        let mut model = with_found(&["a", "b", "c"]);
        for (by, at) in [(1, 1), (5, 2), (-1, 1), (-9, 0)] {
            model.handle(LATER, Event::Move(by));
            assert_eq!(model.selected(), at);
        }
        model.handle(LATER, Event::Move(2));
        model.handle(LATER, found(&["a"]));
        assert_eq!(model.selected(), 0);
        model.handle(LATER, found(&[]));
        assert_eq!(model.handle(LATER, Event::Enter), []);
        assert_eq!(model.handle(LATER, Event::Escape), [Effect::Close]);
    }
}
