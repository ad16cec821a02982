//! Bilinear samples on a turned grid, averaged.

#![allow(
    unsafe_code,
    reason = "vector instructions and pointers to values, each with its SAFETY line"
)]

/// Rows of values. Behind the last one are a row and two values more, so that the neighbors to the
/// right and below can be read everywhere; at the edge their weight is 0.
pub(crate) struct Raster {
    width: usize,
    height: usize,
    values: Vec<f32>,
}

impl Raster {
    /// A raster of zeros; neither side is 0.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let values = vec![0.0; (height + 1) * width + 2];
        Self {
            width,
            height,
            values,
        }
    }

    /// Its rows, from the top.
    pub(crate) fn rows_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.values.chunks_exact_mut(self.width).take(self.height)
    }

    /// Whether floats count its sides and 32 bits its values, so that a clamped position is in it.
    fn has_exact_positions(&self) -> bool {
        const FLOATS: usize = 1 << 24;
        self.width.max(self.height) < FLOATS && i32::try_from(self.values.len()).is_ok()
    }

    /// The bilinear value at a position whose integers are the middles of values; beyond the edge it
    /// is that of the edge.
    // Called for each sample: as a call of its own it more than doubles the time of a crop.
    #[inline(always)]
    fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let x0 = x as usize;
        let y0 = y as usize;
        let fx = x - x0 as f32;
        let fy = y - y0 as f32;
        let upper = &self.values[y0 * self.width + x0..];
        let lower = &upper[self.width..];
        let top = upper[0] * (1.0 - fx) + upper[1] * fx;
        let bottom = lower[0] * (1.0 - fx) + lower[1] * fx;
        top * (1.0 - fy) + bottom * fy
    }
}

/// Where the samples of a square of values lie in a raster.
pub(crate) struct Samples<'a> {
    /// Position of the square's top left corner.
    pub(crate) origin: [f32; 2],
    /// A step of one value along a row.
    pub(crate) across: [f32; 2],
    /// A step of one value down.
    pub(crate) down: [f32; 2],
    /// Where the samples of a value lie along either step, from its middle on, in shares of it.
    pub(crate) offsets: &'a [f32],
    /// What the sum of a value's samples is multiplied with; then 1 is subtracted.
    pub(crate) scale: f32,
    /// Values along a side.
    pub(crate) size: usize,
}

/// Writes the values of the square.
pub(crate) fn sample(raster: &Raster, samples: &Samples<'_>, out: &mut [f32]) {
    let rows = out.chunks_exact_mut(samples.size).take(samples.size);
    for (y, row) in rows.enumerate() {
        let done = sample_vectors(raster, samples, y, row);
        for (x, value) in row.iter_mut().enumerate().skip(done) {
            *value = sample_one(raster, samples, [x, y]);
        }
    }
}

/// The first values of row `y`, as many as vectors take; returns their number.
fn sample_vectors(raster: &Raster, samples: &Samples<'_>, y: usize, row: &mut [f32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") && raster.has_exact_positions() {
        // SAFETY: the processor has AVX2, and the raster is one that the function takes.
        return unsafe { avx2::sample_row(raster, samples, y, row) };
    }
    let _ = (raster, samples, y, row);
    0
}

