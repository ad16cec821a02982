//! How a tensor lies in the arena: rows of channels, each padded to whole blocks.

use crate::graph::MAX_RANK;
use crate::kernels::{BLOCK, padded};

/// A shape filled up to four dimensions from the left, with the distance in floats between
/// neighbors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Layout {
    pub(crate) dims: [usize; MAX_RANK],
    pub(crate) strides: [usize; MAX_RANK],
}

impl Layout {
    pub(crate) fn of(shape: &[usize]) -> Self {
        // Missing dimensions come first, so that the last one holds the channels whatever the rank.
        let mut dims = [1; MAX_RANK];
        dims[MAX_RANK - shape.len()..].copy_from_slice(shape);
        let row = padded(dims[3]);
        Self {
            dims,
            strides: [dims[1] * dims[2] * row, dims[2] * row, row, 1],
        }
    }

    /// Elements that a tensor of this shape would occupy; `None` where there is no such number.
    /// The parser asks before anything else does, so that [`Layout::of`] cannot overflow.
    pub(crate) fn checked_len(shape: &[usize]) -> Option<usize> {
        let channels = shape.last().copied().unwrap_or(1);
        let rows = &shape[..shape.len().saturating_sub(1)];
        let row = channels.checked_next_multiple_of(BLOCK)?;
        rows.iter()
            .try_fold(row, |len, size| len.checked_mul(*size))
    }

    /// Floats that the tensor occupies.
    pub(crate) fn len(&self) -> usize {
        self.dims[0] * self.strides[0]
    }

    /// Rows of channels.
    pub(crate) fn rows(&self) -> usize {
        self.dims[0] * self.dims[1] * self.dims[2]
    }

    pub(crate) fn channels(&self) -> usize {
        self.dims[3]
    }

    /// Floats from one row to the next.
    pub(crate) fn row(&self) -> usize {
        self.strides[2]
    }

    /// The strides with which this tensor is read as if it had the shape `dims`: 0 along broadcast
    /// dimensions.
    pub(crate) fn broadcast_to(&self, dims: [usize; MAX_RANK]) -> Option<[usize; MAX_RANK]> {
        let mut strides = self.strides;
        for i in 0..MAX_RANK {
            match self.dims[i] {
                size if size == dims[i] => {}
                1 => strides[i] = 0,
                _ => return None,
            }
        }
        Some(strides)
    }

    /// Positions of all rows, first to last, with the offset that `strides` give each.
    pub(crate) fn for_each_row(
        &self,
        strides: [usize; MAX_RANK],
        mut body: impl FnMut(usize, usize),
    ) {
        for n in 0..self.dims[0] {
            for h in 0..self.dims[1] {
                for w in 0..self.dims[2] {
                    let own = n * self.strides[0] + h * self.strides[1] + w * self.strides[2];
                    body(own, n * strides[0] + h * strides[1] + w * strides[2]);
                }
            }
        }
    }

    /// Copies a dense tensor into this layout; `convert` copies a row.
    pub(crate) fn spread<S, T>(
        &self,
        dense: &[S],
        stored: &mut [T],
        convert: impl Fn(&[S], &mut [T]),
    ) {
        // The lanes behind a row keep what they hold: results that depend on them are not read.
        let channels = self.channels();
        for (from, to) in dense
            .chunks_exact(channels)
            .zip(stored.chunks_exact_mut(self.row()))
        {
            convert(from, &mut to[..channels]);
        }
    }

    /// Copies a tensor of this layout into a dense one; `convert` copies a row.
    pub(crate) fn gather<T>(
        &self,
        stored: &[T],
        dense: &mut [f32],
        convert: impl Fn(&[T], &mut [f32]),
    ) {
        let channels = self.channels();
        for (to, from) in dense
            .chunks_exact_mut(channels)
            .zip(stored.chunks_exact(self.row()))
        {
            convert(&from[..channels], to);
        }
    }
}

/// Copies floats, for [`Layout::spread`] and [`Layout::gather`].
pub(crate) fn copy(from: &[f32], to: &mut [f32]) {
    to.copy_from_slice(from);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_overflows_is_none() {
        assert_eq!(Layout::checked_len(&[2, 3, 5, 9]), Some(480));
        assert_eq!(Layout::checked_len(&[]), Some(8));
        let quarter = 1usize << (usize::BITS / 4);
        assert_eq!(Layout::checked_len(&[quarter; 4]), None);
        assert_eq!(Layout::checked_len(&[usize::MAX]), None);
    }
}
