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

pub use align::{Alignment, CROP_EYE_DISTANCE, CROP_EYES_Y};

use crate::network::{Network, NetworkError};
use crate::{Face, Frame, weights};

/// Numbers in an [`Expression`].
pub const EXPRESSION_LEN: usize = 64;

/// Where an expression lies among all expressions: 64 numbers of unit length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression(pub [f32; EXPRESSION_LEN]);

impl Expression {
    /// Euclidean distance, from 0 (the same expression) to 2.
    ///
    /// ```
    /// use moue::Expression;
    /// let mut a = Expression([0.0; 64]);
    /// let mut b = a;
    /// (a.0[0], b.0[1]) = (1.0, 1.0);
    /// assert_eq!(a.distance(&a), 0.0);
    /// assert_eq!(a.distance(&b), 2f32.sqrt());
    /// ```
    pub fn distance(&self, other: &Self) -> f32 {
        self.squared_distance(other).sqrt()
    }

    /// The square of [`Expression::distance`], from 0 to 4. It sorts alike and keeps apart what the
    /// root rounds together.
    pub fn squared_distance(&self, other: &Self) -> f32 {
        squared_distance(&self.0, &other.0)
    }
}

/// Sum of squared differences, in an order of additions that does not depend on the processor.
pub(crate) fn squared_distance(a: &[f32; EXPRESSION_LEN], b: &[f32; EXPRESSION_LEN]) -> f32 {
    let mut lanes = [0f32; 16];
    for (x, y) in a.as_chunks::<16>().0.iter().zip(b.as_chunks::<16>().0) {
        for i in 0..16 {
            lanes[i] += (x[i] - y[i]) * (x[i] - y[i]);
        }
    }
    // Halves are added to halves, which takes four steps where one after the other takes fifteen.
    for half in [8, 4, 2, 1] {
        for i in 0..half {
            lanes[i] += lanes[i + half];
        }
    }
    lanes[0]
}

/// Why a face has no expression. It never silently becomes the vector of something else.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// Too few pixels to see an expression.
    #[error("the face is too small: {pixels:.0} pixels wide, {MIN_FACE_PIXELS} are needed")]
    TooSmall {
        /// Width of the face's box in pixels.
        pixels: f32,
    },
    /// Box or key points are not finite or lie outside the picture.
    #[error("the face lies outside the picture")]
    Outside,
    /// The face's key points are unknown, so its eyes cannot be leveled; a picture that is a face
    /// crop already is embedded by [`ExpressionEmbedder::embed_cropped`].
    #[error("the face has no key points to align it by")]
    NoKeyPoints,
    /// The network failed, or gave no usable numbers.
    #[error(transparent)]
    Network(#[from] NetworkError),
}

/// Faces narrower than this many pixels are not embedded: chosen by hand, brows and mouth are a pixel
/// or two then.
pub const MIN_FACE_PIXELS: f32 = 10.0;

/// Turns faces into expressions. Each thread needs one of its own; cloning shares the weights.
#[derive(Clone)]
pub struct ExpressionEmbedder {
    network: Box<dyn Network>,
    size: usize,
    input: Vec<f32>,
}

impl ExpressionEmbedder {
    /// The embedder whose weights are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    pub fn new() -> Result<Self, NetworkError> {
        Self::with_network(weights::expression()?)
    }

    /// An embedder with a network of the caller's: a square gray crop in [-1, 1] in, 64 numbers
    /// out.
    ///
    /// # Errors
    /// [`NetworkError::Shape`] if the input is not square or the output has not 64 numbers.
    pub fn with_network(network: Box<dyn Network>) -> Result<Self, NetworkError> {
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
        })
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
        self.network.run(&self.input)?;
        let values: [f32; EXPRESSION_LEN] = std::array::from_fn(|i| self.network.output(0)[i]);
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !length.is_finite() || length < 1e-6 {
            return Err(NetworkError::Shape(format!("a vector of length {length}")).into());
        }
        Ok(Expression(values.map(|v| v / length)))
    }
}
