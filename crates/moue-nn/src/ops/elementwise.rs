//! Arithmetic element by element, with broadcasting.

use super::Routine;
use crate::graph::{BinaryOp, Clamp, UnaryOp};
use crate::layout::Layout;

/// One operand of a binary operator: how it lies, and its values if they are constant.
pub(crate) struct Operand {
    pub(crate) layout: Layout,
    pub(crate) constant: Option<Vec<f32>>,
}

fn rows(
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    (a_step, b_step): (usize, usize),
    f: impl Fn(f32, f32) -> f32,
) {
    match (a_step, b_step) {
        (1, 1) => out
            .iter_mut()
            .zip(a)
            .zip(b)
            .for_each(|((o, x), y)| *o = f(*x, *y)),
        (1, 0) => out.iter_mut().zip(a).for_each(|(o, x)| *o = f(*x, b[0])),
        (0, 1) => out.iter_mut().zip(b).for_each(|(o, y)| *o = f(a[0], *y)),
        _ => out.fill(f(a[0], b[0])),
    }
}

fn arithmetic(
    kind: BinaryOp,
    clamp: Clamp,
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    steps: (usize, usize),
) {
    match kind {
        BinaryOp::Add => rows(out, a, b, steps, |x, y| clamp.apply(x + y)),
        BinaryOp::Sub => rows(out, a, b, steps, |x, y| clamp.apply(x - y)),
        BinaryOp::Mul => rows(out, a, b, steps, |x, y| clamp.apply(x * y)),
        BinaryOp::Div => rows(out, a, b, steps, |x, y| clamp.apply(x / y)),
        BinaryOp::Maximum => rows(out, a, b, steps, f32::max),
        BinaryOp::Minimum => rows(out, a, b, steps, f32::min),
        BinaryOp::SquaredDifference => rows(out, a, b, steps, |x, y| (x - y) * (x - y)),
    }
}

/// A binary operator whose result lies as `out`; `None` if the operands do not broadcast to it.
pub(crate) fn binary(
    kind: BinaryOp,
    clamp: Clamp,
    a: Operand,
    b: Operand,
    out: Layout,
) -> Option<Routine> {
    let strides = (
        a.layout.broadcast_to(out.dims)?,
        b.layout.broadcast_to(out.dims)?,
    );
    let steps = (strides.0[3], strides.1[3]);
    if a.layout == out && b.layout == out && a.constant.is_none() && b.constant.is_none() {
        let len = out.len();
        return Some(Box::new(move |x, y, to| {
            arithmetic(kind, clamp, &mut to[..len], &x[..len], &y[..len], (1, 1))
        }));
    }
    Some(Box::new(move |x, y, to| {
        let x = a.constant.as_deref().unwrap_or(x);
        let y = b.constant.as_deref().unwrap_or(y);
        let channels = out.channels();
        for n in 0..out.dims[0] {
            for h in 0..out.dims[1] {
                for w in 0..out.dims[2] {
                    let at = |s: &[usize; 4]| n * s[0] + h * s[1] + w * s[2];
                    let to = &mut to[at(&out.strides)..][..channels];
                    arithmetic(
                        kind,
                        clamp,
                        to,
                        &x[at(&strides.0)..],
                        &y[at(&strides.1)..],
                        steps,
                    );
                }
            }
        }
    }))
}

/// A function of one operand; works on the padding lanes too, whose values nobody reads.
pub(crate) fn unary(function: UnaryOp) -> Routine {
    match function {
        UnaryOp::Clamp(clamp) => map(move |x| clamp.apply(x)),
        UnaryOp::HardSwish => map(|x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0),
        UnaryOp::Logistic => map(|x| 1.0 / (1.0 + (-x).exp())),
        UnaryOp::Tanh => map(f32::tanh),
        UnaryOp::Rsqrt => map(|x| x.sqrt().recip()),
        UnaryOp::Sqrt => map(f32::sqrt),
        UnaryOp::Neg => map(|x| -x),
    }
}

fn map(f: impl Fn(f32) -> f32 + Send + Sync + 'static) -> Routine {
    Box::new(move |x, _, to| to.iter_mut().zip(x).for_each(|(o, v)| *o = f(*v)))
}

/// `x` where positive, `slope × x` elsewhere; the slopes broadcast to the input.
pub(crate) fn prelu(slopes: Vec<f32>, slope_layout: Layout, out: Layout) -> Option<Routine> {
    let strides = slope_layout.broadcast_to(out.dims)?;
    let leak = |x: f32, slope: f32| if x > 0.0 { x } else { x * slope };
    Some(Box::new(move |x, _, to| {
        out.for_each_row(strides, |at, slope_at| {
            let (to, x) = (
                &mut to[at..at + out.channels()],
                &x[at..at + out.channels()],
            );
            rows(to, x, &slopes[slope_at..], (1, strides[3]), leak);
        });
    }))
}
