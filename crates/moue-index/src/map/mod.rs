//! Places in the plane, so that similar expressions lie near to each other: t-SNE (van der Maaten
//! and Hinton 2008); and the same as a grid without gaps.

mod grid;
mod tsne;

pub use grid::FaceGrid;

use moue::Expression;
use std::collections::HashMap;
use std::f32::consts::TAU;

/// Faces that t-SNE arranges; every other face is placed beside the nearest of them. The time grows
/// with their number times the number of rounds. Chosen by hand: seconds, not minutes.
const MAX_LANDMARKS: usize = 1500;

/// With fewer faces than this there is no neighborhood to preserve, and a circle shows them all.
const MIN_LANDMARKS: usize = 8;

/// Rounds of t-SNE. Chosen by hand, below the customary 1000: the page shows neighborhoods, which
/// form early, and the rest of the rounds only spreads them.
const EPOCHS: usize = 400;

/// Size of the first layout. t-SNE starts from points near to each other, so that clusters form
/// before they repel each other.
const INITIAL_SCALE: f32 = 1e-2;

/// The golden angle in radians: successive points around a landmark never line up.
const GOLDEN_ANGLE: f32 = 2.399_963;

/// Distance of a face from its landmark. Chosen by hand, about the distance of two landmarks that
/// are neighbors.
const LANDMARK_RADIUS: f32 = 0.6;

/// A place in the plane for every face, in the same order, so that similar expressions are near to
/// each other. The same faces are always placed the same. The plane's unit has no meaning; the places
/// of a thousand faces reach some tens of units from its origin.
///
/// A thousand faces take about half a second of processor time; more than 1,500 hardly longer than those.
///
/// ```
/// use moue::Gallery;
/// use moue::gallery::GalleryError;
/// let mut faces = Vec::new();
/// Gallery::emoji()?.for_each_expression(|id, expression| {
///     faces.push((id, expression));
///     Ok::<(), GalleryError>(())
/// })?;
/// let places = moue_index::layout(&faces);
/// assert_eq!(places.len(), faces.len());
/// # Ok::<(), GalleryError>(())
/// ```
pub fn layout(faces: &[(u64, Expression)]) -> Vec<[f32; 2]> {
    // At least one, of no faces too.
    let step = faces.len().div_ceil(MAX_LANDMARKS).max(1);
    let landmarks = Landmarks::arranged(faces.iter().step_by(step).map(|(_, e)| e).collect());
    let place = |(i, face): (usize, &(u64, Expression))| {
        // A landmark's own place.
        let own = i.is_multiple_of(step).then(|| landmarks.places[i / step]);
        own.unwrap_or_else(|| landmarks.beside(i, &face.1))
    };
    faces.iter().enumerate().map(place).collect()
}

/// [`layout`] for faces that have been arranged before but for some new ones: those with a place in
/// `known`, by id, stay there, and each new one is placed beside the known one that it is most like. It
/// takes a millisecond for each hundred new ones; without a known one all are arranged.
///
/// ```
/// use moue::Expression;
/// let [first, second] = [0.125, -0.125].map(|x| Expression([x; 64]));
/// let known = [(1, [3.0, 4.0]), (2, [-3.0, 0.0])].into();
/// let places = moue_index::layout_beside(&[(1, first), (2, second), (7, first)], &known);
/// assert_eq!(places[..2], [[3.0, 4.0], [-3.0, 0.0]]);
/// assert!((places[2][0] - 3.0).hypot(places[2][1] - 4.0) < 1.0);
/// ```
pub fn layout_beside(faces: &[(u64, Expression)], known: &HashMap<u64, [f32; 2]>) -> Vec<[f32; 2]> {
    let landmarks = Landmarks::known(faces, known);
    if landmarks.places.is_empty() {
        return layout(faces);
    }
    let place = |(id, expression): &(u64, Expression)| {
        let own = known.get(id).copied();
        // By its id, so that it stays where it is when others come and go.
        own.unwrap_or_else(|| landmarks.beside((*id % 1000) as usize, expression))
    };
    faces.iter().map(place).collect()
}

/// Faces with places, beside which others are placed.
struct Landmarks<'a> {
    expressions: Vec<&'a Expression>,
    places: Vec<[f32; 2]>,
}

impl<'a> Landmarks<'a> {
    /// Gives faces their places.
    fn arranged(expressions: Vec<&'a Expression>) -> Self {
        let places = if expressions.len() < MIN_LANDMARKS {
            circle(expressions.len())
        } else {
            tsne(&expressions)
        };
        Self {
            expressions,
            places,
        }
    }

