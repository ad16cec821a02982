//! Functions of two operands, element by element, with broadcasting.

use super::op::{Op, Read, single};
use crate::error::Result;
use crate::graph::{Clamp, MAX_RANK, Node, Operands};
use crate::kernels::rows;
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, LANES, Shader, Words};
use crate::lower::{Lowering, Routine, Target, Work};
use crate::tflite::Options;

/// Field of `AddOptions`, `SubOptions`, `MulOptions` and `DivOptions`.
const FUSED_ACTIVATION: usize = 0;

#[derive(Clone, Copy, Debug, PartialEq)]
enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Maximum,
    Minimum,
    SquaredDifference,
}

#[derive(Debug)]
struct Binary {
    kind: BinaryOp,
    clamp: Clamp,
}

/// A reader for each operator, of those that have a fused activation and those that do not.
macro_rules! readers {
    (clamped { $($clamped:ident => $clamped_kind:ident),+ } plain { $($plain:ident => $plain_kind:ident),+ }) => {
        $(pub(super) fn $clamped(options: &Options<'_>) -> Read {
            let clamp = options.clamp(FUSED_ACTIVATION)?;
            Ok(Box::new(Binary { kind: BinaryOp::$clamped_kind, clamp }))
        })+
        $(pub(super) fn $plain(_: &Options<'_>) -> Read {
            Ok(Box::new(Binary { kind: BinaryOp::$plain_kind, clamp: Clamp::NONE }))
        })+
    };
}

readers! {
    clamped { read_add => Add, read_sub => Sub, read_mul => Mul, read_div => Div }
    plain {
        read_maximum => Maximum,
        read_minimum => Minimum,
        read_squared_difference => SquaredDifference
    }
}

impl Op for Binary {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        single(broadcast_shape(
            operands.node,
            operands.shape(0)?,
            operands.shape(1)?,
        )?)
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let inputs = [node.input(0)?, node.input(1)?];
        if self.fuse(inputs, node.output(), lowering) {
            return Ok(());
        }
        let a = RoutineOperand::of(node, 0, lowering)?;
        let b = RoutineOperand::of(node, 1, lowering)?;
        let inputs = [&a, &b].map(|operand| operand.activation);
        match routine(self.kind, self.clamp, a, b, lowering.layout(node.output())) {
            Some(routine) => lowering.push(Work::Other(routine), inputs, node.output()),
            None => node.malformed("the operands do not broadcast"),
        }
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let inputs = [node.input(0)?, node.input(1)?];
        if self.fuse(inputs, node.output(), lowering) {
            return Ok(());
        }
        // Either operand may be constant, and then its values go to the card with the weights.
        let operands = [
            ShaderOperand::of(node, 0, lowering)?,
            ShaderOperand::of(node, 1, lowering)?,
        ];
        let out = lowering.layout(node.output());
        let inputs = operands.each_ref().map(|operand| operand.activation);
        match binary_work(self.kind as usize, self.clamp, operands, out) {
            Some(work) => lowering.push(work, inputs, node.output()),
            None => node.malformed("the operands do not broadcast"),
        }
    }
}

impl Binary {
    /// Addition is commutative: either operand may be the result of a convolution that takes the
    /// other one in.
    fn fuse<T: Target>(
        &self,
        [a, b]: [usize; 2],
        output: usize,
        lowering: &mut Lowering<'_, T>,
    ) -> bool {
        self.kind == BinaryOp::Add
            && (lowering.fuse_residual(a, b, self.clamp, output)
                || lowering.fuse_residual(b, a, self.clamp, output))
    }
}

/// The shape that both operands broadcast to, as in NumPy.
pub(super) fn broadcast_shape(node: &Node, a: &[usize], b: &[usize]) -> Result<Vec<usize>> {
    let rank = a.len().max(b.len());
    let from_right =
        |shape: &[usize], i: usize| shape.len().checked_sub(i).map_or(1, |at| shape[at]);
    (1..=rank)
        .rev()
        .map(|i| match (from_right(a, i), from_right(b, i)) {
            (x, y) if x == y => Ok(x),
            (1, y) => Ok(y),
            (x, 1) => Ok(x),
            _ => node.malformed(format!("shapes {a:?} and {b:?} do not broadcast")),
        })
        .collect()
}

/// One operand: how it lies in memory, and where its values come from.
pub(super) struct Operand<C> {
    layout: Layout,
    pub(super) activation: Option<usize>,
    pub(super) constant: Option<C>,
}

impl<C> Operand<C> {
    /// The operand of this number; `store` keeps the values of a constant.
    fn stored<T: Target>(
        node: &Node,
        i: usize,
        lowering: &mut Lowering<'_, T>,
        store: impl FnOnce(&mut Lowering<'_, T>) -> Result<C>,
    ) -> Result<Self> {
        let tensor = node.input(i)?;
        let is_constant = lowering.tensor(tensor).constant.is_some();
        Ok(Self {
            layout: lowering.layout(tensor),
            activation: (!is_constant).then_some(tensor),
            constant: is_constant.then(|| store(lowering)).transpose()?,
        })
    }
}

/// An operand whose constant the routine keeps.
type RoutineOperand = Operand<Vec<f32>>;

impl RoutineOperand {
    fn of(node: &Node, i: usize, lowering: &mut Lowering<'_>) -> Result<Self> {
        Self::stored(node, i, lowering, |lowering| {
            lowering.stored_constant(node, i)
        })
    }

