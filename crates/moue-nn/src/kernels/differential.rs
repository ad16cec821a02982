//! Every kernel set against the definition, on random shapes, strides, dilations and borders.

use super::{
    ByteKernels, ConvJob, DepthwiseJob, Epilogue, Int8ConvJob, Isa, Kernels, Reading,
    Requantization, ThreadPool, padded,
};
use crate::aligned::Aligned;
use crate::graph::Clamp;

/// Cases for each kernel set.
const CASES: usize = 400;
/// Sums of at most so many products in single precision may differ by so much from those in double
/// precision.
const TOLERANCE: f64 = 2e-5;

/// A generator that is the same on every processor (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn up_to(&mut self, most: usize) -> usize {
        1 + (self.next() % most as u64) as usize
    }

    fn float(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }

    fn clamp(&mut self) -> Clamp {
        [
            Clamp::NONE,
            Clamp::RELU,
            Clamp::RELU6,
            Clamp {
                low: -0.5,
                high: 0.25,
            },
        ][self.up_to(4) - 1]
    }
}

/// Rows of `channels` floats spread to the stride that kernels read; what lies between is not a
/// number.
fn spread(dense: &[f32], channels: usize) -> Vec<f32> {
    let stride = padded(channels);
    let mut out = vec![f32::NAN; dense.len() / channels * stride];
    out.chunks_exact_mut(stride)
        .zip(dense.chunks_exact(channels))
        .for_each(|(to, from)| to[..channels].copy_from_slice(from));
    out
}

fn assert_near(found: &[f32], wanted: &[f64], channels: usize, what: &str) {
    let rows = found
        .chunks_exact(padded(channels))
        .zip(wanted.chunks_exact(channels));
    for (row, (found, wanted)) in rows.enumerate() {
        for (c, (f, w)) in found.iter().zip(wanted).enumerate() {
            assert!(
                (f64::from(*f) - w).abs() <= TOLERANCE * (1.0 + w.abs()),
                "{what}: row {row}, channel {c}: {f} is not {w}"
            );
        }
    }
}

/// What a team computes is what one thread does, to the bit.
fn assert_same(shared: &[f32], alone: &[f32], what: &str) {
    assert!(
        shared
            .iter()
            .zip(alone)
            .all(|(a, b)| a.to_bits() == b.to_bits()),
        "{what}, on three threads"
    );
}

fn clamped(clamp: Clamp, value: f64) -> f64 {
    value.max(f64::from(clamp.low)).min(f64::from(clamp.high))
}

fn conv_case(random: &mut Random, kernels: &Kernels, team: &mut ThreadPool, what: &str) {
    let [outputs, taps, depth, pixels, inputs] = [40, 9, 30, 50, 60].map(|most| random.up_to(most));
    let weights = random.floats(outputs * taps * depth);
    let bias = random.floats(outputs);
    let input = random.floats(inputs.max(pixels) * depth);
    let direct = taps == 1 && random.up_to(2) == 1;
    let rows: Option<Vec<Option<u32>>> = (!direct).then(|| {
        // One tap in five is outside of the picture.
        (0..pixels * taps)
            .map(|_| (random.up_to(5) > 1).then(|| random.up_to(inputs) as u32 - 1))
            .collect()
    });
    let residual = (random.up_to(2) == 1).then(|| random.floats(pixels * outputs));
    let epilogue = Epilogue {
        first: random.clamp(),
        second: random.clamp(),
    };
    let mut wanted = Vec::new();
    for pixel in 0..pixels {
        for o in 0..outputs {
            let mut sum = f64::from(bias[o]);
            for tap in 0..taps {
                let row = rows
                    .as_ref()
                    .map_or(Some(pixel), |r| r[pixel * taps + tap].map(|r| r as usize));
                let Some(row) = row else { continue };
                for k in 0..depth {
                    sum += f64::from(input[row * depth + k])
                        * f64::from(weights[(o * taps + tap) * depth + k]);
                }
            }
            sum = clamped(epilogue.first, sum);
            if let Some(residual) = &residual {
                sum = clamped(
                    epilogue.second,
                    sum + f64::from(residual[pixel * outputs + o]),
                );
            }
            wanted.push(sum);
        }
    }
    let reading = Reading {
        stride: padded(depth),
        rows,
    };
    let job = ConvJob::new(
        &weights,
        &bias,
        [outputs, taps, depth],
        pixels,
        reading,
        kernels.panels,
        epilogue,
    );
    let mut output = vec![f32::NAN; pixels * padded(outputs)];
    let residual = residual.map(|r| spread(&r, outputs));
    kernels.conv(
        &job,
        &spread(&input, depth),
        residual.as_deref(),
        &mut output,
        None,
    );
    let mut shared = vec![f32::NAN; output.len()];
    kernels.conv(
        &job,
        &spread(&input, depth),
        residual.as_deref(),
        &mut shared,
        Some(team),
    );
    assert_same(&shared, &output, what);
    assert_near(
        &output,
        &wanted,
        outputs,
        &format!("{what}, convolution of {pixels} × {taps} × {depth} → {outputs}"),
    );
}

