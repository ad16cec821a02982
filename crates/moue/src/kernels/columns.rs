//! Narrowing rows of a picture: each cell of the result is a weighted sum of neighboring pixels.
//!
//! Two rows are narrowed at a time, side by side in one vector.

#![allow(
    unsafe_code,
    reason = "vector instructions and pointers to pixels, each with its SAFETY line"
)]

/// A pixel of a row and the one below it, four bytes each.
pub(crate) type PixelPair = [u8; 8];

/// Which pixels the cells of a row are made of.
pub(crate) struct Columns {
    /// The first pixel of each cell.
    pub(crate) firsts: Vec<usize>,
    /// Pixels of each cell: as many for all, since a loop that ends after another number of steps
    /// each time costs more than the steps. The weights of those that are too many are 0.
    pub(crate) count: usize,
    /// `count` weights for each cell.
    pub(crate) weights: Vec<f32>,
}

/// Puts two rows of RGB pixels side by side.
pub(crate) fn pair_rows(upper: &[u8], lower: &[u8], out: &mut [PixelPair]) {
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        done = unsafe { pair_rows_avx2(upper, lower, out) };
    }
    let rows = upper
        .as_chunks::<3>()
        .0
        .iter()
        .zip(lower.as_chunks::<3>().0);
    for (([r, g, b], [s, h, c]), out) in rows.zip(out.iter_mut()).skip(done) {
        *out = [*r, *g, *b, 0, *s, *h, *c, 0];
    }
}

/// As far as sixteen bytes can be read; returns how many pixels that are.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn pair_rows_avx2(upper: &[u8], lower: &[u8], out: &mut [PixelPair]) -> usize {
    use std::arch::x86_64::{
        __m128i, _mm_loadu_si128, _mm_setr_epi8, _mm_shuffle_epi8, _mm_storeu_si128,
        _mm_unpackhi_epi32, _mm_unpacklo_epi32,
    };
    let spread = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
    let readable = (upper.len().min(lower.len()) / 3).saturating_sub(2);
    let groups = (out.len().min(readable)) / 4;
    for (i, out) in out
        .as_chunks_mut::<4>()
        .0
        .iter_mut()
        .take(groups)
        .enumerate()
    {
        let row = |bytes: &[u8]| {
            let bytes = &bytes[i * 12..][..16];
            // SAFETY: the slice has the sixteen bytes that are read.
            let pixels = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            _mm_shuffle_epi8(pixels, spread)
        };
        let [upper, lower] = [row(upper), row(lower)];
        let to: *mut __m128i = out.as_mut_ptr().cast();
        // SAFETY: four pairs are the 32 bytes that are written.
        unsafe {
            _mm_storeu_si128(to, _mm_unpacklo_epi32(upper, lower));
            _mm_storeu_si128(to.add(1), _mm_unpackhi_epi32(upper, lower));
        }
    }
    groups * 4
}

/// Writes the cells of two rows, side by side in `pixels`, to `lines`.
pub(crate) fn narrow(pixels: &[PixelPair], columns: &Columns, lines: &mut [Vec<[f32; 4]>; 2]) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        return unsafe { narrow_avx2(pixels, columns, lines) };
    }
    narrow_body(pixels, columns, lines);
}

fn narrow_body(pixels: &[PixelPair], columns: &Columns, [upper, lower]: &mut [Vec<[f32; 4]>; 2]) {
    let weights = columns.weights.chunks_exact(columns.count);
    let cells = upper.iter_mut().zip(lower);
    for ((cells, first), weights) in cells.zip(&columns.firsts).zip(weights) {
        let mut total = [0.0; 8];
        for (pixel, weight) in pixels[*first..].iter().zip(weights) {
            (0..8).for_each(|c| total[c] += f32::from(pixel[c]) * weight);
        }
        let [r, g, b, a, s, h, c, d] = total;
        *cells.0 = [r, g, b, a];
        *cells.1 = [s, h, c, d];
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn narrow_avx2(pixels: &[PixelPair], columns: &Columns, [upper, lower]: &mut [Vec<[f32; 4]>; 2]) {
    use std::arch::x86_64::{
        _mm_loadl_epi64, _mm_storeu_ps, _mm256_add_ps, _mm256_castps256_ps128, _mm256_cvtepi32_ps,
        _mm256_cvtepu8_epi32, _mm256_extractf128_ps, _mm256_mul_ps, _mm256_set1_ps,
        _mm256_setzero_ps,
    };
    let weights = columns.weights.chunks_exact(columns.count);
    let cells = upper.iter_mut().zip(lower);
    for ((cells, first), weights) in cells.zip(&columns.firsts).zip(weights) {
        let mut total = _mm256_setzero_ps();
        for (pixel, weight) in pixels[*first..][..columns.count].iter().zip(weights) {
            // SAFETY: a pair of pixels is the eight bytes that are read.
            let bytes = unsafe { _mm_loadl_epi64(pixel.as_ptr().cast()) };
            let values = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes));
            total = _mm256_add_ps(total, _mm256_mul_ps(values, _mm256_set1_ps(*weight)));
        }
        // SAFETY: a cell is the sixteen bytes that are written.
        unsafe {
            _mm_storeu_ps(cells.0.as_mut_ptr(), _mm256_castps256_ps128(total));
            _mm_storeu_ps(cells.1.as_mut_ptr(), _mm256_extractf128_ps::<1>(total));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_the_same_bits() {
        let row = |seed: usize| -> Vec<u8> { (0..57).map(|i| (i * seed) as u8).collect() };
        let [upper, lower] = [row(91), row(57)];
        let mut pixels = vec![[0; 8]; 19 + 3];
        pair_rows(&upper, &lower, &mut pixels);
        assert!((0..19).all(|i| pixels[i][..3] == upper[i * 3..][..3]));
        assert!((0..19).all(|i| pixels[i][4..7] == lower[i * 3..][..3]));
        let columns = Columns {
            firsts: (0..7).map(|i| i * 3).collect(),
            count: 3,
            weights: (0..21).map(|i| 1.0 / (i + 3) as f32).collect(),
        };
        let mut plain = [(); 2].map(|()| vec![[0.0; 4]; 7]);
        let mut wide = plain.clone();
        narrow_body(&pixels, &columns, &mut plain);
        narrow(&pixels, &columns, &mut wide);
        assert_eq!(plain, wide);
    }
}
