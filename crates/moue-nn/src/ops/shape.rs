//! Operators that move values without changing them, and resizing.

use super::Routine;
use crate::graph::Clamp;
use crate::layout::Layout;
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Copies `from` into a tensor of `zero`, starting at position `before` along each dimension.
pub(crate) fn pad<T: Pod + Sync + Send>(
    from: Layout,
    before: [usize; 4],
    to: Layout,
    zero: T,
) -> Routine {
    let start: usize = before.iter().zip(to.strides).map(|(b, s)| b * s).sum();
    Box::new(move |input, _, output| {
        let (input, output) = (cast_slice(input), cast_slice_mut(output));
        output[..to.len()].fill(zero);
        from.for_each_row(to.strides, |at, out_at| {
            let channels = from.channels();
            output[start + out_at..][..channels].copy_from_slice(&input[at..at + channels]);
        });
    })
}

/// Copies one operand of a concatenation to where it starts along `axis`; `constant` replaces the
/// operand.
pub(crate) fn place(
    from: Layout,
    to: Layout,
    axis: usize,
    start: usize,
    clamp: Clamp,
    constant: Option<Vec<f32>>,
) -> Routine {
    let start = start * to.strides[axis];
    Box::new(move |input, _, output| {
        let input = constant.as_deref().unwrap_or(input);
        from.for_each_row(to.strides, |at, out_at| {
            let row = &input[at..at + from.channels()];
            output[start + out_at..]
                .iter_mut()
                .zip(row)
                .for_each(|(o, v)| *o = clamp.apply(*v));
        });
    })
}

/// Copies a tensor back to front along the `axes`.
pub(crate) fn reverse(layout: Layout, axes: [bool; 4]) -> Routine {
    let [last_n, last_y, last_x, _] = layout.dims.map(|size| size - 1);
    let turned = move |axis: usize, last: usize, i: usize| if axes[axis] { last - i } else { i };
    Box::new(move |input, _, output| {
        let mut rows = input.chunks_exact(layout.row());
        for n in (0..=last_n).map(|n| turned(0, last_n, n)) {
            for y in (0..=last_y).map(|y| turned(1, last_y, y)) {
                for x in (0..=last_x).map(|x| turned(2, last_x, x)) {
                    let at = n * layout.strides[0] + y * layout.strides[1] + x * layout.strides[2];
                    let (Some(from), channels) = (rows.next(), layout.channels()) else {
                        return;
                    };
                    let to = &mut output[at..at + channels];
                    to.copy_from_slice(&from[..channels]);
                    if axes[3] {
                        to.reverse();
                    }
                }
            }
        }
    })
}

/// Copies all values, of type `T`, in order between layouts with other row lengths.
pub(crate) fn repack<T: Pod>(from: Layout, to: Layout) -> Routine {
    Box::new(move |input, _, output| {
        let (input, output) = (cast_slice::<_, T>(input), cast_slice_mut::<_, T>(output));
        let rows = input.chunks_exact(from.row()).take(from.rows());
        let mut values = rows.flat_map(|row| &row[..from.channels()]);
        for row in output.chunks_exact_mut(to.row()).take(to.rows()) {
            row[..to.channels()]
                .iter_mut()
                .zip(&mut values)
                .for_each(|(o, v)| *o = *v);
        }
    })
}

/// Where along one axis a result pixel reads: two input pixels and the share of the second.
type Reading = (usize, usize, f32);

/// TFLite's rule for the source position of each of `output` pixels along an axis of `input`
/// pixels.
fn readings(input: usize, output: usize, align_corners: bool, half_pixel: bool) -> Vec<Reading> {
    let scale = if align_corners && output > 1 {
        (input - 1) as f32 / (output - 1) as f32
    } else {
        input as f32 / output as f32
    };
    let position = |i: usize| {
        if half_pixel {
            (i as f32 + 0.5) * scale - 0.5
        } else {
            i as f32 * scale
        }
    };
    (0..output)
        .map(|i| {
            let at = position(i);
            let low = at.floor().max(0.0);
            let first = (low as usize).min(input - 1);
            let second = (at.ceil().max(0.0) as usize).min(input - 1);
            (first, second, at - low)
        })
        .collect()
}

/// Bilinear resizing of height and width.
pub(crate) fn resize_bilinear(
    from: Layout,
    to: Layout,
    align_corners: bool,
    half_pixel: bool,
) -> Routine {
    let ys = readings(from.dims[1], to.dims[1], align_corners, half_pixel);
    let xs = readings(from.dims[2], to.dims[2], align_corners, half_pixel);
    Box::new(move |input, _, output| {
        for n in 0..to.dims[0] {
            for (y, &(y0, y1, fy)) in ys.iter().enumerate() {
                for (x, &(x0, x1, fx)) in xs.iter().enumerate() {
                    let pixel = |y: usize, x: usize| {
                        &input[n * from.strides[0] + y * from.strides[1] + x * from.strides[2]..]
                    };
                    let corners = [pixel(y0, x0), pixel(y0, x1), pixel(y1, x0), pixel(y1, x1)];
                    let shares = [
                        (1.0 - fy) * (1.0 - fx),
                        (1.0 - fy) * fx,
                        fy * (1.0 - fx),
                        fy * fx,
                    ];
                    let at = n * to.strides[0] + y * to.strides[1] + x * to.strides[2];
                    blend(corners, shares, &mut output[at..at + to.channels()]);
                }
            }
        }
    })
}

fn blend(corners: [&[f32]; 4], shares: [f32; 4], out: &mut [f32]) {
    for (c, o) in out.iter_mut().enumerate() {
        *o = (0..4).map(|i| corners[i][c] * shares[i]).sum();
    }
}