fn depthwise_case(random: &mut Random, kernels: &Kernels, team: &mut ThreadPool, what: &str) {
    let [channels, height, width] = [40, 14, 14].map(|most| random.up_to(most));
    let pair = |random: &mut Random, most| [random.up_to(most), random.up_to(most)];
    let (kernel, stride, dilation) = (pair(random, 5), pair(random, 3), pair(random, 2));
    let before = [0, 1].map(|axis| random.up_to(kernel[axis]) - 1);
    let input = [height, width];
    let output =
        [0, 1].map(|axis| 1 + (input[axis] + before[axis]).saturating_sub(1) / stride[axis]);
    let (batch, clamp) = (random.up_to(2), random.clamp());
    let pixels = random.floats(batch * height * width * channels);
    let weights = random.floats(kernel[0] * kernel[1] * channels);
    let bias = random.floats(channels);
    let mut wanted = Vec::new();
    for n in 0..batch {
        for y in 0..output[0] {
            for x in 0..output[1] {
                for c in 0..channels {
                    let mut sum = f64::from(bias[c]);
                    for (ky, kx) in
                        (0..kernel[0]).flat_map(|ky| (0..kernel[1]).map(move |kx| (ky, kx)))
                    {
                        let from = |at: usize, tap: usize, axis: usize| {
                            (at * stride[axis] + tap * dilation[axis])
                                .checked_sub(before[axis])
                                .filter(|p| *p < input[axis])
                        };
                        let (Some(sy), Some(sx)) = (from(y, ky, 0), from(x, kx, 1)) else {
                            continue;
                        };
                        let pixel = pixels[((n * height + sy) * width + sx) * channels + c];
                        sum += f64::from(pixel)
                            * f64::from(weights[(ky * kernel[1] + kx) * channels + c]);
                    }
                    wanted.push(clamped(clamp, sum));
                }
            }
        }
    }
    let stride_of = padded(channels);
    let mut bias = bias;
    bias.resize(stride_of, 0.0);
    let job = DepthwiseJob {
        batch,
        input,
        output,
        kernel,
        stride,
        dilation,
        before,
        channels: stride_of,
        weights: Aligned::from_slice(&spread(&weights, channels)),
        bias,
        clamp,
        requantization: Requantization::default(),
    };
    let mut found = vec![f32::NAN; batch * output[0] * output[1] * stride_of];
    kernels.depthwise(&job, &spread(&pixels, channels), &mut found, None);
    let mut shared = vec![f32::NAN; found.len()];
    kernels.depthwise(&job, &spread(&pixels, channels), &mut shared, Some(team));
    assert_same(&shared, &found, what);
    let shape = format!(
        "{what}, depthwise {kernel:?} over {input:?} × {channels}, stride {stride:?}, dilation {dilation:?}"
    );
    assert_near(&found, &wanted, channels, &shape);
}

/// Numbers of 8 bits as they lie in memory, and what they count from.
fn bytes(random: &mut Random, count: usize) -> Vec<u8> {
    (0..count).map(|_| (random.next() >> 56) as u8).collect()
}

/// Rows of `channels` bytes spread to the stride that kernels read, with anything between.
fn spread_bytes(dense: &[u8], channels: usize) -> Vec<u8> {
    let stride = padded(channels);
    let mut out = vec![0xa5; dense.len() / channels * stride];
    out.chunks_exact_mut(stride)
        .zip(dense.chunks_exact(channels))
        .for_each(|(to, from)| to[..channels].copy_from_slice(from));
    out
}