fn sample_one(raster: &Raster, samples: &Samples<'_>, at: [usize; 2]) -> f32 {
    let [x, y] = at.map(|v| v as f32 + 0.5);
    let [origin, dx, dy] = [samples.origin, samples.across, samples.down];
    let mut sum = 0.0;
    for y in samples.offsets.iter().map(|v| y + v) {
        let start = [0, 1].map(|i| origin[i] + x * dx[i] + y * dy[i]);
        let line = samples.offsets.iter();
        sum += line
            .map(|u| raster.at(start[0] + u * dx[0], start[1] + u * dx[1]))
            .sum::<f32>();
    }
    sum * samples.scale - 1.0
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Raster, Samples};
    use std::arch::x86_64::{
        __m128, __m256, _mm_castsi128_ps, _mm_loadl_epi64, _mm_movelh_ps, _mm256_add_epi32,
        _mm256_add_ps, _mm256_cvtepi32_ps, _mm256_cvttps_epi32, _mm256_max_ps, _mm256_min_ps,
        _mm256_mul_ps, _mm256_mullo_epi32, _mm256_set_m128, _mm256_set1_epi32, _mm256_set1_ps,
        _mm256_setr_ps, _mm256_setzero_ps, _mm256_shuffle_ps, _mm256_storeu_ps,
        _mm256_storeu_si256, _mm256_sub_ps,
    };

    /// Positions of eight samples, along x and y.
    type Positions = [__m256; 2];

    /// Eight values of a row at a time, each in a lane of its own.
    ///
    /// # Safety
    /// The raster [has exact positions](Raster::has_exact_positions).
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn sample_row(
        raster: &Raster,
        samples: &Samples<'_>,
        y: usize,
        row: &mut [f32],
    ) -> usize {
        let steps = _mm256_setr_ps(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0);
        let (groups, _) = row.as_chunks_mut::<8>();
        for (i, out) in groups.iter_mut().enumerate() {
            let first = _mm256_set1_ps((i * 8) as f32);
            let x = _mm256_add_ps(_mm256_add_ps(first, steps), _mm256_set1_ps(0.5));
            // SAFETY: as the caller has promised.
            let sum = unsafe { sum_of_samples(raster, samples, x, y as f32 + 0.5) };
            let value = _mm256_mul_ps(sum, _mm256_set1_ps(samples.scale));
            let value = _mm256_sub_ps(value, _mm256_set1_ps(1.0));
            // SAFETY: eight floats are the 32 bytes that are written.
            unsafe { _mm256_storeu_ps(out.as_mut_ptr(), value) };
        }
        groups.len() * 8
    }

    /// The sums of the samples of eight values whose middles are at `x` and `y`.
    ///
    /// # Safety
    /// The raster [has exact positions](Raster::has_exact_positions).
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn sum_of_samples(raster: &Raster, samples: &Samples<'_>, x: __m256, y: f32) -> __m256 {
        let step = |by: __m256, along: f32| _mm256_mul_ps(by, _mm256_set1_ps(along));
        let mut sum = _mm256_setzero_ps();
        for v in samples.offsets {
            let y = _mm256_set1_ps(y + v);
            let start = [0, 1].map(|i| {
                let origin = _mm256_set1_ps(samples.origin[i]);
                let at = _mm256_add_ps(origin, step(x, samples.across[i]));
                _mm256_add_ps(at, step(y, samples.down[i]))
            });
            let mut line = _mm256_setzero_ps();
            for u in samples.offsets {
                let u = _mm256_set1_ps(*u);
                let at = [0, 1].map(|i| _mm256_add_ps(start[i], step(u, samples.across[i])));
                // SAFETY: as the caller has promised.
                line = _mm256_add_ps(line, unsafe { bilinear(raster, at) });
            }
            sum = _mm256_add_ps(sum, line);
        }
        sum
    }

    /// Eight bilinear values.
    ///
    /// # Safety
    /// The raster [has exact positions](Raster::has_exact_positions).
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn bilinear(raster: &Raster, at: Positions) -> __m256 {
        let last = [raster.width, raster.height].map(|side| _mm256_set1_ps((side - 1) as f32));
        // The maximum with what is no number is its second operand, 0.
        let at = [0, 1].map(|i| _mm256_min_ps(_mm256_max_ps(at[i], _mm256_setzero_ps()), last[i]));
        let whole = at.map(|v| _mm256_cvttps_epi32(v));
        let part = [0, 1].map(|i| _mm256_sub_ps(at[i], _mm256_cvtepi32_ps(whole[i])));
        let width = _mm256_set1_epi32(raster.width as i32);
        let index = _mm256_add_epi32(_mm256_mullo_epi32(whole[1], width), whole[0]);
        let mut indices = [0u32; 8];
        // SAFETY: eight numbers are the 32 bytes that are written.
        unsafe { _mm256_storeu_si256(indices.as_mut_ptr().cast(), index) };
        let indices = indices.map(|index| index as usize);
        // SAFETY: positions are clamped to the raster, whose values go on for a row and two values
        // more: those to the right and below can be read.
        let [upper, lower] = unsafe {
            [
                pairs(&raster.values, indices),
                pairs(&raster.values[raster.width..], indices),
            ]
        };
        let [top, bottom] = [mixed(upper, part[0]), mixed(lower, part[0])];
        mixed([top, bottom], part[1])
    }

    /// `a` and `b` in shares of `1 - part` and `part`.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn mixed([a, b]: [__m256; 2], part: __m256) -> __m256 {
        let rest = _mm256_sub_ps(_mm256_set1_ps(1.0), part);
        _mm256_add_ps(_mm256_mul_ps(a, rest), _mm256_mul_ps(b, part))
    }

    /// The values at eight indices, and those behind them. Loads of two neighbors are faster than the
    /// processor's gathering of single values.
    ///
    /// # Safety
    /// There are values at all indices, and one more behind each.
    #[target_feature(enable = "avx2")]
    #[inline]
    unsafe fn pairs(values: &[f32], indices: [usize; 8]) -> [__m256; 2] {
        let two = |k: usize| {
            debug_assert!(indices[k] + 1 < values.len() && indices[k + 1] + 1 < values.len());
            // SAFETY: as the caller has promised, the eight bytes from each index on can be read.
            let pair = |k: usize| unsafe {
                _mm_castsi128_ps(_mm_loadl_epi64(values.as_ptr().add(indices[k]).cast()))
            };
            let both: __m128 = _mm_movelh_ps(pair(k), pair(k + 1));
            both
        };
        let low = _mm256_set_m128(two(4), two(0));
        let high = _mm256_set_m128(two(6), two(2));
        [
            _mm256_shuffle_ps::<0b10_00_10_00>(low, high),
            _mm256_shuffle_ps::<0b11_01_11_01>(low, high),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster() -> Raster {
        let mut raster = Raster::new(23, 17);
        for (y, row) in raster.rows_mut().enumerate() {
            for (x, value) in row.iter_mut().enumerate() {
                *value = ((x * 37 + y * 91) % 256) as f32;
            }
        }
        raster
    }

    #[test]
    fn vectors_give_the_same_bits_inside_and_beyond_the_edge() {
        let raster = raster();
        for (origin, turn) in [
            ([3.0, 2.0], 0.0f32),
            ([-4.0, 20.0], -0.7),
            ([1e9, -1e9], 2.0),
        ] {
            let across = [1.3 * turn.cos(), 1.3 * turn.sin()];
            let samples = Samples {
                origin,
                across,
                down: [-across[1], across[0]],
                offsets: &[-0.3, 0.0, 0.3],
                scale: 1.0 / (9.0 * 127.5),
                size: 20,
            };
            let mut out = vec![0.0; 400];
            sample(&raster, &samples, &mut out);
            for (i, value) in out.iter().enumerate() {
                assert_eq!(*value, sample_one(&raster, &samples, [i % 20, i / 20]));
            }
        }
    }

    #[test]
    fn positions_that_are_no_numbers_read_nothing_else() {
        let samples = Samples {
            origin: [f32::NAN, f32::INFINITY],
            across: [f32::NEG_INFINITY, 1.0],
            down: [0.0, f32::NAN],
            offsets: &[0.0],
            scale: 1.0,
            size: 8,
        };
        let mut out = vec![0.0; 64];
        sample(&raster(), &samples, &mut out);
        assert!(out.iter().all(|v| v.is_nan() || (-1.0..=255.0).contains(v)));
    }
}
