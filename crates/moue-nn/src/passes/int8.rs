//! Makes graphs of 8-bit numbers ready to be lowered.
//!
//! Convolutions compute with the numbers themselves. Every other operator computes with the real
//! ones: it is put between a DEQUANTIZE and a QUANTIZE, so that its result is what LiteRT's integer
//! kernel rounds to, or its neighbor.

use crate::error::Result;
use crate::graph::{Constant, Graph, Node, Op, Tensor};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) fn prepare(graph: &mut Graph) -> Result<()> {
    if graph.tensors.iter().all(|t| t.quantization.is_none()) {
        return Ok(());
    }
    absorb_ends(graph);
    let nodes = std::mem::take(&mut graph.nodes);
    let mut twins = HashMap::new();
    for node in nodes {
        if is_native(graph, &node) {
            graph.nodes.push(node);
        } else {
            wrap(graph, node, &mut twins)?;
        }
    }
    Ok(())
}

/// Inputs that are only quantized, and outputs that are only dequantized, are given and read as
/// real numbers either way: their operators go.
fn absorb_ends(graph: &mut Graph) {
    for i in 0..graph.inputs.len() {
        let input = graph.inputs[i];
        let readers: Vec<usize> = (0..graph.nodes.len())
            .filter(|n| graph.nodes[*n].inputs.contains(&Some(input)))
            .collect();
        if let [only] = readers[..]
            && graph.nodes[only].op == Op::Quantize
            && !is_eight_bit(graph, Some(input))
            && is_eight_bit(graph, Some(graph.nodes[only].output))
            && !graph.outputs.contains(&input)
        {
            graph.inputs[i] = graph.nodes.remove(only).output;
        }
    }
    for i in 0..graph.outputs.len() {
        let output = graph.outputs[i];
        let unread = !graph.nodes.iter().any(|n| n.inputs.contains(&Some(output)));
        let maker = graph
            .nodes
            .iter()
            .position(|n| n.output == output && n.op == Op::Dequantize);
        if let (true, Some(maker)) = (
            unread && graph.outputs.iter().filter(|o| **o == output).count() == 1,
            maker,
        ) && let Some(Some(source)) = graph.nodes[maker].inputs.first().copied()
            && is_eight_bit(graph, Some(source))
        {
            graph.nodes.remove(maker);
            graph.outputs[i] = source;
        }
    }
}

fn is_eight_bit(graph: &Graph, tensor: Option<usize>) -> bool {
    tensor.is_some_and(|t| graph.tensors[t].quantization.is_some())
}

/// Whether the node is lowered as it is: it has nothing to do with 8-bit activations, or computes
/// with them.
fn is_native(graph: &Graph, node: &Node) -> bool {
    let activation = |t: &Option<usize>| {
        t.is_some_and(|t| graph.tensors[t].constant.is_none() && is_eight_bit(graph, Some(t)))
    };
    let untouched = !node.inputs.iter().any(activation) && !is_eight_bit(graph, Some(node.output));
    let first = node.inputs.first().copied().flatten();
    let through = is_eight_bit(graph, first) && is_eight_bit(graph, Some(node.output));
    let alike = || {
        first.map(|t| &graph.tensors[t].quantization)
            == Some(&graph.tensors[node.output].quantization)
    };
    untouched
        || match node.op {
            Op::Conv { .. } | Op::Depthwise { .. } | Op::FullyConnected { .. } => through,
            // Moving numbers about needs no scale.
            Op::Pad | Op::Reshape => through && alike(),
            Op::Quantize => !is_eight_bit(graph, first),
            Op::Dequantize => true,
            _ => false,
        }
}

/// Puts the node between conversions; `twins` has the real counterparts of tensors that were
/// converted before.
fn wrap(graph: &mut Graph, mut node: Node, twins: &mut HashMap<usize, usize>) -> Result<()> {
    for i in 0..node.inputs.len() {
        let Some(tensor) = node.inputs[i].filter(|t| is_eight_bit(graph, Some(*t))) else {
            continue;
        };
        let twin = match twins.get(&tensor) {
            Some(twin) => *twin,
            None => dequantized(graph, &node, tensor)?,
        };
        twins.insert(tensor, twin);
        node.inputs[i] = Some(twin);
    }
    if !is_eight_bit(graph, Some(node.output)) {
        graph.nodes.push(node);
        return Ok(());
    }
    let result = node.output;
    if node.op == Op::Quantize {
        // From one scale to another: what was dequantized is quantized.
        graph.nodes.push(node);
        return Ok(());
    }
    node.output = twin_of(graph, result);
    let quantize = convert(Op::Quantize, "QUANTIZE", &node, node.output, result);
    graph.nodes.extend([node, quantize]);
    Ok(())
}

fn twin_of(graph: &mut Graph, tensor: usize) -> usize {
    let twin = Tensor::floats(
        format!("{} as real numbers", graph.tensors[tensor].name),
        graph.tensors[tensor].shape.clone(),
    );
    graph.tensors.push(twin);
    graph.tensors.len() - 1
}

fn dequantized(graph: &mut Graph, node: &Node, tensor: usize) -> Result<usize> {
    let twin = twin_of(graph, tensor);
    if graph.tensors[tensor].constant.is_some() {
        let Some(values) = graph.tensors[tensor].dequantized() else {
            return node.malformed("a constant says nothing of its scale");
        };
        graph.tensors[twin].constant = Some(Constant::Floats(Arc::new(values)));
    } else {
        let dequantize = convert(Op::Dequantize, "DEQUANTIZE", node, tensor, twin);
        graph.nodes.push(dequantize);
    }
    Ok(twin)
}

fn convert(op: Op, name: &str, near: &Node, from: usize, to: usize) -> Node {
    Node {
        op,
        name: name.into(),
        index: near.index,
        inputs: vec![Some(from)],
        output: to,
    }
}
