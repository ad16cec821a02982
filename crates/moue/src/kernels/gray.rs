//! Brightness of RGB pixels, by ITU-R BT.601.

#![allow(
    unsafe_code,
    reason = "vector instructions and pointers to pixels, each with its SAFETY line"
)]

use super::also_for_avx2;

/// Shares of red, green and blue.
const SHARES: [f32; 3] = [0.299, 0.587, 0.114];

#[inline(always)]
fn luma([r, g, b]: [f32; 3]) -> f32 {
    SHARES[0] * r + SHARES[1] * g + SHARES[2] * b
}

also_for_avx2! {
    /// The brightness of totals of so many pixels.
    fn mean_brightness(totals: &[[u32; 4]], pixels: f32, out: &mut [f32]) {
        for ([r, g, b, _], out) in totals.iter().zip(out) {
            *out = luma([*r as f32, *g as f32, *b as f32]) / pixels;
        }
    }
}

/// The brightness of a row of pixels.
pub(crate) fn brightness(rgb: &[u8], out: &mut [f32]) {
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    let mut done = 0;
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2, which is all that the function asks for.
        done = unsafe { brightness_avx2(rgb, out) };
    }
    let pixels = rgb.as_chunks::<3>().0.iter().zip(out.iter_mut());
    for (pixel, out) in pixels.skip(done) {
        *out = luma(pixel.map(f32::from));
    }
}

/// Eight pixels at a time, as far as 28 bytes can be read; returns how many pixels that are.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn brightness_avx2(rgb: &[u8], out: &mut [f32]) -> usize {
    use std::arch::x86_64::{
        _mm256_add_ps, _mm256_cvtepi32_ps, _mm256_loadu2_m128i, _mm256_mul_ps, _mm256_set1_ps,
        _mm256_shuffle_epi8, _mm256_storeu_ps,
    };
    let masks = [0, 1, 2].map(|channel| every_third(channel));
    let shares = SHARES.map(|share| _mm256_set1_ps(share));
    let groups = out.len().min((rgb.len() / 3).saturating_sub(2)) / 8;
    for (i, out) in out
        .as_chunks_mut::<8>()
        .0
        .iter_mut()
        .take(groups)
        .enumerate()
    {
        let bytes = &rgb[i * 24..][..28];
        // SAFETY: the slice has the bytes 0 to 15 and 12 to 27 that are read.
        let pixels =
            unsafe { _mm256_loadu2_m128i(bytes[12..].as_ptr().cast(), bytes.as_ptr().cast()) };
        let part = |c: usize| {
            let values = _mm256_cvtepi32_ps(_mm256_shuffle_epi8(pixels, masks[c]));
            _mm256_mul_ps(values, shares[c])
        };
        let luma = _mm256_add_ps(_mm256_add_ps(part(0), part(1)), part(2));
        // SAFETY: eight floats are the 32 bytes that are written.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), luma) };
    }
    groups * 8
}

/// The shuffle that makes 32-bit numbers of every third byte of each half, from one on.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn every_third(first: i8) -> std::arch::x86_64::__m256i {
    use std::arch::x86_64::{_mm_setr_epi8, _mm256_broadcastsi128_si256};
    let [a, b, c, d] = [0, 3, 6, 9].map(|offset| first + offset);
    _mm256_broadcastsi128_si256(_mm_setr_epi8(
        a, -1, -1, -1, b, -1, -1, -1, c, -1, -1, -1, d, -1, -1, -1,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_give_the_same_bits() {
        for pixels in [1, 9, 10, 40] {
            let rgb: Vec<u8> = (0..pixels * 3).map(|i| (i * 73) as u8).collect();
            let mut wide = vec![0.0; pixels];
            brightness(&rgb, &mut wide);
            let (colors, _) = rgb.as_chunks::<3>();
            let plain: Vec<f32> = colors.iter().map(|p| luma(p.map(f32::from))).collect();
            assert_eq!(wide, plain);
        }
    }
}
