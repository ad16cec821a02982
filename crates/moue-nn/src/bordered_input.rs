//! Input pictures of few channels, stored without gaps inside a border of zeros.
//!
//! Padding one or three channels to a whole block would make most of the first convolution's
//! products multiply zeros. Stored densely, a kernel's taps in one line are one run of floats: a
//! convolution of 5×5 taps of 3 floats reads 5 runs of 15. The border takes the place of the
//! indirection buffer's row of zeros, to which only whole taps could point.

use crate::kernels::GROUP;

/// How such a picture lies in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct BorderedInput {
    pub(crate) batch: usize,
    /// Height and width of the picture.
    pub(crate) input: [usize; 2],
    /// Rows of zeros above and columns of zeros left of it.
    pub(crate) before: [usize; 2],
    /// Height and width with the border.
    pub(crate) size: [usize; 2],
    pub(crate) channels: usize,
}

impl BorderedInput {
    /// Elements that the pictures occupy, and a few more, as int8 kernels read a whole group at a
    /// time.
    pub(crate) fn len(&self) -> usize {
        self.batch * self.size[0] * self.size[1] * self.channels + GROUP - 1
    }

    /// The same; `None` where a window of the file's choice reaches so far beyond the picture that
    /// there is no such number.
    pub(crate) fn checked_len(&self) -> Option<usize> {
        let factors = [self.batch, self.size[0], self.size[1], self.channels];
        let product = factors
            .iter()
            .try_fold(1usize, |len, f| len.checked_mul(*f))?;
        product.checked_add(GROUP - 1)
    }

    /// Copies dense pictures to where they lie inside their borders, which become `zero`; `convert`
    /// copies a line.
    pub(crate) fn spread<S, T: Copy>(
        &self,
        dense: &[S],
        stored: &mut [T],
        zero: T,
        convert: impl Fn(&[S], &mut [T]),
    ) {
        let line = self.input[1] * self.channels;
        let bordered_line = self.size[1] * self.channels;
        let start = self.before[0] * bordered_line + self.before[1] * self.channels;
        stored[..self.len()].fill(zero);
        let pictures = dense.chunks_exact(self.input[0] * line);
        let targets = stored.chunks_exact_mut(self.size[0] * bordered_line);
        for (picture, target) in pictures.zip(targets) {
            let lines = target[start..].chunks_mut(bordered_line);
            for (from, to) in picture.chunks_exact(line).zip(lines) {
                convert(from, &mut to[..line]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_inside_zeros() {
        let bordered = BorderedInput {
            batch: 1,
            input: [1, 2],
            before: [1, 1],
            size: [3, 4],
            channels: 1,
        };
        let mut stored = [9.0; 15];
        bordered.spread(&[1.0, 2.0], &mut stored, 0.0, |from, to| {
            to.copy_from_slice(from)
        });
        assert_eq!(
            stored[..12],
            [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
        );
    }
}
