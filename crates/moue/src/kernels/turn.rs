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

/// Places that are computed at once.
const LANES: usize = 8;

/// Where the pixels of one row of the result lie, and of as many more as fill a vector. A list for each
/// number: so they are computed with vectors.
struct Places {
    /// The byte of the pixel to the upper left.
    firsts: Vec<u32>,
    /// How far from that pixel to the right.
    right: Vec<f32>,
    /// How far down.
    down: Vec<f32>,
}

/// Where one pixel of the result lies.
struct Place {
    first: usize,
    right: f32,
    down: f32,
}

impl Places {
    fn new(size: usize) -> Self {
        Self {
            firsts: vec![0; size.next_multiple_of(LANES)],
            right: vec![0.0; size.next_multiple_of(LANES)],
            down: vec![0.0; size.next_multiple_of(LANES)],
        }
    }

    #[inline(always)]
    fn iter(&self) -> impl Iterator<Item = Place> {
        let parts = self.right.iter().zip(&self.down);
        let places = self.firsts.iter().zip(parts);
        places.map(|(first, (right, down))| Place {
            first: *first as usize,
            right: *right,
            down: *down,
        })
    }
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
        self.write_plain(out);
    }

    fn write_plain(&self, out: &mut [u8]) {
        let find = |y, places: &mut Places| self.find_places(y, places);
        self.write_with(out, find, |place| self.color(place));
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn write_avx2(&self, out: &mut [u8]) {
        let find = |y, places: &mut Places| self.find_places_avx2(y, places);
        self.write_with(out, find, |place| self.color_avx2(place));
    }

    // With the closures in their places the instructions are those of the function that calls it.
    #[inline(always)]
    fn write_with(
        &self,
        out: &mut [u8],
        find_places: impl Fn(usize, &mut Places),
        color: impl Fn(&Place) -> [u8; 3],
    ) {
        let mut places = Places::new(self.size);
        let rows = out.chunks_exact_mut(self.size * 3).take(self.size);
        for (y, row) in rows.enumerate() {
            find_places(y, &mut places);
            let pixels = row.as_chunks_mut::<3>().0.iter_mut();
            for (pixel, place) in pixels.zip(places.iter()) {
                *pixel = color(&place);
            }
        }
    }

    /// Half the distance between the middles of the first and the last pixel.
    fn half(&self) -> f32 {
        self.size as f32 / 2.0 - 0.5
    }

    /// Where the pixels of row `y` lie.
    fn find_places(&self, y: usize, places: &mut Places) {
        let middle = self.side as f32 / 2.0;
        let last = (self.side - 1) as f32;
        let side = self.side as u32;
        let [cos, sin] = self.across;
        let v = y as f32 - self.half();
        let parts = places.right.iter_mut().zip(&mut places.down);
        for ((x, first), (right, down)) in (0u32..).zip(&mut places.firsts).zip(parts) {
            let u = x as f32 - self.half();
            let x = (middle + u * cos + v * -sin - 0.5).clamp(0.0, last);
            let y = (middle + u * sin + v * cos - 0.5).clamp(0.0, last);
            let [left, top] = [x, y].map(|at| at as u32);
            *first = (top * side + left) * 3;
            *right = x - left as f32;
            *down = y - top as f32;
        }
    }

    /// As [`Turn::find_places`]. The compiler makes no vectors of its conversions, which are defined
    /// for every float.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn find_places_avx2(&self, y: usize, places: &mut Places) {
        use std::arch::x86_64::{
            __m256, _mm256_add_epi32, _mm256_add_ps, _mm256_cvtepi32_ps, _mm256_cvttps_epi32,
            _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_mullo_epi32, _mm256_set1_epi32,
            _mm256_set1_ps, _mm256_setr_ps, _mm256_setzero_ps, _mm256_storeu_ps,
            _mm256_storeu_si256, _mm256_sub_ps,
        };
        let splat = |value: f32| _mm256_set1_ps(value);
        let middle = splat(self.side as f32 / 2.0);
        let last = splat((self.side - 1) as f32);
        let [cos, sin] = self.across;
        let v = y as f32 - self.half();
        let at = |u: __m256, [across, down]: [f32; 2]| {
            let at = _mm256_add_ps(middle, _mm256_mul_ps(u, splat(across)));
            let at = _mm256_sub_ps(_mm256_add_ps(at, splat(v * down)), splat(0.5));
            _mm256_min_ps(_mm256_max_ps(at, _mm256_setzero_ps()), last)
        };
        let parts = places.right.as_chunks_mut::<LANES>().0.iter_mut();
        let parts = parts.zip(places.down.as_chunks_mut::<LANES>().0);
        let firsts = places.firsts.as_chunks_mut::<LANES>().0.iter_mut();
        let mut x = _mm256_setr_ps(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0);
        for (first, (right, down)) in firsts.zip(parts) {
            let u = _mm256_sub_ps(x, splat(self.half()));
            let [from_left, from_top] = [at(u, [cos, -sin]), at(u, [sin, cos])];
            let [left, top] = [from_left, from_top].map(|at| _mm256_cvttps_epi32(at));
            let pixel = _mm256_mullo_epi32(top, _mm256_set1_epi32(self.side as i32));
            let pixel = _mm256_add_epi32(pixel, left);
            let byte = _mm256_mullo_epi32(pixel, _mm256_set1_epi32(3));
            // SAFETY: each list has eight values here.
            unsafe {
                _mm256_storeu_si256(first.as_mut_ptr().cast(), byte);
                _mm256_storeu_ps(
                    right.as_mut_ptr(),
                    _mm256_sub_ps(from_left, _mm256_cvtepi32_ps(left)),
                );
                _mm256_storeu_ps(
                    down.as_mut_ptr(),
                    _mm256_sub_ps(from_top, _mm256_cvtepi32_ps(top)),
                );
            }
            x = _mm256_add_ps(x, splat(LANES as f32));
        }
    }

    fn color(&self, place: &Place) -> [u8; 3] {
        let upper = &self.pixels[place.first..];
        let lower = &upper[self.side * 3..];
        let mix = |from: f32, to: f32, share: f32| from * (1.0 - share) + to * share;
        std::array::from_fn(|c| {
            let mixed = |row: &[u8]| mix(row[c].into(), row[3 + c].into(), place.right);
            (mix(mixed(upper), mixed(lower), place.down) + 0.5) as u8
        })
    }

    /// As [`Turn::color`]: the upper row's pixels and the lower row's are the halves of vectors.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    #[inline]
    fn color_avx2(&self, place: &Place) -> [u8; 3] {
        use std::arch::x86_64::{
            _mm_add_ps, _mm_cvtsi128_si32, _mm_cvttps_epi32, _mm_loadl_epi64, _mm_packus_epi16,
            _mm_packus_epi32, _mm_set1_ps, _mm_setr_epi8, _mm_shuffle_epi8, _mm_unpacklo_epi64,
            _mm256_add_ps, _mm256_castps256_ps128, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi32,
            _mm256_extractf128_ps, _mm256_mul_ps, _mm256_set_m128, _mm256_set1_ps,
        };
        // SAFETY: a slice has the eight bytes that are read.
        let load = |bytes: &[u8; 8]| unsafe { _mm_loadl_epi64(bytes.as_ptr().cast()) };
        let rows = _mm_unpacklo_epi64(
            load(self.eight_bytes(place.first)),
            load(self.eight_bytes(place.first + self.side * 3)),
        );
        let left = _mm_setr_epi8(0, 1, 2, -1, 8, 9, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        let right = _mm_setr_epi8(3, 4, 5, -1, 11, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1);
        let share = |order, share: f32| {
            let pixels = _mm256_cvtepu8_epi32(_mm_shuffle_epi8(rows, order));
            _mm256_mul_ps(_mm256_cvtepi32_ps(pixels), _mm256_set1_ps(share))
        };
        let mixed = _mm256_add_ps(share(left, 1.0 - place.right), share(right, place.right));
        let down = _mm256_set_m128(_mm_set1_ps(place.down), _mm_set1_ps(1.0 - place.down));
        let mixed = _mm256_mul_ps(mixed, down);
        let upper = _mm256_castps256_ps128(mixed);
        let color = _mm_add_ps(upper, _mm256_extractf128_ps::<1>(mixed));
        let color = _mm_cvttps_epi32(_mm_add_ps(color, _mm_set1_ps(0.5)));
        let color = _mm_packus_epi32(color, color);
        let [r, g, b, _] = _mm_cvtsi128_si32(_mm_packus_epi16(color, color)).to_le_bytes();
        [r, g, b]
    }

    /// The bytes from `first` on: a pixel, its right neighbor and what comes after them.
    #[inline]
    fn eight_bytes(&self, first: usize) -> &[u8; 8] {
        let bytes = self.pixels[first..].first_chunk();
        debug_assert!(
            bytes.is_some(),
            "there are bytes of padding behind the picture"
        );
        bytes.unwrap_or(&[0; 8])
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
            turn.write_plain(&mut plain);
            assert_eq!(wide, plain);
        }
    }
}