/// A random way from sums of about `spread` to bytes.
fn requantization(random: &mut Random, channels: usize, spread: f32) -> Requantization {
    let scales = (0..channels)
        .map(|_| (1.5 + random.float()) * 60.0 / spread)
        .collect();
    let zeros = [0; 2].map(|_| (random.next() % 256) as f32);
    Requantization {
        scales,
        zeros,
        bounds: Clamp {
            low: (random.next() % 100) as f32,
            high: 255.0 - (random.next() % 100) as f32,
        },
    }
}

/// Each byte is the real result rounded, in whichever direction where that lies right between two.
fn assert_rounded(found: &[u8], sums: &[i64], channels: usize, r: &Requantization, what: &str) {
    let rows = found
        .chunks_exact(padded(channels))
        .zip(sums.chunks_exact(channels));
    for (row, (found, sums)) in rows.enumerate() {
        for (c, (f, sum)) in found.iter().zip(sums).enumerate() {
            let real = *sum as f64 * f64::from(r.scales[c]) + f64::from(r.zeros[1]);
            let wanted = clamped(r.bounds, real);
            assert!(
                (f64::from(*f) - wanted).abs() <= 0.501,
                "{what}: row {row}, channel {c}: {f} is not {wanted}"
            );
        }
    }
}

fn byte_conv_case(random: &mut Random, kernels: &Kernels, team: &mut ThreadPool, what: &str) {
    let [outputs, taps, depth, pixels, inputs] = [70, 9, 30, 50, 60].map(|most| random.up_to(most));
    let weights: Vec<i8> = bytes(random, outputs * taps * depth)
        .into_iter()
        .map(u8::cast_signed)
        .collect();
    let bias: Vec<i32> = (0..outputs)
        .map(|_| (random.float() * 3e4) as i32)
        .collect();
    let input = bytes(random, inputs.max(pixels) * depth);
    let direct = taps == 1 && random.up_to(2) == 1;
    let rows: Option<Vec<Option<u32>>> = (!direct).then(|| {
        (0..pixels * taps)
            .map(|_| (random.up_to(5) > 1).then(|| random.up_to(inputs) as u32 - 1))
            .collect()
    });
    let r = requantization(
        random,
        outputs,
        128.0 * 74.0 * ((taps * depth) as f32).sqrt(),
    );
    let zero = r.zeros[0] as i64;
    let mut sums = Vec::new();
    for pixel in 0..pixels {
        for o in 0..outputs {
            let mut sum = i64::from(bias[o]);
            for tap in 0..taps {
                let row = rows
                    .as_ref()
                    .map_or(Some(pixel), |r| r[pixel * taps + tap].map(|r| r as usize));
                let Some(row) = row else { continue };
                for k in 0..depth {
                    let number = i64::from(input[row * depth + k]) - zero;
                    sum += number * i64::from(weights[(o * taps + tap) * depth + k]);
                }
            }
            sums.push(sum);
        }
    }
    let reading = Reading {
        stride: padded(depth),
        rows,
    };
    let sizes = [outputs, taps, depth];
    let job = Int8ConvJob::new(
        &weights,
        &bias,
        sizes,
        pixels,
        reading,
        &kernels.bytes,
        r.clone(),
    );
    let mut output = vec![0; pixels * padded(outputs)];
    kernels.conv_bytes(&job, &spread_bytes(&input, depth), &mut output, None);
    let mut shared = vec![0; output.len()];
    kernels.conv_bytes(&job, &spread_bytes(&input, depth), &mut shared, Some(team));
    assert_eq!(shared, output, "{what}, on three threads");
    assert_rounded(
        &output,
        &sums,
        outputs,
        &r,
        &format!("{what}, bytes, {pixels} × {taps} × {depth} → {outputs}"),
    );
}

