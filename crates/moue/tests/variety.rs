//! Answers that differ, and that are ranked by the centered query.

use moue::embed::EXPRESSION_LEN;
use moue::gallery::{MemoryGallery, NewPicture, SearchOptions, Variety};
use moue::{Expression, Face, Match};
use std::collections::HashSet;

/// A unit vector at an angle from the first axis, toward axis `axis`.
fn at(angle: f32, axis: usize) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    values[0] = angle.cos();
    values[axis] = angle.sin();
    Expression(values)
}

/// A picture for each expression, called by its pose and number.
fn gallery(poses: &[(&str, &[Expression])]) -> MemoryGallery {
    let mut gallery = MemoryGallery::new();
    for (pose, faces) in poses {
        for (number, expression) in faces.iter().enumerate() {
            let path = format!("{pose}-{number}");
            gallery.add(&[NewPicture {
                hash: moue::digest::sha256(path.as_bytes()),
                path,
                faces: vec![(Face::whole(), *expression).into()],
                ..NewPicture::default()
            }]);
        }
    }
    gallery
}

/// The varied setting without a population, so that scores are distances.
fn varied(limit: usize) -> SearchOptions {
    SearchOptions {
        population_mean: None,
        limit,
        ..SearchOptions::varied()
    }
}

fn poses(found: &[Match]) -> Vec<&str> {
    let pose = |m: &Match| m.path.find('-').unwrap_or_default();
    found.iter().map(|m| &m.path[..pose(m)]).collect()
}

fn three_poses() -> MemoryGallery {
    // Twenty characters of a pose differ by little.
    let pose = |angle: f32, axis| -> Vec<Expression> {
        (0..20).map(|i| at(angle + i as f32 * 1e-3, axis)).collect()
    };
    gallery(&[
        ("near", &pose(0.5, 1)),
        ("other", &pose(0.55, 2)),
        ("third", &pose(0.6, 3)),
        ("far", &pose(1.4, 4)),
    ])
}

#[test]
fn three_answers_are_three_expressions() {
    let gallery = three_poses();
    let query = at(0.0, 1);
    let found = gallery.search(&[query], &varied(3)).unwrap();
    assert_eq!(poses(&found), ["near", "other", "third"]);
    let nearest = gallery.nearest(&query, 3).unwrap();
    assert_eq!(poses(&nearest), ["near"; 3]);
}

#[test]
fn a_repeat_is_better_than_an_expression_that_the_query_does_not_have() {
    let gallery = three_poses();
    let query = at(0.0, 1);
    let found = gallery.search(&[query], &varied(5)).unwrap();
    // The fourth pose is 0.8 farther than the best: two of the nearest are repeated instead.
    assert!(!poses(&found).contains(&"far"), "{found:?}");
    assert_eq!(found.len(), 5);
    assert!(found.is_sorted_by(|a, b| a.score <= b.score));
    let paths: HashSet<&str> = found.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths.len(), 5, "each picture once");
    let all = gallery.search(&[query], &varied(1000)).unwrap();
    assert_eq!(all.len(), 80);
    let paths: HashSet<&str> = all.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths.len(), 80);
}

#[test]
fn a_minimal_separation_has_no_such_bound() {
    let options = SearchOptions {
        min_separation: Some(0.35),
        ..varied(5)
    };
    let found = three_poses().search(&[at(0.0, 1)], &options).unwrap();
    assert_eq!(poses(&found), ["near", "other", "third", "far"]);
}

#[test]
fn all_characters_are_met_and_a_query_has_one_answer() {
    let gallery = three_poses();
    let mut met = HashSet::new();
    for i in 0..300u16 {
        let query = at(f32::from(i) * 1e-4, 1);
        let found = gallery.search(&[query], &varied(3)).unwrap();
        assert_eq!(found, gallery.search(&[query], &varied(3)).unwrap());
        met.extend(found.into_iter().map(|m| m.path));
    }
    assert_eq!(met.len(), 60, "twenty characters of three poses");
}

#[test]
fn what_is_shown_is_kept_as_long_as_it_is_as_good() {
    let gallery = three_poses();
    let first = gallery.search(&[at(0.0, 1)], &varied(3)).unwrap();
    for i in 0..100u16 {
        let options = SearchOptions {
            preferred: first.iter().map(|m| m.id).collect(),
            ..varied(3)
        };
        let query = at(f32::from(i) * 1e-4, 1);
        let found = gallery.search(&[query], &options).unwrap();
        let ids = |found: &[Match]| found.iter().map(|m| m.id).collect::<Vec<_>>();
        assert_eq!(ids(&found), ids(&first), "frame {i}");
    }
}

#[test]
fn centering_ranks_a_hub_lower_and_a_copy_first() {
    // A population around the first axis; `hub` is its middle, near to everybody.
    let mean = at(0.0, 1).0.map(|v| v * 0.6);
    let query = at(0.8, 1);
    let gallery = gallery(&[
        ("hub", &[at(0.0, 1)]),
        ("same", &[at(1.55, 1)]),
        ("self", &[query]),
    ]);
    let options = SearchOptions {
        population_mean: Some(mean),
        ..SearchOptions::nearest(3)
    };
    let found = gallery.search(&[query], &options).unwrap();
    // `same` is nearer to the centered query than the query's own picture is.
    assert_eq!(poses(&found), ["self", "same", "hub"]);
    assert_eq!((found[0].score, found[0].distance), (0.0, 0.0));
    for m in &found {
        let (_, face) = gallery.expressions().find(|(id, _)| *id == m.id).unwrap();
        assert_eq!(m.distance, face.distance(&query));
        assert_eq!(m.score, options.score(&[query], &face));
    }
    let plain = gallery.nearest(&query, 3).unwrap();
    assert_eq!(poses(&plain), ["self", "same", "hub"]);
    assert!(plain.iter().all(|m| m.score == m.distance));
    // The bound is on the distance.
    let bounded = SearchOptions {
        max_distance: Some(found[1].distance),
        ..options
    };
    let found = gallery.search(&[query], &bounded).unwrap();
    assert_eq!(poses(&found), ["self", "same"]);
}

#[test]
fn a_copy_is_first_whatever_is_equal_to_it() {
    let gallery = three_poses();
    for (id, expression) in gallery.expressions() {
        let options = SearchOptions {
            population_mean: Some([0.05; EXPRESSION_LEN]),
            ..varied(3)
        };
        let found = gallery.search(&[expression], &options).unwrap();
        assert_eq!((found[0].id, found[0].score), (id, 0.0));
    }
}

#[test]
fn a_bolder_variety_goes_farther() {
    let bold = SearchOptions {
        variety: Some(Variety {
            slack: 1.0,
            ..Variety::default()
        }),
        ..varied(4)
    };
    let found = three_poses().search(&[at(0.0, 1)], &bold).unwrap();
    assert_eq!(poses(&found), ["near", "other", "third", "far"]);
}
