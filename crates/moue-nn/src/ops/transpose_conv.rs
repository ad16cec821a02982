//! TRANSPOSE_CONV, and MediaPipe's custom `Convolution2DTransposeBias`, which is the same with a
//! bias that LiteRT's has since.
//!
//! Each input pixel adds a window to the output. Seen from the output, each pixel reads the input
//! pixels whose windows cover it, one for each tap that a multiple of the stride leads to. So it is
//! an ordinary convolution with an indirection buffer of its own.

use super::conv::float_parameters;
#[cfg(feature = "gpu")]
use super::gpu::{ShaderWindow, conv_work};
use super::op::{Op, Read, single};
use super::window::fit;
use crate::error::Result;
use crate::graph::{Clamp, Node, Operands, Window};
use crate::kernels::{ConvJob, ConvShape, InputAddressing, padded};
#[cfg(feature = "gpu")]
use crate::lower::{Epilogue, Gpu};
use crate::lower::{Lowering, Work};
use crate::tflite::{Options, WindowFields, unsupported};

/// Fields of `TransposeConvOptions`.
const WINDOW: WindowFields = WindowFields {
    padding: 0,
    stride_w: 1,
    stride_h: 2,
    dilation: None,
};
const FUSED_ACTIVATION: usize = 3;

/// The value of `TfLitePadding` for `SAME`, which MediaPipe's options hold; 2 is `VALID`.
const MEDIAPIPE_SAME: i32 = 1;

/// Where the operands are.
#[derive(Clone, Copy, Debug)]
struct Positions {
    /// The shape of the result, which MediaPipe's operator lacks.
    shape: Option<usize>,
    input: usize,
    weights: usize,
    bias: usize,
}

#[derive(Debug)]
struct TransposeConv {
    /// That of the convolution whose input is this one's output.
    window: Window,
    clamp: Clamp,
    operands: Positions,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(TransposeConv {
        window: options.window(WINDOW)?,
        clamp: options.clamp(FUSED_ACTIVATION)?,
        operands: Positions {
            shape: Some(0),
            input: 2,
            weights: 1,
            bias: 3,
        },
    }))
}

/// Reads the options of MediaPipe's operator: padding, and strides across and down, as integers of
/// 32 bits.
pub(super) fn read_mediapipe(options: &[u8]) -> Read {
    let numbers = options.as_chunks::<4>().0;
    let numbers: Vec<i32> = numbers.iter().map(|b| i32::from_le_bytes(*b)).collect();
    // Larger strides than any window is wide would only leave gaps.
    let strides = 1..=1 << 10;
    match numbers[..] {
        [padding @ 1..=2, across, down, ..]
            if strides.contains(&across) && strides.contains(&down) =>
        {
            Ok(Box::new(TransposeConv {
                window: Window {
                    same: padding == MEDIAPIPE_SAME,
                    stride: [down as usize, across as usize],
                    dilation: [1, 1],
                },
                clamp: Clamp::NONE,
                operands: Positions {
                    shape: None,
                    input: 0,
                    weights: 1,
                    bias: 2,
                },
            }))
        }
        _ => unsupported(format!("options {numbers:?}")),
    }
}

impl Op for TransposeConv {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let node = operands.node;
        let at = self.operands;
        let [n, h, w, _] = operands.rank4(at.input)?;
        let [outputs, kh, kw, _] = operands.rank4(at.weights)?;
        let &[_, rows, columns, _] = &operands.output().shape[..] else {
            return node.malformed("the result must have four dimensions");
        };
        let result = [n, rows, columns, outputs];
        let sizes = [(rows, kh, h), (columns, kw, w)];
        for (axis, (output, kernel, input)) in sizes.into_iter().enumerate() {
            let fit = fit(&self.window, axis, output, kernel);
            if fit.is_none_or(|fit| fit.output != input) {
                return node.malformed(format!("makes no {output} of {input} along axis {axis}"));
            }
        }
        if let Some(shape) = at.shape {
            let stated = operands.ints(shape)?.map(|s| s.iter().map(|d| *d as usize));
            if !stated.is_some_and(|stated| stated.eq(result)) {
                return node.unsupported("the shape of the result must be constant, and its own");
            }
        }
        single(result)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, self.operands.input)?;
        let geometry = self.geometry(lowering.operands(node))?;
        let job = self.job(node, &geometry, lowering)?;
        lowering.push(Work::Conv(job), [Some(input), None], node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, self.operands.input)?;
        let geometry = self.geometry(lowering.operands(node))?;
        let parameters = float_parameters(&self.as_conv(node), geometry.outputs, lowering)?;
        let window = ShaderWindow {
            input: geometry.input,
            channels: geometry.channels,
            output: geometry.output,
            outputs: geometry.outputs,
            kernel: geometry.kernel,
            stride: self.window.stride,
            dilation: [1, 1],
            before: geometry.before,
            transposed: true,
        };
        let epilogue = Epilogue::new(self.clamp, None);
        let work = conv_work(&window, geometry.pixels(), &parameters, epilogue, lowering)?;
        lowering.push(work, [Some(input), None], node.output())
    }
}

