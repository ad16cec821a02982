//! t-SNE (van der Maaten and Hinton 2008): points in the plane whose neighbors are the neighbors of
//! the expressions that they stand for.
//!
//! Points attract each other along the edges of a graph of nearest neighbors, as in the Barnes-Hut
//! form (van der Maaten 2014), and repel each other pair by pair. The exact sum over all pairs is a
//! loop that compilers turn into vector instructions, where a tree of cells is as much code again.
//!
//! One thread does it. Several would wait for each other twice a round, and on a busy machine each such
//! wait takes a time slice: with a load of 10 on two cores, 26 s for what is less than one of work.

use moue::Expression;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The part of the rounds, 1 in this many, in which the attraction is multiplied, so that clusters form
/// before they repel each other. Of the built-in faces' ten nearest on the map 0.781 are among the ten
/// nearest expressions with 2, 0.759 with the 4 of the paper of 2014 (the test of `layout` prints it).
const EXAGGERATED_PART: usize = 2;

/// By how much it is multiplied; the value of the paper.
const EXAGGERATION: f32 = 12.0;

/// Momentum while clusters form, and afterwards; values of the paper of 2008.
const MOMENTUM: [f32; 2] = [0.5, 0.8];

/// Neighbors that a point is attracted to, for each unit of perplexity; the value of the paper of
/// 2014. Farther ones have no weight that matters.
const NEIGHBORS_PER_PERPLEXITY: f32 = 3.0;

/// Halvings in the search for the width of a neighborhood; each gives a bit, and `f32` has 24.
const HALVINGS: usize = 40;

/// Points that are compared at a time: as many as two vectors of SSE hold.
const LANES: usize = 8;

/// Where points are that fill up the last group: so far away that they repel nothing.
const FAR: f32 = 1e18;

/// A point's neighbors with the probabilities that it would choose them.
type Neighbors = Vec<(usize, f32)>;

/// Moves points from their places of the start to those of t-SNE.
pub(super) fn arrange(
    expressions: &[&Expression],
    perplexity: f32,
    start: Vec<[f32; 2]>,
    rounds: usize,
) -> Vec<[f32; 2]> {
    let graph = symmetric(&conditional(expressions, perplexity));
    let count = start.len();
    let mut layout = Layout {
        velocity: vec![[0.0; 2]; count],
        gains: vec![[1.0; 2]; count],
        // After Belkina et al. (2019): a rate that grows with the number of points needs fewer
        // rounds. The factor 4 of the gradient is taken out; the lower bound is for few points.
        rate: (count as f32 / EXAGGERATION / 4.0).max(50.0),
        places: start,
    };
    for round in 0..rounds {
        let is_early = round < rounds / EXAGGERATED_PART;
        let exaggeration = if is_early { EXAGGERATION } else { 1.0 };
        let gradient = layout.gradient(&graph, exaggeration);
        layout.step(&gradient, MOMENTUM[usize::from(!is_early)]);
    }
    layout.places
}

/// For each point its nearest neighbors, with probabilities from a Gaussian that is as wide as the
/// perplexity demands.
fn conditional(expressions: &[&Expression], perplexity: f32) -> Vec<Neighbors> {
    let count = (perplexity * NEIGHBORS_PER_PERPLEXITY) as usize;
    let points = 0..expressions.len();
    points
        .into_par_iter()
        .map(|i| {
            let others = (0..expressions.len()).filter(|j| *j != i);
            let mut squares: Neighbors = others
                .map(|j| (j, expressions[i].distance(expressions[j]).powi(2)))
                .collect();
            squares.sort_by(|(i, a), (j, b)| a.total_cmp(b).then(i.cmp(j)));
            squares.truncate(count.max(1));
            weighted(&squares, perplexity)
        })
        .collect()
}

/// Turns squared distances into probabilities of the given perplexity: e to the power of their
/// entropy in nats. The precision of the Gaussian is found by bisection.
fn weighted(squares: &Neighbors, perplexity: f32) -> Neighbors {
    let mut precision = 1.0f32;
    let mut lower = 0.0;
    let mut upper = f32::INFINITY;
    for _ in 0..HALVINGS {
        if entropy(&gaussian(squares, precision)) > perplexity.ln() {
            lower = precision;
        } else {
            upper = precision;
        }
        precision = if upper.is_finite() {
            (lower + upper) / 2.0
        } else {
            precision * 2.0
        };
    }
    gaussian(squares, precision)
}