    fn lies_as(&self, layout: Layout) -> bool {
        self.layout == layout && self.constant.is_none()
    }
}

/// A row of results from a row of each operand; a step of 0 repeats an operand's first value.
pub(super) fn combine_rows(
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    steps: [usize; 2],
    f: impl Fn(f32, f32) -> f32,
) {
    // A loop for each kind of broadcasting, as each is vectorized by the compiler.
    match steps {
        [1, 1] => out
            .iter_mut()
            .zip(a)
            .zip(b)
            .for_each(|((o, x), y)| *o = f(*x, *y)),
        [1, 0] => out.iter_mut().zip(a).for_each(|(o, x)| *o = f(*x, b[0])),
        [0, 1] => out.iter_mut().zip(b).for_each(|(o, y)| *o = f(a[0], *y)),
        _ => out.fill(f(a[0], b[0])),
    }
}

impl Binary {
    fn row(&self, out: &mut [f32], a: &[f32], b: &[f32], steps: [usize; 2]) {
        let clamp = self.clamp;
        match self.kind {
            BinaryOp::Add if steps == [1, 1] => rows::add(out, a, b, clamp),
            BinaryOp::Add => combine_rows(out, a, b, steps, |x, y| clamp.apply(x + y)),
            BinaryOp::Sub => combine_rows(out, a, b, steps, |x, y| clamp.apply(x - y)),
            BinaryOp::Mul => combine_rows(out, a, b, steps, |x, y| clamp.apply(x * y)),
            BinaryOp::Div => combine_rows(out, a, b, steps, |x, y| clamp.apply(x / y)),
            BinaryOp::Maximum => combine_rows(out, a, b, steps, f32::max),
            BinaryOp::Minimum => combine_rows(out, a, b, steps, f32::min),
            BinaryOp::SquaredDifference => combine_rows(out, a, b, steps, |x, y| (x - y) * (x - y)),
        }
    }
}

/// The step for a result that lies as `out`; `None` if the operands do not broadcast to it.
fn routine(
    kind: BinaryOp,
    clamp: Clamp,
    a: RoutineOperand,
    b: RoutineOperand,
    out: Layout,
) -> Option<Routine> {
    let op = Binary { kind, clamp };
    // Without broadcasting all rows are one, padding lanes included, whose values nobody reads.
    if a.lies_as(out) && b.lies_as(out) {
        let len = out.len();
        return Some(Box::new(move |x, y, to| {
            op.row(&mut to[..len], &x[..len], &y[..len], [1, 1])
        }));
    }
    let a_strides = a.layout.broadcast_to(out.dims)?;
    let b_strides = b.layout.broadcast_to(out.dims)?;
    let steps = [a_strides[3], b_strides[3]];
    Some(Box::new(move |x, y, to| {
        let x = a.constant.as_deref().unwrap_or(x);
        let y = b.constant.as_deref().unwrap_or(y);
        for n in 0..out.dims[0] {
            for h in 0..out.dims[1] {
                for w in 0..out.dims[2] {
                    let at = |s: &[usize; MAX_RANK]| n * s[0] + h * s[1] + w * s[2];
                    let to = &mut to[at(&out.strides)..][..out.channels()];
                    op.row(to, &x[at(&a_strides)..], &y[at(&b_strides)..], steps);
                }
            }
        }
    }))
}

/// The number by which the shader knows PRELU.
#[cfg(feature = "gpu")]
pub(super) const SHADER_PRELU: usize = 7;

/// An operand of the shader, whose constant is stored at this place, in vectors.
#[cfg(feature = "gpu")]
pub(super) type ShaderOperand = Operand<usize>;

#[cfg(feature = "gpu")]
impl ShaderOperand {
    pub(super) fn of(node: &Node, i: usize, lowering: &mut Lowering<'_, Gpu>) -> Result<Self> {
        Self::stored(node, i, lowering, |lowering| lowering.add_operand(node, i))
    }

    /// Its strides in the result, rows in vectors; `None` if it does not broadcast.
    fn strides(&self, out: Layout) -> Option<[usize; MAX_RANK]> {
        let [n, y, x, channel] = self.layout.broadcast_to(out.dims)?;
        Some([n / LANES, y / LANES, x / LANES, channel])
    }
}

/// The shader's function with the number `function`; `None` if an operand does not broadcast.
#[cfg(feature = "gpu")]
pub(super) fn binary_work(
    function: usize,
    clamp: Clamp,
    operands: [ShaderOperand; 2],
    out: Layout,
) -> Option<GpuWork> {
    let [a, b] = &operands;
    let row = out.row() / LANES;
    let constants = [a.constant.unwrap_or(0), b.constant.unwrap_or(0)];
    let words = Words::default()
        .sizes([out.dims[1], out.dims[2], row, function])
        .sizes(a.strides(out)?)
        .sizes(b.strides(out)?)
        .sizes(constants)
        .sizes([a.constant, b.constant].map(|c| usize::from(c.is_some())))
        .clamp(clamp)
        .sizes([0, 0]);
    Some(GpuWork::new(Shader::Binary, out.len() / LANES, words))
}
