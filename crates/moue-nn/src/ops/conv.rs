//! Convolutions, depthwise convolutions and fully connected layers.

use crate::aligned::Aligned;
use crate::error::{Error, Result};
use crate::framed::BorderedInput;
use crate::graph::{Clamp, Graph, Node, Window};
use crate::kernels::{
    ByteKernels, ConvJob, DepthwiseJob, Epilogue, Reading, Requantization, padded,
};
use crate::limits::Limits;
use crate::shapes::window_axis;
use std::sync::Arc;

/// Zeros around the input that a preceding PAD asked for: before and after, rows and columns.
pub(crate) type Border = [[usize; 2]; 2];

/// A window laid over an input: sizes of both sides and the padding before.
pub(crate) struct Geometry {
    pub(crate) batch: usize,
    input: [usize; 2],
    channels: usize,
    output: [usize; 2],
    before: [usize; 2],
    kernel: [usize; 2],
    window: Window,
}

impl Geometry {
    /// The window of `node` over `input`, which a fused PAD may have extended by `border`.
    pub(crate) fn new(
        graph: &Graph,
        node: &Node,
        input: usize,
        window: Window,
        border: Border,
    ) -> Result<Self> {
        let shape = &graph.tensors[input].shape;
        let weights = &graph.tensors[node.input(1)?].shape;
        let (&[batch, h, w, channels], &[_, kh, kw, _]) = (&shape[..], &weights[..]) else {
            return node.malformed("four dimensions are needed");
        };
        let extended = |axis: usize, size: usize| size + border[axis][0] + border[axis][1];
        let fit = |axis, size, kernel| window_axis(&window, axis, extended(axis, size), kernel);
        let (Some((oh, top)), Some((ow, left))) = (fit(0, h, kh), fit(1, w, kw)) else {
            return node.malformed("the window does not fit");
        };
        Ok(Self {
            batch,
            input: [h, w],
            channels,
            output: [oh, ow],
            before: [top + border[0][0], left + border[1][0]],
            kernel: [kh, kw],
            window,
        })
    }

    pub(super) fn pixels(&self) -> usize {
        self.batch * self.output[0] * self.output[1]
    }

    fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether output pixel i reads exactly input pixel i.
    fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1]
            && self.window.stride == [1, 1]
            && self.before == [0, 0]
            && self.input == self.output
    }

    /// The input row that `tap` of output `at` reads along `axis`, if it lies inside.
    fn source(&self, axis: usize, at: usize, tap: usize) -> Option<usize> {
        let from = at * self.window.stride[axis] + tap * self.window.dilation[axis];
        from.checked_sub(self.before[axis])
            .filter(|p| *p < self.input[axis])
    }

    /// For each output pixel and tap the input pixel it reads.
    fn rows(&self) -> Vec<Option<u32>> {
        let mut rows = Vec::with_capacity(self.pixels() * self.taps());
        for n in 0..self.batch {
            for y in 0..self.output[0] {
                for x in 0..self.output[1] {
                    for ky in 0..self.kernel[0] {
                        let line = self
                            .source(0, y, ky)
                            .map(|sy| (n * self.input[0] + sy) * self.input[1]);
                        rows.extend(
                            (0..self.kernel[1])
                                .map(|kx| Some((line? + self.source(1, x, kx)?) as u32)),
                        );
                    }
                }
            }
        }
        rows
    }
}

impl Geometry {
    /// The input with all that the windows reach beyond it.
    pub(crate) fn framed(&self) -> BorderedInput {
        let reach = |axis: usize| {
            let taps = (self.kernel[axis] - 1) * self.window.dilation[axis] + 1;
            ((self.output[axis] - 1) * self.window.stride[axis] + taps)
                .max(self.before[axis] + self.input[axis])
        };
        let size = [reach(0), reach(1)];
        BorderedInput {
            batch: self.batch,
            input: self.input,
            before: self.before,
            size,
            channels: self.channels,
        }
    }

    /// For each output pixel and line of taps the pixel of the framed input where the line starts.
    fn framed_rows(&self, framed: &BorderedInput) -> Vec<Option<u32>> {
        let (stride, dilation) = (self.window.stride, self.window.dilation[0]);
        let mut rows = Vec::with_capacity(self.pixels() * self.kernel[0]);
        for n in 0..self.batch {
            for y in 0..self.output[0] {
                for x in 0..self.output[1] {
                    let line = |ky: usize| {
                        (n * framed.size[0] + y * stride[0] + ky * dilation) * framed.size[1]
                    };
                    rows.extend(
                        (0..self.kernel[0]).map(|ky| Some((line(ky) + x * stride[1]) as u32)),
                    );
                }
            }
        }
        rows
    }
}