/// Sizes, rows before columns.
struct Geometry {
    batch: usize,
    input: [usize; 2],
    channels: usize,
    output: [usize; 2],
    outputs: usize,
    kernel: [usize; 2],
    /// Rows and columns of the windows that lie above and left of the output.
    before: [usize; 2],
}

impl Geometry {
    fn pixels(&self) -> usize {
        self.batch * self.output[0] * self.output[1]
    }

    fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// The input row or column whose window has `tap` over output `at`, if there is one.
    fn source(&self, axis: usize, stride: usize, at: usize, tap: usize) -> Option<usize> {
        let from = (at + self.before[axis]).checked_sub(tap)?;
        (from.is_multiple_of(stride) && from / stride < self.input[axis]).then_some(from / stride)
    }

    /// For each output pixel and tap the input pixel that it reads.
    fn rows(&self, stride: [usize; 2]) -> Vec<Option<u32>> {
        let mut rows = Vec::with_capacity(self.pixels() * self.taps());
        for pixel in 0..self.pixels() {
            let x = pixel % self.output[1];
            let y = pixel / self.output[1] % self.output[0];
            let n = pixel / self.output[1] / self.output[0];
            for ky in 0..self.kernel[0] {
                let line = self.source(0, stride[0], y, ky);
                let line = line.map(|sy| (n * self.input[0] + sy) * self.input[1]);
                let column = |kx| self.source(1, stride[1], x, kx);
                let row = |kx| Some((line? + column(kx)?) as u32);
                rows.extend((0..self.kernel[1]).map(row));
            }
        }
        rows
    }
}

impl TransposeConv {
    fn geometry(&self, operands: Operands<'_>) -> Result<Geometry> {
        let node = operands.node;
        let [batch, height, width, channels] = operands.rank4(self.operands.input)?;
        let [outputs, kh, kw, depth] = operands.rank4(self.operands.weights)?;
        if depth != channels {
            return node.malformed(format!("{depth} weights for {channels} input channels"));
        }
        let output = [operands.output().shape[1], operands.output().shape[2]];
        let kernel = [kh, kw];
        let before = |axis: usize| fit(&self.window, axis, output[axis], kernel[axis]);
        Ok(Geometry {
            batch,
            input: [height, width],
            channels,
            output,
            outputs,
            kernel,
            before: [0, 1].map(|axis| before(axis).map_or(0, |fit| fit.before)),
        })
    }

    /// The node with operands where a convolution has them and `float_parameters` finds them.
    fn as_conv(&self, node: &Node) -> Node {
        let at = self.operands;
        let operand = |i: usize| node.inputs.get(i).copied().flatten();
        Node {
            inputs: [at.input, at.weights, at.bias].map(operand).to_vec(),
            ..node.clone()
        }
    }

    fn job(
        &self,
        node: &Node,
        geometry: &Geometry,
        lowering: &mut Lowering<'_>,
    ) -> Result<ConvJob> {
        let p = float_parameters(&self.as_conv(node), geometry.outputs, lowering)?;
        let pixels = geometry.pixels();
        let rows = pixels.saturating_mul(geometry.taps());
        let inner = geometry.taps().saturating_mul(geometry.channels);
        // Taps that lie between input pixels are multiplied as well, with a row of zeros.
        let time = (pixels as u64).saturating_mul(p.weights.len() as u64);
        lowering.budget.spend_time(time)?;
        lowering
            .budget
            .spend_memory(padded(geometry.outputs).saturating_mul(inner))?;
        // An entry of the indirection buffer has four bytes, and eight more while it is made.
        lowering.budget.spend_memory(rows.saturating_mul(3))?;
        let addressing = InputAddressing {
            stride: padded(geometry.channels),
            rows: Some(geometry.rows(self.window.stride)),
        };
        let shape = ConvShape {
            outputs: geometry.outputs,
            taps: geometry.taps(),
            depth: geometry.channels,
            pixels,
        };
        Ok(ConvJob::new(
            shape,
            addressing,
            &p.weights,
            &p.bias,
            lowering.target.panels,
            self.clamp,
        ))
    }
}
