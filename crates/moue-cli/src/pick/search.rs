//! The thread that searches for the newest face and the newest words.

use super::item::Item;
use super::reports::{Outbox, Report};
use super::words;
use crate::args::shared::SearchArgs;
use crate::live_search::Lookup;
use crate::report;
use crate::stores::Store;
use anyhow::Result;
use moue::gallery::SearchOptions;
use moue::video::MatchStabilizer;
use moue::{Expression, Match};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// What to search for.
pub(crate) enum Request {
    /// The expression at a time of the source.
    Face(Box<Expression>, Duration),
    Words(String),
}

/// The gallery, once it is open: other threads read pictures from it.
pub(crate) struct SharedGallery {
    /// The file's whole path, or the address without its password: it is written down.
    name: String,
    store: OnceLock<Arc<Store>>,
}

impl SharedGallery {
    pub(crate) fn new(args: &SearchArgs) -> Self {
        let path = &args.gallery.gallery;
        Self {
            name: path.canonicalize().map_or_else(
                |_| crate::address::shown(path),
                |file| file.to_string_lossy().into_owned(),
            ),
            store: OnceLock::new(),
        }
    }

    /// The gallery that an item was found in, if it is this one.
    pub(crate) fn of(&self, item: &Item) -> Option<&Store> {
        let store = self.store.get()?;
        (item.gallery == self.name).then_some(&**store)
    }
}

/// Searches until the window is closed; what goes wrong is reported.
pub(crate) fn run(
    args: &SearchArgs,
    requests: &Receiver<Request>,
    outbox: &Outbox,
    gallery: &SharedGallery,
) {
    if let Err(error) = serve(args, requests, outbox, gallery) {
        let advice = report::advice(&error);
        outbox.send(Report::NoGallery(format!(
            "{}{advice}",
            report::chain(&error)
        )));
    }
}

fn serve(
    args: &SearchArgs,
    requests: &Receiver<Request>,
    outbox: &Outbox,
    gallery: &SharedGallery,
) -> Result<()> {
    let mut lookup = Lookup::open(args, super::model::NUMBERED)?;
    // Nobody else sets it.
    let _ = gallery.store.set(Arc::clone(lookup.gallery()));
    if is_empty(&mut lookup)? {
        outbox.send(Report::EmptyGallery);
    }
    let mut search = Search {
        lookup,
        stabilizer: MatchStabilizer::new(Default::default()),
        face: None,
        words: String::new(),
    };
    while let Ok(request) = requests.recv() {
        search.take(request);
        // Of several only the newest count.
        requests.try_iter().for_each(|request| search.take(request));
        let found = search.matches()?;
        outbox.send(Report::Found {
            items: found.iter().map(|m| Item::of(m, &gallery.name)).collect(),
            words: search.words.clone(),
        });
    }
    Ok(())
}

/// Whether the gallery has no face at all, with or without a filter.
fn is_empty(lookup: &mut Lookup) -> Result<bool> {
    let options = SearchOptions::nearest(1);
    let found = lookup.matches_by(&words::average_face(&options), &[], &options)?;
    Ok(found.is_empty())
}

struct Search {
    lookup: Lookup,
    stabilizer: MatchStabilizer,
    /// The last face and when it was seen. It stays when nobody is seen any more: who looks at the
    /// keyboard still wants what matched.
    face: Option<(Expression, Duration)>,
    words: String,
}

impl Search {
    fn take(&mut self, request: Request) {
        match request {
            Request::Face(expression, time) => self.face = Some((*expression, time)),
            Request::Words(words) => {
                self.words = words;
                // What was shown may not have these words.
                self.stabilizer = MatchStabilizer::new(Default::default());
            }
        }
    }

    fn matches(&mut self) -> Result<Vec<Match>> {
        let shown = self.stabilizer.shown().to_vec();
        let face = self.face.as_ref().map(|(face, _)| face);
        let found = words::matches(&mut self.lookup, face, &self.words, &shown)?;
        let Some((face, time)) = &self.face else {
            return Ok(found);
        };
        let score = |shown: &Match| self.lookup.score(face, shown);
        Ok(self.stabilizer.update(*time, &found, score).to_vec())
    }
}
