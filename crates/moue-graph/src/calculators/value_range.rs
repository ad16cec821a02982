//! How 8-bit pixel values become floats.

use crate::calculator::CalculatorError;
use crate::options::Options;

/// How bytes become numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scale {
    /// [-1, 1].
    Centered,
    /// `low` to `high`.
    Range(f32, f32),
    /// Divided by the first, less the second.
    Custom(f32, f32),
}

impl Scale {
    pub(super) fn of(options: &Options) -> Result<Self, CalculatorError> {
        let range = options.message("output_tensor_float_range");
        if options.get_or("use_custom_normalization", false) {
            let (divide, less) = (
                options.get_or("custom_div", -1.0f32),
                options.get_or("custom_sub", -1.0f32),
            );
            return if divide > 0.0 && less >= 0.0 {
                Ok(Self::Custom(divide, less))
            } else {
                Err("custom_div must be above 0 and custom_sub at least 0".into())
            };
        }
        match (range.get::<f32>("min"), range.get::<f32>("max")) {
            (Some(low), Some(high)) => Self::range(low, high),
            _ if options.get_or("zero_center", true) => Ok(Self::Centered),
            _ => Ok(Self::Range(0.0, 1.0)),
        }
    }

    pub(super) fn range(low: f32, high: f32) -> Result<Self, CalculatorError> {
        match (low, high) {
            (-1.0, 1.0) => Ok(Self::Centered),
            (low, high) if low < high => Ok(Self::Range(low, high)),
            _ => Err(format!("the range of the tensor, {low} to {high}, is empty").into()),
        }
    }

    pub(super) fn apply(self, byte: f32) -> f32 {
        match self {
            Self::Centered => byte / 127.5 - 1.0,
            Self::Range(low, high) => byte / 255.0 * (high - low) + low,
            Self::Custom(divide, less) => byte / divide - less,
        }
    }
}
