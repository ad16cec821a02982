//! The shape each operator's result must have; the file's own claim is checked against it.

use crate::error::Result;
use crate::graph::{Graph, Node, Op, Window};

/// Output size along one axis, and how many rows of padding come before the first.
pub(crate) fn window_axis(
    window: &Window,
    axis: usize,
    input: usize,
    kernel: usize,
) -> Option<(usize, usize)> {
    let (stride, reach) = (
        window.stride[axis],
        (kernel.checked_sub(1)?).checked_mul(window.dilation[axis])? + 1,
    );
    if window.same {
        let output = input.div_ceil(stride);
        let needed = (output - 1) * stride + reach;
        return Some((output, needed.saturating_sub(input) / 2));
    }
    Some((input.checked_sub(reach)? / stride + 1, 0))
}

fn rank4(graph: &Graph, node: &Node, tensor: usize) -> Result<[usize; 4]> {
    match graph.tensors[tensor].shape[..] {
        [n, h, w, c] => Ok([n, h, w, c]),
        ref other => node.malformed(format!("shape {other:?} where four dimensions are needed")),
    }
}

/// Output height and width of a window of `kernel` size over the node's first operand.
fn windowed(
    node: &Node,
    window: &Window,
    [n, h, w, _]: [usize; 4],
    kernel: [usize; 2],
    channels: usize,
) -> Result<Vec<usize>> {
    match (
        window_axis(window, 0, h, kernel[0]),
        window_axis(window, 1, w, kernel[1]),
    ) {
        (Some((oh, _)), Some((ow, _))) => Ok(vec![n, oh, ow, channels]),
        _ => node.malformed(format!("a window of {kernel:?} does not fit into {h}×{w}")),
    }
}

/// The shape that `node` makes of its operands.
pub(crate) fn infer(graph: &Graph, node: &Node) -> Result<Vec<usize>> {
    if let Op::Custom { .. } = node.op {
        // The operator itself is asked when it is lowered.
        return Ok(graph.tensors[node.output].shape.clone());
    }
    let first = node.input(0)?;
    let shape = &graph.tensors[first].shape;
    match &node.op {
        Op::Conv { window, .. } => {
            let weights = rank4(graph, node, node.input(1)?)?;
            windowed(
                node,
                window,
                rank4(graph, node, first)?,
                [weights[1], weights[2]],
                weights[0],
            )
        }
        Op::Depthwise { window, .. } => {
            let weights = rank4(graph, node, node.input(1)?)?;
            windowed(
                node,
                window,
                rank4(graph, node, first)?,
                [weights[1], weights[2]],
                weights[3],
            )
        }
        Op::Pool { window, size, .. } => {
            let input = rank4(graph, node, first)?;
            windowed(node, window, input, *size, input[3])
        }
        Op::FullyConnected { keep_dims, .. } => fully_connected(graph, node, *keep_dims),
        Op::Binary { .. } => broadcast(node, shape, &graph.tensors[node.input(1)?].shape),
        Op::Prelu => match broadcast(node, shape, &graph.tensors[node.input(1)?].shape)? {
            result if &result == shape => Ok(result),
            _ => node.malformed("slopes larger than the input"),
        },
        Op::Unary(_)
        | Op::L2Normalize { .. }
        | Op::Softmax { .. }
        | Op::Quantize
        | Op::Dequantize => Ok(shape.clone()),
        Op::Pad => {
            let pads = paddings(graph, node)?;
            Ok(shape
                .iter()
                .zip(&pads)
                .map(|(size, [before, after])| before + size + after)
                .collect())
        }
        Op::Reshape => reshaped(graph, node),
        Op::Reverse => marked_axes(graph, node).map(|_| shape.clone()),
        Op::Concat { axis, .. } => concatenated(graph, node, *axis),
        Op::Reduce { keep_dims, .. } => {
            let axes = marked_axes(graph, node)?;
            let keep = |i: usize, size: usize| {
                if !axes[i] {
                    Some(size)
                } else {
                    keep_dims.then_some(1)
                }
            };
            Ok(shape
                .iter()
                .enumerate()
                .filter_map(|(i, s)| keep(i, *s))
                .collect())
        }
        Op::Custom { .. } => node.unsupported("it has no operand"),
        Op::Resize { .. } => {
            let [n, _, _, c] = rank4(graph, node, first)?;
            match graph.ints(node.input(1)?).map(|v| v.as_slice()) {
                Some([h, w]) if (1..=1 << 14).contains(h) && (1..=1 << 14).contains(w) => {
                    Ok(vec![n, *h as usize, *w as usize, c])
                }
                _ => node.unsupported("the new size must be two positive constants"),
            }
        }
    }
}

