//! Convolutions of 8-bit numbers, and the way into them and out.

use super::Routine;
use super::conv::{Context, Geometry, bias_of};
use crate::error::Result;
use crate::graph::{Clamp, Graph, Node};
use crate::kernels::{DepthwiseJob, Int8ConvJob, Reading, Requantization, nearest, padded};

/// What makes memory count from -128 when all bits but the first mean the same.
pub(crate) const ZERO_POINT_SHIFT: i32 = 128;

/// Scale and zero of an 8-bit activation.
pub(crate) fn scale_of(graph: &Graph, node: &Node, tensor: usize) -> Result<(f32, i32)> {
    match graph.tensors[tensor].scale() {
        Some(scale) => Ok(scale),
        None => node.malformed("converts what is no tensor of 8-bit numbers"),
    }
}

/// Weights, bias and what is done with the sums, of a node that computes with 8-bit numbers.
struct Parameters<'g> {
    weights: &'g [i8],
    bias: Vec<i32>,
    requantization: Requantization,
}

/// `axis` is that of the outputs in the weights.
fn parameters<'g>(
    graph: &'g Graph,
    node: &Node,
    outputs: usize,
    axis: usize,
    clamp: Clamp,
) -> Result<Parameters<'g>> {
    let weights = node.input(1)?;
    let (Some(values), Some(q)) = (graph.bytes(weights), &graph.tensors[weights].quantization)
    else {
        return node.unsupported("weights must be constant 8-bit numbers with a scale");
    };
    let fits = q.scales.len() == 1 || (q.scales.len() == outputs && q.axis == axis);
    if !fits || q.zeros.iter().any(|z| *z != 0) {
        return node
            .unsupported("weights need one scale, or one for each output, and no zero point");
    }
    let bias = bias_of(node, outputs, |tensor| graph.ints(tensor))?;
    let (input, output) = (
        scale_of(graph, node, node.input(0)?)?,
        scale_of(graph, node, node.output)?,
    );
    let scale = |o: usize| {
        (f64::from(input.0) * f64::from(q.scales[o % q.scales.len()]) / f64::from(output.0)) as f32
    };
    let requantization = Requantization {
        scales: (0..outputs).map(scale).collect(),
        zeros: [input.1, output.1].map(|zero| (zero + ZERO_POINT_SHIFT) as f32),
        bounds: bounds(clamp, output),
    };
    Ok(Parameters {
        weights: values,
        bias,
        requantization,
    })
}

/// The clamp of an activation in numbers that count from -128.
fn bounds(clamp: Clamp, (scale, zero): (f32, i32)) -> Clamp {
    let number = |x: f32| {
        ((x / scale).round_ties_even() + (zero + ZERO_POINT_SHIFT) as f32).clamp(0.0, 255.0)
    };
    Clamp {
        low: number(clamp.low),
        high: number(clamp.high),
    }
}

impl Context<'_> {
    /// As [`Context::conv`], with 8-bit numbers.
    pub(crate) fn conv_bytes(
        &mut self,
        node: &Node,
        geometry: &Geometry,
        clamp: Clamp,
        framed: bool,
    ) -> Result<Int8ConvJob> {
        let outputs = self.graph.tensors[node.output].channels();
        self.check_depth(node, geometry)?;
        let p = parameters(self.graph, node, outputs, 0, clamp)?;
        self.spend_time(geometry.pixels() as u64 * p.weights.len() as u64)?;
        let (reading, [taps, depth]) = self.reading(geometry, framed)?;
        self.spend_memory(
            padded(outputs)
                .saturating_mul(taps)
                .saturating_mul(padded(depth)),
        )?;
        let sizes = [outputs, taps, depth];
        Ok(Int8ConvJob::new(
            p.weights,
            &p.bias,
            sizes,
            geometry.pixels(),
            reading,
            &self.bytes,
            p.requantization,
        ))
    }

    /// As [`Context::fully_connected`], with 8-bit numbers.
    pub(crate) fn fully_connected_bytes(
        &mut self,
        node: &Node,
        rows: usize,
        clamp: Clamp,
    ) -> Result<Int8ConvJob> {
        let [outputs, depth] = self.graph.tensors[node.input(1)?].shape[..] else {
            return node.malformed("weights must have two dimensions");
        };
        let p = parameters(self.graph, node, outputs, 0, clamp)?;
        self.spend_time(rows as u64 * p.weights.len() as u64)?;
        self.spend_memory(padded(outputs).saturating_mul(padded(depth)))?;
        let reading = Reading {
            stride: padded(depth),
            rows: None,
        };
        Ok(Int8ConvJob::new(
            p.weights,
            &p.bias,
            [outputs, 1, depth],
            rows,
            reading,
            &self.bytes,
            p.requantization,
        ))
    }

    /// As [`Context::depthwise`], with 8-bit numbers, whose sums are whole numbers that floats hold
    /// exactly.
    pub(crate) fn depthwise_bytes(
        &mut self,
        node: &Node,
        geometry: &Geometry,
        clamp: Clamp,
    ) -> Result<DepthwiseJob> {
        let outputs = self.graph.tensors[node.output].channels();
        let mut p = parameters(self.graph, node, outputs, 3, clamp)?;
        p.requantization.scales.resize(padded(outputs), 0.0);
        let weights: Vec<f32> = p.weights.iter().map(|w| f32::from(*w)).collect();
        let bias = p.bias.iter().map(|b| *b as f32).collect();
        self.depthwise_job(geometry, &weights, bias, Clamp::NONE, p.requantization)
    }
}

/// Bytes as they lie in memory, of real numbers.
pub(crate) fn quantize(values: &[f32], (scale, zero): (f32, i32), bytes: &mut [u8]) {
    let (steps, zero) = (scale.recip(), (zero + ZERO_POINT_SHIFT) as f32);
    for (to, value) in bytes.iter_mut().zip(values) {
        let number = value * steps + zero;
        let number = if number > 0.0 { number } else { 0.0 };
        *to = nearest(if number < 255.0 { number } else { 255.0 });
    }
}

/// Real numbers, of bytes as they lie in memory.
pub(crate) fn dequantize(bytes: &[u8], (scale, zero): (f32, i32), values: &mut [f32]) {
    let zero = zero + ZERO_POINT_SHIFT;
    for (to, byte) in values.iter_mut().zip(bytes) {
        *to = scale * (i32::from(*byte) - zero) as f32;
    }
}

/// QUANTIZE between activations of one layout.
pub(crate) fn quantize_routine(scale: (f32, i32)) -> Routine {
    Box::new(move |from, _, to| quantize(from, scale, bytemuck::cast_slice_mut(to)))
}

/// DEQUANTIZE between activations of one layout.
pub(crate) fn dequantize_routine(scale: (f32, i32)) -> Routine {
    Box::new(move |from, _, to| dequantize(bytemuck::cast_slice(from), scale, to))
}
