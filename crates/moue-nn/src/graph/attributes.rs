//! Option values that several operators share.

/// How an operator clamps its result: to `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clamp {
    pub(crate) low: f32,
    pub(crate) high: f32,
}

impl Default for Clamp {
    fn default() -> Self {
        Self::NONE
    }
}

impl Clamp {
    /// No bound at all.
    pub(crate) const NONE: Self = Self {
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
    };
    pub(crate) const RELU: Self = Self {
        low: 0.0,
        high: f32::INFINITY,
    };
    pub(crate) const RELU_N1_TO_1: Self = Self {
        low: -1.0,
        high: 1.0,
    };
    pub(crate) const RELU6: Self = Self {
        low: 0.0,
        high: 6.0,
    };

    /// Returns `low` where `x` is NaN, as the vector kernels do.
    pub(crate) fn apply(self, x: f32) -> f32 {
        x.max(self.low).min(self.high)
    }

    /// The clamp that equals `self` followed by `second`.
    pub(crate) fn then(self, second: Self) -> Self {
        Self {
            low: second.apply(self.low),
            high: second.apply(self.high),
        }
    }
}

/// A sliding window, without its size: rows first, then columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    /// Whether borders are filled with zeros until the result is `input ÷ stride` large (`SAME`);
    /// otherwise the window stays inside the input (`VALID`).
    pub(crate) same: bool,
    pub(crate) stride: [usize; 2],
    pub(crate) dilation: [usize; 2],
}

/// Zeros around a picture: before and after it, rows first, then columns.
pub(crate) type Border = [[usize; 2]; 2];
