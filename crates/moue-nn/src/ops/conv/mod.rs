//! CONV_2D, lowered to one indirect matrix product (Dukhan, "The Indirect Convolution Algorithm",
//! arXiv 1907.02129).

mod geometry;
mod parameters;

pub(super) use geometry::Geometry;
#[cfg(feature = "gpu")]
pub(super) use parameters::real_parameters;
pub(super) use parameters::{FloatParameters, Int8Parameters, float_parameters, int8_parameters};

#[cfg(feature = "gpu")]
use super::gpu::{ShaderWindow, conv_work};
use super::op::{Int8Support, Op, Read, single};
use super::window::windowed_shape;
use crate::error::Result;
use crate::graph::{Border, Clamp, Node, Operands, Window};
use crate::kernels::{ConvJob, ConvShape, Int8ConvJob, WinogradJob, padded};
#[cfg(feature = "gpu")]
use crate::lower::{Epilogue, Gpu};
use crate::lower::{Lowering, Target, Work};
use crate::tflite::{Options, WindowFields};

/// Fields of `Conv2DOptions`.
const WINDOW: WindowFields = WindowFields {
    padding: 0,
    stride_w: 1,
    stride_h: 2,
    dilation: Some([4, 5]),
};
const FUSED_ACTIVATION: usize = 3;

/// Most channels of an input that is worth a border: padded to a block of eight, half of it or more
/// would be zeros.
const MAX_BORDERED_CHANNELS: usize = 4;

#[derive(Debug)]
struct Conv {
    window: Window,
    border: Border,
    clamp: Clamp,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    Ok(Box::new(Conv {
        window: options.window(WINDOW)?,
        border: Border::default(),
        clamp: options.clamp(FUSED_ACTIVATION)?,
    }))
}

impl Op for Conv {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let [outputs, height, width, _] = operands.rank4(1)?;
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
        let is_bordered = self.is_bordered(input, &geometry, lowering);
        if is_bordered {
            lowering.store_bordered(input, geometry.bordered());
        }
        check_depth(node, &geometry, lowering)?;
        let work = if lowering.tensor(input).is_int8() {
            Work::Int8Conv(self.int8_job(node, &geometry, is_bordered, lowering)?)
        } else {
            self.float_work(node, &geometry, is_bordered, lowering)?
        };
        lowering.push(work, [Some(input), None], node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let geometry = Geometry::new(node, self.window, self.border, lowering)?;
        check_depth(node, &geometry, lowering)?;
        let output = lowering.tensor(node.output());
        let parameters = real_parameters(node, output.channels(), 0, lowering)?;
        let work = conv_work(
            &ShaderWindow::of(&geometry, output.channels()),
            geometry.pixels(),
            &parameters,
            Epilogue::new(self.clamp, output.scale()),
            lowering,
        )?;
        lowering.push(work, [Some(input), None], node.output())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Native
    }

    fn border_mut(&mut self) -> Option<&mut Border> {
        // SAME padding depends on the size of the input, which a border would change.
        (!self.window.same).then_some(&mut self.border)
    }
}

impl Conv {
    /// Whether the input is stored inside a border: a picture of few channels that comes in and
    /// that nobody else reads, if that takes no more memory.
    fn is_bordered(&self, input: usize, geometry: &Geometry, lowering: &Lowering<'_>) -> bool {
        geometry.channels <= MAX_BORDERED_CHANNELS
            && self.window.dilation[1] == 1
            && lowering.is_private_input(input)
            && geometry
                .bordered()
                .checked_len()
                .is_some_and(|len| len <= lowering.layout(input).len())
    }

    /// A convolution of floats, by the algorithm that takes less time.
    fn float_work(
        &self,
        node: &Node,
        geometry: &Geometry,
        is_bordered: bool,
        lowering: &mut Lowering<'_>,
    ) -> Result<Work> {
        let outputs = lowering.tensor(node.output()).channels();
        let parameters = float_parameters(node, outputs, lowering)?;
        let winograd = geometry.winograd(outputs).filter(|_| !is_bordered);
        let Some((shape, side)) = winograd else {
            let job = float_job(geometry, parameters, self.clamp, is_bordered, lowering)?;
            return Ok(Work::Conv(job));
        };
        let FloatParameters { weights, bias } = &parameters;
        let budget = &mut *lowering.budget;
        budget.spend_time(geometry.multiply_adds(weights.len()))?;
        budget.spend_memory(shape.stored_len(side))?;
        let panels = lowering.target.panels;
        let job = WinogradJob::new(shape, side, weights, bias, panels, self.clamp);
        Ok(Work::Winograd(job))
    }

    fn int8_job(
        &self,
        node: &Node,
        geometry: &Geometry,
        is_bordered: bool,
        lowering: &mut Lowering<'_>,
    ) -> Result<Int8ConvJob> {
        let outputs = lowering.tensor(node.output()).channels();
        let p = int8_parameters(node, outputs, 0, self.clamp, lowering)?;
        lowering
            .budget
            .spend_time(geometry.multiply_adds(p.weights.len()))?;
        let taps = geometry.addressing(is_bordered, lowering)?;
        let format = lowering.target.int8_format;
        let packed = format.stored_len(outputs, taps.count, taps.depth);
        lowering.budget.spend_memory(packed)?;
        let shape = ConvShape {
            outputs,
            taps: taps.count,
            depth: taps.depth,
            pixels: geometry.pixels(),
        };
        Ok(Int8ConvJob::new(
            shape,
            taps.addressing,
            p.weights,
            &p.bias,
            p.requantization,
            format,
        ))
    }
}

/// Each output must have weights for all input channels: convolutions in groups are not here.
fn check_depth<T: Target>(
    node: &Node,
    geometry: &Geometry,
    lowering: &Lowering<'_, T>,
) -> Result<()> {
    match lowering.tensor(node.input(1)?).channels() {
        depth if depth == geometry.channels => Ok(()),
        depth => node.unsupported(format!(
            "{depth} weights for {} input channels (groups)",
            geometry.channels
        )),
    }
}

/// A convolution of floats with the given weights.
pub(super) fn float_job(
    geometry: &Geometry,
    parameters: FloatParameters<'_>,
    clamp: Clamp,
    is_bordered: bool,
    lowering: &mut Lowering<'_>,
) -> Result<ConvJob> {
    let FloatParameters { weights, bias } = parameters;
    let pixels = geometry.pixels();
    let packed =
        padded(bias.len()).saturating_mul(geometry.taps().saturating_mul(geometry.channels));
    let budget = &mut *lowering.budget;
    budget.spend_time(geometry.multiply_adds(weights.len()))?;
    budget.spend_memory(packed)?;
    let taps = geometry.addressing(is_bordered, lowering)?;
    let shape = ConvShape {
        outputs: bias.len(),
        taps: taps.count,
        depth: taps.depth,
        pixels,
    };
    Ok(ConvJob::new(
        shape,
        taps.addressing,
        &weights,
        &bias,
        lowering.target.panels,
        clamp,
    ))
}