/// Weights and bias of a node, checked against the number of outputs.
fn parameters<'g>(graph: &'g Graph, node: &Node, outputs: usize) -> Result<(&'g [f32], Vec<f32>)> {
    let Some(weights) = graph.floats(node.input(1)?) else {
        return node.unsupported("weights must be constant");
    };
    let bias = bias_of(node, outputs, |tensor| graph.floats(tensor))?;
    Ok((weights, bias))
}

/// The bias of a node, which `values` finds if it is constant; zeros where there is none.
pub(super) fn bias_of<'g, T: Copy + Default + 'g>(
    node: &Node,
    outputs: usize,
    values: impl Fn(usize) -> Option<&'g Arc<Vec<T>>>,
) -> Result<Vec<T>> {
    match node.inputs.get(2) {
        Some(Some(tensor)) => match values(*tensor) {
            Some(values) if values.len() == outputs => Ok(values.to_vec()),
            _ => node.malformed("the bias must be constant, one value for each output"),
        },
        _ => Ok(vec![T::default(); outputs]),
    }
}

/// What the lowering of all nodes shares.
pub(crate) struct Context<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) limits: &'a Limits,
    pub(crate) panels: &'a [usize],
    pub(crate) bytes: ByteKernels,
    /// Multiply-adds of the nodes lowered so far.
    pub(crate) multiply_adds: u64,
    /// Steps of the pooling layers lowered so far.
    pub(crate) pooling: u64,
    /// Elements of weights and tables packed so far: shared constants are packed once for each use.
    pub(crate) packed: usize,
}

