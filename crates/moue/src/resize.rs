//! Resizing as OpenCV does it, to the pixel, since the reference detections were made with it.
//!
//! Shrinking averages the covered area (`INTER_AREA`), everything else is bilinear with weights
//! of 11 bits (`INTER_LINEAR`).

use crate::Frame;

/// A share of one source pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Share {
    source: usize,
    weight: f32,
}

/// Resizes `frame` to `width × height`, RGB.
pub(crate) fn resize(frame: &Frame<'_>, width: usize, height: usize) -> Vec<u8> {
    if (width, height) == (frame.width(), frame.height()) {
        return frame.pixels().to_vec();
    }
    if width > frame.width() || height > frame.height() {
        return bilinear(frame, width, height);
    }
    if frame.width().is_multiple_of(width) && frame.height().is_multiple_of(height) {
        return area_whole(frame, width, height);
    }
    area(frame, width, height)
}

/// Rounds to the nearest integer, halves to the even one, as the processor's conversion does.
fn rounded(value: f32) -> u8 {
    value.round_ties_even().clamp(0.0, 255.0) as u8
}

/// Averages blocks of whole pixels.
fn area_whole(frame: &Frame<'_>, width: usize, height: usize) -> Vec<u8> {
    let (across, down) = (frame.width() / width, frame.height() / height);
    let stride = frame.width() * 3;
    let scale = 1.0 / (across * down) as f32;
    let mut out = Vec::with_capacity(width * height * 3);
    // Down first: whole rows are added, which the compiler turns into vector instructions.
    let mut columns = vec![0u32; stride];
    for block in frame.pixels().chunks_exact(stride * down) {
        columns.fill(0);
        for row in block.chunks_exact(stride) {
            columns
                .iter_mut()
                .zip(row)
                .for_each(|(sum, value)| *sum += u32::from(*value));
        }
        for cell in columns.chunks_exact(across * 3) {
            let mut sums = [0; 3];
            cell.as_chunks::<3>()
                .0
                .iter()
                .for_each(|p| (0..3).for_each(|c| sums[c] += p[c]));
            out.extend(sums.map(|sum| match (across, down) {
                // OpenCV has a path of its own for halving, which rounds halves up.
                (2, 2) => ((sum + 2) >> 2) as u8,
                _ => rounded(sum as f32 * scale),
            }));
        }
    }
    out
}

/// For each of `to` cells along an axis, the source pixels that it covers and how much of each.
fn area_shares(from: usize, to: usize) -> Vec<Vec<Share>> {
    /// Slivers thinner than this are left out.
    const SLIVER: f64 = 1e-3;
    let scale = 1.0 / (to as f64 / from as f64);
    let cell = |i: usize| {
        let (start, end) = (i as f64 * scale, i as f64 * scale + scale);
        let width = scale.min(from as f64 - start);
        let last = (end.floor() as usize).min(from - 1);
        let first = (start.ceil() as usize).min(last);
        let mut shares = Vec::new();
        if first as f64 - start > SLIVER {
            shares.push(Share {
                source: first - 1,
                weight: ((first as f64 - start) / width) as f32,
            });
        }
        shares.extend((first..last).map(|source| Share {
            source,
            weight: (1.0 / width) as f32,
        }));
        if end - last as f64 > SLIVER {
            let covered = (end - last as f64).min(1.0).min(width);
            shares.push(Share {
                source: last,
                weight: (covered / width) as f32,
            });
        }
        shares
    };
    (0..to).map(cell).collect()
}

fn area(frame: &Frame<'_>, width: usize, height: usize) -> Vec<u8> {
    let (columns, rows) = (
        area_shares(frame.width(), width),
        area_shares(frame.height(), height),
    );
    let stride = frame.width() * 3;
    let mut out = Vec::with_capacity(width * height * 3);
    // One byte more than a row, so that its last pixel can be read as four bytes too.
    let mut pixels = vec![0u8; stride + 1];
    let mut line = vec![[0f32; 4]; width];
    let mut sum = vec![[0f32; 4]; width];
    for shares in &rows {
        sum.fill([0.0; 4]);
        for row in shares {
            pixels[..stride].copy_from_slice(&frame.pixels()[row.source * stride..][..stride]);
            narrow(&pixels, &columns, &mut line);
            let (sum, line) = (sum.as_flattened_mut(), line.as_flattened());
            sum.iter_mut()
                .zip(line)
                .for_each(|(s, l)| *s += row.weight * l);
        }
        out.extend(
            sum.iter()
                .flat_map(|[r, g, b, _]| [*r, *g, *b].map(rounded)),
        );
    }
    out
}

