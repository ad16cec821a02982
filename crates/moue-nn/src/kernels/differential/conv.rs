//! Random convolutions.

use super::compare::{TOLERANCE, assert_near, assert_rounded, assert_same, clamped, spread};
use super::random::Random;
use crate::kernels::{
    ConvJob, ConvShape, InputAddressing, Int8ConvJob, Kernels, ThreadPool, padded,
};

/// A convolution of random sizes that reads random rows.
struct Case {
    shape: ConvShape,
    /// Rows of the input.
    inputs: usize,
    rows: Option<Vec<Option<u32>>>,
}

impl Case {
    fn random(random: &mut Random, most_outputs: usize, most_depth: usize) -> Self {
        let [outputs, taps, depth, pixels, inputs] =
            [most_outputs, 9, most_depth, 50, 60].map(|most| random.up_to(most));
        let is_direct = taps == 1 && random.coin();
        // One tap in five is outside of the picture, two follow the one before, as in a row of a picture.
        let mut last = 0;
        let mut row = |_| {
            let choice = random.up_to(5);
            last = match choice {
                2 | 3 => (last + 1) % inputs as u32,
                _ => random.up_to(inputs) as u32 - 1,
            };
            (choice > 1).then_some(last)
        };
        Self {
            shape: ConvShape {
                outputs,
                taps,
                depth,
                pixels,
            },
            inputs: inputs.max(pixels),
            rows: (!is_direct).then(|| (0..pixels * taps).map(&mut row).collect()),
        }
    }

    fn weights(&self) -> usize {
        self.shape.outputs * self.shape.taps * self.shape.depth
    }

    fn input(&self) -> usize {
        self.inputs * self.shape.depth
    }

    fn addressing(&self) -> InputAddressing {
        InputAddressing {
            stride: padded(self.shape.depth),
            rows: self.rows.clone(),
        }
    }

    /// The input row of a tap, if it lies inside.
    fn row(&self, pixel: usize, tap: usize) -> Option<usize> {
        match &self.rows {
            None => Some(pixel),
            Some(rows) => rows[pixel * self.shape.taps + tap].map(|row| row as usize),
        }
    }

    /// The definition of a convolution: for each pixel and output the bias and all products, whose
    /// factors `product` finds by their positions in input and weights.
    fn sums(&self, bias: impl Fn(usize) -> f64, product: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let ConvShape {
            outputs,
            taps,
            depth,
            pixels,
        } = self.shape;
        let mut sums = Vec::new();
        for pixel in 0..pixels {
            for o in 0..outputs {
                let mut sum = bias(o);
                for tap in 0..taps {
                    let Some(row) = self.row(pixel, tap) else {
                        continue;
                    };
                    for k in 0..depth {
                        sum += product(row * depth + k, (o * taps + tap) * depth + k);
                    }
                }
                sums.push(sum);
            }
        }
        sums
    }

    fn describe(&self, case: &str) -> String {
        let ConvShape {
            outputs,
            taps,
            depth,
            pixels,
        } = self.shape;
        format!("{case}, convolution of {pixels} × {taps} × {depth} → {outputs}")
    }
}

pub(super) fn float_case(
    random: &mut Random,
    kernels: &Kernels,
    pool: &mut ThreadPool,
    name: &str,
) {
    let case = Case::random(random, 40, 30);
    let ConvShape {
        outputs,
        depth,
        pixels,
        ..
    } = case.shape;
    let weights = random.floats(case.weights());
    let bias = random.floats(outputs);
    let input = random.floats(case.input());
    let residual = random.coin().then(|| random.floats(pixels * outputs));
    let clamps = [random.clamp(), random.clamp()];
    let product = |i: usize, w: usize| f64::from(input[i]) * f64::from(weights[w]);
    let mut expected = case.sums(|o| f64::from(bias[o]), product);
    for (i, value) in expected.iter_mut().enumerate() {
        *value = clamped(clamps[0], *value);
        if let Some(residual) = &residual {
            *value = clamped(clamps[1], *value + f64::from(residual[i]));
        }
    }
    let addressing = case.addressing();
    let panels = kernels.panels;
    let mut job = ConvJob::new(case.shape, addressing, &weights, &bias, panels, clamps[0]);
    job.epilogue.second = clamps[1];
    let input = spread(&input, depth, f32::NAN);
    let residual = residual.map(|r| spread(&r, outputs, f32::NAN));
    let residual = residual.as_deref();
    let mut output = vec![f32::NAN; pixels * padded(outputs)];
    kernels.conv(&job, &input, residual, &mut output, None);
    let mut shared = vec![f32::NAN; output.len()];
    kernels.conv(&job, &input, residual, &mut shared, Some(pool));
    assert_same(&shared, &output, name);
    assert_near(&output, &expected, outputs, TOLERANCE, &case.describe(name));
}

pub(super) fn int8_case(random: &mut Random, kernels: &Kernels, pool: &mut ThreadPool, name: &str) {
    // One in four is deep: taps that are longer than a cache line, and patches that fill the tiles of AMX.
    let most_depth = if random.up_to(4) == 1 { 300 } else { 30 };
    let case = Case::random(random, 70, most_depth);
    let ConvShape {
        outputs,
        taps,
        depth,
        pixels,
    } = case.shape;
    let weights = random.codes(case.weights());
    let bias = random.ints(outputs);
    let input = random.bytes(case.input());
    // 128 and 74 are about the root mean squares of bytes from their zero point and of weights.
    let size = 128.0 * 74.0 * ((taps * depth) as f32).sqrt();
    let r = random.requantization(outputs, size);
    let zero = f64::from(r.zero_points[0]);
    let product = |i: usize, w: usize| (f64::from(input[i]) - zero) * f64::from(weights[w]);
    let sums = case.sums(|o| f64::from(bias[o]), product);
    let addressing = case.addressing();
    let format = kernels.int8.format;
    let job = Int8ConvJob::new(case.shape, addressing, &weights, &bias, r.clone(), format);
    let input = spread(&input, depth, 0xa5);
    let mut output = vec![0; pixels * padded(outputs)];
    kernels.conv_int8(&job, &input, &mut output, None);
    let mut shared = vec![0; output.len()];
    kernels.conv_int8(&job, &input, &mut shared, Some(pool));
    assert_eq!(shared, output, "{name}, on three threads");
    assert_rounded(&output, &sums, outputs, &r, &case.describe(name));
}