fn fully_connected(graph: &Graph, node: &Node, keep_dims: bool) -> Result<Vec<usize>> {
    let input = &graph.tensors[node.input(0)?];
    let [outputs, depth] = graph.tensors[node.input(1)?].shape[..] else {
        return node.malformed("weights must have two dimensions");
    };
    if !input.elements().is_multiple_of(depth) {
        return node.malformed(format!(
            "{} values do not split into rows of {depth}",
            input.elements()
        ));
    }
    if !keep_dims {
        return Ok(vec![input.elements() / depth, outputs]);
    }
    match input.shape.split_last() {
        Some((last, rest)) if *last == depth => Ok([rest, &[outputs]].concat()),
        _ => node.malformed("the last dimension must match the weights"),
    }
}

fn broadcast(node: &Node, a: &[usize], b: &[usize]) -> Result<Vec<usize>> {
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

/// Padding before and after each dimension.
pub(crate) fn paddings(graph: &Graph, node: &Node) -> Result<Vec<[usize; 2]>> {
    let rank = graph.tensors[node.input(0)?].shape.len();
    let Some(values) = graph.ints(node.input(1)?) else {
        return node.unsupported("paddings must be constant");
    };
    if values.len() != 2 * rank || values.iter().any(|v| !(0..=1 << 16).contains(v)) {
        return node.malformed(format!("paddings {values:?}"));
    }
    Ok(values
        .as_chunks()
        .0
        .iter()
        .map(|[a, b]| [*a as usize, *b as usize])
        .collect())
}

fn reshaped(graph: &Graph, node: &Node) -> Result<Vec<usize>> {
    let (from, to) = (&graph.tensors[node.input(0)?], &graph.tensors[node.output]);
    if from.elements() != to.elements() {
        return node.malformed(format!("{:?} cannot become {:?}", from.shape, to.shape));
    }
    Ok(to.shape.clone())
}

/// `axis` counted from the front, where it may be negative.
pub(crate) fn axis_of(node: &Node, axis: i32, rank: usize) -> Result<usize> {
    let counted = if axis < 0 {
        i64::from(axis) + rank as i64
    } else {
        i64::from(axis)
    };
    match usize::try_from(counted) {
        Ok(axis) if axis < rank => Ok(axis),
        _ => node.malformed(format!("axis {axis} of {rank} dimensions")),
    }
}

fn concatenated(graph: &Graph, node: &Node, axis: i32) -> Result<Vec<usize>> {
    let mut result = graph.tensors[node.input(0)?].shape.clone();
    let axis = axis_of(node, axis, result.len())?;
    for i in 1..node.inputs.len() {
        let shape = &graph.tensors[node.input(i)?].shape;
        let fits = shape.len() == result.len()
            && (0..shape.len()).all(|d| d == axis || shape[d] == result[d]);
        if !fits {
            return node.malformed(format!(
                "operand {i} of shape {shape:?} does not fit {result:?}"
            ));
        }
        result[axis] += shape[axis];
    }
    Ok(result)
}

/// Which dimensions of the first operand the constant second one lists.
pub(crate) fn marked_axes(graph: &Graph, node: &Node) -> Result<Vec<bool>> {
    let rank = graph.tensors[node.input(0)?].shape.len();
    let Some(axes) = graph.ints(node.input(1)?) else {
        return node.unsupported("axes must be constant");
    };
    let mut reduced = vec![false; rank];
    for &axis in axes.iter() {
        reduced[axis_of(node, axis, rank)?] = true;
    }
    Ok(reduced)
}
