//! The search's answer is the definition's, however large the gallery and whatever the options, in
//! a file's gallery and in one in memory.
#![cfg(feature = "gallery")]

use moue::cancel::CancelToken;
use moue::embed::{EXPRESSION_LEN, Emotion, EmotionFilter};
use moue::gallery::{
    Filter, GalleryError, MemoryGallery, MemoryStorage, NewPicture, Picture, PictureHash,
    SearchOptions, Variety,
};
use moue::{BoundingBox, Expression, Face, Gallery, Match};
use proptest::prelude::*;
use std::collections::HashMap;
use std::time::Duration;

/// Small pseudo-random numbers from a seed, so that a failing case can be repeated.
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

/// Mean squared distance of a face from targets, in double precision.
fn mean_square(targets: &[Vec<f64>], face: &Expression) -> f64 {
    let square = |target: &Vec<f64>| -> f64 {
        let pairs = target.iter().zip(face.0);
        pairs.map(|(a, b)| (a - f64::from(b)).powi(2)).sum()
    };
    targets.iter().map(square).sum::<f64>() / targets.len() as f64
}

fn doubles(expression: &Expression) -> Vec<f64> {
    expression.0.iter().map(|v| f64::from(*v)).collect()
}

/// An expression less the mean, of unit length.
fn centered(expression: &Expression, mean: &[f32; EXPRESSION_LEN]) -> Vec<f64> {
    let pairs = expression.0.iter().zip(mean);
    let shifted: Vec<f64> = pairs
        .map(|(v, m)| f64::from(*v) - f64::from(*m) / 4.0)
        .collect();
    let length = shifted.iter().map(|v| v * v).sum::<f64>().sqrt();
    shifted.iter().map(|v| v / length).collect()
}

/// The definition: every face, its score and distance in double precision, conditions, order.
fn naive(
    faces: &[(Expression, NewPicture)],
    targets: &[Expression],
    options: &SearchOptions,
) -> Vec<[f64; 2]> {
    let plain: Vec<Vec<f64>> = targets.iter().map(doubles).collect();
    let shifted: Option<Vec<Vec<f64>>> = options
        .population_mean
        .map(|mean| targets.iter().map(|t| centered(t, &mean)).collect());
    let mut best: HashMap<&str, [f64; 2]> = HashMap::new();
    for (expression, picture) in faces {
        let squared = mean_square(&plain, expression);
        let negative = options
            .negatives
            .iter()
            .any(|n| mean_square(&[doubles(n)], expression) < squared);
        let filter = options.filter.tags.iter().all(|t| picture.tags.contains(t))
            && options.filter.since.is_none_or(|s| picture.added >= s)
            && options
                .emotions
                .iter()
                .all(|e| e.matches(&expression.emotions()));
        let near = |d: f32| squared.sqrt() <= f64::from(d);
        if negative || !filter || !options.max_distance.is_none_or(near) {
            continue;
        }
        let distance = squared.sqrt();
        let score = match &shifted {
            // The score of a copy of the query's picture is lowered, to 0 at a distance of 0.
            Some(shifted) => mean_square(shifted, expression).sqrt() * (distance / 0.1).min(1.0),
            None => distance,
        };
        let kept = best.entry(&picture.path).or_insert([f64::MAX; 2]);
        if score < kept[0] {
            *kept = [score, distance];
        }
    }
    let mut all: Vec<[f64; 2]> = best.into_values().collect();
    all.sort_by(|a, b| a[0].total_cmp(&b[0]));
    all.truncate(options.limit);
    all
}

fn scores(found: &[Match]) -> Vec<f64> {
    found.iter().map(|m| f64::from(m.score)).collect()
}

/// The mean of all faces, as a population's.
fn mean(faces: &[(Expression, NewPicture)]) -> [f32; EXPRESSION_LEN] {
    let count = faces.len() as f32;
    std::array::from_fn(|i| faces.iter().map(|(e, _)| e.0[i]).sum::<f32>() / count)
}