    /// The faces that have a place already, or some of them where they are many.
    fn known(faces: &'a [(u64, Expression)], known: &HashMap<u64, [f32; 2]>) -> Self {
        let with_place = faces
            .iter()
            .filter_map(|(id, expression)| known.get(id).map(|place| (expression, *place)));
        let step = known.len().div_ceil(MAX_LANDMARKS).max(1);
        let (expressions, places) = with_place.step_by(step).unzip();
        Self {
            expressions,
            places,
        }
    }

    /// A place beside the landmark that is most like an expression, in a direction by its number.
    fn beside(&self, number: usize, expression: &Expression) -> [f32; 2] {
        let distances = self.expressions.iter().map(|l| l.distance(expression));
        let nearest = distances
            .zip(&self.places)
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        let [x, y] = nearest.map_or([0.0; 2], |(_, place)| *place);
        let angle = number as f32 * GOLDEN_ANGLE;
        [
            x + LANDMARK_RADIUS * angle.cos(),
            y + LANDMARK_RADIUS * angle.sin(),
        ]
    }
}

fn circle(count: usize) -> Vec<[f32; 2]> {
    (0..count)
        .map(|i| (i as f32 / count as f32 * TAU).sin_cos())
        .map(|(y, x)| [x, y])
        .collect()
}

fn tsne(landmarks: &[&Expression]) -> Vec<[f32; 2]> {
    // 30 neighbors, the usual value, need at least three times as many points.
    let perplexity = (landmarks.len() as f32 / 4.0).clamp(2.0, 30.0);
    // A start at random would give another page each time.
    let start = landmarks
        .iter()
        .map(|e| [e.0[0], e.0[1]].map(|x| x * INITIAL_SCALE));
    tsne::arrange(landmarks, perplexity, start.collect(), EPOCHS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::Gallery;
    use moue::gallery::GalleryError;

    /// Neighbors in the plane that are compared.
    const NEAREST: usize = 10;

    /// The expressions of the built-in drawings.
    fn drawings() -> Vec<(u64, Expression)> {
        let gallery = Gallery::builtin().unwrap();
        let mut faces = Vec::new();
        gallery
            .for_each_expression(|id, expression| {
                faces.push((id, expression));
                Ok::<(), GalleryError>(())
            })
            .unwrap();
        faces
    }

    /// Of the nearest faces on the map, the part that are among the nearest by expression too.
    fn kept_neighbors(faces: &[(u64, Expression)], places: &[[f32; 2]]) -> f32 {
        let nearest = |distance: &dyn Fn(usize) -> f32, i: usize| -> Vec<usize> {
            let mut others: Vec<usize> = (0..faces.len()).filter(|j| *j != i).collect();
            others.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            others.truncate(NEAREST);
            others
        };
        let kept = |i: usize| {
            let [x, y] = places[i];
            let near = nearest(&|j| (x - places[j][0]).hypot(y - places[j][1]), i);
            let alike = nearest(&|j| faces[i].1.distance(&faces[j].1), i);
            near.iter().filter(|j| alike.contains(j)).count()
        };
        let all: usize = (0..faces.len()).map(kept).sum();
        all as f32 / (faces.len() * NEAREST) as f32
    }

    #[test]
    fn few_faces_and_none_have_places() {
        let faces = |count: u64| (0..count).map(|id| (id, Expression([0.125; 64])));
        for count in [0, 1, 2, 7, 8, 9] {
            let places = layout(&faces(count).collect::<Vec<_>>());
            assert_eq!(places.len() as u64, count);
            assert!(places.as_flattened().iter().all(|v| v.is_finite()));
        }
    }

    /// The Barnes-Hut t-SNE of the crate bhtsne 0.7 keeps 0.765 on the same faces with as many rounds.
    #[test]
    fn neighbors_on_the_map_are_similar_expressions() {
        let faces = drawings();
        let places = layout(&faces);
        let kept = kept_neighbors(&faces, &places);
        println!("{kept} of the nearest faces on the map are among the nearest expressions");
        assert!(kept > 0.76, "{kept}");
        assert_eq!(places, layout(&faces), "the page is the same each time");
    }

    /// Of the cells around a picture's, the part that have one of the nearest expressions; a grid in
    /// any other order has 1 %.
    #[test]
    fn neighbors_in_the_grid_are_similar_expressions() {
        let faces = drawings();
        let grid = FaceGrid::of(&layout(&faces));
        let mut places = vec![[0.0; 2]; faces.len()];
        for (cell, face) in grid.cells.iter().enumerate() {
            places[*face] = [(cell % grid.columns) as f32, (cell / grid.columns) as f32];
        }
        let kept = kept_neighbors(&faces, &places);
        println!("{kept} of the nearest cells have one of the nearest expressions");
        assert!(kept > 0.4, "{kept}");
    }
}
