//! Sparse constants: only values that are not zero are stored, with where they belong.
//!
//! The format is that of TACO (Kjolstad et al., "The Tensor Algebra Compiler", 2017), as TFLite's
//! schema has it in `SparsityParameters`: the dimensions in the order in which they are stored, each
//! either dense or compressed (CSR). A dimension may be cut into blocks, whose inner dimensions are
//! stored behind all outer ones.

use super::flatbuffer::Table;
use super::schema::{dimension_metadata, index_vector, sparsity};
use crate::error::{Result, format_error};
use crate::graph::MAX_RANK;

/// One stored dimension: how far apart its neighbors lie in the dense tensor, and which of them are
/// stored.
struct Level {
    stride: usize,
    positions: Positions,
}

enum Positions {
    /// All of them, so many.
    Dense(usize),
    /// For each node of the dimensions before, those of `indices` between two of `segments`.
    Compressed {
        segments: Vec<usize>,
        indices: Vec<usize>,
    },
}

/// How a constant of the given shape is stored.
pub(super) struct Sparsity {
    levels: Vec<Level>,
    /// Elements of the dense tensor.
    elements: usize,
}

impl Sparsity {
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) if the parts contradict each other or the shape.
    pub(super) fn read(table: &Table<'_>, shape: &[usize]) -> Result<Self> {
        let order = table.ints(sparsity::TRAVERSAL_ORDER)?;
        let blocked = table.ints(sparsity::BLOCK_MAP)?;
        let metadata = table.tables(sparsity::DIM_METADATA)?;
        // Each dimension may be cut into blocks once.
        let levels = shape.len() + blocked.len();
        if blocked.len() > MAX_RANK || order.len() != levels || metadata.len() != levels {
            return format_error("a sparse tensor lists another number of dimensions than it has");
        }
        let mut reader = Dimensions::new(shape);
        let mut stored = Vec::new();
        // Blocks first: outer dimensions are counted in blocks.
        for level in (0..levels).rev() {
            let dimension = original(order[level], shape.len(), &blocked)?;
            let is_block = level >= shape.len();
            if is_block != (order[level] as usize >= shape.len()) {
                return format_error("a sparse tensor stores blocks before dimensions");
            }
            stored.push(reader.level(&metadata[level], dimension, is_block)?);
        }
        stored.reverse();
        if reader.left.iter().any(|left| *left != 1) {
            return format_error("a sparse tensor does not store every dimension once");
        }
        Ok(Self {
            levels: stored,
            elements: shape.iter().product(),
        })
    }

    /// The dense tensor of the stored `values`.
    ///
    /// # Errors
    /// [`Error::Format`](crate::Error::Format) if there are more or fewer values than places.
    pub(super) fn densify<T: Copy + Default>(&self, values: &[T]) -> Result<Vec<T>> {
        let mut places = vec![0];
        for level in &self.levels {
            places = level.expand(&places, self.elements)?;
        }
        if places.len() != values.len() {
            return format_error(format!(
                "a sparse tensor has {} values for {} places",
                values.len(),
                places.len()
            ));
        }
        let mut dense = vec![T::default(); self.elements];
        for (place, value) in places.into_iter().zip(values) {
            dense[place] = *value;
        }
        Ok(dense)
    }
}

impl Level {
    /// The places of this dimension's nodes, from those of the dimension before. More than there
    /// are elements would need a position that occurs twice.
    fn expand(&self, places: &[usize], most: usize) -> Result<Vec<usize>> {
        let at = |place: &usize, i: usize| place + i * self.stride;
        match &self.positions {
            Positions::Dense(size) if places.len().saturating_mul(*size) <= most => {
                let nodes = places.iter();
                let children = nodes.flat_map(|p| (0..*size).map(move |i| at(p, i)));
                Ok(children.collect())
            }
            Positions::Compressed { segments, indices }
                if segments.len() == places.len() + 1 && indices.len() <= most =>
            {
                let parts = segments.windows(2).map(|ends| &indices[ends[0]..ends[1]]);
                let nodes = places.iter().zip(parts);
                let children = nodes.flat_map(|(p, part)| part.iter().map(move |i| at(p, *i)));
                Ok(children.collect())
            }
            _ => format_error("the dimensions of a sparse tensor do not fit each other"),
        }
    }
}

