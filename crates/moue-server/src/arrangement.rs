//! Where the pictures of the gallery lie by expression, kept until other ones are asked for.

use crate::problem::Problem;
use moue::gallery::GalleryError;
use moue::{Expression, Gallery};
use moue_index::{layout, layout_beside};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Once one face of so many is new, all are arranged anew. Until then the new ones are placed beside
/// what they are like: pictures stay where people have seen them, and an upload costs milliseconds.
const NEW_PART: usize = 8;

/// The arrangement of the gallery as it was last asked for.
#[derive(Default)]
pub(crate) struct MapCache(Mutex<Arranged>);

#[derive(Default)]
struct Arranged {
    /// The places of the faces that were arranged together.
    settled: HashMap<u64, [f32; 2]>,
    /// The faces that were asked for last, and their places.
    faces: Vec<u64>,
    places: Arc<Vec<[f32; 2]>>,
}

impl MapCache {
    /// The places of these faces. Whoever asks while they are computed waits, so it is called on a
    /// thread that does nothing else.
    ///
    /// # Errors
    /// A problem if the gallery cannot be read.
    pub(crate) fn places(
        &self,
        gallery: &Gallery,
        faces: &[u64],
    ) -> Result<Arc<Vec<[f32; 2]>>, Problem> {
        let mut arranged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if arranged.faces != faces {
            arranged.arrange(&expressions(gallery, faces)?);
        }
        Ok(Arc::clone(&arranged.places))
    }
}

impl Arranged {
    fn arrange(&mut self, faces: &[(u64, Expression)]) {
        let is_new = |face: &&(u64, Expression)| !self.settled.contains_key(&face.0);
        let new = faces.iter().filter(is_new).count();
        // Places of faces that are gone would only take memory.
        let ids: HashSet<u64> = faces.iter().map(|face| face.0).collect();
        self.settled.retain(|id, _| ids.contains(id));
        let places = if new * NEW_PART > faces.len() {
            let places = layout(faces);
            self.settled = faces
                .iter()
                .map(|face| face.0)
                .zip(places.clone())
                .collect();
            places
        } else {
            layout_beside(faces, &self.settled)
        };
        self.faces = faces.iter().map(|face| face.0).collect();
        self.places = Arc::new(places);
    }
}

/// The expressions of faces, in their order.
fn expressions(gallery: &Gallery, faces: &[u64]) -> Result<Vec<(u64, Expression)>, GalleryError> {
    let mut found: HashMap<u64, Option<Expression>> = faces.iter().map(|id| (*id, None)).collect();
    gallery.for_each_expression(|id, expression| {
        found.entry(id).and_modify(|e| *e = Some(expression));
        Ok::<(), GalleryError>(())
    })?;
    // One that was removed a moment ago has none, and is placed anywhere.
    let of = |id: &u64| found[id].unwrap_or(Expression([0.125; 64]));
    Ok(faces.iter().map(|id| (*id, of(id))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stay_where_they_were_while_some_come_and_go() {
        let gallery = Gallery::builtin().unwrap();
        let mut ids = Vec::new();
        let listed = gallery.for_each_expression(|id, _| {
            ids.push(id);
            Ok::<(), GalleryError>(())
        });
        listed.unwrap();
        let maps = MapCache::default();
        let place_of = |faces: &[u64]| {
            let places = maps.places(&gallery, faces).unwrap();
            let places = places.iter().copied();
            faces
                .iter()
                .copied()
                .zip(places)
                .collect::<HashMap<u64, [f32; 2]>>()
        };
        let before = place_of(&ids[..200]);
        // 20 more, and 10 that are gone.
        let more = place_of(&ids[10..220]);
        for id in &ids[10..200] {
            assert_eq!(more[id], before[id]);
        }
        // Each new one is near to one that was there.
        for id in &ids[200..220] {
            let [x, y] = more[id];
            let near = before.values().map(|[a, b]| (x - a).hypot(y - b));
            assert!(near.fold(f32::MAX, f32::min) < 1.0);
        }
        let anew = place_of(&ids);
        assert_ne!(anew[&ids[50]], before[&ids[50]]);
        assert_eq!(anew.len(), ids.len());
    }
}
