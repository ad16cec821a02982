//! From a face to its expression: align, sample, embed.
//!
//! ```no_run
//! use moue::{ExpressionEmbedder, FaceDetector, Frame};
//! let mut detector = FaceDetector::new()?;
//! let mut embedder = ExpressionEmbedder::new()?;
//! let mut expression = |path: &str| -> Result<_, Box<dyn std::error::Error>> {
//!     let frame = Frame::open(path)?;
//!     let face = detector.detect(&frame)?.into_iter().next().ok_or("no face")?;
//!     Ok(embedder.embed(&frame, &face)?)
//! };
//! println!("{:.2} apart", expression("me.jpg")?.distance(&expression("you.jpg")?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod align;
mod emotions;
mod error;
mod expression;
mod eyes;
mod sample;

pub use align::{Alignment, CROP_EYE_DISTANCE, CROP_EYES_Y};
pub use emotions::{Emotion, EmotionFilter, EmotionFilterError, Emotions, UnknownEmotion};
pub use error::{EmbedError, MIN_FACE_PIXELS, per_face};
pub(crate) use expression::squared_distance;
pub use expression::{EXPRESSION_LEN, Expression};

use crate::network::{Model, Network, NetworkError};
use crate::{Face, Frame, weights};

/// Turns faces into expressions. Each thread needs one of its own; cloning shares the weights.
#[derive(Clone)]
pub struct ExpressionEmbedder {
    network: Box<dyn Network>,
    size: usize,
    input: Vec<f32>,
    /// Whether the network is the compiled-in one, or the one that would be.
    is_builtin: bool,
}

impl ExpressionEmbedder {
    /// The embedder whose weights are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new() -> Result<Self, NetworkError> {
        Self::of(weights::expression()?, true)
    }

    /// The embedder of moue's own model file, `expression_int8.tflite`, for programs that keep it
    /// apart from their code. Embeddings of another file are not comparable with those of stored
    /// galleries; see [`ExpressionEmbedder::has_builtin_weights`].
    ///
    /// # Errors
    /// [`NetworkError`] if the file is damaged or another network.
    pub fn from_model(bytes: &[u8]) -> Result<Self, NetworkError> {
        Self::of_file(bytes, Model::load(bytes)?)
    }

    /// As [`ExpressionEmbedder::new`], but over a crop alone, without its mirror image.
    #[cfg(feature = "compiled-weights")]
    pub(crate) fn one_sided() -> Result<Self, NetworkError> {
        Self::of(weights::one_side()?, true)
    }

    /// As [`ExpressionEmbedder::from_model`], but over a crop alone, without its mirror image.
    pub(crate) fn one_sided_from(bytes: &[u8]) -> Result<Self, NetworkError> {
        Self::of_file(bytes, weights::load_one_side(bytes)?)
    }

    /// An embedder of the model that a file has.
    fn of_file(bytes: &[u8], model: Model) -> Result<Self, NetworkError> {
        let is_builtin = weights::fingerprint_of(bytes) == weights::expression_fingerprint();
        Self::of(Box::new(model.session()), is_builtin)
    }

    /// An embedder with a network of the caller's: the input is a square gray crop with values in
    /// [-1, 1], the output 64 values.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the input is not square or the output does not have 64 values.
    pub fn with_network(network: Box<dyn Network>) -> Result<Self, NetworkError> {
        Self::of(network, false)
    }

    fn of(network: Box<dyn Network>, is_builtin: bool) -> Result<Self, NetworkError> {
        let input = network.input_len();
        let size = input.isqrt();
        if size == 0 || size * size != input || network.output_lens() != [EXPRESSION_LEN] {
            let outputs = network.output_lens();
            return Err(NetworkError::Shape(format!(
                "an embedder with {input} inputs and outputs {outputs:?}"
            )));
        }
        Ok(Self {
            network,
            size,
            input: vec![0.0; input],
            is_builtin,
        })
    }

    /// Whether the weights are the compiled-in ones, for which alone
    /// [`weights::population_mean`] was measured.
    pub fn has_builtin_weights(&self) -> bool {
        self.is_builtin
    }

    /// Side of the network's square input, in pixels.
    pub fn input_size(&self) -> usize {
        self.size
    }

    /// The expression of `face`, cut out of `frame` upright, with the eyes at fixed places.
    ///
    /// # Errors
    /// [`EmbedError`] if the face is too small, outside of the picture, or has no key points.
    pub fn embed(&mut self, frame: &Frame<'_>, face: &Face) -> Result<Expression, EmbedError> {
        let alignment = Alignment::of(frame, face)?;
        self.embed_aligned(frame, &alignment)
    }

    /// The expression of a picture that is a face crop already: all of it is used.
    ///
    /// # Errors
    /// [`EmbedError::TooSmall`] for a picture of a few pixels.
    pub fn embed_cropped(&mut self, frame: &Frame<'_>) -> Result<Expression, EmbedError> {
        let pixels = frame.width().min(frame.height()) as f32;
        if pixels < MIN_FACE_PIXELS {
            return Err(EmbedError::TooSmall { pixels });
        }
        self.embed_aligned(frame, &Alignment::whole(frame))
    }

    /// The expression of the part of `frame` that `alignment` describes.
    ///
    /// # Errors
    /// [`EmbedError::Network`] if the network fails.
    pub fn embed_aligned(
        &mut self,
        frame: &Frame<'_>,
        alignment: &Alignment,
    ) -> Result<Expression, EmbedError> {
        alignment.sample(frame, self.size, &mut self.input);
        self.expression()
    }

    /// The expression of one side of `face`: of the crop, or of its mirror image.
    pub(crate) fn embed_side(
        &mut self,
        frame: &Frame<'_>,
        face: &Face,
        is_mirrored: bool,
    ) -> Result<Expression, EmbedError> {
        Alignment::of(frame, face)?.sample(frame, self.size, &mut self.input);
        if is_mirrored {
            let rows = self.input.chunks_exact_mut(self.size);
            rows.for_each(<[f32]>::reverse);
        }
        self.expression()
    }

    fn expression(&mut self) -> Result<Expression, EmbedError> {
        self.network.run(&self.input)?;
        let values = std::array::from_fn(|i| self.network.output(0)[i]);
        Ok(Expression::normalized(values)?)
    }
}
