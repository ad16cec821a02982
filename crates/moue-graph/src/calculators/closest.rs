//! The nearest vectors of a collection.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::{Classification, Collection, Labels};
use moue::Expression;
use moue::embed::EXPRESSION_LEN;
use std::sync::Arc;

/// The `top_k` rows nearest to a vector by Euclidean distance, nearest first; the distance is the
/// score.
#[derive(Default)]
pub(super) struct ClosestEmbeddings {
    top: usize,
    collection: Arc<Collection>,
    labels: Arc<Labels>,
}

impl Calculator for ClosestEmbeddings {
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
        self.top = usize::try_from(cx.options().get_or("top_k", 3i64))?;
        self.collection = cx
            .side_packet("COLLECTION")
            .ok_or("the side packet COLLECTION is missing")?;
        self.labels = cx
            .side_packet("LABELS")
            .ok_or("the side packet LABELS is missing")?;
        let (rows, labels) = (self.collection.rows().count(), self.labels.len());
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
            let wanted = self.collection.length();
            return Err(format!(
                "a vector of {} numbers does not fit a collection of {wanted}",
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

impl ClosestEmbeddings {
    fn nearest(&self, query: &[f32]) -> Vec<Classification> {
        let mut best: Vec<(f32, usize)> = Vec::new();
        for (row, vector) in self.collection.rows().enumerate() {
            let found = (distance(query, vector), row);
            if best.len() < self.top || best.last().is_some_and(|last| found.0 < last.0) {
                self.insert(&mut best, found);
            }
        }
        let answer = |(score, index): (f32, usize)| Classification {
            index,
            score,
            label: self.labels[index].clone(),
        };
        best.into_iter().map(answer).collect()
    }

    /// Keeps the list sorted, and of each group only the nearest.
    fn insert(&self, best: &mut Vec<(f32, usize)>, found: (f32, usize)) {
        let group = self.collection.group(found.1);
        if let Some(same) = best
            .iter()
            .position(|b| self.collection.group(b.1) == group)
        {
            if best[same].0 <= found.0 {
                return;
            }
            best.remove(same);
        }
        let at = best.partition_point(|b| b.0 <= found.0);
        best.insert(at, found);
        best.truncate(self.top);
    }
}

/// The distance that the gallery uses, so that a graph and `Finder` answer alike.
fn distance(a: &[f32], b: &[f32]) -> f32 {
    let expression = |v: &[f32]| <[f32; EXPRESSION_LEN]>::try_from(v).ok().map(Expression);
    match (expression(a), expression(b)) {
        (Some(a), Some(b)) => a.distance(&b),
        _ => a
            .iter()
            .zip(b)
            .map(|(x, y)| (x - y) * (x - y))
            .sum::<f32>()
            .sqrt(),
    }
}

/// A vector divided by its length. One without a length is not passed on.
#[derive(Default)]
pub(super) struct UnitLength;

impl Calculator for UnitLength {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<f32>>("FLOATS");
        contract.outputs.one::<Vec<f32>>("FLOATS");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(vector) = cx.input::<Vec<f32>>("FLOATS") else {
            return Ok(Flow::Continue);
        };
        let length = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        if length.is_finite() && length > 1e-6 {
            cx.output(
                "FLOATS",
                Packet::new(vector.iter().map(|v| v / length).collect::<Vec<f32>>()),
            );
        }
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn node(length: usize, values: Vec<f32>, top: usize) -> ClosestEmbeddings {
        let collection = Collection::new(length, values).unwrap();
        let labels = (0..collection.rows().count())
            .map(|i| i.to_string())
            .collect();
        ClosestEmbeddings {
            top,
            collection: Arc::new(collection),
            labels: Arc::new(labels),
        }
    }

    proptest! {
        #[test]
        fn equals_sorting_all(values in prop::collection::vec(-2i8..3, 0..90), top in 0usize..6) {
            let values: Vec<f32> = values.chunks_exact(3).flatten().map(|v| f32::from(*v)).collect();
            let node = node(3, values, top);
            let query = [0.5, 0.0, -1.0];
            let mut all: Vec<(f32, usize)> = node.collection.rows().enumerate().map(|(i, v)| (distance(&query, v), i)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let wanted: Vec<usize> = all.iter().map(|a| a.1).take(top).collect();
            prop_assert_eq!(node.nearest(&query).iter().map(|c| c.index).collect::<Vec<_>>(), wanted);
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
}