impl Context<'_> {
    /// Counts multiply-adds of a run against the limit.
    pub(crate) fn spend_time(&mut self, multiply_adds: u64) -> Result<()> {
        self.multiply_adds = self.multiply_adds.saturating_add(multiply_adds);
        self.check_time()
    }

    /// Counts the additions or comparisons of a pooling layer against the same limit.
    pub(crate) fn spend_pooling(&mut self, steps: u64) -> Result<()> {
        self.pooling = self.pooling.saturating_add(steps);
        self.check_time()
    }

    fn check_time(&self) -> Result<()> {
        let all = self.multiply_adds.saturating_add(self.pooling);
        match all > self.limits.multiply_adds {
            true => Err(Error::Limit(format!("{all} multiply-adds"))),
            false => Ok(()),
        }
    }

    /// Counts elements about to be packed against the limit.
    pub(crate) fn spend_memory(&mut self, elements: usize) -> Result<()> {
        self.packed = self.packed.saturating_add(elements);
        match self.packed > self.limits.weights {
            true => Err(Error::Limit(format!("{} packed values", self.packed))),
            false => Ok(()),
        }
    }

    /// A convolution; `framed` says whether its input lies in a frame.
    pub(crate) fn conv(
        &mut self,
        node: &Node,
        geometry: &Geometry,
        clamp: Clamp,
        framed: bool,
    ) -> Result<ConvJob> {
        let outputs = self.graph.tensors[node.output].channels();
        self.check_depth(node, geometry)?;
        let (weights, bias) = parameters(self.graph, node, outputs)?;
        self.conv_job(geometry, weights, &bias, framed, clamp)
    }

    pub(super) fn check_depth(&self, node: &Node, geometry: &Geometry) -> Result<()> {
        match self.graph.tensors[node.input(1)?].channels() {
            depth if depth == geometry.channels => Ok(()),
            depth => node.unsupported(format!(
                "{depth} weights for {} input channels (groups)",
                geometry.channels
            )),
        }
    }

    /// How the windows read the input, and the number and depth of their taps.
    pub(super) fn reading(
        &mut self,
        geometry: &Geometry,
        framed: bool,
    ) -> Result<(Reading, [usize; 2])> {
        let (pixels, channels) = (geometry.pixels(), geometry.channels);
        if framed {
            // The taps of one line are read as one.
            let lines = geometry.kernel[0];
            self.spend_memory(pixels.saturating_mul(lines))?;
            let rows = Some(geometry.framed_rows(&geometry.framed()));
            return Ok((
                Reading {
                    stride: channels,
                    rows,
                },
                [lines, geometry.kernel[1] * channels],
            ));
        }
        let taps = geometry.taps();
        let rows = match geometry.is_pointwise() {
            true => None,
            false => {
                self.spend_memory(pixels.saturating_mul(taps))?;
                Some(geometry.rows())
            }
        };
        Ok((
            Reading {
                stride: padded(channels),
                rows,
            },
            [taps, channels],
        ))
    }

    fn conv_job(
        &mut self,
        geometry: &Geometry,
        weights: &[f32],
        bias: &[f32],
        framed: bool,
        clamp: Clamp,
    ) -> Result<ConvJob> {
        let (pixels, outputs) = (geometry.pixels(), bias.len());
        self.spend_time(pixels as u64 * weights.len() as u64)?;
        self.spend_memory(padded(outputs).saturating_mul(geometry.taps() * geometry.channels))?;
        let (reading, [taps, depth]) = self.reading(geometry, framed)?;
        let epilogue = Epilogue {
            first: clamp,
            second: Clamp::NONE,
        };
        Ok(ConvJob::new(
            weights,
            bias,
            [outputs, taps, depth],
            pixels,
            reading,
            self.panels,
            epilogue,
        ))
    }

    /// A depthwise convolution of one input channel: an ordinary convolution with transposed
    /// weights.
    pub(crate) fn single_channel(
        &mut self,
        node: &Node,
        geometry: &Geometry,
        clamp: Clamp,
    ) -> Result<ConvJob> {
        let outputs = self.graph.tensors[node.output].channels();
        let (weights, bias) = parameters(self.graph, node, outputs)?;
        let taps = geometry.taps();
        let turned: Vec<f32> = (0..outputs * taps)
            .map(|i| weights[i % taps * outputs + i / taps])
            .collect();
        self.conv_job(geometry, &turned, &bias, false, clamp)
    }

    pub(crate) fn depthwise(
        &mut self,
        node: &Node,
        geometry: &Geometry,
        clamp: Clamp,
    ) -> Result<DepthwiseJob> {
        let outputs = self.graph.tensors[node.output].channels();
        let (weights, bias) = parameters(self.graph, node, outputs)?;
        self.depthwise_job(geometry, weights, bias, clamp, Requantization::default())
    }

    pub(super) fn depthwise_job(
        &mut self,
        geometry: &Geometry,
        weights: &[f32],
        mut bias: Vec<f32>,
        clamp: Clamp,
        requantization: Requantization,
    ) -> Result<DepthwiseJob> {
        let outputs = bias.len();
        let channels = padded(outputs);
        self.spend_memory(geometry.taps().saturating_mul(channels))?;
        self.spend_time(geometry.pixels() as u64 * weights.len() as u64)?;
        bias.resize(channels, 0.0);
        let mut spread = Aligned::zeros(geometry.taps() * channels);
        for (to, from) in spread
            .chunks_exact_mut(channels)
            .zip(weights.chunks_exact(outputs))
        {
            to[..outputs].copy_from_slice(from);
        }
        Ok(DepthwiseJob {
            batch: geometry.batch,
            input: geometry.input,
            output: geometry.output,
            kernel: geometry.kernel,
            stride: geometry.window.stride,
            dilation: geometry.window.dilation,
            before: geometry.before,
            channels,
            weights: spread,
            bias,
            clamp,
            requantization,
        })
    }

    /// `rows` rows of `depth` values, each turned into a row of outputs.
    pub(crate) fn fully_connected(
        &mut self,
        node: &Node,
        rows: usize,
        clamp: Clamp,
    ) -> Result<ConvJob> {
        let [outputs, depth] = self.graph.tensors[node.input(1)?].shape[..] else {
            return node.malformed("weights must have two dimensions");
        };
        let (weights, bias) = parameters(self.graph, node, outputs)?;
        self.spend_time(rows as u64 * weights.len() as u64)?;
        self.spend_memory(padded(outputs).saturating_mul(depth))?;
        let epilogue = Epilogue {
            first: clamp,
            second: Clamp::NONE,
        };
        let reading = Reading {
            stride: padded(depth),
            rows: None,
        };
        Ok(ConvJob::new(
            weights,
            &bias,
            [outputs, 1, depth],
            rows,
            reading,
            self.panels,
            epilogue,
        ))
    }
}
