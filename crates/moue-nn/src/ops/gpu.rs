//! What operators have in common where they become shaders.

use super::conv::{FloatParameters, Geometry};
use crate::error::Result;
use crate::graph::{Clamp, Window};
use crate::kernels::padded;
use crate::layout::Layout;
use crate::lower::{Epilogue, Gpu, GpuWork, LANES, Lowering, Shader, Words};

/// A sliding window over rows of vectors; sizes are rows first.
pub(super) struct ShaderWindow {
    pub(super) input: [usize; 2],
    pub(super) channels: usize,
    pub(super) output: [usize; 2],
    pub(super) outputs: usize,
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    pub(super) dilation: [usize; 2],
    pub(super) before: [usize; 2],
    /// Whether the stride is one over the input rather than the result.
    pub(super) transposed: bool,
}

impl ShaderWindow {
    pub(super) fn of(geometry: &Geometry, outputs: usize) -> Self {
        Self {
            input: geometry.input,
            channels: geometry.channels,
            output: geometry.output,
            outputs,
            kernel: geometry.kernel,
            stride: geometry.window.stride,
            dilation: geometry.window.dilation,
            before: geometry.before,
            transposed: false,
        }
    }

    /// A matrix product: each row is a picture of one pixel.
    pub(super) fn of_rows(channels: usize, outputs: usize) -> Self {
        Self {
            input: [1, 1],
            channels,
            output: [1, 1],
            outputs,
            kernel: [1, 1],
            stride: [1, 1],
            dilation: [1, 1],
            before: [0, 0],
            transposed: false,
        }
    }

    /// A window of `size` that pools.
    pub(super) fn of_pool(
        layouts: [Layout; 2],
        window: Window,
        size: [usize; 2],
        before: [usize; 2],
    ) -> Self {
        let [input, output] = layouts;
        Self {
            input: [input.dims[1], input.dims[2]],
            channels: input.channels(),
            output: [output.dims[1], output.dims[2]],
            outputs: output.channels(),
            kernel: size,
            stride: window.stride,
            dilation: [1, 1],
            before,
            transposed: false,
        }
    }

    fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Vectors of a row of the result.
    pub(super) fn output_row(&self) -> usize {
        padded(self.outputs) / LANES
    }

    pub(super) fn words(&self) -> Words {
        Words::default()
            .sizes(self.input)
            .sizes([padded(self.channels) / LANES])
            .sizes(self.output)
            .sizes([self.output_row()])
            .sizes([self.kernel, self.stride, self.dilation, self.before].concat())
            .sizes([usize::from(self.transposed), 0])
    }
}

/// A convolution of `pixels` results; weights are `outputs × taps × channels`.
pub(super) fn conv_work(
    window: &ShaderWindow,
    pixels: usize,
    parameters: &FloatParameters<'_>,
    epilogue: Epilogue,
    lowering: &mut Lowering<'_, Gpu>,
) -> Result<GpuWork> {
    /// Pixels that a thread computes.
    const PIXELS: usize = 4;
    /// Vectors of channels that a thread computes.
    const VECTORS: usize = 2;
    let weights = tiled(window, &parameters.weights);
    let at = add_parameters(&weights, pixels, parameters, lowering)?;
    let depth = window.channels;
    let words = window.words().sizes([depth]).sizes(at).sizes([0]);
    let mut work = GpuWork::new(Shader::Conv, pixels, words);
    work.grid.group = PIXELS;
    work.grid.lanes = window.output_row() / VECTORS;
    work.epilogue = Some(epilogue);
    Ok(work)
}

/// Adds weights as a shader wants them and the bias; returns where they are.
fn add_parameters(
    weights: &[f32],
    pixels: usize,
    parameters: &FloatParameters<'_>,
    lowering: &mut Lowering<'_, Gpu>,
) -> Result<[usize; 2]> {
    // The weights of the file count, not what fills them up.
    let time = (pixels as u64).saturating_mul(parameters.weights.len() as u64);
    lowering.budget.spend_time(time)?;
    let weights = lowering.add_constants(weights)?;
    let bias = lowering.add_constants(&filled_up(&parameters.bias))?;
    Ok([weights, bias])
}