/// The probabilities of the neighbors; they sum to 1.
fn gaussian(squares: &Neighbors, precision: f32) -> Neighbors {
    // Without the offset all weights could underflow; it cancels in the division.
    let nearest = squares.first().map_or(0.0, |(_, square)| *square);
    let weight = |square: f32| (-(square - nearest) * precision).exp();
    let sum: f32 = squares.iter().map(|(_, square)| weight(*square)).sum();
    let part = |(j, square): &(usize, f32)| (*j, weight(*square) / sum);
    squares.iter().map(part).collect()
}

fn entropy(probabilities: &Neighbors) -> f32 {
    let terms = probabilities.iter().filter(|(_, p)| *p > 0.0);
    terms.map(|(_, p)| -p * p.ln()).sum()
}

/// The mean of both directions of each edge, so that outliers are held by somebody too.
fn symmetric(graph: &[Neighbors]) -> Vec<Neighbors> {
    let mut both: Vec<BTreeMap<usize, f32>> = vec![BTreeMap::new(); graph.len()];
    let half = 0.5 / graph.len() as f32;
    for (i, neighbors) in graph.iter().enumerate() {
        for (j, p) in neighbors {
            *both[i].entry(*j).or_default() += p * half;
            *both[*j].entry(i).or_default() += p * half;
        }
    }
    both.into_iter()
        .map(|edges| edges.into_iter().collect())
        .collect()
}

/// Points on their way.
struct Layout {
    places: Vec<[f32; 2]>,
    velocity: Vec<[f32; 2]>,
    /// A factor of each coordinate's rate: delta-bar-delta (Jacobs 1988), as in the paper of 2008.
    gains: Vec<[f32; 2]>,
    rate: f32,
}

impl Layout {
    /// The gradient of the Kullback-Leibler divergence between both sets of probabilities.
    fn gradient(&self, graph: &[Neighbors], exaggeration: f32) -> Vec<[f32; 2]> {
        let repulsion = Repulsion::of(&self.places);
        let points = graph.iter().enumerate();
        points
            .map(|(i, neighbors)| {
                let attraction = self.attraction(i, neighbors);
                let force =
                    |axis: usize| exaggeration * attraction[axis] - repulsion.of_point(i)[axis];
                [4.0 * force(0), 4.0 * force(1)]
            })
            .collect()
    }

    fn attraction(&self, i: usize, neighbors: &Neighbors) -> [f32; 2] {
        let [x, y] = self.places[i];
        let mut sum = [0.0; 2];
        for (j, p) in neighbors {
            let dx = x - self.places[*j][0];
            let dy = y - self.places[*j][1];
            let pull = p / (1.0 + dx * dx + dy * dy);
            sum[0] += pull * dx;
            sum[1] += pull * dy;
        }
        sum
    }

    fn step(&mut self, gradient: &[[f32; 2]], momentum: f32) {
        let points = self.places.as_flattened_mut().iter_mut();
        let state = self.velocity.as_flattened_mut().iter_mut();
        let state = state.zip(self.gains.as_flattened_mut());
        for ((place, (velocity, gain)), slope) in points.zip(state).zip(gradient.as_flattened()) {
            // A coordinate that goes on in its direction gets faster.
            let is_same_direction = (*slope > 0.0) != (*velocity > 0.0);
            *gain = if is_same_direction {
                *gain + 0.2
            } else {
                (*gain * 0.8).max(0.01)
            };
            *velocity = momentum * *velocity - self.rate * *gain * slope;
            *place += *velocity;
        }
    }
}

/// A number for each of two axes and each of [`LANES`] points.
type Group = [[f32; LANES]; 2];

/// How all points repel each other.
struct Repulsion {
    /// For each point the sum over all others of the squared similarity times the difference.
    forces: Vec<Group>,
    /// The sum of the similarities of all pairs, in both orders.
    all: f32,
}

impl Repulsion {
    fn of(places: &[[f32; 2]]) -> Self {
        let groups: Vec<Group> = places.chunks(LANES).map(group).collect();
        let mut forces = vec![[[0.0; LANES]; 2]; groups.len()];
        let mut all = 0.0;
        for (i, place) in places.iter().enumerate() {
            let own = i / LANES;
            // Of its own group, whose points each compute what is between them for themselves, and of
            // the later ones, for which it is computed here: what pushes it pushes them back.
            let mut near = Sums::default();
            near.add(*place, &groups[own]);
            let mut far = Sums::default();
            for (others, forces) in groups[own + 1..].iter().zip(&mut forces[own + 1..]) {
                let pushed = far.add(*place, others);
                for axis in 0..2 {
                    for lane in 0..LANES {
                        forces[axis][lane] -= pushed[axis][lane];
                    }
                }
            }
            for (axis, row) in forces[own].iter_mut().enumerate() {
                row[i % LANES] += near.total(axis) + far.total(axis);
            }
            // A point's similarity to itself, which is 1, is no pair.
            all += near.total(2) - 1.0 + 2.0 * far.total(2);
        }
        Self { forces, all }
    }

