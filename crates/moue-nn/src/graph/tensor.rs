//! Tensors, their constants and their quantization.

use std::sync::Arc;

/// Most dimensions a tensor may have.
pub(crate) const MAX_RANK: usize = 4;

/// The values of a tensor that the file fixes.
#[derive(Clone, Debug)]
pub(crate) enum Constant {
    Floats(Arc<Vec<f32>>),
    Ints(Arc<Vec<i32>>),
    Int8(Arc<Vec<i8>>),
}

impl Constant {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Ints(values) => values.len(),
            Self::Int8(values) => values.len(),
        }
    }
}

/// Affine int8 quantization: a code stands for the real number `scale × (code - zero_point)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantization {
    /// One for the whole tensor, or one for each slice along `axis` (per-channel quantization).
    pub(crate) scales: Vec<f32>,
    pub(crate) zero_points: Vec<i32>,
    pub(crate) axis: usize,
}

/// The scale and zero point of a tensor that has one of each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) scale: f32,
    pub(crate) zero_point: i32,
}

impl Quantization {
    fn per_tensor(&self) -> Option<Scale> {
        match (&self.scales[..], &self.zero_points[..]) {
            (&[scale], &[zero_point]) => Some(Scale { scale, zero_point }),
            _ => None,
        }
    }

    /// The index of the scale for element `i` of a tensor whose slices along the axis hold `inner`
    /// consecutive elements each.
    fn slice(&self, i: usize, inner: usize) -> usize {
        match self.scales.len() {
            1 => 0,
            slices => i / inner % slices,
        }
    }
}

/// A tensor of the graph: batch, height, width, channels in this order, where it has four
/// dimensions.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) constant: Option<Constant>,
    /// Present where the elements are int8 codes.
    pub(crate) quantization: Option<Quantization>,
}

impl Tensor {
    /// An activation of floats.
    pub(crate) fn activation(name: String, shape: Vec<usize>) -> Self {
        Self {
            name,
            shape,
            constant: None,
            quantization: None,
        }
    }

    pub(crate) fn is_int8(&self) -> bool {
        self.quantization.is_some()
    }

    /// Scale and zero point, if the elements are int8 codes with one of each.
    pub(crate) fn scale(&self) -> Option<Scale> {
        self.quantization.as_ref()?.per_tensor()
    }

    /// The real values of a constant of int8 codes.
    pub(crate) fn dequantized(&self) -> Option<Vec<f32>> {
        let codes = self.int8()?;
        let q = self.quantization.as_ref()?;
        // The shape may be shorter than the axis requires where the file states one scale only.
        let inner = self.shape[(q.axis + 1).min(self.shape.len())..]
            .iter()
            .product();
        let real = |(i, code): (usize, &i8)| {
            let slice = q.slice(i, inner);
            q.scales[slice] * (i32::from(*code) - q.zero_points[slice]) as f32
        };
        Some(codes.iter().enumerate().map(real).collect())
    }

    pub(crate) fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The size of the last dimension, 1 for a scalar.
    pub(crate) fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }

    /// The values, if they are constant floats.
    pub(crate) fn floats(&self) -> Option<&Arc<Vec<f32>>> {
        match &self.constant {
            Some(Constant::Floats(values)) => Some(values),
            _ => None,
        }
    }

    /// The values, if they are constant 32-bit integers.
    pub(crate) fn ints(&self) -> Option<&Arc<Vec<i32>>> {
        match &self.constant {
            Some(Constant::Ints(values)) => Some(values),
            _ => None,
        }
    }

    /// The codes, if they are constant int8.
    pub(crate) fn int8(&self) -> Option<&Arc<Vec<i8>>> {
        match &self.constant {
            Some(Constant::Int8(values)) => Some(values),
            _ => None,
        }
    }
}
