//! Searches.

use super::data::{self, Random};
use super::harness::{Harness, Report, Required};
use super::kinds;
use super::naive::{Everything, ids_and_scores};
use crate::{GalleryStore, StoreError};
use moue::Expression;
use moue::cancel::CancelToken;
use moue::gallery::{Match, NewPicture, Picture, SearchOptions};
use std::collections::HashSet;

/// Queries of each kind of search.
const QUERIES: usize = 12;

/// Pictures that are put at a time.
const BATCH: usize = 500;

pub(super) fn searches_answer_as_a_scan_does(
    harness: &mut dyn Harness,
    required: &Required,
) -> Report {
    let mut random = Random::new(7);
    let pictures = data::searched(required.faces, &mut random);
    let store = filled(harness, &pictures);
    let all = Everything::of(&*store);
    let queries: Vec<Expression> = (0..QUERIES)
        .map(|i| query(i, &pictures, &mut random))
        .collect();
    let mut measured = Measured::default();
    for (name, options) in kinds::all(&pictures) {
        for number in 0..QUERIES {
            let targets = targets(&queries, number);
            let place = format!("{name}, query {number}");
            let found = store.search(&targets, &options);
            let found = found.unwrap_or_else(|error| panic!("{place}: {error}"));
            check_promises(&all, &targets, &options, &found, &place);
            measured.compare(&*store, &all, (&targets, &options), &found, &place);
        }
    }
    measured.report(&*store, required)
}

fn filled(harness: &mut dyn Harness, pictures: &[NewPicture]) -> Box<dyn GalleryStore> {
    let store = harness.open("searched");
    for batch in pictures.chunks(BATCH) {
        store.put(batch).expect("pictures are put");
    }
    store.finish_load().expect("indexes are built");
    store
}

/// Every third search is for several expressions at once.
fn targets(queries: &[Expression], number: usize) -> Vec<Expression> {
    let others = if number % 3 == 2 { 2 } else { 0 };
    let others = queries.iter().take(others);
    [&queries[number]]
        .into_iter()
        .chain(others)
        .copied()
        .collect()
}

/// A face of the gallery, one near it, or any direction.
fn query(number: usize, pictures: &[NewPicture], random: &mut Random) -> Expression {
    let picture = &pictures[random.below(pictures.len() as u64) as usize];
    let face = &picture.faces[0].expression;
    match number % 3 {
        0 => *face,
        1 => random.near(face, 0.3),
        _ => random.expression(),
    }
}

/// What every answer keeps, of exact stores and of others.
fn check_promises(
    all: &Everything,
    targets: &[Expression],
    options: &SearchOptions,
    found: &[Match],
    place: &str,
) {
    assert!(found.len() <= options.limit, "{place}: too many");
    let in_order = |a: &Match, b: &Match| (a.score, a.id) <= (b.score, b.id);
    assert!(found.is_sorted_by(in_order), "{place}: not by score and id");
    let mut groups = HashSet::new();
    for m in found {
        let is_new = groups.insert(all.group_of(m.id));
        assert!(is_new, "{place}: {} and its copy", m.path);
        check_record(all.picture_of(m.id), options, m, place);
        check_expression(&all.expression_of(m.id), targets, options, m, place);
    }
    let shown: Vec<Expression> = found.iter().map(|m| all.expression_of(m.id)).collect();
    let separation = options.min_separation.unwrap_or(0.0);
    for (i, a) in shown.iter().enumerate() {
        let is_far = |b: &Expression| a.distance(b) >= separation;
        assert!(shown[..i].iter().all(is_far), "{place}: not apart");
    }
}

/// What the expression of a match has to be.
fn check_expression(
    expression: &Expression,
    targets: &[Expression],
    options: &SearchOptions,
    m: &Match,
    place: &str,
) {
    let path = &m.path;
    let score = options.score(targets, expression);
    // The server's sums of 64 products may differ from ours in the last bits.
    let is_right = (m.score - score).abs() < 1e-4;
    assert!(is_right, "{place}: score {} is {score}", m.score);
    let is_nearer = |n: &Expression| n.distance(expression) + 1e-6 < m.distance;
    let is_avoided = options.negatives.iter().any(is_nearer);
    assert!(!is_avoided, "{place}: {path} is nearer to a negative");
    let is_meant = expression.meets(&options.emotions);
    assert!(is_meant, "{place}: {path} has another emotion");
}

