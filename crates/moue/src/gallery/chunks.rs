//! Faces in chunks, so that a search reads long runs: what it reads of every face (a row and int8
//! codes or floats) lies side by side.

use super::quantization::Quantized;
use crate::embed::{EXPRESSION_LEN, Expression};

/// Rows in a full chunk. The chunks' bytes are then just below powers of two, to which the database
/// rounds values up: 4000 · 32 of rows below 2¹⁷, 4000 · 64 of codes below 2¹⁸.
pub(super) const CHUNK_ROWS: usize = 4000;

/// An expression as int8 codes.
pub(super) type Codes = [i8; EXPRESSION_LEN];

/// What the search needs of a face beside its expression.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) picture: u64,
    /// Of rows with the same group the answer shows one.
    pub(super) group: u64,
    /// As for [`Quantized::scale`].
    pub(super) scale: f32,
    /// As for [`Quantized::error`].
    pub(super) error: f32,
    /// As for [`Quantized::squared_norm`].
    pub(super) squared_norm: f32,
}

/// A face with its expression, on its way into a chunk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FaceVector {
    pub(super) id: u64,
    pub(super) picture: u64,
    pub(super) group: u64,
    pub(super) expression: Expression,
}

/// A chunk of faces in memory, with what a scan reads of their expressions.
pub(super) struct Chunk {
    pub(super) number: u64,
    pub(super) rows: Vec<Row>,
    /// The rows' scales and squared norms once more, side by side: a scan reads nothing else of
    /// most rows, and these 8 bytes instead of a row's 40 keep it within the processor's cache.
    pub(super) scales: Vec<[f32; 2]>,
    pub(super) values: Values,
    /// The largest of the rows' errors.
    pub(super) error: f32,
}

/// The expressions of a chunk.
pub(super) enum Values {
    Exact(Vec<[f32; EXPRESSION_LEN]>),
    // Only a file is searched by its codes; what is in memory anyway is compared in full.
    #[cfg_attr(not(feature = "gallery"), allow(dead_code))]
    Int8(Vec<Codes>),
}

#[cfg(feature = "gallery")]
impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Exact(values) => values.len(),
            Self::Int8(codes) => codes.len(),
        }
    }
}

impl Chunk {
    /// `None` unless there is one value for each row.
    #[cfg(feature = "gallery")]
    pub(super) fn new(number: u64, rows: Vec<Row>, values: Values) -> Option<Self> {
        (values.len() == rows.len()).then(|| Self {
            number,
            scales: rows.iter().map(|r| [r.scale, r.squared_norm]).collect(),
            error: rows.iter().fold(0f32, |e, r| e.max(r.error)),
            rows,
            values,
        })
    }
    /// A chunk without faces, to be filled with exact values.
    pub(super) fn empty(number: u64) -> Self {
        Self {
            number,
            rows: Vec::new(),
            scales: Vec::new(),
            values: Values::Exact(Vec::new()),
            error: 0.0,
        }
    }

    pub(super) fn push(&mut self, face: &FaceVector) {
        let quantized = Quantized::of(&face.expression.0);
        let row = Row::new(face, &quantized);
        self.rows.push(row);
        self.scales.push([row.scale, row.squared_norm]);
        self.error = self.error.max(row.error);
        match &mut self.values {
            Values::Exact(values) => values.push(face.expression.0),
            Values::Int8(codes) => codes.push(quantized.codes),
        }
    }

    /// Keeps the faces for which `kept` returns `true`.
    pub(super) fn retain(&mut self, kept: impl Fn(u64) -> bool) {
        let keeps: Vec<bool> = self.rows.iter().map(|row| kept(row.id)).collect();
        retain_where(&mut self.rows, &keeps);
        retain_where(&mut self.scales, &keeps);
        match &mut self.values {
            Values::Exact(values) => retain_where(values, &keeps),
            Values::Int8(codes) => retain_where(codes, &keeps),
        }
    }
}

/// Keeps the items at whose index `keeps` is `true`.
pub(super) fn retain_where<T>(items: &mut Vec<T>, keeps: &[bool]) {
    let mut keeps = keeps.iter();
    items.retain(|_| keeps.next() == Some(&true));
}

impl Row {
    pub(super) fn new(face: &FaceVector, quantized: &Quantized) -> Self {
        Self {
            id: face.id,
            picture: face.picture,
            group: face.group,
            scale: quantized.scale,
            error: quantized.error,
            squared_norm: quantized.squared_norm,
        }
    }
}
