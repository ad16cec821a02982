//! Makes graphs of int8 activations ready to be lowered.
//!
//! Convolutions compute with the codes themselves. Every other operator computes with real numbers:
//! it is put between a DEQUANTIZE and a QUANTIZE, so that its result is what LiteRT's integer
//! kernel rounds to, or its neighbor.

use crate::error::Result;
use crate::graph::{Constant, Graph, Node, Tensor};
use crate::ops::{BoxedOp, Dequantize, Int8Support, Op, Quantize};
use std::collections::HashMap;
use std::sync::Arc;

/// Inserts the conversions that operators need which do not compute with int8 codes.
pub(super) fn convert(graph: &mut Graph<BoxedOp>) -> Result<()> {
    if graph.tensors.iter().all(|t| !t.is_int8()) {
        return Ok(());
    }
    // Conversions at both ends go before others are inserted, which would hide them.
    absorb_quantized_inputs(graph);
    absorb_dequantized_outputs(graph);
    let nodes = std::mem::take(&mut graph.nodes);
    let mut twins = HashMap::new();
    for (node, op) in nodes {
        if is_native(graph, &node, &*op) {
            graph.nodes.push((node, op));
        } else {
            wrap(graph, node, op, &mut twins)?;
        }
    }
    Ok(())
}

/// Inputs that are only quantized are given as real numbers either way: their QUANTIZE goes.
fn absorb_quantized_inputs(graph: &mut Graph<BoxedOp>) {
    for i in 0..graph.inputs.len() {
        let input = graph.inputs[i];
        let Some(reader) = only_reader(graph, input) else {
            continue;
        };
        let (node, op) = &graph.nodes[reader];
        if op.is::<Quantize>()
            && node.outputs.len() == 1
            && !graph.tensors[input].is_int8()
            && graph.tensors[node.output()].is_int8()
            && !graph.outputs.contains(&input)
        {
            graph.inputs[i] = node.output();
            graph.nodes.remove(reader);
        }
    }
}

/// The node that reads a tensor, if it is the only one.
fn only_reader(graph: &Graph<BoxedOp>, tensor: usize) -> Option<usize> {
    let mut readers = (0..graph.nodes.len()).filter(|n| graph.nodes[*n].0.reads(tensor));
    let reader = readers.next()?;
    readers.next().is_none().then_some(reader)
}

/// Outputs that are only dequantized are read as real numbers either way: their DEQUANTIZE goes.
fn absorb_dequantized_outputs(graph: &mut Graph<BoxedOp>) {
    for i in 0..graph.outputs.len() {
        let output = graph.outputs[i];
        let is_read = graph.nodes.iter().any(|(node, _)| node.reads(output));
        if is_read || graph.outputs.iter().filter(|o| **o == output).count() != 1 {
            continue;
        }
        let writer = graph
            .nodes
            .iter()
            .position(|(node, op)| node.outputs == [output] && op.is::<Dequantize>());
        if let Some(writer) = writer
            && let Some(Some(source)) = graph.nodes[writer].0.inputs.first().copied()
            && graph.tensors[source].is_int8()
        {
            graph.nodes.remove(writer);
            graph.outputs[i] = source;
        }
    }
}

/// Whether the node is lowered as it is: it has nothing to do with int8 activations, or computes
/// with them.
fn is_native(graph: &Graph<BoxedOp>, node: &Node, op: &dyn Op) -> bool {
    let tensor = |t: usize| &graph.tensors[t];
    let reads_codes = node
        .inputs
        .iter()
        .flatten()
        .any(|t| tensor(*t).constant.is_none() && tensor(*t).is_int8());
    let writes_codes = node.outputs.iter().any(|t| tensor(*t).is_int8());
    if !reads_codes && !writes_codes {
        return true;
    }
    let Some(first) = node.inputs.first().copied().flatten().map(tensor) else {
        return false;
    };
    let results = || node.outputs.iter().map(|t| tensor(*t));
    match op.int8() {
        Int8Support::ViaFloats => false,
        Int8Support::Native => first.is_int8() && results().all(Tensor::is_int8),
        Int8Support::Moves => keeps_quantization(graph, node),
        Int8Support::Quantizes => !first.is_int8(),
        Int8Support::Dequantizes => true,
    }
}

/// Whether codes that the node moves mean the same before and after.
fn keeps_quantization(graph: &Graph<BoxedOp>, node: &Node) -> bool {
    let tensor = |t: usize| &graph.tensors[t];
    // Not operand 0, as SPLIT has its constant axis there.
    let mut operands = node.inputs.iter().flatten().map(|t| tensor(*t));
    let Some(moved) = operands.find(|t| t.constant.is_none()) else {
        return false;
    };
    let mut results = node.outputs.iter().map(|t| tensor(*t));
    moved.is_int8() && results.all(|t| t.quantization == moved.quantization)
}

/// Puts the node between conversions; `twins` has the real counterparts of tensors that were
/// converted before.
fn wrap(
    graph: &mut Graph<BoxedOp>,
    mut node: Node,
    op: BoxedOp,
    twins: &mut HashMap<usize, usize>,
) -> Result<()> {
    for i in 0..node.inputs.len() {
        let Some(tensor) = node.inputs[i].filter(|t| graph.tensors[*t].is_int8()) else {
            continue;
        };
        // Several nodes may read a tensor, which is converted once.
        let twin = match twins.get(&tensor) {
            Some(twin) => *twin,
            None => dequantized(graph, &node, tensor)?,
        };
        twins.insert(tensor, twin);
        node.inputs[i] = Some(twin);
    }
    if op.int8() == Int8Support::Quantizes {
        // From one scale to another: what was dequantized is quantized.
        graph.nodes.push((node, op));
        return Ok(());
    }
    let mut conversions = Vec::new();
    for output in &mut node.outputs {
        if graph.tensors[*output].is_int8() {
            let codes = std::mem::replace(output, twin_of(graph, *output));
            conversions.push((*output, codes));
        }
    }
    let quantize = |(from, to)| conversion(Box::new(Quantize), "QUANTIZE", node.index, from, to);
    let conversions: Vec<_> = conversions.into_iter().map(quantize).collect();
    graph.nodes.push((node, op));
    graph.nodes.extend(conversions);
    Ok(())
}

/// A tensor of real numbers for one of int8 codes.
fn twin_of(graph: &mut Graph<BoxedOp>, tensor: usize) -> usize {
    let codes = &graph.tensors[tensor];
    let name = format!("{} as real numbers", codes.name);
    let shape = codes.shape.clone();
    graph.add_tensor(Tensor::activation(name, shape))
}

/// The real counterpart of an int8 tensor: a constant, or the result of a DEQUANTIZE.
fn dequantized(graph: &mut Graph<BoxedOp>, node: &Node, tensor: usize) -> Result<usize> {
    let twin = twin_of(graph, tensor);
    if graph.tensors[tensor].constant.is_some() {
        let Some(values) = graph.tensors[tensor].dequantized() else {
            return node.malformed("a constant has no scale");
        };
        graph.tensors[twin].constant = Some(Constant::Floats(Arc::new(values)));
    } else {
        let op = Box::new(Dequantize);
        let dequantize = conversion(op, "DEQUANTIZE", node.index, tensor, twin);
        graph.nodes.push(dequantize);
    }
    Ok(twin)
}

/// A conversion beside the node with number `index`, which messages name.
fn conversion(op: BoxedOp, name: &str, index: usize, from: usize, to: usize) -> (Node, BoxedOp) {
    let node = Node {
        name: name.into(),
        index,
        inputs: vec![Some(from)],
        outputs: vec![to],
    };
    (node, op)
}