/// What a match and its picture's record have to say.
fn check_record(picture: &Picture, options: &SearchOptions, m: &Match, place: &str) {
    let path = &picture.path;
    assert!(!picture.hidden, "{place}: {path} is hidden");
    let is_meant = options.filter.matches(picture);
    assert!(is_meant, "{place}: {path} is not of the filter");
    assert_eq!((&m.path, &m.label), (path, &picture.label), "{place}");
    let stored = picture.faces.iter().find(|f| f.id == m.id);
    let bounds = stored.map(|face| face.bounding_box);
    assert_eq!(bounds, Some(m.bounding_box), "{place}: {path}");
    let is_near = options
        .max_distance
        .is_none_or(|max| m.distance <= max + 1e-6);
    assert!(is_near, "{place}: {path} is too far");
}

/// How many of the right answers were found.
#[derive(Default)]
struct Measured {
    searches: usize,
    plain: Share,
    filtered: Share,
}

#[derive(Default)]
struct Share {
    found: usize,
    of: usize,
}

impl Share {
    fn add(&mut self, right: &[(u64, f32)], found: &[Match]) {
        let ids: HashSet<u64> = found.iter().map(|m| m.id).collect();
        self.of += right.len();
        self.found += right.iter().filter(|(id, _)| ids.contains(id)).count();
    }

    fn value(&self) -> f64 {
        self.found as f64 / self.of.max(1) as f64
    }
}

impl Measured {
    fn compare(
        &mut self,
        store: &dyn GalleryStore,
        all: &Everything,
        (targets, options): (&[Expression], &SearchOptions),
        found: &[Match],
        place: &str,
    ) {
        self.searches += 1;
        let right = all.search(targets, options);
        if store.is_exact() {
            assert_same(&right, &ids_and_scores(found), place);
        }
        // Of varied answers one that is missed changes the others; recall is of the plain list.
        if options.variety.is_some() || options.min_separation.is_some() {
            return;
        }
        if options.filter.is_empty() {
            self.plain.add(&right, found);
        } else {
            self.filtered.add(&right, found);
        }
    }

    fn report(&self, store: &dyn GalleryStore, required: &Required) -> Report {
        let report = Report {
            recall: self.plain.value(),
            filtered_recall: self.filtered.value(),
            searches: self.searches,
        };
        let least = if store.is_exact() {
            1.0
        } else {
            required.recall
        };
        assert!(report.recall >= least, "{report:?}, {least} is required");
        assert!(
            report.filtered_recall >= least,
            "{report:?}, {least} is required"
        );
        report
    }
}

/// Scores of several targets are sums in another order, and may differ in the last bits; faces whose
/// scores differ by no more may change places.
fn assert_same(right: &[(u64, f32)], found: &[(u64, f32)], place: &str) {
    assert_eq!(
        right.len(),
        found.len(),
        "{place}: {right:?}, found {found:?}"
    );
    for ((right_id, right_score), (id, score)) in right.iter().zip(found) {
        let is_tied = (right_score - score).abs() < 1e-5;
        assert!(
            id == right_id || is_tied,
            "{place}: {right:?}, found {found:?}"
        );
        assert!(
            (right_score - score).abs() < 1e-4,
            "{place}: {right:?}, found {found:?}"
        );
    }
}

pub(super) fn special_searches(harness: &mut dyn Harness) {
    let store = harness.open("special");
    let mut random = Random::new(3);
    let query = random.expression();
    let found = store.search(&[query], &SearchOptions::varied());
    assert!(found.expect("an empty store").is_empty());
    let mut picture = data::picture(1);
    picture.faces = vec![data::face(query, &mut random)];
    store.put(&[picture]).expect("a picture is put");
    searches_for_nothing(&*store, query);
    let many = store.search(&[query], &SearchOptions::nearest(100_000));
    let itself = many.expect("found");
    assert_eq!((itself.len(), itself[0].distance), (1, 0.0));
    a_canceled_search_ends(&*store, query);
}

fn searches_for_nothing(store: &dyn GalleryStore, query: Expression) {
    let impossible = SearchOptions {
        max_distance: Some(-1.0),
        ..SearchOptions::varied()
    };
    let none: [(&[Expression], SearchOptions); 3] = [
        (&[], SearchOptions::varied()),
        (&[query], SearchOptions::nearest(0)),
        (&[query], impossible),
    ];
    for (targets, options) in none {
        let found = store.search(targets, &options).expect("nothing is wrong");
        assert!(found.is_empty(), "{options:?}");
    }
}

fn a_canceled_search_ends(store: &dyn GalleryStore, query: Expression) {
    let cancel = CancelToken::new();
    cancel.cancel();
    let canceled = SearchOptions {
        cancel,
        ..SearchOptions::varied()
    };
    let found = store.search(&[query], &canceled);
    let error = found.expect_err("it is canceled");
    assert!(matches!(error, StoreError::Cancelled(_)), "{error:?}");
}
