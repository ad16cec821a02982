//! Answers that differ, and that are ranked by the centered query.

#[path = "common/faces.rs"]
mod faces;

use faces::at;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{MemoryGallery, MemoryStorage, NewPicture, SearchOptions, Variety};
use moue::{Expression, Face, Gallery, Match};
use std::collections::{HashMap, HashSet};

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

/// A query that is as near to each pose as the first axis is, in a direction of its own.
fn beside_all_poses(number: u16) -> Expression {
    let mut values = [0.0; EXPRESSION_LEN];
    values[0] = 1.0;
    let random = moue::digest::sha256(&number.to_le_bytes());
    for (value, byte) in values[5..].iter_mut().zip(random) {
        *value = f32::from(byte) / 256.0 - 0.5;
    }
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(values.map(|v| v / length))
}

#[test]
fn all_characters_are_met_and_a_query_has_one_answer() {
    let gallery = three_poses();
    let mut met = HashSet::new();
    for i in 0..300u16 {
        let query = beside_all_poses(i);
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
    // Half of it is subtracted.
    let mean = at(0.0, 1).0.map(|v| v * 1.2);
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

/// Two of three poses have one label but for a face.
#[test]
fn a_label_is_shown_once_if_there_are_others() {
    let mut gallery = three_poses();
    let labels = |path: &str| match path {
        _ if path.starts_with("third") => "c",
        _ if path.ends_with('3') => "b",
        _ => "a",
    };
    gallery.update(|picture| {
        picture.label = labels(&picture.path).into();
        true
    });
    let labels = |limit| {
        let found = gallery.search(&[at(0.0, 1)], &varied(limit)).unwrap();
        found.into_iter().map(|m| m.label).collect::<Vec<_>>()
    };
    let three: HashSet<String> = labels(3).into_iter().collect();
    assert_eq!(three.len(), 3);
    // Of a fourth there is only a repeat.
    let four: HashSet<String> = labels(4).into_iter().collect();
    assert_eq!((four.len(), labels(4).len()), (3, 4));
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

/// Pseudo-random numbers between -0.5 and 0.5, by the constants of Knuth's MMIX.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    /// A face of one of `poses` poses on a cone around the first axis, as far apart as our
    /// drawings' are, some of them nearly equal.
    fn face(&mut self, poses: f32) -> Expression {
        let pose = ((self.next() + 0.5) * poses).floor() + 1.0;
        let noise = if self.next() > 0.0 { 0.03 } else { 0.12 };
        let mut values = std::array::from_fn(|i| {
            (pose * (i as f32 + 1.0)).sin() * 0.09 + noise * self.next() / 4.0
        });
        values[0] += 0.8;
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        Expression(values.map(|v| v / length))
    }
}

/// Pictures of twelve poses, which have so many labels.
fn pictures(count: usize, labels: usize, seed: u64) -> Vec<NewPicture> {
    let mut numbers = Numbers(seed);
    (0..count)
        .map(|i| NewPicture {
            hash: moue::digest::sha256(&i.to_le_bytes()),
            path: i.to_string(),
            label: (i % labels).to_string(),
            faces: vec![(Face::whole(), numbers.face(12.0)).into()],
            ..NewPicture::default()
        })
        .collect()
}

/// The definition of varied answers without ties: ids in the order in which they are taken, sorted
/// by score. `labels` are those of the faces.
fn by_definition(
    faces: &[(u64, Expression)],
    labels: &HashMap<u64, String>,
    query: &Expression,
    options: &SearchOptions,
) -> Vec<u64> {
    let variety = options.variety.unwrap();
    let score = |face: &Expression| options.score(&[*query], face);
    let mut sorted: Vec<(u64, Expression)> = faces.to_vec();
    sorted.sort_by(|a, b| score(&a.1).total_cmp(&score(&b.1)).then(a.0.cmp(&b.0)));
    // A copy is no measure for the others: its score is raised by more than it was lowered.
    let reference = |face: &Expression| {
        let nearness = (query.distance(face) / 0.1).min(1.0);
        let lowered = if options.population_mean.is_some() {
            3
        } else {
            2
        };
        score(face) / nearness.powi(lowered)
    };
    let best = sorted
        .iter()
        .map(|(_, f)| reference(f))
        .fold(f32::MAX, f32::min);
    let mut taken: Vec<(u64, Expression)> = Vec::new();
    let apart = variety.separation;
    let near = best + variety.slack;
    let steps = [
        (apart, true, near),
        (0.0, true, near),
        (apart, false, near),
        (0.0, false, f32::INFINITY),
    ];
    for (separation, has_own_label, worst) in steps {
        for (id, face) in &sorted {
            let is_new = taken.iter().all(|(t, other)| {
                let is_other = !has_own_label || labels[t] != labels[id];
                t != id && is_other && other.distance(face) >= separation
            });
            if taken.len() < options.limit && is_new && score(face) <= worst {
                taken.push((*id, *face));
            }
        }
    }
    taken.sort_by(|a, b| score(&a.1).total_cmp(&score(&b.1)).then(a.0.cmp(&b.0)));
    taken.into_iter().map(|(id, _)| id).collect()
}

/// The mean of all faces, as a population's.
fn mean(faces: &[(u64, Expression)]) -> [f32; EXPRESSION_LEN] {
    std::array::from_fn(|i| faces.iter().map(|(_, e)| e.0[i]).sum::<f32>() / faces.len() as f32)
}

#[test]
fn answers_are_those_of_the_definition_however_they_are_found() {
    for seed in 0..12 {
        // One for all, some, and one for each.
        let count = [1, 20, 400][seed as usize % 3];
        let new = pictures(400, count, seed);
        let mut memory = MemoryGallery::new();
        memory.add(&new);
        let exact = Gallery::with_storage(MemoryStorage::default(), "exact").unwrap();
        exact.add(&new).unwrap();
        let coded = Gallery::with_storage(MemoryStorage::default(), "codes").unwrap();
        coded.add(&new).unwrap();
        let coded = coded.with_exact_faces(0);
        let faces: Vec<(u64, Expression)> = memory.expressions().collect();
        let labels = memory.entries().map(|e| (e.id, e.label)).collect();
        let mut numbers = Numbers(seed + 900);
        // Faces that are not in the gallery, one that is, and one that is nearly the same.
        let near = blend(&faces[7].1, &faces[8].1, 0.1);
        let queries = [numbers.face(12.0), numbers.face(40.0), faces[5].1, near];
        for (i, query) in queries.iter().enumerate() {
            for (tie, limit) in [(0.0, 3), (0.0, 9), (0.0, 50), (0.1, 3), (0.1, 60)] {
                let options = SearchOptions {
                    variety: Some(Variety {
                        tie,
                        ..Variety::default()
                    }),
                    population_mean: (i % 2 == 0 || seed % 2 == 0).then(|| mean(&faces)),
                    limit,
                    ..SearchOptions::varied()
                };
                let found = memory.search(&[*query], &options).unwrap();
                assert_eq!(exact.search(&[*query], &options).unwrap(), found);
                assert_eq!(coded.search(&[*query], &options).unwrap(), found);
                let ids: Vec<u64> = found.iter().map(|m| m.id).collect();
                if tie == 0.0 && limit <= 32 {
                    assert_eq!(
                        ids,
                        by_definition(&faces, &labels, query, &options),
                        "{seed} {i}"
                    );
                }
                assert_eq!(ids.iter().collect::<HashSet<_>>().len(), limit);
            }
        }
    }
}

/// The unit vector on the way from one expression to another.
fn blend(from: &Expression, to: &Expression, share: f32) -> Expression {
    let mixed: [f32; EXPRESSION_LEN] =
        std::array::from_fn(|i| from.0[i] * (1.0 - share) + to.0[i] * share);
    let length = mixed.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(mixed.map(|v| v / length))
}

#[test]
fn scores_have_no_step_between_a_copy_and_what_is_alike() {
    let options = SearchOptions {
        population_mean: Some(at(0.0, 1).0.map(|v| v * 0.9)),
        ..SearchOptions::nearest(3)
    };
    let query = at(0.9, 1);
    // Away from the query, in a direction that the mean has no part in.
    let away = |angle: f32| {
        let mut values = query.0.map(|v| v * angle.cos());
        values[5] = angle.sin();
        Expression(values)
    };
    let step = 1e-3;
    let scores: Vec<f32> = (0..400)
        .map(|i| options.score(&[query], &away(i as f32 * step)))
        .collect();
    assert_eq!(scores[0], 0.0);
    assert!(scores.is_sorted(), "the farther, the larger");
    // The distance grows by the step at most; a score by ten times as much of itself.
    let steps = scores.windows(2).map(|pair| pair[1] - pair[0]);
    assert!(steps.fold(0.0, f32::max) < 10.0 * step, "{scores:?}");
}

#[test]
fn a_drawing_is_first_for_what_is_nearly_its_picture() {
    let gallery = Gallery::builtin().unwrap();
    let faces = gallery.expressions().unwrap();
    for (i, (id, face)) in faces.iter().enumerate().step_by(7) {
        let (_, other) = &faces[(i + faces.len() / 2) % faces.len()];
        for share in [0.0, 0.005, 0.01, 0.02] {
            let query = blend(face, other, share);
            let found = gallery.search(&[query], &SearchOptions::varied()).unwrap();
            let best = &found[0];
            // Some drawings of two characters are so nearly equal that the other one may be nearer.
            assert!(best.id == *id || best.distance < query.distance(face) * 1.2);
            assert!(share > 0.0 || best.id == *id);
        }
    }
}

#[test]
fn answers_differ_in_a_crowd_too() {
    // More faces within the slack than are kept, among them two poses that are rare.
    let mut gallery = MemoryGallery::new();
    let mut numbers = Numbers(3);
    let mut crowd = |count: usize, angle: f32, axis: usize, name: &str| {
        let new: Vec<NewPicture> = (0..count)
            .map(|i| NewPicture {
                hash: moue::digest::sha256(format!("{name} {i}").as_bytes()),
                path: format!("{name}-{i}"),
                faces: vec![(Face::whole(), at(angle + 0.01 * numbers.next(), axis)).into()],
                ..NewPicture::default()
            })
            .collect();
        gallery.add(&new);
    };
    crowd(40_000, 0.5, 1, "near");
    crowd(2, 0.52, 2, "other");
    crowd(2, 0.54, 3, "third");
    crowd(100, 1.2, 4, "far");
    let found = gallery.search(&[at(0.0, 1)], &varied(3)).unwrap();
    assert_eq!(poses(&found).len(), 3);
    assert_eq!(poses(&found)[0], "near");
}
