//! Searches by comparing everything with everything, which no store does.

use crate::{GalleryStore, StoredPicture};
use moue::Expression;
use moue::gallery::{Match, Picture, SearchOptions, Shortlist, Shortlisted, same_picture};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

/// All that a store has, as its export gives it.
pub(super) struct Everything {
    pub(super) pictures: Vec<StoredPicture>,
    /// The group of each picture by its id: the id of the first of its near-duplicates.
    groups: HashMap<u64, u64>,
    list: Shortlist,
}

impl Everything {
    pub(super) fn of(store: &dyn GalleryStore) -> Self {
        let mut pictures: Vec<StoredPicture> = Vec::new();
        let mut keep = |picture| {
            pictures.push(picture);
            ControlFlow::Continue(())
        };
        store
            .export(&Default::default(), &mut keep)
            .expect("the store exports");
        assert!(
            pictures.is_sorted_by_key(|p| p.picture.id),
            "an export is by id"
        );
        Self {
            groups: groups(&pictures),
            list: Shortlist::new(pictures.iter().flat_map(shortlisted).collect()),
            pictures,
        }
    }

    pub(super) fn picture_of(&self, face: u64) -> &Picture {
        let mut pictures = self.pictures.iter().map(|p| &p.picture);
        let found = pictures.find(|p| p.faces.iter().any(|f| f.id == face));
        found.expect("every match has a picture")
    }

    pub(super) fn group_of(&self, face: u64) -> u64 {
        self.groups[&self.picture_of(face).id]
    }

    pub(super) fn expression_of(&self, face: u64) -> Expression {
        let picture = self.pictures.iter().find_map(|p| {
            let place = p.picture.faces.iter().position(|f| f.id == face)?;
            Some(p.expressions[place])
        });
        picture.expect("every match has an expression")
    }

    /// The answer: of searches for the nearest by their definition, of others by the search of a
    /// gallery that has all faces in memory.
    pub(super) fn search(
        &self,
        targets: &[Expression],
        options: &SearchOptions,
    ) -> Vec<(u64, f32)> {
        if options.variety.is_some() || options.min_separation.is_some() {
            let found = self.list.search(targets, options).expect("it is in memory");
            return ids_and_scores(&found);
        }
        let mut faces = self.scored(targets, options);
        faces.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
        let mut seen = HashSet::new();
        let best = faces
            .into_iter()
            .filter(|(_, group, _)| seen.insert(*group));
        best.take(options.limit)
            .map(|(id, _, score)| (id, score))
            .collect()
    }

    /// Id, group and score of every face that may be in the answer.
    fn scored(&self, targets: &[Expression], options: &SearchOptions) -> Vec<(u64, u64, f32)> {
        let mut faces = Vec::new();
        for stored in &self.pictures {
            if stored.picture.hidden || !options.filter.matches(&stored.picture) {
                continue;
            }
            for (face, expression) in stored.picture.faces.iter().zip(&stored.expressions) {
                if counts(targets, options, expression) {
                    let score = options.score(targets, expression);
                    faces.push((face.id, self.groups[&stored.picture.id], score));
                }
            }
        }
        faces
    }
}

pub(super) fn ids_and_scores(found: &[Match]) -> Vec<(u64, f32)> {
    found.iter().map(|m| (m.id, m.score)).collect()
}

/// Whether a face may be in the answer, by the definition of the options.
fn counts(targets: &[Expression], options: &SearchOptions, face: &Expression) -> bool {
    let distance = SearchOptions::nearest(1).score(targets, face);
    let is_near = options.max_distance.is_none_or(|max| distance <= max);
    let is_nearer = |negative: &Expression| negative.distance(face) < distance;
    is_near && !options.negatives.iter().any(is_nearer) && face.meets(&options.emotions)
}

fn shortlisted(stored: &StoredPicture) -> Vec<Shortlisted> {
    let faces = stored.picture.faces.iter().zip(&stored.expressions);
    let faces = faces.map(|(face, expression)| Shortlisted {
        id: face.id,
        expression: *expression,
        picture: stored.picture.clone(),
    });
    faces.collect()
}

/// Each picture joins the group of the latest picture before it whose first face and appearance are
/// nearly its own.
fn groups(pictures: &[StoredPicture]) -> HashMap<u64, u64> {
    let mut groups: HashMap<u64, u64> = HashMap::new();
    for (place, new) in pictures.iter().enumerate() {
        let before = pictures[..place].iter().rev();
        let original = before.into_iter().find(|old| {
            let hashes = new
                .picture
                .perceptual_hash
                .as_ref()
                .zip(old.picture.perceptual_hash.as_ref());
            hashes.is_some_and(|(a, b)| {
                same_picture((a, &new.expressions[0]), (b, &old.expressions[0]))
            })
        });
        let id = new.picture.id;
        groups.insert(id, original.map_or(id, |old| groups[&old.picture.id]));
    }
    groups
}