/// A gallery's pictures once more in memory; some of them are near-duplicates.
fn in_memory_too(seed: u64, pictures: usize) -> (Gallery, MemoryGallery) {
    let (_, faces) = filled(seed, pictures);
    let mut new: Vec<NewPicture> = faces.into_iter().map(|(_, picture)| picture).collect();
    new.dedup_by_key(|p| p.hash);
    for (i, picture) in new.iter_mut().enumerate() {
        picture.perceptual_hash = (i % 2 == 0).then_some(PictureHash([(i % 10) as u8; 32]));
    }
    let gallery = Gallery::with_storage(MemoryStorage::default(), "memory").unwrap();
    let mut memory = MemoryGallery::new();
    let added = gallery.add(&new).unwrap();
    assert_eq!(memory.add(&new), added);
    assert_eq!(memory.add(&new[..3]), [false; 3]);
    (gallery, memory)
}

fn same_content(gallery: &Gallery, memory: &MemoryGallery) {
    let pictures = || {
        let mut all = Vec::new();
        let kept = gallery.for_each_picture(|p| {
            all.push(p);
            Ok::<(), GalleryError>(())
        });
        kept.map(|()| all)
    };
    let pictures: Vec<Picture> = pictures().unwrap();
    assert!(memory.pictures().eq(&pictures));
    assert!(memory.expressions().eq(gallery.expressions().unwrap()));
    assert!(memory.entries().eq(gallery.entries().unwrap()));
    assert_eq!(memory.len(), gallery.len().unwrap());
    assert_eq!(memory.picture_count(), gallery.picture_count().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn equals_the_definition(
        seed in any::<u64>(), targets in 1usize..4, negatives in 0usize..2, limit in 0usize..12,
        tag in any::<bool>(), near in any::<bool>(), since in any::<bool>(), center in any::<bool>(),
        emotion in 0usize..16
    ) {
        let (gallery, faces) = filled(seed, 120);
        let mut numbers = Numbers(seed ^ 77);
        let targets: Vec<Expression> = (0..targets).map(|_| numbers.expression()).collect();
        let options = SearchOptions {
            negatives: (0..negatives).map(|_| numbers.expression()).collect(),
            max_distance: near.then_some(0.71),
            filter: Filter {
                tags: if tag { vec!["tag1".into()] } else { Vec::new() },
                since: since.then_some(40),
                ..Filter::default()
            },
            population_mean: center.then(|| mean(&faces)),
            // Every second search has a condition, which about half of the faces meet.
            emotions: Emotion::ALL.get(emotion).map(|e| EmotionFilter::Above(*e, 0.05)).into_iter().collect(),
            ..SearchOptions::nearest(limit)
        };
        let exact = gallery.search(&targets, &options).unwrap();
        let found = scores(&exact);
        let defined = naive(&faces, &targets, &options);
        prop_assert_eq!(found.len(), defined.len());
        for (found, [defined, _]) in found.iter().zip(&defined) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn a_gallery_in_memory_answers_as_one_in_a_file(
        seed in any::<u64>(), targets in 1usize..4, negatives in 0usize..2, limit in 0usize..12,
        tag in any::<bool>(), near in any::<bool>(), separated in any::<bool>(), third in 0u64..4,
        varied in any::<bool>()
    ) {
        let (gallery, mut memory) = in_memory_too(seed, 60);
        let removed = gallery.remove(|p| p.added % 3 == third).unwrap();
        prop_assert_eq!(memory.remove(|p| p.added % 3 == third), removed);
        let rename = |p: &mut Picture| {
            p.label.push('!');
            p.added.is_multiple_of(5)
        };
        let renamed = gallery.update(rename).unwrap();
        prop_assert_eq!(memory.update(rename), renamed);
        same_content(&gallery, &memory);
        let mut numbers = Numbers(seed ^ 5);
        let targets: Vec<Expression> = (0..targets).map(|_| numbers.expression()).collect();
        let options = SearchOptions {
            negatives: (0..negatives).map(|_| numbers.expression()).collect(),
            max_distance: near.then_some(0.71),
            min_separation: separated.then_some(0.4),
            variety: varied.then(Variety::default),
            population_mean: varied.then_some([0.05; EXPRESSION_LEN]),
            filter: Filter {
                tags: if tag { vec!["tag1".into()] } else { Vec::new() },
                ..Filter::default()
            },
            ..SearchOptions::nearest(limit)
        };
        let found = memory.search(&targets, &options).unwrap();
        prop_assert_eq!(&gallery.search(&targets, &options).unwrap(), &found);
        prop_assert_eq!(&gallery.with_exact_faces(0).search(&targets, &options).unwrap(), &found);
    }
}

#[test]
fn many_faces_in_memory_fill_several_chunks() {
    let (gallery, mut memory) = in_memory_too(6, 4500);
    let target = Numbers(1).expression();
    assert_eq!(
        memory.nearest(&target, 9).unwrap(),
        gallery.nearest(&target, 9).unwrap()
    );
    // All of the first chunk goes, so that the others are renumbered.
    let early = |p: &Picture| p.added < 2100 || p.added.is_multiple_of(7);
    assert_eq!(memory.remove(early), gallery.remove(early).unwrap());
    same_content(&gallery, &memory);
    let options = SearchOptions {
        min_separation: Some(0.3),
        ..SearchOptions::nearest(5)
    };
    let found = memory.search(&[target], &options).unwrap();
    assert_eq!(found, gallery.search(&[target], &options).unwrap());
}

#[test]
fn faces_of_many_chunks_are_counted_exactly() {
    let gallery = Gallery::with_storage(MemoryStorage::default(), "memory").unwrap();
    let face = || (Face::whole(), Numbers(3).expression()).into();
    let pictures: Vec<NewPicture> = (0..30u8)
        .map(|i| NewPicture {
            hash: [i; 32],
            faces: (0..1000).map(|_| face()).collect(),
            ..NewPicture::default()
        })
        .collect();
    gallery.add(&pictures).unwrap();
    assert_eq!(gallery.len().unwrap(), 30_000);
}

#[test]
fn a_canceled_search_ends_with_an_error() {
    let (gallery, faces) = filled(8, 3000);
    let gallery = gallery.with_exact_faces(0).with_memory(0);
    let options = SearchOptions {
        cancel: CancelToken::new(),
        ..SearchOptions::nearest(3)
    };
    let target = [faces[0].0];
    assert_eq!(gallery.search(&target, &options).unwrap().len(), 3);
    // Another thread cancels while this one searches again and again.
    let token = options.cancel.clone();
    let canceler = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(5));
        token.cancel();
    });
    let error = loop {
        if let Err(error) = gallery.search(&target, &options) {
            break error;
        }
    };
    canceler.join().unwrap();
    assert!(matches!(error, GalleryError::Cancelled(_)), "{error}");
    let all = gallery.search_all(&[target, target], &options);
    assert!(matches!(all, Err(GalleryError::Cancelled(_))));
    let memory = MemoryGallery::new();
    assert!(matches!(
        memory.search(&target, &options),
        Err(GalleryError::Cancelled(_))
    ));
    let late = SearchOptions {
        cancel: CancelToken::with_timeout(Duration::ZERO),
        ..SearchOptions::default()
    };
    assert!(matches!(
        gallery.search(&target, &late),
        Err(GalleryError::Cancelled(_))
    ));
}

#[test]
fn visits_of_all_faces_can_be_canceled() {
    let (gallery, _) = filled(8, 100);
    let token = CancelToken::new();
    let mut visited = 0;
    let ended = gallery.for_each_expression(|_, _| {
        token.check()?;
        visited += 1;
        if visited == 7 {
            token.cancel();
        }
        Ok::<(), GalleryError>(())
    });
    assert!(matches!(ended, Err(GalleryError::Cancelled(_))));
    assert_eq!(visited, 7);
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
        for (score, [defined, _]) in scores(&found).iter().zip(&defined) {
            assert!((score - defined).abs() < 1e-3);
        }
        assert_eq!(found.len(), 7);
        assert!(
            found
                .iter()
                .all(|m| gallery.get(m.id).unwrap().unwrap().path == m.path)
        );
    }
}
