//! DEPTHWISE_CONV_2D: each channel has its own window.

#[cfg(feature = "gpu")]
use super::conv::real_parameters;
use super::conv::{
    FloatParameters, Geometry, Int8Parameters, float_job, float_parameters, int8_parameters,
};
#[cfg(feature = "gpu")]
use super::gpu::{ShaderWindow, conv_work, depthwise_work};
use super::op::{Int8Support, Op, Read, single};
use super::window::windowed_shape;
use crate::aligned::Aligned;
use crate::error::Result;
use crate::graph::{Border, Clamp, Node, Operands, Window};
use crate::kernels::{DepthwiseJob, Requantization, padded};
#[cfg(feature = "gpu")]
use crate::lower::{Epilogue, Gpu};
use crate::lower::{Lowering, Work};
use crate::tflite::{Options, WindowFields};

/// Fields of `DepthwiseConv2DOptions`.
const WINDOW: WindowFields = WindowFields {
    padding: 0,
    stride_w: 1,
    stride_h: 2,
    dilation: Some([5, 6]),
};
const DEPTH_MULTIPLIER: usize = 3;
const FUSED_ACTIVATION: usize = 4;

/// The axis of the output channels in the weights.
const OUTPUT_AXIS: usize = 3;

#[derive(Debug)]
struct Depthwise {
    window: Window,
    border: Border,
    /// Output channels for each input channel; 0 where the file leaves it to the shapes.
    multiplier: usize,
    clamp: Clamp,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Depthwise {
        window: options.window(WINDOW)?,
        border: Border::default(),
        multiplier: usize::try_from(options.i32(DEPTH_MULTIPLIER)?).unwrap_or(0),
        clamp: options.clamp(FUSED_ACTIVATION)?,
    }))
}

impl Op for Depthwise {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [_, height, width, outputs] = operands.rank4(1)?;
        single(windowed_shape(
            operands,
            &self.window,
            [height, width],
            outputs,
        )?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let geometry = Geometry::new(node, self.window, self.border, lowering)?;
        let work = self.work(node, &geometry, lowering)?;
        lowering.push(work, [Some(input), None], node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let geometry = Geometry::new(node, self.window, self.border, lowering)?;
        let output = lowering.tensor(node.output());
        let outputs = output.channels();
        self.check_multiplier(node, geometry.channels, outputs)?;
        let mut parameters = real_parameters(node, outputs, OUTPUT_AXIS, lowering)?;
        let window = ShaderWindow::of(&geometry, outputs);
        let epilogue = Epilogue::new(self.clamp, output.scale());
        let pixels = geometry.pixels();
        let work = match geometry.channels {
            c if c == outputs => depthwise_work(&window, pixels, &parameters, epilogue, lowering)?,
            // As for the processor: one channel fills one lane, but many outputs fill those of others.
            1 => {
                parameters = transpose(parameters, geometry.taps());
                conv_work(&window, pixels, &parameters, epilogue, lowering)?
            }
            channels => {
                return node.unsupported(format!("{outputs} outputs of {channels} channels"));
            }
        };
        lowering.push(work, [Some(input), None], node.output())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Native
    }

    fn border_mut(&mut self) -> Option<&mut Border> {
        // As for a convolution: SAME padding depends on the size of the input.
        (!self.window.same).then_some(&mut self.border)
    }
}

impl Depthwise {
    fn check_multiplier(&self, node: &Node, channels: usize, outputs: usize) -> Result<()> {
        let multiplier = self.multiplier;
        if multiplier != 0 && channels.checked_mul(multiplier) != Some(outputs) {
            return node.malformed(format!(
                "depth multiplier {multiplier} of {channels} channels is not {outputs}"
            ));
        }
        Ok(())
    }

    fn work(&self, node: &Node, geometry: &Geometry, lowering: &mut Lowering<'_>) -> Result<Work> {
        let channels = geometry.channels;
        let outputs = lowering.tensor(node.output()).channels();
        let multiplier = self.multiplier;
        self.check_multiplier(node, channels, outputs)?;
        let is_int8 = lowering.tensor(node.input(0)?).is_int8();
        match channels {
            c if c == outputs && is_int8 => {
                let p = int8_parameters(node, outputs, OUTPUT_AXIS, self.clamp, lowering)?;
                Ok(Work::Int8Depthwise(int8_job(geometry, p, lowering)?))
            }
            _ if is_int8 => node.unsupported("a depth multiplier on int8 codes"),
            c if c == outputs => {
                let p = float_parameters(node, outputs, lowering)?;
                let mut job = depthwise_job(geometry, p, lowering)?;
                job.clamp = self.clamp;
                Ok(Work::Depthwise(job))
            }
            // One channel fills one lane of a depthwise kernel, but many outputs fill those of
            // others.
            1 => {
                let p = float_parameters(node, outputs, lowering)?;
                let transposed = transpose(p, geometry.taps());
                let job = float_job(geometry, transposed, self.clamp, false, lowering)?;
                Ok(Work::Conv(job))
            }
            _ => node.unsupported(format!(
                "depth multiplier {multiplier} on {channels} channels"
            )),
        }
    }
}

/// A depthwise convolution of one input channel is an ordinary one whose weights are transposed,
/// from `taps × outputs` to `outputs × taps`.
fn transpose(p: FloatParameters<'_>, taps: usize) -> FloatParameters<'static> {
    let outputs = p.bias.len();
    let weight = |i: usize| p.weights[i % taps * outputs + i / taps];
    FloatParameters {
        weights: (0..outputs * taps).map(weight).collect(),
        bias: p.bias,
    }
}

/// Sums of int8 products are whole numbers, which floats hold exactly up to 2²⁴: more than 500
/// taps. So the kernels are those of floats.
fn int8_job(
    geometry: &Geometry,
    mut p: Int8Parameters<'_>,
    lowering: &mut Lowering<'_>,
) -> Result<DepthwiseJob> {
    let channels = padded(p.bias.len());
    p.requantization.scales.resize(channels, 0.0);
    let converted = FloatParameters {
        weights: p.weights.iter().map(|w| f32::from(*w)).collect(),
        bias: p.bias.iter().map(|b| *b as f32).collect(),
    };
    let mut job = depthwise_job(geometry, converted, lowering)?;
    job.requantization = p.requantization;
    Ok(job)
}

/// A job without a clamp, its weights and bias padded to whole blocks of channels.
fn depthwise_job(
    geometry: &Geometry,
    p: FloatParameters<'_>,
    lowering: &mut Lowering<'_>,
) -> Result<DepthwiseJob> {
    let FloatParameters { weights, mut bias } = p;
    let outputs = bias.len();
    let channels = padded(outputs);
    let budget = &mut *lowering.budget;
    budget.spend_memory(geometry.taps().saturating_mul(channels))?;
    budget.spend_time(geometry.multiply_adds(weights.len()))?;
    bias.resize(channels, 0.0);
    let mut spread = Aligned::zeros(geometry.taps() * channels);
    let taps = spread.chunks_exact_mut(channels);
    for (to, from) in taps.zip(weights.chunks_exact(outputs)) {
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
        clamp: Clamp::NONE,
        requantization: Requantization::default(),
    })
}
