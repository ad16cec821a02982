//! Lists of pictures, page by page.

use super::data::{self, Random};
use super::harness::Harness;
use crate::{GalleryStore, Listing, count_tags, for_each};
use crate::{Selection, Selector, StoreError};
use moue::gallery::{Filter, Picture};
use std::collections::BTreeMap;

/// Pictures of a page.
const PAGE: usize = 7;

/// Every list has the pictures that an export has, in both directions.
pub(super) fn lists_have_every_picture_once(harness: &mut dyn Harness) {
    let store = harness.open("lists");
    let mut random = Random::new(23);
    let pictures: Vec<_> = (0..90).map(|n| data::full(n, &mut random)).collect();
    store.put(&pictures).expect("pictures are put");
    let all = shown(&*store);
    for filter in filters() {
        let right = all.iter().filter(|p| filter.matches(p));
        let mut right: Vec<Picture> = right.cloned().collect();
        assert_eq!(paged(&*store, &filter, false), right, "{filter:?}");
        right.reverse();
        assert_eq!(paged(&*store, &filter, true), right, "{filter:?}");
    }
    parts_have_ends(&*store, &all);
    contents_are_found(&*store, &all);
    tags_are_counted(&*store, &all);
}

fn filters() -> [Filter; 3] {
    let of = |tags: &[&str], text: Option<&str>| Filter {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        text: text.map(Into::into),
        ..Filter::default()
    };
    [
        of(&[], None),
        of(&["dog"], None),
        of(&[], Some("CAPTION OF 1")),
    ]
}

/// The pictures that are not hidden, by id.
fn shown(store: &dyn GalleryStore) -> Vec<Picture> {
    let mut all = Vec::new();
    let read = for_each(store, &Filter::default(), |stored| {
        all.push(stored.picture);
        Ok::<(), StoreError>(())
    });
    read.expect("the store exports");
    assert!(all.is_sorted_by_key(|p| p.id), "an export is by id");
    assert!(all.iter().any(|p| p.hidden));
    all.retain(|p| !p.hidden);
    all
}

/// A whole list, read page by page as a client does.
fn paged(store: &dyn GalleryStore, filter: &Filter, descending: bool) -> Vec<Picture> {
    let mut ids = 0..u64::MAX;
    let mut all = Vec::new();
    loop {
        let page = listed(store, filter, ids.clone(), descending);
        let Some(last) = page.last() else {
            return all;
        };
        if descending {
            ids.end = last.id;
        } else {
            ids.start = last.id + 1;
        }
        all.extend(page);
    }
}

fn listed(
    store: &dyn GalleryStore,
    filter: &Filter,
    ids: std::ops::Range<u64>,
    descending: bool,
) -> Vec<Picture> {
    let listing = Listing {
        filter,
        ids,
        limit: PAGE,
        descending,
    };
    let page = store.list(&listing).expect("the store lists");
    assert!(page.len() <= PAGE);
    page
}

/// The first id belongs to a part, the last does not.
fn parts_have_ends(store: &dyn GalleryStore, all: &[Picture]) {
    let part = all[10].id..all[13].id;
    for descending in [false, true] {
        let mut found = listed(store, &Filter::default(), part.clone(), descending);
        found.sort_by_key(|p| p.id);
        assert_eq!(found, all[10..13]);
    }
    let none = listed(store, &Filter::default(), all[10].id..all[10].id, true);
    assert_eq!(none, []);
}

fn contents_are_found(store: &dyn GalleryStore, all: &[Picture]) {
    let content = moue::digest::from_hex(&all[3].hash).expect("a hash");
    assert_eq!(store.find(&content).expect("found"), Some(all[3].clone()));
    assert_eq!(store.find(&[0xee; 32]).expect("looked for"), None);
    let selection = Selection::of(Selector::Content(content));
    assert_eq!(store.remove(&selection).expect("removed"), 1);
    assert_eq!(store.find(&content).expect("looked for"), None);
}

fn tags_are_counted(store: &dyn GalleryStore, all: &[Picture]) {
    let mut right = BTreeMap::new();
    let left = all.iter().filter(|p| p.hash != all[3].hash);
    left.for_each(|p| count_tags(&mut right, p.clone()));
    assert!(right.len() == 3 && right.values().all(|count| *count > 1));
    assert_eq!(store.tags().expect("counted"), right);
}
