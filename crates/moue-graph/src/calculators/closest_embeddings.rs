//! The nearest vectors of a collection.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Classification, Collection, Labels};
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use moue::gallery::{Nearest, Neighbor};
use std::sync::Arc;

/// The `top_k` rows nearest to a vector by Euclidean distance, nearest first, one of each group;
/// the distance is the score.
#[derive(Default)]
pub(super) struct ClosestEmbeddingsCalculator {
    top_k: usize,
    collection: Arc<Collection>,
    labels: Arc<Labels>,
}

impl Calculator for ClosestEmbeddingsCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<f32>>("FLOATS");
        contract
            .input_side_packets
            .one::<Collection>("COLLECTION")
            .one::<Labels>("LABELS");
        contract
            .outputs
            .one::<Vec<Classification>>("CLASSIFICATIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        // The calculator is moue's own, and so is its default, chosen by hand.
        self.top_k = usize::try_from(cx.options().get_or("top_k", 3i64))?;
        self.collection = cx
            .side_packet("COLLECTION")
            .ok_or("the side packet COLLECTION is missing")?;
        self.labels = cx
            .side_packet("LABELS")
            .ok_or("the side packet LABELS is missing")?;
        let rows = self.collection.rows().count();
        let labels = self.labels.len();
        if rows != labels {
            return Err(
                format!("COLLECTION has {rows} vectors, and LABELS {labels} labels").into(),
            );
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(query) = cx.input::<Vec<f32>>("FLOATS") else {
            return Ok(Flow::Continue);
        };
        let empty = query.is_empty() || self.labels.is_empty();
        if !empty && query.len() != self.collection.length() {
            let expected = self.collection.length();
            return Err(format!(
                "a vector of {} numbers does not fit a collection of {expected}",
                query.len()
            )
            .into());
        }
        let nearest = if empty {
            Vec::new()
        } else {
            self.nearest(query)
        };
        cx.output("CLASSIFICATIONS", Packet::new(nearest));
        Ok(Flow::Continue)
    }
}

impl ClosestEmbeddingsCalculator {
    /// The nearest rows, selected as a gallery selects its matches: by squared distance, equal ones
    /// by number, one of each group.
    fn nearest(&self, query: &[f32]) -> Vec<Classification> {
        let mut nearest = Nearest::new(self.top_k, f32::MAX);
        for (row, vector) in self.collection.rows().enumerate() {
            let distance = squared_distance(query, vector);
            if distance <= nearest.worst() {
                nearest.insert(Neighbor {
                    distance,
                    id: row as u64,
                    group: self.collection.group(row),
                });
            }
        }
        nearest
            .into_neighbors()
            .map(|neighbor| self.classification(neighbor))
            .collect()
    }

    fn classification(&self, neighbor: Neighbor) -> Classification {
        let index = neighbor.id as usize;
        Classification {
            index,
            score: neighbor.distance.sqrt(),
            label: self.labels[index].clone(),
        }
    }
}

/// The distance that the gallery uses for expressions, so that a graph and `Finder` answer alike;
/// the same for vectors of other lengths.
fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    match (expression(a), expression(b)) {
        (Some(a), Some(b)) => a.squared_distance(&b),
        _ => a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum(),
    }
}

fn expression(vector: &[f32]) -> Option<Expression> {
    <[f32; EXPRESSION_LEN]>::try_from(vector)
        .ok()
        .map(Expression)
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::gallery::{MemoryStorage, NewPicture, PictureHash};
    use moue::{Face, Gallery};
    use proptest::prelude::*;

    fn node(length: usize, values: Vec<f32>, top_k: usize) -> ClosestEmbeddingsCalculator {
        let collection = Collection::new(length, values).unwrap();
        let labels = (0..collection.rows().count())
            .map(|i| i.to_string())
            .collect();
        ClosestEmbeddingsCalculator {
            top_k,
            collection: Arc::new(collection),
            labels: Arc::new(labels),
        }
    }

    proptest! {
        #[test]
        fn equals_sorting_all(values in prop::collection::vec(-2i8..3, 0..90), top_k in 0usize..6) {
            let values: Vec<f32> = values.chunks_exact(3).flatten().map(|v| f32::from(*v)).collect();
            let node = node(3, values, top_k);
            let query = [0.5, 0.0, -1.0];
            let mut all: Vec<(f32, usize)> = node.collection.rows().enumerate().map(|(i, v)| (squared_distance(&query, v), i)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let expected: Vec<usize> = all.iter().map(|a| a.1).take(top_k).collect();
            prop_assert_eq!(node.nearest(&query).iter().map(|c| c.index).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_group_counts_once() {
        let mut node = node(1, vec![0.0, 0.1, 5.0], 2);
        node.collection = Arc::new(
            Collection::new(1, vec![0.0, 0.1, 5.0])
                .unwrap()
                .grouped(vec![7, 7, 8]),
        );
        assert_eq!(
            node.nearest(&[0.09])
                .iter()
                .map(|c| c.index)
                .collect::<Vec<_>>(),
            [1, 2]
        );
    }

    /// A picture with two faces, near `angle` and opposite; those with the same `hash` are
    /// near-duplicates.
    fn picture(number: u8, hash: u8, angle: f32) -> NewPicture {
        let face = |angle: f32| {
            let mut values = [0.0; EXPRESSION_LEN];
            (values[0], values[1]) = (angle.cos(), angle.sin());
            (Face::whole(), Expression(values)).into()
        };
        NewPicture {
            hash: [number; 32],
            label: number.to_string(),
            perceptual_hash: Some(PictureHash([hash; 32])),
            faces: vec![face(angle), face(angle + 3.0)],
            ..NewPicture::default()
        }
    }

    /// Near-duplicates count once in a graph too, so that three matches are three pictures.
    #[test]
    fn a_graph_merges_near_duplicates_as_a_search_does() {
        let gallery = Gallery::with_storage(MemoryStorage::default(), "memory").unwrap();
        let copies = (0..5).map(|i| picture(i, 1, 0.01 * f32::from(i)));
        let others = (5..9).map(|i| picture(i, 20 * i, 0.2 * f32::from(i)));
        gallery
            .add(&copies.chain(others).collect::<Vec<_>>())
            .unwrap();
        let (collection, labels) = Collection::from_gallery(&gallery).unwrap();
        for top_k in 0..7 {
            let node = ClosestEmbeddingsCalculator {
                top_k,
                collection: Arc::new(collection.clone()),
                labels: Arc::new(labels.clone()),
            };
            for query in collection.rows() {
                let found = node.nearest(query).into_iter().map(|c| (c.label, c.score));
                let searched = gallery.nearest(&expression(query).unwrap(), top_k).unwrap();
                let searched = searched.into_iter().map(|m| (m.label, m.distance));
                assert!(found.eq(searched));
            }
        }
        let node = node(1, vec![], 0);
        assert!(node.nearest(&[1.0]).is_empty());
    }
}
