//! Random depthwise convolutions.

use super::compare::{TOLERANCE, assert_near, assert_rounded, assert_same, clamped, spread};
use super::random::Random;
use crate::aligned::Aligned;
use crate::graph::Clamp;
use crate::kernels::{DepthwiseJob, Kernels, Requantization, ThreadPool, padded};

/// A depthwise convolution of random sizes.
#[derive(Debug)]
struct Case {
    batch: usize,
    input: [usize; 2],
    output: [usize; 2],
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    before: [usize; 2],
    channels: usize,
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let [channels, height, width] = [40, 14, 14].map(|most| random.up_to(most));
        let input = [height, width];
        let kernel = random.pair(5);
        let stride = random.pair(3);
        let before = kernel.map(|taps| random.up_to(taps) - 1);
        let output =
            [0, 1].map(|axis| 1 + (input[axis] + before[axis]).saturating_sub(1) / stride[axis]);
        Self {
            batch: random.up_to(2),
            input,
            output,
            kernel,
            stride,
            dilation: random.pair(2),
            before,
            channels,
        }
    }

    /// Of the windows that have kernels of their own: 3 and 5 wide, by steps of 1 and 2.
    fn common(random: &mut Random) -> Self {
        let case = Self::random(random);
        let kernel = 2 * random.up_to(2) + 1;
        let stride = random.up_to(2);
        Self {
            batch: 1,
            output: case.input.map(|size| 1 + (size - 1) / stride),
            kernel: [kernel; 2],
            stride: [stride; 2],
            dilation: [1; 2],
            before: [random.up_to(3) - 1; 2],
            ..case
        }
    }

    fn pixels(&self) -> usize {
        self.batch * self.input[0] * self.input[1] * self.channels
    }

    fn weights(&self) -> usize {
        self.kernel[0] * self.kernel[1] * self.channels
    }

    /// The input row or column of a tap, if it lies inside.
    fn source(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        (at * self.stride[axis] + tap * self.dilation[axis])
            .checked_sub(self.before[axis])
            .filter(|p| *p < self.input[axis])
    }

    /// The definition of a depthwise convolution: for each pixel and channel the bias and all
    /// products, whose factors `product` finds by their positions in input and weights.
    fn sums(&self, bias: impl Fn(usize) -> f64, product: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let mut sums = Vec::new();
        for n in 0..self.batch {
            for y in 0..self.output[0] {
                for x in 0..self.output[1] {
                    sums.extend(
                        (0..self.channels).map(|c| bias(c) + self.sum([n, y, x, c], &product)),
                    );
                }
            }
        }
        sums
    }

    fn sum(&self, [n, y, x, c]: [usize; 4], product: &impl Fn(usize, usize) -> f64) -> f64 {
        let mut sum = 0.0;
        for ky in 0..self.kernel[0] {
            for kx in 0..self.kernel[1] {
                let row = self.source(0, y, ky);
                let column = self.source(1, x, kx);
                let Some((row, column)) = row.zip(column) else {
                    continue;
                };
                let pixel = (n * self.input[0] + row) * self.input[1] + column;
                let tap = ky * self.kernel[1] + kx;
                sum += product(pixel * self.channels + c, tap * self.channels + c);
            }
        }
        sum
    }

    fn job(&self, weights: &[f32], mut bias: Vec<f32>) -> DepthwiseJob {
        let channels = padded(self.channels);
        bias.resize(channels, 0.0);
        DepthwiseJob {
            batch: self.batch,
            input: self.input,
            output: self.output,
            kernel: self.kernel,
            stride: self.stride,
            dilation: self.dilation,
            before: self.before,
            channels,
            weights: Aligned::from_slice(&spread(weights, self.channels, f32::NAN)),
            bias,
            clamp: Clamp::NONE,
            requantization: Requantization::default(),
        }
    }

    fn output(&self) -> usize {
        self.batch * self.output[0] * self.output[1] * padded(self.channels)
    }
}

pub(super) fn float_case(
    random: &mut Random,
    kernels: &Kernels,
    pool: &mut ThreadPool,
    name: &str,
) {
    let case = Case::random(random);
    let clamp = random.clamp();
    let pixels = random.floats(case.pixels());
    let weights = random.floats(case.weights());
    let bias = random.floats(case.channels);
    let product = |i: usize, w: usize| f64::from(pixels[i]) * f64::from(weights[w]);
    let mut expected = case.sums(|c| f64::from(bias[c]), product);
    expected.iter_mut().for_each(|v| *v = clamped(clamp, *v));
    let mut job = case.job(&weights, bias);
    job.clamp = clamp;
    let input = spread(&pixels, case.channels, f32::NAN);
    let mut found = vec![f32::NAN; case.output()];
    kernels.depthwise(&job, &input, &mut found, None);
    let mut shared = vec![f32::NAN; found.len()];
    kernels.depthwise(&job, &input, &mut shared, Some(pool));
    assert_same(&shared, &found, name);
    let name = format!("{name}, {case:?}");
    assert_near(&found, &expected, case.channels, TOLERANCE, &name);
}

pub(super) fn int8_case(random: &mut Random, kernels: &Kernels, pool: &mut ThreadPool, name: &str) {
    let case = Case::common(random);
    let pixels = random.bytes(case.pixels());
    let weights = random.codes(case.weights());
    let bias = random.ints(case.channels);
    let size = 128.0 * 74.0 * case.kernel[0] as f32;
    let mut r = random.requantization(case.channels, size);
    let zero = f64::from(r.zero_points[0]);
    let product = |i: usize, w: usize| (f64::from(pixels[i]) - zero) * f64::from(weights[w]);
    let sums = case.sums(|c| f64::from(bias[c]), product);
    let floats: Vec<f32> = weights.iter().map(|w| f32::from(*w)).collect();
    let mut job = case.job(&floats, bias.iter().map(|b| *b as f32).collect());
    r.scales.resize(padded(case.channels), 0.0);
    job.requantization = r.clone();
    let input = spread(&pixels, case.channels, 0xa5);
    let mut found = vec![0; case.output()];
    kernels.depthwise_int8(&job, &input, &mut found, None);
    let mut shared = vec![0; found.len()];
    kernels.depthwise_int8(&job, &input, &mut shared, Some(pool));
    assert_eq!(shared, found, "{name}, on three threads");
    let name = format!("{name}, int8, {case:?}");
    assert_rounded(&found, &sums, case.channels, &r, &name);
}
