//! Inputs and outputs as dense values, which are all that crosses to the card and back.

use crate::graph::{Graph, Node, Tensor};
use crate::ops::{BoxedOp, Quantize, Reshape};

/// Puts conversions between the graph's inputs and outputs and dense real numbers, which become inputs
/// and outputs in their place.
pub(super) fn make_dense(graph: &mut Graph<BoxedOp>) {
    // Nodes are in the order in which they run, so those of the inputs come first.
    let nodes = std::mem::take(&mut graph.nodes);
    for port in 0..graph.inputs.len() {
        graph.inputs[port] = spread(graph, graph.inputs[port]);
    }
    graph.nodes.extend(nodes);
    for port in 0..graph.outputs.len() {
        // Constants are never on the card.
        if graph.tensors[graph.outputs[port]].constant.is_none() {
            graph.outputs[port] = gather(graph, graph.outputs[port]);
        }
    }
}

/// The dense values that `input` is made from.
fn spread(graph: &mut Graph<BoxedOp>, input: usize) -> usize {
    let dense = add_dense(graph, input);
    let Tensor { name, shape, .. } = graph.tensors[input].clone();
    if !graph.tensors[input].is_int8() {
        push(graph, Box::new(Reshape), "RESHAPE", [dense, input]);
        return dense;
    }
    let values = graph.add_tensor(Tensor::activation(format!("{name} as real numbers"), shape));
    push(graph, Box::new(Reshape), "RESHAPE", [dense, values]);
    push(graph, Box::new(Quantize), "QUANTIZE", [values, input]);
    dense
}

/// The dense values of `output`.
fn gather(graph: &mut Graph<BoxedOp>, output: usize) -> usize {
    let dense = add_dense(graph, output);
    push(graph, Box::new(Reshape), "RESHAPE", [output, dense]);
    dense
}

fn add_dense(graph: &mut Graph<BoxedOp>, port: usize) -> usize {
    let tensor = &graph.tensors[port];
    let name = format!("values of {}", tensor.name);
    let shape = vec![tensor.elements()];
    graph.add_tensor(Tensor::activation(name, shape))
}

fn push(graph: &mut Graph<BoxedOp>, op: BoxedOp, name: &str, [from, to]: [usize; 2]) {
    let node = Node {
        name: name.into(),
        index: graph.nodes.len(),
        inputs: vec![Some(from)],
        outputs: vec![to],
    };
    graph.nodes.push((node, op));
}
