//! The gallery.

use crate::client::Client;
use crate::collection;
use crate::lists;
use crate::place::{Index, Place};
use crate::reading::{self, Asking, Freshness};
use crate::row::{self, Row, field};
use crate::writing;
use moue::Expression;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions};
use moue::weights::expression_fingerprint;
use moue_store::{
    Address, Counts, GalleryStore, Listing, OverFetch, Selection, Selector, StoreError,
    StoredPicture,
};
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Pictures that are changed or removed at a time.
const CHANGED: usize = 500;
/// Selectors in one condition.
const SELECTORS: usize = 500;
/// Faces that an approximate search looks at, at most.
const APPROXIMATE: usize = 512;

/// A gallery in a collection of Milvus, which any number of programs may read and write.
///
/// The [crate's documentation](crate) has an example.
pub struct MilvusStore {
    client: Client,
    index: Index,
    /// One change at a time, so that of two threads that add one picture the second is told that it
    /// is there.
    changing: Mutex<()>,
    /// The server's time of our last write.
    written: AtomicU64,
    /// Whether a request of ours has seen all that was written before it was opened.
    has_caught_up: AtomicBool,
}

impl std::fmt::Debug for MilvusStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MilvusStore")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl MilvusStore {
    /// Opens the gallery at an address, which must be there.
    ///
    /// # Errors
    /// [`StoreError::Address`], [`StoreError::Unreachable`], [`StoreError::Missing`],
    /// [`StoreError::Setup`] if the collection is none of moue's, [`StoreError::OtherWeights`] and
    /// [`StoreError::Newer`].
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        let client = Client::new(Place::of(address)?)?;
        client.greet()?;
        Self::opened(client)
    }

    /// Opens the gallery at an address, or makes it.
    ///
    /// # Errors
    /// As for [`MilvusStore::open`], but for [`StoreError::Missing`].
    pub fn create(address: &Address) -> Result<Self, StoreError> {
        let client = Client::new(Place::of(address)?)?;
        client.greet()?;
        match collection::check(&client) {
            Err(StoreError::Missing { .. }) => collection::create(&client)?,
            checked => checked?,
        }
        Self::opened(client)
    }

    fn opened(client: Client) -> Result<Self, StoreError> {
        collection::check(&client)?;
        let index = collection::index_of(&client)?;
        collection::load(&client)?;
        Ok(Self {
            client,
            index,
            changing: Mutex::new(()),
            written: AtomicU64::new(0),
            has_caught_up: AtomicBool::new(false),
        })
    }

    fn check_finite(&self, pictures: &[NewPicture]) -> Result<(), StoreError> {
        match pictures.iter().find(|picture| !is_finite(picture)) {
            None => Ok(()),
            Some(wrong) => {
                let reason = format!("{}: a number of a face is not finite", wrong.path);
                Err(StoreError::failed(self.name(), reason))
            }
        }
    }

    fn over_fetch(&self) -> OverFetch {
        if self.is_exact() {
            OverFetch::EXACT
        } else {
            OverFetch::approximate(APPROXIMATE)
        }
    }

    /// What a request must see: what was there when the gallery was opened, and our own writes.
    fn seen(&self) -> Freshness {
        if self.client.place().is_strong || !self.has_caught_up.load(Ordering::Acquire) {
            return Freshness::All;
        }
        Freshness::UpTo(self.written.load(Ordering::Acquire))
    }

    fn caught_up(&self) {
        self.has_caught_up.store(true, Ordering::Release);
    }

    fn wrote(&self, time: u64) {
        self.written.fetch_max(time, Ordering::AcqRel);
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        // It guards nothing that a panic could leave half done.
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows whose face or picture has this id.
    fn rows_of(&self, name: &str, id: u64, thumbnails: bool) -> Result<Vec<Row>, StoreError> {
        let rows = reading::rows_of(&self.client, name, id, thumbnails, self.seen())?;
        self.caught_up();
        Ok(rows)
    }

    /// The picture that a face belongs to.
    fn whole(&self, face: u64, thumbnails: bool) -> Result<Option<StoredPicture>, StoreError> {
        let rows = self.rows_of(field::ID, face, false)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let id = row.picture.id;
        let rows = self.rows_of(field::PICTURE, id, thumbnails)?;
        // Few pictures have several faces, few videos more than a page has, and hardly ever have two
        // pictures one id.
        let is_one = rows
            .iter()
            .all(|other| other.picture.hash == row.picture.hash);
        if is_one && rows.len() < reading::PAGE {
            return Ok(row::whole(rows));
        }
        self.among_all(id, face, thumbnails)
    }

    /// The picture of a face, from all rows that have a picture's id.
    fn among_all(
        &self,
        picture: u64,
        face: u64,
        thumbnails: bool,
    ) -> Result<Option<StoredPicture>, StoreError> {
        let mut found = None;
        let of_picture = [format!("{} == {picture}", field::PICTURE)];
        self.for_each(&of_picture, thumbnails, &mut |rows| {
            let has_face = rows.iter().any(|row| row.face_id() == face);
            found = found
                .take()
                .or_else(|| row::whole(rows).filter(|_| has_face));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Calls `body` with the rows of one picture after the other, of all that was written before.
    fn for_each(
        &self,
        conditions: &[String],
        thumbnails: bool,
        body: &mut dyn FnMut(Vec<Row>) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        reading::for_each_picture(&self.client, conditions, thumbnails, Freshness::All, body)
    }

    /// Calls `body` with the rows of the pictures that are selected, some pictures at a time.
    fn for_selected(
        &self,
        selection: &Selection,
        body: &mut dyn FnMut(Vec<Vec<Row>>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for condition in self.selectors(selection)? {
            let mut conditions = row::condition(&selection.filter);
            conditions.extend(condition);
            let mut batch = Vec::new();
            self.for_each(&conditions, true, &mut |rows| {
                if row::joined(&rows).is_some_and(|picture| selection.matches(&picture)) {
                    batch.push(rows);
                }
                if batch.len() >= CHANGED {
                    body(std::mem::take(&mut batch))?;
                }
                Ok(ControlFlow::Continue(()))
            })?;
            body(batch)?;
        }
        Ok(())
    }

    /// A selection's selectors as conditions, of which a picture meets one; a single `None` if there
    /// are no selectors.
    fn selectors(&self, selection: &Selection) -> Result<Vec<Option<String>>, StoreError> {
        if selection.any_of.is_empty() {
            return Ok(vec![None]);
        }
        let mut pictures = HashSet::new();
        let mut paths = HashSet::new();
        for selector in &selection.any_of {
            match selector {
                Selector::Content(hash) => {
                    pictures.insert(row::picture_id(hash) as i64);
                }
                Selector::Path(path) => {
                    paths.insert(row::number_of(path));
                }
                Selector::Face(face) => {
                    let rows = self.rows_of(field::ID, *face, false)?;
                    pictures.extend(rows.iter().map(|row| row.picture.id as i64));
                }
            }
        }
        let mut conditions = in_parts(field::PICTURE, pictures);
        conditions.extend(in_parts(field::PATH, paths));
        Ok(conditions)
    }
}

/// Conditions that a field has one of many values.
fn in_parts(name: &str, values: HashSet<i64>) -> Vec<Option<String>> {
    let mut values: Vec<i64> = values.into_iter().collect();
    values.sort_unstable();
    let part = |part: &[i64]| {
        let texts: Vec<String> = part.iter().map(i64::to_string).collect();
        Some(format!("{name} in [{}]", texts.join(",")))
    };
    values.chunks(SELECTORS).map(part).collect()
}

/// A picture's rows with other tags; `None` if they stay the same.
fn with_tags(mut rows: Vec<Row>, add: &[String], drop: &[String]) -> Option<Vec<Row>> {
    let mut changed = false;
    for row in &mut rows {
        changed |= row.picture.retag(add, drop);
    }
    changed.then_some(rows)
}

fn is_finite(picture: &NewPicture) -> bool {
    picture.faces.iter().all(|new| {
        let face = &new.face;
        let place = &face.bounding_box;
        let points = face.key_points.iter().flatten().flatten().copied();
        let numbers = [
            place.xmin,
            place.ymin,
            place.width,
            place.height,
            face.score,
        ];
        let mut all = new.expression.0.into_iter().chain(numbers).chain(points);
        all.all(f32::is_finite)
    })
}

impl GalleryStore for MilvusStore {
    fn name(&self) -> &str {
        &self.client.place().name
    }

    fn is_exact(&self) -> bool {
        self.index == Index::Flat
    }

    fn fingerprint(&self) -> Result<String, StoreError> {
        // A collection with another one is not opened.
        collection::check(&self.client)?;
        Ok(expression_fingerprint().to_owned())
    }

    fn count(&self) -> Result<Counts, StoreError> {
        let firsts = format!("{} == {}", field::ID, field::PICTURE);
        Ok(Counts {
            pictures: reading::count(&self.client, &firsts)?,
            faces: reading::count(&self.client, "")?,
        })
    }

    fn contains(&self, contents: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        let keys: Vec<String> = contents.iter().map(row::head_key).collect();
        let seen = self.seen();
        let present = reading::present(&self.client, &keys, seen)?;
        if !keys.is_empty() {
            self.caught_up();
        }
        Ok(keys.iter().map(|key| present.contains(key)).collect())
    }

    fn put(&self, pictures: &[NewPicture]) -> Result<Vec<bool>, StoreError> {
        self.check_finite(pictures)?;
        let _changing = self.change();
        let hashes: Vec<[u8; 32]> = pictures.iter().map(|picture| picture.hash).collect();
        let known = self.contains(&hashes)?;
        let mut firsts = HashSet::new();
        let both = pictures.iter().zip(known);
        let added: Vec<bool> = both
            .map(|(new, known)| !known && !new.faces.is_empty() && firsts.insert(new.hash))
            .collect();
        let chosen = pictures.iter().zip(&added).filter(|(_, added)| **added);
        let thumbnails = self.client.place().thumbnails;
        let rows = chosen.flat_map(|(new, _)| Row::of(new, thumbnails));
        let split: (Vec<Row>, Vec<Row>) = rows.partition(Row::is_head);
        // First faces last: what was interrupted is not there, and is written again as a whole.
        for rows in [split.1, split.0] {
            self.wrote(writing::upsert(&self.client, rows)?);
        }
        Ok(added)
    }

    fn remove(&self, selection: &Selection) -> Result<u64, StoreError> {
        let _changing = self.change();
        let mut removed = 0;
        self.for_selected(selection, &mut |pictures| {
            let whole = pictures.iter().filter(|rows| rows.iter().any(Row::is_head));
            removed += whole.count() as u64;
            let rows: Vec<Row> = pictures.into_iter().flatten().collect();
            // Milvus does not tell the time of a deletion, so the next request waits for all.
            self.has_caught_up.store(false, Ordering::Release);
            writing::delete(&self.client, &rows)
        })?;
        Ok(removed)
    }

    fn tag(
        &self,
        selection: &Selection,
        add: &[String],
        drop: &[String],
    ) -> Result<u64, StoreError> {
        let _changing = self.change();
        let mut changed = 0;
        self.for_selected(selection, &mut |pictures| {
            let pictures: Vec<Vec<Row>> = pictures
                .into_iter()
                .filter_map(|rows| with_tags(rows, add, drop))
                .collect();
            changed += pictures.len() as u64;
            let rows = pictures.into_iter().flatten().collect();
            self.wrote(writing::upsert(&self.client, rows)?);
            Ok(())
        })?;
        Ok(changed)
    }

    fn add_words(&self, content: &[u8; 32], words: &str) -> Result<bool, StoreError> {
        let _changing = self.change();
        let selection = Selection::of(Selector::Content(*content));
        let mut changed = false;
        self.for_selected(&selection, &mut |pictures| {
            let mut rows: Vec<Row> = pictures.into_iter().flatten().collect();
            rows.retain(|row| row.picture.words.is_none());
            changed |= rows.iter().any(Row::is_head);
            for row in &mut rows {
                row.picture.words = Some(words.to_owned());
            }
            self.wrote(writing::upsert(&self.client, rows)?);
            Ok(())
        })?;
        Ok(changed)
    }

    fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Result<Vec<Match>, StoreError> {
        let asking = Asking {
            client: &self.client,
            index: self.index,
            seen: self.seen(),
            cancel: &options.cancel,
        };
        let found = moue_store::search(&asking, targets, options, &self.over_fetch())?;
        // Without targets nothing was asked.
        if !targets.is_empty() && options.limit > 0 {
            self.caught_up();
        }
        Ok(found)
    }

    fn picture(&self, face: u64) -> Result<Option<StoredPicture>, StoreError> {
        self.whole(face, true)
    }

    fn record(&self, face: u64) -> Result<Option<Picture>, StoreError> {
        Ok(self.whole(face, false)?.map(|stored| stored.picture))
    }

    fn thumbnail(&self, face: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self.rows_of(field::ID, face, true)?;
        Ok(rows.into_iter().find_map(|row| row.thumbnail))
    }

    fn export(
        &self,
        filter: &Filter,
        body: &mut dyn FnMut(StoredPicture) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let conditions = row::condition(filter);
        self.for_each(&conditions, true, &mut |rows| {
            let picture = row::whole(rows).filter(|stored| filter.matches(&stored.picture));
            Ok(picture.map_or(ControlFlow::Continue(()), &mut *body))
        })
    }

    fn find(&self, content: &[u8; 32]) -> Result<Option<Picture>, StoreError> {
        lists::find(&self.client, content)
    }

    fn list(&self, listing: &Listing<'_>) -> Result<Vec<Picture>, StoreError> {
        if listing.descending {
            lists::down(&self.client, listing)
        } else {
            lists::up(&self.client, listing)
        }
    }

    fn tags(&self) -> Result<BTreeMap<String, u64>, StoreError> {
        lists::tags(&self.client)
    }

    fn finish_load(&self) -> Result<(), StoreError> {
        collection::flush(&self.client)
    }
}
