//! Expression embeddings and their distances.

use crate::network::NetworkError;

/// Dimensions of an [`Expression`].
pub const EXPRESSION_LEN: usize = 64;

/// An expression embedding: a vector of 64 dimensions and unit length. Similar expressions are near
/// each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expression(pub [f32; EXPRESSION_LEN]);

impl Expression {
    /// The direction of a vector, for programs that run the expression network themselves.
    ///
    /// ```
    /// use moue::Expression;
    /// let mut values = [0.0; 64];
    /// values[..2].copy_from_slice(&[3.0, 4.0]);
    /// assert_eq!(Expression::normalized(values)?.0[..2], [0.6, 0.8]);
    /// # Ok::<(), moue::network::NetworkError>(())
    /// ```
    ///
    /// # Errors
    /// [`NetworkError::Shape`] for a vector of no length, or with numbers that are not finite.
    pub fn normalized(values: [f32; EXPRESSION_LEN]) -> Result<Self, NetworkError> {
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        if !length.is_finite() || length < 1e-6 {
            return Err(NetworkError::Shape(format!("a vector of length {length}")));
        }
        Ok(Self(values.map(|v| v / length)))
    }

    /// Whether it has length 1, up to what vectors of other programs have that were imported in half
    /// precision; rounding of ours accounts for some 1e-6.
    #[cfg(feature = "gallery")]
    pub(crate) fn is_unit(&self) -> bool {
        const ERROR: f32 = 1e-2;
        (self.0.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < ERROR
    }

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

    /// The square of [`Expression::distance`], from 0 to 4. Sorting by it is the same, and values
    /// stay distinct that the root would round to one.
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
