//! FULLY_CONNECTED: a matrix product, as a convolution of one tap over rows.

#[cfg(feature = "gpu")]
use super::conv::real_parameters;
use super::conv::{float_parameters, int8_parameters};
#[cfg(feature = "gpu")]
use super::gpu::{ShaderWindow, conv_work};
use super::op::{Int8Support, Op, Read, single};
use crate::error::Result;
use crate::graph::{Clamp, Node, Operands};
use crate::kernels::{ConvJob, ConvShape, InputAddressing, Int8ConvJob, padded};
#[cfg(feature = "gpu")]
use crate::lower::{Epilogue, Gpu};
use crate::lower::{Lowering, Work};
use crate::tflite::{Options, unsupported};

/// Fields of `FullyConnectedOptions`.
const FUSED_ACTIVATION: usize = 0;
const WEIGHTS_FORMAT: usize = 1;
const KEEP_NUM_DIMS: usize = 2;

/// The value of `FullyConnectedOptionsWeightsFormat` for rows of weights in their natural order.
const DEFAULT_FORMAT: u8 = 0;

#[derive(Debug)]
pub(crate) struct FullyConnected {
    clamp: Clamp,
    /// Whether the result has as many dimensions as the input, rather than two.
    keep_dims: bool,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    if options.u8(WEIGHTS_FORMAT)? != DEFAULT_FORMAT {
        return unsupported("shuffled weights");
    }
    Ok(Box::new(FullyConnected {
        keep_dims: options.bool(KEEP_NUM_DIMS)?,
        clamp: options.clamp(FUSED_ACTIVATION)?,
    }))
}

impl Op for FullyConnected {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let node = operands.node;
        let input = operands.tensor(0)?;
        let &[outputs, depth] = operands.shape(1)? else {
            return node.malformed("weights must have two dimensions");
        };
        let elements = input.elements();
        if !elements.is_multiple_of(depth) {
            return node.malformed(format!(
                "{elements} values do not split into rows of {depth}"
            ));
        }
        if !self.keep_dims {
            return single([elements / depth, outputs]);
        }
        match input.shape.split_last() {
            Some((last, rest)) if *last == depth => single([rest, &[outputs]].concat()),
            _ => node.malformed("the last dimension must match the weights"),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let &[outputs, depth] = lowering.operands(node).shape(1)? else {
            return node.malformed("weights must have two dimensions");
        };
        let shape = ConvShape {
            outputs,
            taps: 1,
            depth,
            pixels: lowering.layout(input).rows(),
        };
        let weights = (outputs as u64).saturating_mul(depth as u64);
        let time = weights.saturating_mul(shape.pixels as u64);
        lowering.budget.spend_time(time)?;
        // Every row is a pixel of one tap, whatever the rank.
        let work = if lowering.tensor(input).is_int8() {
            Work::Int8Conv(self.int8_job(node, shape, lowering)?)
        } else {
            Work::Conv(self.float_job(node, shape, lowering)?)
        };
        lowering.push(work, [Some(input), None], node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let &[outputs, depth] = lowering.operands(node).shape(1)? else {
            return node.malformed("weights must have two dimensions");
        };
        let parameters = real_parameters(node, outputs, 0, lowering)?;
        let work = conv_work(
            &ShaderWindow::of_rows(depth, outputs),
            lowering.layout(input).rows(),
            &parameters,
            Epilogue::new(self.clamp, lowering.tensor(node.output()).scale()),
            lowering,
        )?;
        lowering.push(work, [Some(input), None], node.output())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Native
    }
}

impl FullyConnected {
    fn float_job(
        &self,
        node: &Node,
        shape: ConvShape,
        lowering: &mut Lowering<'_>,
    ) -> Result<ConvJob> {
        let p = float_parameters(node, shape.outputs, lowering)?;
        let packed = padded(shape.outputs).saturating_mul(shape.depth);
        lowering.budget.spend_memory(packed)?;
        let addressing = rows(shape.depth);
        Ok(ConvJob::new(
            shape,
            addressing,
            &p.weights,
            &p.bias,
            lowering.target.panels,
            self.clamp,
        ))
    }

    fn int8_job(
        &self,
        node: &Node,
        shape: ConvShape,
        lowering: &mut Lowering<'_>,
    ) -> Result<Int8ConvJob> {
        let p = int8_parameters(node, shape.outputs, 0, self.clamp, lowering)?;
        let format = lowering.target.int8_format;
        let packed = format.stored_len(shape.outputs, shape.taps, shape.depth);
        lowering.budget.spend_memory(packed)?;
        let addressing = rows(shape.depth);
        Ok(Int8ConvJob::new(
            shape,
            addressing,
            p.weights,
            &p.bias,
            p.requantization,
            format,
        ))
    }
}

/// Result row i reads input row i.
fn rows(depth: usize) -> InputAddressing {
    InputAddressing {
        stride: padded(depth),
        rows: None,
    }
}
