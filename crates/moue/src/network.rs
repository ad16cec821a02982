//! The interface between detection and networks: unit tests use it with networks of their own.

#[cfg(feature = "gpu")]
mod card;
mod runner;

use crate::kernels::normalize;
#[cfg(feature = "gpu")]
pub use card::{Device, Placement, run_on};
use moue_nn::ByteScale;
pub use moue_nn::{Isa, Model};
pub use runner::{Loaded, Runner};

/// Pixels as values in [-1, 1], as networks are trained: what [`normalize`] does.
const CENTERED: ByteScale = ByteScale {
    divisor: 127.5,
    offset: 1.0,
};

/// The values of pixels, for networks that take no bytes.
fn centered(pixels: &[u8]) -> Vec<f32> {
    let mut values = vec![0.0; pixels.len()];
    normalize(pixels, &mut values);
    values
}

/// Why a network is unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// The model file does not load or the run failed.
    #[error(transparent)]
    Model(#[from] moue_nn::Error),
    /// Inputs or outputs are not the ones that are needed.
    #[error("the network does not fit: {0}")]
    Shape(String),
}

/// Something that turns one input into outputs.
pub trait Network: Send {
    /// Number of values that [`Network::run`] takes.
    fn input_len(&self) -> usize;

    /// Number of values of each output.
    fn output_lens(&self) -> Vec<usize>;

    /// Computes the outputs for `input`.
    ///
    /// # Errors
    /// [`NetworkError`] if the input does not fit.
    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError>;

    /// Computes the outputs for a picture, whose bytes stand for values in [-1, 1].
    ///
    /// # Errors
    /// As [`Network::run`].
    fn run_pixels(&mut self, pixels: &[u8]) -> Result<(), NetworkError> {
        self.run(&centered(pixels))
    }

    /// The values of one output after the last run.
    fn output(&self, index: usize) -> &[f32];

    /// Another instance for another thread.
    fn duplicate(&self) -> Box<dyn Network>;
}

impl Clone for Box<dyn Network> {
    fn clone(&self) -> Self {
        self.duplicate()
    }
}

impl Network for moue_nn::Session {
    fn input_len(&self) -> usize {
        self.model()
            .inputs()
            .first()
            .map_or(0, |info| info.shape.iter().product())
    }

    fn output_lens(&self) -> Vec<usize> {
        self.model()
            .outputs()
            .iter()
            .map(|info| info.shape.iter().product())
            .collect()
    }

    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError> {
        Ok(moue_nn::Session::run(self, &[input])?)
    }

    fn run_pixels(&mut self, pixels: &[u8]) -> Result<(), NetworkError> {
        Ok(self.run_bytes(&[pixels], CENTERED)?)
    }

    fn output(&self, index: usize) -> &[f32] {
        moue_nn::Session::output(self, index)
    }

    fn duplicate(&self) -> Box<dyn Network> {
        Box::new(self.model().session())
    }
}
