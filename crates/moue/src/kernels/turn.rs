//! Turning a square picture around its middle, with bilinear interpolation.

#![allow(
    unsafe_code,
    reason = "vector instructions and pointers to pixels, each with its SAFETY line"
)]

/// A square picture to be turned.
pub(crate) struct Turn<'a> {
    pixels: &'a [u8],
    side: usize,
    size: usize,
    across: [f32; 2],
}

/// Where a pixel of the result lies: the pixel to the upper left, and how far from it to the right and
/// down.
#[derive(Clone, Default)]
struct Place {
    first: u32,
    part: [f32; 2],
}

/// Bytes behind the picture that may be read beside its last pixel; at the edge their weight is 0.
pub(crate) fn padding(side: usize) -> usize {
    side * 3 + 8
}

impl<'a> Turn<'a> {
    /// A square of `size` pixels around the middle of one of `side` RGB pixels, behind which are
    /// [`padding`] bytes; `across` is a step along the result's rows.
    pub(crate) fn new(pixels: &'a [u8], side: usize, size: usize, across: [f32; 2]) -> Self {
        debug_assert!(side > 0 && pixels.len() >= side * side * 3 + padding(side));
        Self {
            pixels,
            side,
            size,
            across,
        }
    }

    /// Writes the result's pixels.
    pub(crate) fn write(&self, out: &mut [u8]) {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2, which is all that the function asks for.
            return unsafe { self.write_avx2(out) };
        }
        self.write_with(out, |place| self.color(place));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn write_avx2(&self, out: &mut [u8]) {
        self.write_with(out, |place| self.color_avx2(place));
    }

    // With the closure in its place the instructions are those of the function that calls it.
    #[inline(always)]
    fn write_with(&self, out: &mut [u8], color: impl Fn(&Place) -> [u8; 3]) {
        let mut places = vec![Place::default(); self.size];
        let rows = out.chunks_exact_mut(self.size * 3).take(self.size);
        for (y, row) in rows.enumerate() {
            // In a loop of their own places are computed with vectors.
            self.find_places(y, &mut places);
            let pixels = row.as_chunks_mut::<3>().0.iter_mut();
            for (pixel, place) in pixels.zip(&places) {
                *pixel = color(place);
            }
        }
    }

    /// Where the pixels of row `y` lie.
    #[inline(always)]
    fn find_places(&self, y: usize, places: &mut [Place]) {
        let middle = self.side as f32 / 2.0;
        let half = self.size as f32 / 2.0 - 0.5;
        let last = (self.side - 1) as f32;
        let side = self.side as u32;
        let [cos, sin] = self.across;
        let v = y as f32 - half;
        for (x, place) in places.iter_mut().enumerate() {
            let u = x as u32 as f32 - half;
            let x = (middle + u * cos + v * -sin - 0.5).clamp(0.0, last);
            let y = (middle + u * sin + v * cos - 0.5).clamp(0.0, last);
            let [left, top] = [x, y].map(|at| at as i32 as u32);
            *place = Place {
                first: (top * side + left) * 3,
                part: [x - left as f32, y - top as f32],
            };
        }
    }

    fn color(&self, place: &Place) -> [u8; 3] {
        let [fx, fy] = place.part;
        let upper = &self.pixels[place.first as usize..];
        let lower = &upper[self.side * 3..];
        std::array::from_fn(|c| {
            let mix = |row: &[u8]| f32::from(row[c]) * (1.0 - fx) + f32::from(row[3 + c]) * fx;
            (mix(upper) * (1.0 - fy) + mix(lower) * fy + 0.5) as u8
        })
    }

    /// As [`Turn::color`]: a pixel and its right neighbor are the halves of one vector.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn color_avx2(&self, place: &Place) -> [u8; 3] {
        use std::arch::x86_64::{
            __m128, _mm_add_ps, _mm_cvtsi128_si32, _mm_cvttps_epi32, _mm_loadl_epi64, _mm_mul_ps,
            _mm_packus_epi16, _mm_packus_epi32, _mm_set1_ps, _mm_setr_epi8, _mm_shuffle_epi8,
            _mm256_castps256_ps128, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32,
            _mm256_extractf128_ps, _mm256_mul_ps, _mm256_set_m128,
        };
        let [fx, fy] = place.part;
        let shares = _mm256_set_m128(_mm_set1_ps(fx), _mm_set1_ps(1.0 - fx));
        let apart = _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        let mix = |start: usize| -> __m128 {
            let bytes = &self.pixels[start..][..8];
            // SAFETY: the slice has the eight bytes that are read.
            let bytes = unsafe { _mm_loadl_epi64(bytes.as_ptr().cast()) };
            let pair = _mm256_cvtepu8_epi32(_mm_shuffle_epi8(bytes, apart));
            let pair = _mm256_mul_ps(_mm256_cvtepi32_ps(pair), shares);
            _mm_add_ps(
                _mm256_castps256_ps128(pair),
                _mm256_extractf128_ps::<1>(pair),
            )
        };
        let top = _mm_mul_ps(mix(place.first as usize), _mm_set1_ps(1.0 - fy));
        let bottom = _mm_mul_ps(mix(place.first as usize + self.side * 3), _mm_set1_ps(fy));
        let color = _mm_add_ps(_mm_add_ps(top, bottom), _mm_set1_ps(0.5));
        let color = _mm_cvttps_epi32(color);
        let color = _mm_packus_epi32(color, color);
        let [r, g, b, _] = _mm_cvtsi128_si32(_mm_packus_epi16(color, color)).to_le_bytes();
        [r, g, b]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_the_same_bits() {
        for (side, size, angle) in [(40, 28, 0.4f32), (17, 24, -2.0), (1, 3, 1.0)] {
            let mut pixels: Vec<u8> = (0..side * side * 3).map(|i| (i * 89) as u8).collect();
            pixels.resize(pixels.len() + padding(side), 0);
            let turn = Turn::new(&pixels, side, size, [angle.cos(), angle.sin()]);
            let mut wide = vec![0; size * size * 3];
            let mut plain = wide.clone();
            turn.write(&mut wide);
            turn.write_with(&mut plain, |place| turn.color(place));
            assert_eq!(wide, plain);
        }
    }
}
