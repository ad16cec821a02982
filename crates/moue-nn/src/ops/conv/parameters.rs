//! Weights and biases of convolutions and fully connected layers.

use super::super::quantize::scale_of;
use crate::error::Result;
use crate::graph::{Clamp, Node, Scale, Tensor};
use crate::int8::ZERO_POINT_SHIFT;
use crate::kernels::Requantization;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Target};
use std::borrow::Cow;
use std::sync::Arc;

/// Weights and bias of a node that computes with floats.
pub(in crate::ops) struct FloatParameters<'g> {
    pub(in crate::ops) weights: Cow<'g, [f32]>,
    pub(in crate::ops) bias: Vec<f32>,
}

/// The parameters of `node`, checked against its number of outputs.
pub(in crate::ops) fn float_parameters<'g, T: Target>(
    node: &Node,
    outputs: usize,
    lowering: &Lowering<'g, T>,
) -> Result<FloatParameters<'g>> {
    let Some(weights) = lowering.tensor(node.input(1)?).floats() else {
        return node.unsupported("weights must be constant");
    };
    let bias = bias(node, outputs, |tensor| lowering.tensor(tensor).floats())?;
    Ok(FloatParameters {
        weights: Cow::Borrowed(weights),
        bias,
    })
}

/// The parameters of `node` as real numbers, also where it computes with int8 codes; `axis` is as for
/// [`int8_parameters`].
#[cfg(feature = "gpu")]
pub(in crate::ops) fn real_parameters<'g>(
    node: &Node,
    outputs: usize,
    axis: usize,
    lowering: &mut Lowering<'g, Gpu>,
) -> Result<FloatParameters<'g>> {
    let input = node.input(0)?;
    if !lowering.tensor(input).is_int8() {
        return float_parameters(node, outputs, lowering);
    }
    let weights = lowering.tensor(node.input(1)?);
    let scales = weight_scales(node, weights, outputs, axis)?;
    lowering.budget.spend_memory(weights.elements())?;
    let Some(values) = weights.dequantized() else {
        return node.unsupported("weights must be constant int8 codes with a scale");
    };
    let factor = scale_of(node, input, lowering)?.scale;
    let bias = bias(node, outputs, |tensor| lowering.tensor(tensor).ints())?;
    // Biases have no scale of their own: they are added to sums of products of codes.
    let sums = bias.iter().zip(scales.iter().cycle());
    let bias = sums.map(|(sum, scale)| *sum as f32 * (factor * scale));
    Ok(FloatParameters {
        weights: Cow::Owned(values),
        bias: bias.collect(),
    })
}

/// The bias of a node, which `values` finds if it is constant; zeros where the node has none.
fn bias<'g, T: Copy + Default + 'g>(
    node: &Node,
    outputs: usize,
    values: impl Fn(usize) -> Option<&'g Arc<Vec<T>>>,
) -> Result<Vec<T>> {
    let Some(Some(tensor)) = node.inputs.get(2) else {
        return Ok(vec![T::default(); outputs]);
    };
    match values(*tensor) {
        Some(values) if values.len() == outputs => Ok(values.to_vec()),
        _ => node.malformed("the bias must be constant, one value for each output"),
    }
}

/// Weights, bias and what is done with the sums, of a node that computes with int8 codes.
pub(in crate::ops) struct Int8Parameters<'g> {
    pub(in crate::ops) weights: &'g [i8],
    pub(in crate::ops) bias: Vec<i32>,
    pub(in crate::ops) requantization: Requantization,
}

/// The parameters of `node`; `axis` is that of the outputs in the weights, along which they may be
/// quantized per channel.
pub(in crate::ops) fn int8_parameters<'g>(
    node: &Node,
    outputs: usize,
    axis: usize,
    clamp: Clamp,
    lowering: &Lowering<'g>,
) -> Result<Int8Parameters<'g>> {
    let weights = lowering.tensor(node.input(1)?);
    let Some(values) = weights.int8() else {
        return node.unsupported("weights must be constant int8 codes with a scale");
    };
    let scales = weight_scales(node, weights, outputs, axis)?;
    let input = scale_of(node, node.input(0)?, lowering)?;
    let output = scale_of(node, node.output(), lowering)?;
    // In double precision, as TFLite computes its multipliers.
    let factor = f64::from(input.scale);
    let scale =
        |o: usize| (factor * f64::from(scales[o % scales.len()]) / f64::from(output.scale)) as f32;
    Ok(Int8Parameters {
        weights: values,
        bias: bias(node, outputs, |tensor| lowering.tensor(tensor).ints())?,
        requantization: Requantization {
            scales: (0..outputs).map(scale).collect(),
            zero_points: [input, output].map(|scale| f32::from(scale.zero_byte())),
            bounds: code_bounds(clamp, output),
        },
    })
}

/// One scale, or one for each output; symmetric, as TFLite's specification of int8 weights demands.
fn weight_scales<'g>(
    node: &Node,
    weights: &'g Tensor,
    outputs: usize,
    axis: usize,
) -> Result<&'g [f32]> {
    let Some(q) = &weights.quantization else {
        return node.unsupported("weights must be constant int8 codes with a scale");
    };
    let fits = q.scales.len() == 1 || (q.scales.len() == outputs && q.axis == axis);
    if !fits || q.zero_points.iter().any(|z| *z != 0) {
        return node
            .unsupported("weights need one scale, or one for each output, and no zero point");
    }
    Ok(&q.scales)
}

/// The clamp of an activation in bytes as they lie in memory.
fn code_bounds(clamp: Clamp, scale: Scale) -> Clamp {
    let zero = (scale.zero_point + ZERO_POINT_SHIFT) as f32;
    let byte = |x: f32| ((x / scale.scale).round_ties_even() + zero).clamp(0.0, 255.0);
    Clamp {
        low: byte(clamp.low),
        high: byte(clamp.high),
    }
}