/// Sums the shares of each cell. A pixel is taken as four bytes, of which the last is the next
/// pixel's, as vectors of four are what processors have.
fn narrow(pixels: &[u8], columns: &[Vec<Share>], line: &mut [[f32; 4]]) {
    for (cell, shares) in line.iter_mut().zip(columns) {
        let mut total = [0.0; 4];
        for share in shares {
            let Some(pixel) = pixels[share.source * 3..].first_chunk::<4>() else {
                continue;
            };
            let values = pixel.map(f32::from);
            (0..4).for_each(|c| total[c] += values[c] * share.weight);
        }
        *cell = total;
    }
}

/// The two source pixels of each of `to` cells, and their weights in 1/2048.
fn linear_shares(from: usize, to: usize) -> Vec<(usize, usize, [i32; 2])> {
    let scale = 1.0 / (to as f64 / from as f64);
    let share = |i: usize| {
        let at = ((i as f64 + 0.5) * scale - 0.5) as f32;
        let low = at.floor();
        let (first, part) = if low < 0.0 {
            (0, 0.0)
        } else {
            (low as usize, at - low)
        };
        let (first, part) = if first >= from - 1 {
            (from - 1, 0.0)
        } else {
            (first, part)
        };
        let weight = |w: f32| (w * 2048.0).round_ties_even() as i32;
        (
            first,
            (first + 1).min(from - 1),
            [weight(1.0 - part), weight(part)],
        )
    };
    (0..to).map(share).collect()
}

fn bilinear(frame: &Frame<'_>, width: usize, height: usize) -> Vec<u8> {
    let (columns, rows) = (
        linear_shares(frame.width(), width),
        linear_shares(frame.height(), height),
    );
    let stride = frame.width() * 3;
    let across = |y: usize| -> Vec<i32> {
        let row = &frame.pixels()[y * stride..][..stride];
        let pixel = |x: usize, c: usize| i32::from(row[x * 3 + c]);
        columns
            .iter()
            .flat_map(|(a, b, w)| (0..3).map(move |c| pixel(*a, c) * w[0] + pixel(*b, c) * w[1]))
            .collect()
    };
    let mut out = Vec::with_capacity(width * height * 3);
    for (a, b, weights) in rows {
        let mix = |(top, bottom): (i32, i32)| {
            let sum = ((weights[0] * (top >> 4)) >> 16) + ((weights[1] * (bottom >> 4)) >> 16);
            ((sum + 2) >> 2).clamp(0, 255) as u8
        };
        out.extend(across(a).into_iter().zip(across(b)).map(mix));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::PixelFormat;

    fn gray(values: &[u8], width: usize) -> Frame<'static> {
        let rgb: Vec<u8> = values.iter().flat_map(|v| [*v; 3]).collect();
        let height = values.len() / width;
        Frame::from_raw(&rgb, width, height, width * 3, PixelFormat::Rgb)
            .unwrap()
            .into_owned()
    }

    #[test]
    fn shares_of_a_cell_sum_to_one() {
        for (from, to) in [(900, 128), (675, 96), (129, 128), (7, 3), (5, 5)] {
            for shares in area_shares(from, to) {
                let sum: f32 = shares.iter().map(|s| s.weight).sum();
                assert!((sum - 1.0).abs() < 2e-3, "{from} to {to}: {sum}");
            }
        }
    }

    #[test]
    fn halves_round_as_opencv_does() {
        assert_eq!(
            resize(&gray(&[0, 0, 1, 1], 2), 1, 1),
            [1; 3],
            "2×2 rounds halves up"
        );
        assert_eq!(
            resize(&gray(&[0, 0, 0, 1, 1, 1, 0, 0], 8), 4, 1)[..3],
            [0; 3]
        );
        assert_eq!(
            resize(&gray(&[0, 1], 2), 1, 1),
            [0; 3],
            "other sizes round to even"
        );
    }

    #[test]
    fn flat_pictures_stay_flat() {
        let frame = gray(&[77; 35], 7);
        for (width, height) in [(3, 2), (7, 5), (14, 9), (20, 3)] {
            assert!(
                resize(&frame, width, height).iter().all(|v| *v == 77),
                "{width}×{height}"
            );
        }
    }
}
