use super::*;

/// The equations of BT.601 and BT.709 in floats, sample by sample.
fn reference(y: u8, u: u8, v: u8, layout: &PlanarLayout) -> [f64; 3] {
    let [kr, kb] = match layout.matrix.unwrap() {
        YuvMatrix::Bt601 => [0.299, 0.114],
        YuvMatrix::Bt709 => [0.2126, 0.0722],
    };
    let [y, u, v] = match layout.range.unwrap() {
        YuvRange::Full => [
            f64::from(y) / 255.0,
            (f64::from(u) - 128.0) / 255.0,
            (f64::from(v) - 128.0) / 255.0,
        ],
        YuvRange::Video => [
            (f64::from(y) - 16.0) / 219.0,
            (f64::from(u) - 128.0) / 224.0,
            (f64::from(v) - 128.0) / 224.0,
        ],
    };
    let red = y + 2.0 * (1.0 - kr) * v;
    let blue = y + 2.0 * (1.0 - kb) * u;
    let green = (y - kr * red - kb * blue) / (1.0 - kr - kb);
    [red, green, blue].map(|c| (c * 255.0).clamp(0.0, 255.0))
}

fn layout(width: u32, height: u32, chroma_step: u32) -> PlanarLayout {
    PlanarLayout {
        width,
        height,
        luma_stride: width + 5,
        chroma_stride: width.div_ceil(2) * chroma_step + 3,
        chroma_step,
        range: Some(YuvRange::Full),
        matrix: Some(YuvMatrix::Bt601),
        rotation: None,
        mirrored: false,
    }
}

/// Bytes without a pattern, the same each time (xorshift).
fn noise(len: usize, mut state: u32) -> Vec<u8> {
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[test]
fn every_sample_becomes_the_color_of_the_standards() {
    for range in [YuvRange::Full, YuvRange::Video] {
        for matrix in [YuvMatrix::Bt601, YuvMatrix::Bt709] {
            // Odd sizes, longer than a block.
            let layout = PlanarLayout {
                range: Some(range),
                matrix: Some(matrix),
                ..layout(147, 35, 2)
            };
            let luma = noise(152 * 35, 1);
            let pairs = noise(layout.chroma_stride as usize * 18, 2);
            let planes = Planes {
                luma: &luma,
                u: &pairs,
                v: &pairs[1..],
            };
            let rgb = yuv_to_rgb(&planes, &layout).unwrap();
            for y in 0..35 {
                for x in 0..147 {
                    let chroma = y / 2 * layout.chroma_stride as usize + x / 2 * 2;
                    let [u, v] = [pairs[chroma], pairs[chroma + 1]];
                    let expected = reference(luma[y * 152 + x], u, v, &layout);
                    for (got, expected) in rgb[3 * (y * 147 + x)..].iter().zip(expected) {
                        let off = (f64::from(*got) - expected).abs();
                        assert!(off <= 0.55, "{range:?} {matrix:?}: {got} for {expected}");
                    }
                }
            }
        }
    }
}

#[test]
fn nv12_nv21_and_planar_are_one_picture() {
    let luma = noise(13 * 6, 3);
    let [u, v] = [noise(7 * 3, 4), noise(7 * 3, 5)];
    let pairs =
        |a: &[u8], b: &[u8]| -> Vec<u8> { a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect() };
    let planar = PlanarLayout {
        luma_stride: 13,
        chroma_stride: 7,
        ..layout(13, 6, 1)
    };
    let paired = PlanarLayout {
        chroma_stride: 14,
        chroma_step: 2,
        ..planar
    };
    let rgb = |u: &[u8], v: &[u8], layout: &PlanarLayout| {
        let luma = &luma;
        yuv_to_rgb(&Planes { luma, u, v }, layout).unwrap()
    };
    let expected = rgb(&u, &v, &planar);
    let nv12 = pairs(&u, &v);
    assert_eq!(rgb(&nv12, &nv12[1..], &paired), expected);
    let nv21 = pairs(&v, &u);
    assert_eq!(rgb(&nv21[1..], &nv21, &paired), expected);
}

#[test]
fn planes_that_are_too_short_are_refused_and_exact_ones_are_not() {
    let layout = layout(8, 4, 2);
    // The last row needs no gap after it.
    let luma = noise(13 * 3 + 8, 1);
    let chroma = noise(layout.chroma_stride as usize + 7, 2);
    let with = |luma: &[u8], u: &[u8], v: &[u8]| yuv_to_rgb(&Planes { luma, u, v }, &layout);
    assert!(with(&luma, &chroma, &chroma).is_ok());
    for planes in [
        [&luma[1..], &chroma, &chroma],
        [&luma, &chroma[1..], &chroma],
        [&luma, &chroma, &chroma[1..]],
        [&[], &[], &[]],
    ] {
        let refused = with(planes[0], planes[1], planes[2]);
        assert!(matches!(refused, Err(MoueError::Options(_))));
    }
    let odd = |change: fn(&mut PlanarLayout)| {
        let mut changed = layout;
        change(&mut changed);
        let planes = Planes {
            luma: &luma,
            u: &chroma,
            v: &chroma,
        };
        assert!(yuv_to_rgb(&planes, &changed).is_err(), "{changed:?}");
    };
    odd(|l| l.width = 0);
    odd(|l| l.height = 0);
    odd(|l| l.luma_stride = 7);
    odd(|l| l.chroma_step = 0);
    odd(|l| l.chroma_step = 3);
    odd(|l| (l.width, l.height) = (u32::MAX, u32::MAX));
    odd(|l| (l.luma_stride, l.chroma_stride) = (u32::MAX, u32::MAX));
}

#[test]
fn turning_is_clockwise_and_mirroring_comes_after_it() {
    // Two rows of three pixels: 1 2 3 / 4 5 6.
    let pixels: Vec<u8> = (1..=6).flat_map(|v| [v; 3]).collect();
    let cases: [(Rotation, bool, [usize; 2], [u8; 6]); 6] = [
        (Rotation::Upright, true, [3, 2], [3, 2, 1, 6, 5, 4]),
        (Rotation::Half, false, [3, 2], [6, 5, 4, 3, 2, 1]),
        (Rotation::Clockwise90, false, [2, 3], [4, 1, 5, 2, 6, 3]),
        (Rotation::Clockwise270, false, [2, 3], [3, 6, 2, 5, 1, 4]),
        (Rotation::Clockwise90, true, [2, 3], [1, 4, 2, 5, 3, 6]),
        (Rotation::Clockwise270, true, [2, 3], [6, 3, 5, 2, 4, 1]),
    ];
    for (rotation, mirrored, size, expected) in cases {
        let (got, out) = turned(pixels.clone(), [3, 2], rotation, mirrored);
        let values: Vec<u8> = out.as_chunks::<3>().0.iter().map(|p| p[0]).collect();
        assert_eq!(
            (got, values.as_slice()),
            (size, &expected[..]),
            "{rotation:?}"
        );
    }
}
