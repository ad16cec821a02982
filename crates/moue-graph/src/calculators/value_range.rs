//! How 8-bit pixel values become floats.

use crate::calculator::CalculatorError;
use crate::options::Options;

/// The map from pixel values, 0 to 255, to the floats that a network expects.
#[derive(Debug, Clone, Copy)]
pub(super) enum ValueRange {
    /// To [-1, 1].
    Centered,
    /// To [`low`, `high`].
    Range { low: f32, high: f32 },
    /// `value / divisor - offset`.
    Custom { divisor: f32, offset: f32 },
}

impl ValueRange {
    /// Reads the options of a tensor converter.
    pub(super) fn from_options(options: &Options) -> Result<Self, CalculatorError> {
        if options.get_or("use_custom_normalization", false) {
            return Self::custom(options);
        }
        let range = options.message("output_tensor_float_range");
        match (range.get::<f32>("min"), range.get::<f32>("max")) {
            (Some(low), Some(high)) => Self::range(low, high),
            // `zero_center` is true by default in MediaPipe.
            _ if options.get_or("zero_center", true) => Ok(Self::Centered),
            _ => Ok(Self::Range {
                low: 0.0,
                high: 1.0,
            }),
        }
    }

    fn custom(options: &Options) -> Result<Self, CalculatorError> {
        // MediaPipe's defaults of -1 mean "missing".
        let divisor = options.get_or("custom_div", -1.0f32);
        let offset = options.get_or("custom_sub", -1.0f32);
        if divisor > 0.0 && offset >= 0.0 {
            Ok(Self::Custom { divisor, offset })
        } else {
            Err("custom_div must be above 0 and custom_sub at least 0".into())
        }
    }

    pub(super) fn range(low: f32, high: f32) -> Result<Self, CalculatorError> {
        match (low, high) {
            (-1.0, 1.0) => Ok(Self::Centered),
            (low, high) if low < high => Ok(Self::Range { low, high }),
            _ => Err(format!("the range of the tensor, {low} to {high}, is empty").into()),
        }
    }

    /// The float for a pixel value, which need not be whole after interpolation.
    pub(super) fn apply(self, value: f32) -> f32 {
        match self {
            // Not `Range` from -1 to 1, whose last bit differs: MediaPipe divides by half the range
            // here, and the tests compare with its tensors.
            Self::Centered => value / 127.5 - 1.0,
            Self::Range { low, high } => value / 255.0 * (high - low) + low,
            Self::Custom { divisor, offset } => value / divisor - offset,
        }
    }
}