/// The dimension of the dense tensor that entry `stated` of the order of storage is.
fn original(stated: i32, rank: usize, blocked: &[i32]) -> Result<usize> {
    let entry = usize::try_from(stated).unwrap_or(usize::MAX);
    let dimension = match entry.checked_sub(rank) {
        None => Some(entry),
        Some(block) => blocked.get(block).and_then(|d| usize::try_from(*d).ok()),
    };
    match dimension {
        Some(dimension) if dimension < rank => Ok(dimension),
        _ => format_error("a sparse tensor stores a dimension that it does not have"),
    }
}

/// What is left to be stored of each dimension of the dense tensor.
struct Dimensions {
    /// Sizes, divided by those of the levels so far.
    left: Vec<usize>,
    /// How far apart neighbors lie of what is left.
    strides: Vec<usize>,
    /// Whether an outer dimension, which takes all that is left, was there.
    done: Vec<bool>,
}

impl Dimensions {
    fn new(shape: &[usize]) -> Self {
        let mut strides = vec![1; shape.len()];
        for d in (1..shape.len()).rev() {
            strides[d - 1] = strides[d] * shape[d];
        }
        Self {
            left: shape.to_vec(),
            strides,
            done: vec![false; shape.len()],
        }
    }

    /// Reads a level that stores `dimension`, or blocks of it.
    fn level(&mut self, table: &Table<'_>, dimension: usize, is_block: bool) -> Result<Level> {
        let stride = self.strides[dimension];
        let size = self.left[dimension];
        let positions = match table.u8(dimension_metadata::FORMAT, 0)? {
            dimension_metadata::DENSE => {
                let stated = table.i32(dimension_metadata::DENSE_SIZE, 0)?;
                Positions::Dense(usize::try_from(stated).unwrap_or(0))
            }
            _ => compressed(table, size)?,
        };
        let taken = match positions {
            Positions::Dense(taken) => taken,
            // A block that is not dense has no size.
            Positions::Compressed { .. } if is_block => 0,
            Positions::Compressed { .. } => size,
        };
        let fits = taken > 0 && size.is_multiple_of(taken) && (is_block || taken == size);
        if !fits || std::mem::replace(&mut self.done[dimension], !is_block) {
            return format_error("a dimension of a sparse tensor does not fit its shape");
        }
        self.left[dimension] /= taken;
        self.strides[dimension] *= taken;
        Ok(Level { stride, positions })
    }
}

/// Segments and indices of a compressed dimension of `size` positions.
fn compressed(table: &Table<'_>, size: usize) -> Result<Positions> {
    use dimension_metadata::{INDICES, INDICES_TYPE, SEGMENTS, SEGMENTS_TYPE};
    let segments = index_vector(table, SEGMENTS_TYPE, SEGMENTS)?;
    let indices = index_vector(table, INDICES_TYPE, INDICES)?;
    let in_order = segments.is_sorted()
        && segments.first() == Some(&0)
        && segments.last() == Some(&indices.len());
    if !in_order || indices.iter().any(|i| *i >= size) {
        return format_error("the indices of a sparse tensor do not fit its shape");
    }
    Ok(Positions::Compressed { segments, indices })
}

/// A union of vectors of numbers of 8, 16 or 32 bits.
fn index_vector(table: &Table<'_>, kind: usize, field: usize) -> Result<Vec<usize>> {
    let Some(vector) = table.table(field)? else {
        return Ok(Vec::new());
    };
    // A negative number becomes one that no position reaches.
    let position = |i: i32| usize::try_from(i).unwrap_or(usize::MAX);
    match table.u8(kind, index_vector::NONE)? {
        index_vector::INT32 => {
            let values = vector.ints(index_vector::VALUES)?;
            Ok(values.into_iter().map(position).collect())
        }
        index_vector::UINT16 => vector.shorts(index_vector::VALUES),
        index_vector::UINT8 => Ok(widened(vector.counted_bytes(index_vector::VALUES)?)),
        other => format_error(format!("a sparse tensor has indices of type {other}")),
    }
}

fn widened(bytes: &[u8]) -> Vec<usize> {
    bytes.iter().map(|b| usize::from(*b)).collect()
}