fn byte_depthwise_case(random: &mut Random, kernels: &Kernels, team: &mut ThreadPool, what: &str) {
    let [channels, height, width] = [40, 14, 14].map(|most| random.up_to(most));
    let side = |random: &mut Random| [2 * random.up_to(2) + 1, random.up_to(2)];
    let ([kernel, stride], before) = (side(random), random.up_to(3) - 1);
    let output = [height, width].map(|size| 1 + (size - 1) / stride);
    let pixels = bytes(random, height * width * channels);
    let weights: Vec<i8> = bytes(random, kernel * kernel * channels)
        .into_iter()
        .map(u8::cast_signed)
        .collect();
    let bias: Vec<i32> = (0..channels)
        .map(|_| (random.float() * 3e4) as i32)
        .collect();
    let mut r = requantization(random, channels, 128.0 * 74.0 * kernel as f32);
    let mut sums = Vec::new();
    for (y, x) in (0..output[0]).flat_map(|y| (0..output[1]).map(move |x| (y, x))) {
        for c in 0..channels {
            let mut sum = i64::from(bias[c]);
            for (ky, kx) in (0..kernel).flat_map(|ky| (0..kernel).map(move |kx| (ky, kx))) {
                let from = |at: usize, tap: usize, most: usize| {
                    (at * stride + tap)
                        .checked_sub(before)
                        .filter(|p| *p < most)
                };
                let (Some(sy), Some(sx)) = (from(y, ky, height), from(x, kx, width)) else {
                    continue;
                };
                let number =
                    i64::from(pixels[(sy * width + sx) * channels + c]) - r.zeros[0] as i64;
                sum += number * i64::from(weights[(ky * kernel + kx) * channels + c]);
            }
            sums.push(sum);
        }
    }
    let spread_floats = |values: Vec<f32>| spread(&values, channels);
    r.scales.resize(padded(channels), 0.0);
    let job = DepthwiseJob {
        batch: 1,
        input: [height, width],
        output,
        kernel: [kernel; 2],
        stride: [stride; 2],
        dilation: [1; 2],
        before: [before; 2],
        channels: padded(channels),
        weights: Aligned::from_slice(&spread_floats(
            weights.iter().map(|w| f32::from(*w)).collect(),
        )),
        bias: spread_floats(bias.iter().map(|b| *b as f32).collect()),
        clamp: Clamp::NONE,
        requantization: r.clone(),
    };
    let mut found = vec![0; output[0] * output[1] * padded(channels)];
    kernels.depthwise_bytes(&job, &spread_bytes(&pixels, channels), &mut found, None);
    let mut shared = vec![0; found.len()];
    kernels.depthwise_bytes(
        &job,
        &spread_bytes(&pixels, channels),
        &mut shared,
        Some(team),
    );
    assert_eq!(shared, found, "{what}, on three threads");
    assert_rounded(
        &found,
        &sums,
        channels,
        &r,
        &format!("{what}, bytes, depthwise {kernel} over {height}×{width}×{channels}"),
    );
}

/// The kernel tables that this processor can run, with each that it has for bytes.
fn tables() -> Vec<(String, Kernels)> {
    let mut all = Vec::new();
    for isa in Isa::available() {
        let best = Kernels::of(isa);
        for (name, bytes) in byte_kernels(&best) {
            all.push((format!("{} {name}", isa.name()), Kernels { bytes, ..best }));
        }
    }
    all
}

/// The tables for bytes that go with a set, by name; the best one is among them.
fn byte_kernels(best: &Kernels) -> Vec<(&'static str, ByteKernels)> {
    #[cfg(target_arch = "x86_64")]
    let others = super::x86_int8::available();
    #[cfg(target_arch = "aarch64")]
    let others = super::neon_int8::available();
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let others = Vec::new();
    [vec![("", best.bytes)], others].concat()
}

#[test]
fn every_kernel_set_for_bytes_agrees_with_the_definition() {
    for (name, kernels) in tables() {
        let (mut random, mut team) = (Random(11), ThreadPool::new(3));
        for case in 0..CASES {
            let what = format!("{name} case {case}");
            byte_conv_case(&mut random, &kernels, &mut team, &what);
            byte_depthwise_case(&mut random, &kernels, &mut team, &what);
        }
        eprintln!("{name}: {CASES} convolutions and depthwise convolutions of bytes agree");
    }
}

#[test]
fn every_kernel_set_agrees_with_the_definition() {
    for isa in Isa::available() {
        let (mut random, kernels, mut team) = (Random(7), Kernels::of(isa), ThreadPool::new(3));
        for case in 0..CASES {
            let what = format!("{} case {case}", isa.name());
            conv_case(&mut random, &kernels, &mut team, &what);
            depthwise_case(&mut random, &kernels, &mut team, &what);
        }
        eprintln!(
            "{}: {CASES} convolutions and depthwise convolutions agree",
            isa.name()
        );
    }
}
