//! Random convolutions by Winograd's algorithm.

use super::compare::{TOLERANCE, assert_near, assert_same, clamped, spread};
use super::random::Random;
use crate::graph::Clamp;
use crate::kernels::{Kernels, Side, ThreadPool, WinogradJob, WinogradShape, padded};

/// A convolution of random sizes, with random values.
struct Case {
    shape: WinogradShape,
    input: Vec<f32>,
    weights: Vec<f32>,
    bias: Vec<f32>,
    residual: Option<Vec<f32>>,
    clamps: [Clamp; 2],
}

impl Case {
    fn random(random: &mut Random) -> Self {
        let input = random.pair(13);
        let before = random.pair(3).map(|rows| rows - 1);
        let after = random.pair(3).map(|rows| rows - 1);
        let side = |axis: usize| {
            (before[axis] + input[axis] + after[axis])
                .saturating_sub(2)
                .max(1)
        };
        let shape = WinogradShape {
            batch: random.up_to(3),
            input,
            output: [side(0), side(1)],
            before,
            depth: random.up_to(40),
            outputs: random.up_to(90),
        };
        let [pixels, inputs] = [shape.output, input].map(|[h, w]| shape.batch * h * w);
        Self {
            input: random.floats(inputs * shape.depth),
            weights: random.floats(shape.outputs * 9 * shape.depth),
            bias: random.floats(shape.outputs),
            residual: (random.coin()).then(|| random.floats(pixels * shape.outputs)),
            clamps: [random.clamp(), random.clamp()],
            shape,
        }
    }

    /// The channels of an input pixel; none outside of the picture.
    fn pixel(&self, n: usize, y: usize, x: usize) -> &[f32] {
        let WinogradShape { before, input, .. } = self.shape;
        let [y, x] = [y.wrapping_sub(before[0]), x.wrapping_sub(before[1])];
        if y < input[0] && x < input[1] {
            let start = ((n * input[0] + y) * input[1] + x) * self.shape.depth;
            &self.input[start..start + self.shape.depth]
        } else {
            &[]
        }
    }

    /// The definition of a convolution, for one output pixel and channel.
    fn sum(&self, [n, y, x]: [usize; 3], o: usize) -> f64 {
        let mut sum = f64::from(self.bias[o]);
        for tap in 0..9 {
            let pixel = self.pixel(n, y + tap / 3, x + tap % 3);
            let weights = &self.weights[(o * 9 + tap) * self.shape.depth..];
            let products = pixel.iter().zip(weights);
            sum += products
                .map(|(a, b)| f64::from(*a) * f64::from(*b))
                .sum::<f64>();
        }
        sum
    }

    fn expected(&self) -> Vec<f64> {
        let WinogradShape {
            batch,
            output: [rows, columns],
            outputs,
            ..
        } = self.shape;
        let all = 0..batch * rows * columns * outputs;
        let value = |i: usize| {
            let [n, y, x] = [rows * columns, columns, 1].map(|size| i / outputs / size);
            let sum = self.sum([n, y % rows, x % columns], i % outputs);
            let sum = clamped(self.clamps[0], sum);
            match &self.residual {
                Some(residual) => clamped(self.clamps[1], sum + f64::from(residual[i])),
                None => sum,
            }
        };
        all.map(value).collect()
    }

    fn job(&self, side: Side, kernels: &Kernels) -> WinogradJob {
        let panels = kernels.panels;
        let [first, second] = self.clamps;
        let mut job = WinogradJob::new(self.shape, side, &self.weights, &self.bias, panels, first);
        job.epilogue.second = second;
        job
    }
}

pub(super) fn case(random: &mut Random, kernels: &Kernels, pool: &mut ThreadPool, name: &str) {
    let case = Case::random(random);
    let expected = case.expected();
    let outputs = case.shape.outputs;
    let input = spread(&case.input, case.shape.depth, f32::NAN);
    let residual = case.residual.as_ref().map(|r| spread(r, outputs, f32::NAN));
    let residual = residual.as_deref();
    // Transforms of tiles of four multiply by up to 8 and divide by up to 24, which rounding follows.
    for (side, tolerance) in [(Side::Two, TOLERANCE), (Side::Four, 10.0 * TOLERANCE)] {
        let name = format!("{name}, tiles of {side:?}, {:?}", case.shape);
        let job = case.job(side, kernels);
        let mut output = vec![f32::NAN; expected.len() / outputs * padded(outputs)];
        kernels.winograd(&job, &input, residual, &mut output, None);
        let mut shared = vec![f32::NAN; output.len()];
        kernels.winograd(&job, &input, residual, &mut shared, Some(pool));
        assert_same(&shared, &output, &name);
        assert_near(&output, &expected, outputs, tolerance, &name);
    }
}
