//! Functions of one operand, element by element.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Clamp, Node, Operands};
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, LANES, Shader, Words};
use crate::lower::{Lowering, Routine};
use crate::tflite::Options;

#[derive(Clone, Copy, Debug, PartialEq)]
enum UnaryOp {
    Clamp(Clamp),
    HardSwish,
    Logistic,
    Tanh,
    Rsqrt,
    Sqrt,
    Neg,
}

/// A reader for each function; none of them has options.
macro_rules! readers {
    ($($read:ident => $function:expr;)+) => {
        $(pub(super) fn $read(_: &Options<'_>) -> Read {
            Ok(Box::new($function))
        })+
    };
}

readers! {
    read_relu => UnaryOp::Clamp(Clamp::RELU);
    read_relu_n1_to_1 => UnaryOp::Clamp(Clamp::RELU_N1_TO_1);
    read_relu6 => UnaryOp::Clamp(Clamp::RELU6);
    read_hard_swish => UnaryOp::HardSwish;
    read_logistic => UnaryOp::Logistic;
    read_tanh => UnaryOp::Tanh;
    read_rsqrt => UnaryOp::Rsqrt;
    read_sqrt => UnaryOp::Sqrt;
    read_neg => UnaryOp::Neg;
}

impl Op for UnaryOp {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(operands.shape(0)?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        if let Self::Clamp(clamp) = *self
            && lowering.fuse_clamp(input, clamp, node.output())
        {
            return Ok(());
        }
        if matches!(self, Self::Logistic | Self::Tanh) {
            let values = lowering.layout(node.output()).len();
            lowering.budget.spend_transcendental(values)?;
        }
        lowering.push_routine(node, self.routine())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        if let Self::Clamp(clamp) = *self
            && lowering.fuse_clamp(input, clamp, node.output())
        {
            return Ok(());
        }
        let values = lowering.layout(node.output()).len();
        if matches!(self, Self::Logistic | Self::Tanh) {
            lowering.budget.spend_transcendental(values)?;
        }
        // The padding lanes are computed too, as on the processor.
        let words = match *self {
            Self::Clamp(clamp) => Words::default().sizes([0]).clamp(clamp).sizes([0]),
            other => Words::default().sizes([other.number(), 0, 0, 0]),
        };
        lowering.push_unary(node, GpuWork::new(Shader::Unary, values / LANES, words))
    }
}

impl UnaryOp {
    /// The number by which the shader knows the function.
    #[cfg(feature = "gpu")]
    fn number(self) -> usize {
        match self {
            Self::Clamp(_) => 0,
            Self::HardSwish => 1,
            Self::Logistic => 2,
            Self::Tanh => 3,
            Self::Rsqrt => 4,
            Self::Sqrt => 5,
            Self::Neg => 6,
        }
    }

    fn routine(self) -> Routine {
        match self {
            Self::Clamp(clamp) => map(move |x| clamp.apply(x)),
            Self::HardSwish => map(|x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
            Self::Logistic => map(|x| 1.0 / (1.0 + (-x).exp())),
            Self::Tanh => map(f32::tanh),
            Self::Rsqrt => map(|x| x.sqrt().recip()),
            Self::Sqrt => map(f32::sqrt),
            Self::Neg => map(|x| -x),
        }
    }
}

/// Applies `f` to the padding lanes too, whose values nobody reads: one loop over all is faster
/// than one for each row.
fn map(f: impl Fn(f32) -> f32 + Send + Sync + 'static) -> Routine {
    Box::new(move |x, _, to| to.iter_mut().zip(x).for_each(|(o, v)| *o = f(*v)))
}
