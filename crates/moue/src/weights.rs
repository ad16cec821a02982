//! The networks that are compiled in, and the fingerprint that tells which of them made an
//! embedding.

#[cfg(feature = "compiled-weights")]
mod compiled;
mod fingerprint;
mod one_side;

#[cfg(feature = "compiled-weights")]
pub use compiled::{EXPRESSION_MODEL, FACE_MODEL, REFINE_MODEL};
#[cfg(feature = "compiled-weights")]
pub(crate) use compiled::{expression, face, one_side, refine};
pub use fingerprint::fingerprint_of;
pub(crate) use one_side::load_one_side;

use crate::compiled_files::weights_file;
use crate::embed::EXPRESSION_LEN;
use std::sync::OnceLock;

/// Names the weights that made an embedding: vectors of different weights cannot be compared.
/// Without compiled-in weights it is that of the weights which the readout was fitted for, the only
/// ones that embeddings are stored with.
pub fn expression_fingerprint() -> &'static str {
    #[cfg(feature = "compiled-weights")]
    return compiled::expression_fingerprint();
    #[cfg(not(feature = "compiled-weights"))]
    return readout_fingerprint();
}

/// `crates/moue/models/readout.f32`: the mean embedding of FER+'s training faces and what reads
/// emotions and closed eyes from embeddings, as little-endian `f32`. With the feature `free-weights`
/// it is that of `models/free/`, fitted on rendered heads and drawings.
static READOUT: &[u8] = include_bytes!(weights_file!("readout.f32"));

/// Words that FER+'s annotators chose from.
pub(crate) const EMOTION_COUNT: usize = 8;

/// A linear function of an embedding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinearFunction {
    pub(crate) weights: [f32; EXPRESSION_LEN],
    pub(crate) bias: f32,
}

impl LinearFunction {
    pub(crate) fn of(&self, embedding: &[f32; EXPRESSION_LEN]) -> f32 {
        let products = self.weights.iter().zip(embedding).map(|(w, v)| w * v);
        products.sum::<f32>() + self.bias
    }
}

/// What was fitted on embeddings of the expression network.
#[derive(Debug)]
pub(crate) struct Readout {
    pub(crate) mean: [f32; EXPRESSION_LEN],
    /// One for each emotion, before the softmax.
    pub(crate) emotions: [LinearFunction; EMOTION_COUNT],
    /// How surely both eyes are closed, before the sigmoid.
    pub(crate) closed_eyes: LinearFunction,
}

/// The compiled-in readout.
pub(crate) fn readout() -> &'static Readout {
    static LOADED: OnceLock<Readout> = OnceLock::new();
    LOADED.get_or_init(|| read(READOUT))
}

/// The mean expression of the faces of FER+'s training set (with `free-weights`: of rendered heads)
/// under the compiled-in weights, by which searches center their queries; `None` where the readout was
/// fitted for other weights. It lies inside of the unit sphere.
pub fn population_mean() -> Option<&'static [f32; EXPRESSION_LEN]> {
    (readout_fingerprint() == expression_fingerprint()).then(|| &readout().mean)
}

/// The [`expression_fingerprint`] of the weights whose embeddings the readout was fitted on. A test
/// checks that it is that of the compiled-in network.
pub fn readout_fingerprint() -> &'static str {
    include_str!(weights_file!("readout.fingerprint")).trim_ascii()
}

/// Numbers that a file of another length does not have are 0; the test below rules that out for
/// ours.
fn read(bytes: &[u8]) -> Readout {
    let mut numbers = bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
    let mut next = || numbers.next().unwrap_or(0.0);
    let mean = std::array::from_fn(|_| next());
    let mut function = || LinearFunction {
        weights: std::array::from_fn(|_| next()),
        bias: next(),
    };
    Readout {
        mean,
        emotions: std::array::from_fn(|_| function()),
        closed_eyes: function(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readout_was_fitted_for_these_weights() {
        // After new weights: `python -m moue_training fit-readout`, see `docs/development.md`.
        assert_eq!(readout_fingerprint(), expression_fingerprint());
        let numbers = EXPRESSION_LEN + (EMOTION_COUNT + 1) * (EXPRESSION_LEN + 1);
        assert_eq!(READOUT.len(), numbers * size_of::<f32>());
        let mean = population_mean().unwrap();
        let length = mean.iter().map(|v| v * v).sum::<f32>().sqrt();
        assert!((0.01..1.0).contains(&length), "{length}");
    }
}
