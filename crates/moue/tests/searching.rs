//! The search's answer is the definition's, however large the gallery and whatever is asked.

use moue::{BoundingBox, Expression, Face, Gallery, Match};

use moue::embed::EXPRESSION_LEN;

use moue::gallery::{Filter, MemoryStorage, NewPicture, SearchOptions};
use proptest::prelude::*;
use std::collections::HashMap;

/// Small pseudo-random numbers from a seed, so that a failing case can be told.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    /// A point in one of a few clusters, so that near neighbors and ties exist.
    fn expression(&mut self) -> Expression {
        let cluster = (self.next() * 8.0).round() + 9.0;
        let mut values: [f32; EXPRESSION_LEN] =
            std::array::from_fn(|i| (cluster * (i as f32 + 1.0)).sin());
        let noise = if self.next() > 0.3 { 0.0 } else { 0.3 };
        values.iter_mut().for_each(|v| *v += noise * self.next());
        unit(values)
    }
}

fn unit(values: [f32; EXPRESSION_LEN]) -> Expression {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(values.map(|v| v / length))
}

fn filled(seed: u64, pictures: usize) -> (Gallery, Vec<(Expression, NewPicture)>) {
    let gallery = Gallery::with_storage(MemoryStorage::default(), "memory").unwrap();
    let mut numbers = Numbers(seed);
    let bounding_box = BoundingBox {
        xmin: 0.25,
        ymin: 0.25,
        width: 0.5,
        height: 0.5,
    };
    let new: Vec<NewPicture> = (0..pictures)
        .map(|i| {
            let faces = (0..1 + i % 3).map(|_| {
                (
                    Face {
                        bounding_box,
                        score: 0.9,
                        key_points: Some([[0.5; 2]; 6]),
                    },
                    numbers.expression(),
                )
                    .into()
            });
            NewPicture {
                hash: moue::digest::sha256(&i.to_le_bytes()),
                path: i.to_string(),
                label: format!("picture {}", i % 7),
                tags: vec![format!("tag{}", i % 4)],
                added: 1 + i as u64,
                faces: faces.collect(),
                ..NewPicture::default()
            }
        })
        .collect();
    assert!(gallery.add(&new).unwrap().iter().all(|added| *added));
    let faces = new
        .iter()
        .flat_map(|p| p.faces.iter().map(|f| (f.expression, p.clone())))
        .collect();
    (gallery, faces)
}

/// The definition: every face, its distance in double precision, conditions, order.
fn naive(
    faces: &[(Expression, NewPicture)],
    targets: &[Expression],
    options: &SearchOptions,
) -> Vec<(String, f64)> {
    let square = |a: &Expression, b: &Expression| {
        a.0.iter()
            .zip(b.0)
            .map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2))
            .sum::<f64>()
    };
    let mut nearest: HashMap<&str, f64> = HashMap::new();
    for (expression, picture) in faces {
        let mean =
            targets.iter().map(|t| square(t, expression)).sum::<f64>() / targets.len() as f64;
        let negative = options
            .negatives
            .iter()
            .any(|n| square(n, expression) < mean);
        let filter = options.filter.tags.iter().all(|t| picture.tags.contains(t))
            && options.filter.since.is_none_or(|s| picture.added >= s);
        if !negative
            && filter
            && options
                .max_distance
                .is_none_or(|d| mean.sqrt() <= f64::from(d))
        {
            let best = nearest.entry(&picture.path).or_insert(f64::MAX);
            *best = best.min(mean);
        }
    }
    let mut all: Vec<(String, f64)> = nearest
        .into_iter()
        .map(|(path, d)| (path.to_owned(), d.sqrt()))
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all.truncate(options.limit);
    all
}

fn distances(found: &[Match]) -> Vec<f64> {
    found.iter().map(|m| f64::from(m.distance)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn equals_the_definition(
        seed in any::<u64>(), targets in 1usize..4, negatives in 0usize..2, limit in 0usize..12,
        tag in any::<bool>(), near in any::<bool>(), since in any::<bool>()
    ) {
        let (gallery, faces) = filled(seed, 120);
        let mut numbers = Numbers(seed ^ 77);
        let targets: Vec<Expression> = (0..targets).map(|_| numbers.expression()).collect();
        let options = SearchOptions {
            negatives: (0..negatives).map(|_| numbers.expression()).collect(),
            limit,
            max_distance: near.then_some(0.71),
            filter: Filter {
                tags: if tag { vec!["tag1".into()] } else { Vec::new() },
                since: since.then_some(40),
                ..Filter::default()
            },
            ..SearchOptions::default()
        };
        let exact = gallery.search(&targets, &options).unwrap();
        let found = distances(&exact);
        let defined = naive(&faces, &targets, &options);
        prop_assert_eq!(found.len(), defined.len());
        for (found, (_, defined)) in found.iter().zip(&defined) {
            prop_assert!((found - defined).abs() < 1e-3, "{found} {defined}");
        }
        // By int8 codes, in memory and streamed, the answer is the same to the bit.
        let gallery = gallery.with_exact_faces(0);
        prop_assert_eq!(&gallery.search(&targets, &options).unwrap(), &exact);
        let gallery = gallery.with_memory(0);
        prop_assert_eq!(&gallery.search(&targets, &options).unwrap(), &exact);
        prop_assert_eq!(&gallery.search_all(&[&targets, &targets], &options).unwrap(), &vec![exact.clone(), exact]);
    }
}

#[test]
fn diverse_answers_lie_apart_and_begin_with_the_nearest() {
    let (gallery, _) = filled(3, 200);
    let target = Numbers(9).expression();
    let options = SearchOptions {
        min_separation: Some(0.5),
        ..SearchOptions::nearest(5)
    };
    let found = gallery.search(&[target], &options).unwrap();
    assert_eq!(found[0], gallery.nearest(&target, 5).unwrap()[0]);
    let expressions: HashMap<u64, Expression> =
        gallery.expressions().unwrap().into_iter().collect();
    for (i, a) in found.iter().enumerate() {
        assert!(
            found[..i]
                .iter()
                .all(|b| expressions[&a.id].distance(&expressions[&b.id]) >= 0.5)
        );
    }
    assert!(found.len() >= 3, "{found:?}");
}

#[test]
fn several_chunks_are_searched_after_removals_too() {
    let (gallery, faces) = filled(5, 4500);
    assert_eq!(gallery.len().unwrap(), faces.len() as u64);
    gallery.remove(|p| p.added % 3 == 0).unwrap();
    let kept: Vec<_> = faces
        .into_iter()
        .filter(|(_, p)| p.added % 3 != 0)
        .collect();
    let gallery = gallery.with_exact_faces(0);
    for seed in 0..10 {
        let target = [Numbers(seed).expression()];
        let options = SearchOptions::nearest(7);
        let found = gallery.search(&target, &options).unwrap();
        let defined = naive(&kept, &target, &options);
        for (distance, (_, defined)) in distances(&found).iter().zip(&defined) {
            assert!((distance - defined).abs() < 1e-3);
        }
        assert_eq!(found.len(), 7);
        assert!(
            found
                .iter()
                .all(|m| gallery.get(m.id).unwrap().unwrap().path == m.path)
        );
    }
}
