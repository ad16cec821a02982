//! The transforms of Winograd's minimal filtering, one line at a time; a square takes them along its rows
//! and then along its columns.

use crate::kernels::simd::Simd;

/// Sides of the square that is transformed, `R`, and of the output pixels that come from it, `M`, for
/// 3×3 taps: `R` is `M + 2`.
pub(super) trait Transform<const M: usize, const R: usize> {
    /// What a line of three weights becomes: a row for each position.
    const WEIGHTS: [[f32; 3]; R];

    /// A line of input pixels.
    ///
    /// # Safety
    /// The processor must have `V`'s instructions.
    unsafe fn input<V: Simd>(pixels: [V; R]) -> [V; R];

    /// A line of sums of products, back to output pixels.
    ///
    /// # Safety
    /// As for [`Transform::input`].
    unsafe fn output<V: Simd>(sums: [V; R]) -> [V; M];
}

/// F(2×2, 3×3) of Lavin and Gray: 16 products for four pixels in place of 36.
pub(super) struct TwoByTwo;

impl Transform<2, 4> for TwoByTwo {
    const WEIGHTS: [[f32; 3]; 4] = [
        [1.0, 0.0, 0.0],
        [0.5, 0.5, 0.5],
        [0.5, -0.5, 0.5],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    unsafe fn input<V: Simd>([a, b, c, d]: [V; 4]) -> [V; 4] {
        // SAFETY: the caller has the instructions.
        unsafe { [a.subtract(c), b.add(c), c.subtract(b), b.subtract(d)] }
    }

    #[inline(always)]
    unsafe fn output<V: Simd>([a, b, c, d]: [V; 4]) -> [V; 2] {
        // SAFETY: as in `input`.
        unsafe { [a.add(b.add(c)), b.subtract(c).subtract(d)] }
    }
}

/// F(4×4, 3×3) at the points 0, ±1, ±2 and infinity: 36 products for sixteen pixels in place of 144.
pub(super) struct FourByFour;

impl Transform<4, 6> for FourByFour {
    const WEIGHTS: [[f32; 3]; 6] = [
        [1.0 / 4.0, 0.0, 0.0],
        [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
        [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
        [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
        [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
        [0.0, 0.0, 1.0],
    ];

    #[inline(always)]
    unsafe fn input<V: Simd>([a, b, c, d, e, f]: [V; 6]) -> [V; 6] {
        // SAFETY: the caller has the instructions.
        unsafe {
            let even = e.multiply_add(c, V::splat(-4.0));
            let odd = d.multiply_add(b, V::splat(-4.0));
            let even_step = e.subtract(c);
            let odd_step = d.subtract(b);
            [
                e.multiply_add(c, V::splat(-5.0))
                    .multiply_add(a, V::splat(4.0)),
                even.add(odd),
                even.subtract(odd),
                even_step.multiply_add(odd_step, V::splat(2.0)),
                even_step.multiply_add(odd_step, V::splat(-2.0)),
                f.multiply_add(d, V::splat(-5.0))
                    .multiply_add(b, V::splat(4.0)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn output<V: Simd>([a, b, c, d, e, f]: [V; 6]) -> [V; 4] {
        // SAFETY: as in `input`.
        unsafe {
            let near = b.add(c);
            let near_step = b.subtract(c);
            let far = d.add(e);
            let far_step = d.subtract(e);
            [
                a.add(near).add(far),
                near_step.multiply_add(far_step, V::splat(2.0)),
                near.multiply_add(far, V::splat(4.0)),
                near_step.multiply_add(far_step, V::splat(8.0)).add(f),
            ]
        }
    }
}

/// Lines as columns.
#[inline(always)]
pub(super) fn transposed<V: Copy, const M: usize, const R: usize>(
    lines: [[V; M]; R],
) -> [[V; R]; M] {
    let mut columns = [[lines[0][0]; R]; M];
    for i in 0..R {
        for j in 0..M {
            columns[j][i] = lines[i][j];
        }
    }
    columns
}