/// Weights as the shader reads them: for each eight outputs and each tap four input channels after the
/// other, of which each has the weights of the first four and then of the last four outputs.
fn tiled(window: &ShaderWindow, weights: &[f32]) -> Vec<f32> {
    let taps = window.taps();
    let depth = window.channels;
    let parts = depth.div_ceil(LANES);
    let mut tiled = Vec::with_capacity(padded(window.outputs) * taps * parts * LANES);
    let at = |output: usize, tap: usize, channel: usize| {
        let inside = output < window.outputs && channel < depth;
        if inside {
            weights[(output * taps + tap) * depth + channel]
        } else {
            0.0
        }
    };
    for first in (0..padded(window.outputs)).step_by(2 * LANES) {
        for block in 0..taps * parts {
            let channels = block % parts * LANES;
            // Both halves of the eight outputs, and in each one input channel after the other.
            for (half, channel) in (0..2 * LANES).map(|i| (i / LANES, channels + i % LANES)) {
                let outputs = first + half * LANES..first + (half + 1) * LANES;
                tiled.extend(outputs.map(|output| at(output, block / parts, channel)));
            }
        }
    }
    tiled
}

/// A depthwise convolution; weights are `taps × outputs`.
pub(super) fn depthwise_work(
    window: &ShaderWindow,
    pixels: usize,
    parameters: &FloatParameters<'_>,
    epilogue: Epilogue,
    lowering: &mut Lowering<'_, Gpu>,
) -> Result<GpuWork> {
    let taps = parameters.weights.chunks_exact(window.outputs);
    let weights: Vec<f32> = taps.flat_map(filled_up).collect();
    let at = add_parameters(&weights, pixels, parameters, lowering)?;
    let words = window.words().sizes(at).sizes([0, 0]);
    let mut work = GpuWork::new(Shader::Depthwise, pixels, words);
    work.grid.lanes = window.output_row();
    work.epilogue = Some(epilogue);
    Ok(work)
}

/// A row of channels as activations have it.
fn filled_up(row: &[f32]) -> Vec<f32> {
    let mut filled = row.to_vec();
    filled.resize(padded(row.len()), 0.0);
    filled
}

/// A strided view of an operand, copied to a part of the result. Positions are those of the part.
pub(super) struct ShaderView {
    /// The sizes of the part.
    pub(super) sizes: [usize; 4],
    /// The element of the result that the part starts with, and the result's strides.
    pub(super) to: usize,
    pub(super) to_strides: [usize; 4],
    /// How many positions along each dimension come before the first that the view has, and how many
    /// it has; those around them are zeros.
    pub(super) before: [usize; 4],
    pub(super) inside: [usize; 4],
    /// The element of the operand that the view starts with, and the steps from one to the next.
    pub(super) from: usize,
    pub(super) steps: [isize; 4],
    /// Where the operand is in the constants, if it is there; in vectors.
    pub(super) constant: Option<usize>,
    pub(super) clamp: Clamp,
}

impl ShaderView {
    /// The whole of `from`, which lies somewhere in `to`.
    pub(super) fn whole(from: Layout, to: Layout) -> Self {
        Self {
            sizes: from.dims,
            to: 0,
            to_strides: to.strides,
            before: [0; 4],
            inside: from.dims,
            from: 0,
            steps: from.strides.map(|s| s as isize),
            constant: None,
            clamp: Clamp::NONE,
        }
    }

    pub(super) fn work(&self) -> GpuWork {
        let constant = self.constant.map_or([0, 0], |at| [1, at * LANES]);
        let words = Words::default()
            .sizes([self.sizes, self.to_strides, self.before, self.inside].concat())
            .steps(self.steps)
            .sizes([self.from, self.to])
            .sizes(constant)
            .clamp(self.clamp)
            .sizes([0, 0]);
        GpuWork::new(Shader::View, self.sizes.iter().product(), words)
    }
}