    /// The force on a point, as a part of the gradient.
    fn of_point(&self, i: usize) -> [f32; 2] {
        let group = &self.forces[i / LANES];
        [0, 1].map(|axis| group[axis][i % LANES] / self.all)
    }
}

fn group(places: &[[f32; 2]]) -> Group {
    let coordinate = |axis: usize, lane: usize| places.get(lane).map_or(FAR, |place| place[axis]);
    [0, 1].map(|axis| std::array::from_fn(|lane| coordinate(axis, lane)))
}

/// Sums over groups, lane by lane: the forces on a point on both axes, and its similarities.
#[derive(Default)]
struct Sums([[f32; LANES]; 3]);

impl Sums {
    /// Adds what is between a point and those of a group, and returns the forces. Their similarity is
    /// 1 / (1 + distance²), Student's distribution with one degree of freedom.
    fn add(&mut self, place: [f32; 2], others: &Group) -> Group {
        let mut forces = [[0.0; LANES]; 2];
        for lane in 0..LANES {
            let dx = place[0] - others[0][lane];
            let dy = place[1] - others[1][lane];
            let similarity = 1.0 / (1.0 + dx * dx + dy * dy);
            let square = similarity * similarity;
            forces[0][lane] = square * dx;
            forces[1][lane] = square * dy;
            self.0[0][lane] += forces[0][lane];
            self.0[1][lane] += forces[1][lane];
            self.0[2][lane] += similarity;
        }
        forces
    }

    fn total(&self, row: usize) -> f32 {
        self.0[row].iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_have_the_perplexity_that_was_asked_for() {
        let squares: Neighbors = (0..90).map(|j| (j, 0.01 * j as f32)).collect();
        for perplexity in [5.0, 30.0] {
            let found = weighted(&squares, perplexity);
            assert!((entropy(&found).exp() - perplexity).abs() < 0.01);
            assert!((found.iter().map(|(_, p)| p).sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    /// Points that fill up a group add nothing, and the gradient is that of the formula.
    #[test]
    fn the_gradient_is_the_slope_of_the_divergence() {
        let places = vec![
            [0.0, 0.1],
            [0.5, -0.2],
            [-0.3, 0.4],
            [0.9, 0.9],
            [-1.0, 0.2],
        ];
        let graph = symmetric(&[
            vec![(1, 0.7), (2, 0.3)],
            vec![(0, 1.0)],
            vec![(4, 1.0)],
            vec![(1, 1.0)],
            vec![(2, 1.0)],
        ]);
        let layout = Layout {
            velocity: vec![[0.0; 2]; 5],
            gains: vec![[1.0; 2]; 5],
            rate: 1.0,
            places: places.clone(),
        };
        let gradient = layout.gradient(&graph, 1.0);
        for (i, axis) in [(0, 0), (2, 1), (4, 0)] {
            let moved = |by: f64| {
                let mut moved = places.clone();
                moved[i][axis] += by as f32;
                divergence(&moved, &graph)
            };
            let slope = (moved(0.01) - moved(-0.01)) / 0.02;
            assert!(
                (f64::from(gradient[i][axis]) - slope).abs() < 1e-3,
                "{slope}"
            );
        }
    }

    fn divergence(places: &[[f32; 2]], graph: &[Neighbors]) -> f64 {
        let similarity = |i: usize, j: usize| {
            let square = |axis: usize| f64::from(places[i][axis] - places[j][axis]).powi(2);
            1.0 / (1.0 + square(0) + square(1))
        };
        let pairs = (0..places.len()).flat_map(|i| (0..places.len()).map(move |j| (i, j)));
        let all: f64 = pairs
            .filter(|(i, j)| i != j)
            .map(|(i, j)| similarity(i, j))
            .sum();
        let edges = graph.iter().enumerate();
        let edges = edges.flat_map(|(i, row)| row.iter().map(move |(j, p)| (i, *j, f64::from(*p))));
        edges
            .map(|(i, j, p)| p * (p / (similarity(i, j) / all)).ln())
            .sum()
    }
}
