//! Places in the plane, so that similar expressions lie near to each other: t-SNE (van der Maaten
//! and Hinton 2008) in its Barnes-Hut form.

use anyhow::{Result, bail};
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use std::f32::consts::TAU;

/// Faces that t-SNE arranges; every other face is placed beside the nearest of them. The time grows
/// with their number times the number of rounds. Chosen by hand: seconds, not minutes.
const MAX_LANDMARKS: usize = 1500;

/// With fewer faces than this there is no neighborhood to preserve, and a circle shows them all.
const MIN_LANDMARKS: usize = 8;

/// Rounds of t-SNE. Chosen by hand, below the customary 1000: the page shows neighborhoods, which
/// form early, and the rest of the rounds only spreads them.
const EPOCHS: usize = 400;

/// Barnes-Hut's accuracy: a cell is taken as a whole if its size is below this part of its
/// distance. 0.5 is the value of the paper (van der Maaten 2014); 0 would be exact and quadratic.
const THETA: f32 = 0.5;

/// Size of the first layout. t-SNE starts from points near to each other, so that clusters form
/// before they repel each other.
const INITIAL_SCALE: f32 = 1e-2;

/// The golden angle in radians: successive points around a landmark never line up.
const GOLDEN_ANGLE: f32 = 2.399_963;

/// Distance of a face from its landmark. Chosen by hand, about the distance of two landmarks that
/// are neighbors.
const LANDMARK_RADIUS: f32 = 0.6;

/// A place for every face, in the same order. The same faces are always placed the same.
pub(super) fn layout(faces: &[(u64, Expression)]) -> Result<Vec<[f32; 2]>> {
    let landmarks = Landmarks::of(faces)?;
    let places = faces.iter().enumerate();
    Ok(places
        .map(|(i, (_, expression))| landmarks.place(i, expression))
        .collect())
}

/// Every `step`-th face and its place.
struct Landmarks<'a> {
    step: usize,
    expressions: Vec<&'a Expression>,
    places: Vec<[f32; 2]>,
}

impl<'a> Landmarks<'a> {
    fn of(faces: &'a [(u64, Expression)]) -> Result<Self> {
        let step = faces.len().div_ceil(MAX_LANDMARKS);
        let expressions: Vec<&Expression> = faces.iter().step_by(step).map(|(_, e)| e).collect();
        let places = if expressions.len() < MIN_LANDMARKS {
            circle(expressions.len())
        } else {
            tsne(&expressions)?
        };
        Ok(Self {
            step,
            expressions,
            places,
        })
    }

    /// The place of face `i`: a landmark's own, or one beside the nearest landmark.
    fn place(&self, i: usize, expression: &Expression) -> [f32; 2] {
        if i.is_multiple_of(self.step) {
            return self.places[i / self.step];
        }
        let distances = self.expressions.iter().map(|l| l.distance(expression));
        let nearest = distances
            .zip(&self.places)
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        let [x, y] = nearest.map_or([0.0; 2], |(_, place)| *place);
        let angle = i as f32 * GOLDEN_ANGLE;
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

fn tsne(landmarks: &[&Expression]) -> Result<Vec<[f32; 2]>> {
    let rows: Vec<f32> = landmarks.iter().flat_map(|e| e.0).collect();
    let samples: Vec<&[f32]> = rows.chunks(EXPRESSION_LEN).collect();
    // The default of 30 neighbors needs at least three times as many points.
    let perplexity = (landmarks.len() as f32 / 4.0).clamp(2.0, 30.0);
    let mut tsne = bhtsne::tSNE::<f32, &[f32], 2>::new(&samples);
    tsne.perplexity(perplexity)
        .epochs(EPOCHS)
        .initial_embedding(initial_layout(landmarks))
        .barnes_hut(THETA, |a, b| euclidean(a, b));
    let plane = tsne.embedding();
    let (places, []) = plane.as_chunks::<2>() else {
        bail!("the layout has an odd length")
    };
    Ok(places.to_vec())
}

/// The first two numbers of each expression. The crate's own start is random, and the page would
/// differ each time.
fn initial_layout(landmarks: &[&Expression]) -> Vec<f32> {
    landmarks
        .iter()
        .flat_map(|e| [e.0[0] * INITIAL_SCALE, e.0[1] * INITIAL_SCALE])
        .collect()
}

fn euclidean(a: &[f32], b: &[f32]) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f32>().sqrt()
}
