//! Searches.

use super::data::{self, Random};
use super::naive::{Everything, ids_and_scores};
use super::{Harness, Report, Required};
use crate::{GalleryStore, StoreError};
use moue::Expression;
use moue::cancel::CancelToken;
use moue::gallery::{Filter, Match, NewPicture, Picture, SearchOptions, Variety};
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
    let store = harness.open("searched");
    for batch in pictures.chunks(BATCH) {
        store.put(batch).expect("pictures are put");
    }
    store.finish_load().expect("indexes are built");
    let all = Everything::of(&*store);
    let queries: Vec<Expression> = (0..QUERIES)
        .map(|i| query(i, &pictures, &mut random))
        .collect();
    let mut tally = Tally::default();
    for (name, options) in kinds(&pictures) {
        for (number, query) in queries.iter().enumerate() {
            // Every third search is for several expressions at once.
            let others = queries.iter().take(if number % 3 == 2 { 2 } else { 0 });
            let targets: Vec<Expression> = [query].into_iter().chain(others).copied().collect();
            let found = store
                .search(&targets, &options)
                .expect("the store is searched");
            let place = format!("{name}, query {number}");
            check_promises(&all, &targets, &options, &found, &place);
            tally.compare(&*store, &all, (&targets, &options), &found, &place);
        }
    }
    tally.report(&*store, required)
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

/// The kinds of searches.
fn kinds(pictures: &[NewPicture]) -> Vec<(&'static str, SearchOptions)> {
    let nearest = SearchOptions::nearest(10);
    let tagged = |tag: &str| Filter {
        tags: vec![tag.into()],
        ..Filter::default()
    };
    let filtered = |filter| SearchOptions {
        filter,
        ..nearest.clone()
    };
    let worded = |text: &str| Filter {
        text: Some(text.into()),
        ..Filter::default()
    };
    let of_source = Filter {
        source: Some("zip".into()),
        since: Some(1_700_000_100),
        until: Some(1_700_001_000),
        ..Filter::default()
    };
    let mut kinds = vec![
        ("nearest", nearest.clone()),
        ("the nearest", SearchOptions::nearest(1)),
        ("tag of half", filtered(tagged("half"))),
        ("tag of a tenth", filtered(tagged("tenth"))),
        ("rare tag", filtered(tagged("rare"))),
        ("tag of none", filtered(tagged("nothing"))),
        ("words", filtered(worded("über"))),
        ("caption", filtered(worded("fist"))),
        ("wildcards", filtered(worded("100% _A"))),
        ("wildcard that is none", filtered(worded("s_ile"))),
        ("source and time", filtered(of_source)),
    ];
    kinds.extend(judged_kinds(pictures));
    kinds.extend(varied_kinds());
    kinds
}

/// Searches that look at expressions.
fn judged_kinds(pictures: &[NewPicture]) -> Vec<(&'static str, SearchOptions)> {
    let nearest = SearchOptions::nearest(10);
    let negatives = pictures.iter().step_by(300).map(|p| p.faces[0].expression);
    vec![
        (
            "within a distance",
            SearchOptions {
                max_distance: Some(0.6),
                ..nearest.clone()
            },
        ),
        (
            "negatives",
            SearchOptions {
                negatives: negatives.collect(),
                ..nearest.clone()
            },
        ),
        (
            "emotions",
            SearchOptions {
                emotions: vec!["happiness".parse().expect("an emotion")],
                ..nearest.clone()
            },
        ),
        (
            "centered",
            SearchOptions {
                variety: None,
                limit: 10,
                ..SearchOptions::varied()
            },
        ),
    ]
}

/// Searches whose answers differ.
fn varied_kinds() -> Vec<(&'static str, SearchOptions)> {
    vec![
        ("varied", SearchOptions::varied()),
        (
            "varied with a tag",
            SearchOptions {
                filter: Filter {
                    tags: vec!["tenth".into()],
                    ..Filter::default()
                },
                limit: 5,
                ..SearchOptions::varied()
            },
        ),
        (
            "varied within a distance",
            SearchOptions {
                max_distance: Some(0.9),
                variety: Some(Variety {
                    slack: 0.4,
                    ..Variety::default()
                }),
                ..SearchOptions::varied()
            },
        ),
        (
            "separated",
            SearchOptions {
                min_separation: Some(0.9),
                limit: 8,
                ..SearchOptions::nearest(8)
            },
        ),
        (
            "separated, with ties",
            SearchOptions {
                min_separation: Some(0.35),
                limit: 6,
                ..SearchOptions::varied()
            },
        ),
    ]
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
        let path = &m.path;
        let is_new = groups.insert(all.group_of(m.id));
        assert!(is_new, "{place}: {path} and its copy");
        check_record(all.picture_of(m.id), options, m, place);
        let expression = all.expression_of(m.id);
        let score = options.score(targets, &expression);
        let is_right = (m.score - score).abs() < 1e-4;
        assert!(is_right, "{place}: score {} is {score}", m.score);
        let is_nearer = |n: &Expression| n.distance(&expression) + 1e-6 < m.distance;
        let avoided = options.negatives.iter().any(is_nearer);
        assert!(!avoided, "{place}: {path} is nearer to a negative");
        let is_meant = expression.meets(&options.emotions);
        assert!(is_meant, "{place}: {path} has another emotion");
    }
    if let Some(separation) = options.min_separation {
        let shown: Vec<Expression> = found.iter().map(|m| all.expression_of(m.id)).collect();
        for (i, a) in shown.iter().enumerate() {
            let apart = |b: &Expression| a.distance(b) >= separation;
            assert!(shown[..i].iter().all(apart), "{place}: not apart");
        }
    }
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
struct Tally {
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
    fn value(&self) -> f64 {
        self.found as f64 / self.of.max(1) as f64
    }
}

impl Tally {
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
        let share = if options.filter.is_empty() {
            &mut self.plain
        } else {
            &mut self.filtered
        };
        let ids: HashSet<u64> = found.iter().map(|m| m.id).collect();
        share.of += right.len();
        share.found += right.iter().filter(|(id, _)| ids.contains(id)).count();
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
    let none: [(&[Expression], SearchOptions); 3] = [
        (&[], SearchOptions::varied()),
        (&[query], SearchOptions::nearest(0)),
        (
            &[query],
            SearchOptions {
                max_distance: Some(-1.0),
                ..SearchOptions::varied()
            },
        ),
    ];
    for (targets, options) in none {
        let found = store.search(targets, &options).expect("nothing is wrong");
        assert!(found.is_empty(), "{options:?}");
    }
    let itself = store
        .search(&[query], &SearchOptions::nearest(100_000))
        .expect("found");
    assert_eq!((itself.len(), itself[0].distance), (1, 0.0));
    let cancel = CancelToken::new();
    cancel.cancel();
    let canceled = SearchOptions {
        cancel,
        ..SearchOptions::varied()
    };
    let error = store
        .search(&[query], &canceled)
        .expect_err("it is canceled");
    assert!(matches!(error, StoreError::Cancelled(_)), "{error:?}");
}
