//! Makes graphs of int8 activations ready to be lowered.
//!
//! Convolutions compute with the codes themselves. Every other operator computes with real numbers:
//! it is put between a DEQUANTIZE and a QUANTIZE, so that its result is what LiteRT's integer
//! kernel rounds to, or its neighbor.

use crate::budget::Budget;
use crate::error::Result;
use crate::graph::{Constant, Graph, Node, Tensor};
use crate::ops::{BoxedOp, Dequantize, Int8Support, Op, Quantize};
use std::collections::HashMap;
use std::sync::Arc;

/// Inserts the conversions that operators need which do not compute with int8 codes.
pub(super) fn convert(graph: &mut Graph<BoxedOp>, budget: &mut Budget) -> Result<()> {
    if graph.tensors.iter().all(|t| !t.is_int8()) {
        return Ok(());
    }
    // Conversions at both ends go before others are inserted, which would hide them.
    absorb_quantized_inputs(graph);
    absorb_dequantized_outputs(graph);
    let nodes = std::mem::take(&mut graph.nodes);
    let mut conversions = Conversions {
        graph,
        budget,
        twins: HashMap::new(),
    };
    for (node, op) in nodes {
        if is_native(conversions.graph, &node, &*op) {
            conversions.graph.nodes.push((node, op));
        } else {
            conversions.wrap(node, op)?;
        }
    }
    Ok(())
}

/// Inputs that are only quantized are given as real numbers either way: their QUANTIZE goes.
fn absorb_quantized_inputs(graph: &mut Graph<BoxedOp>) {
    let uses = graph.uses();
    let readers = only_readers(graph);
    let mut removed = vec![false; graph.nodes.len()];
    for i in 0..graph.inputs.len() {
        let input = graph.inputs[i];
        // An output of the graph is used without a reader.
        let Some(reader) = readers[input].filter(|_| uses[input] == 1) else {
            continue;
        };
        let (node, op) = &graph.nodes[reader];
        if op.is::<Quantize>()
            && node.outputs.len() == 1
            && !graph.tensors[input].is_int8()
            && graph.tensors[node.output()].is_int8()
        {
            graph.inputs[i] = node.output();
            removed[reader] = true;
        }
    }
    remove(graph, &removed);
}

/// For each tensor a node that reads it: the last one, which is the only one where the tensor is
/// used once. Found for all at once, as files may have thousands of inputs and outputs.
fn only_readers(graph: &Graph<BoxedOp>) -> Vec<Option<usize>> {
    let mut readers = vec![None; graph.tensors.len()];
    for (reader, (node, _)) in graph.nodes.iter().enumerate() {
        let operands = node.inputs.iter().flatten();
        operands.for_each(|t| readers[*t] = Some(reader));
    }
    readers
}

/// Removes the nodes that are marked.
fn remove(graph: &mut Graph<BoxedOp>, marked: &[bool]) {
    let mut marks = marked.iter();
    graph.nodes.retain(|_| marks.next() != Some(&true));
}

/// Outputs that are only dequantized are read as real numbers either way: their DEQUANTIZE goes.
fn absorb_dequantized_outputs(graph: &mut Graph<BoxedOp>) {
    let uses = graph.uses();
    let mut writers = vec![None; graph.tensors.len()];
    for (writer, (node, op)) in graph.nodes.iter().enumerate() {
        if op.is::<Dequantize>() && node.outputs.len() == 1 {
            writers[node.output()] = Some(writer);
        }
    }
    let mut removed = vec![false; graph.nodes.len()];
    for i in 0..graph.outputs.len() {
        let output = graph.outputs[i];
        // Used once: as this output, and by no node.
        if let Some(writer) = writers[output].filter(|_| uses[output] == 1)
            && let Some(Some(source)) = graph.nodes[writer].0.inputs.first().copied()
            && graph.tensors[source].is_int8()
        {
            removed[writer] = true;
            graph.outputs[i] = source;
        }
    }
    remove(graph, &removed);
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

/// A graph whose nodes are put between conversions, one after the other.
struct Conversions<'a> {
    graph: &'a mut Graph<BoxedOp>,
    budget: &'a mut Budget,
    /// The real counterparts of tensors that were converted before.
    twins: HashMap<usize, usize>,
}

impl Conversions<'_> {
    /// Puts the node between conversions.
    fn wrap(&mut self, mut node: Node, op: BoxedOp) -> Result<()> {
        for i in 0..node.inputs.len() {
            if let Some(tensor) = node.inputs[i].filter(|t| self.graph.tensors[*t].is_int8()) {
                node.inputs[i] = Some(self.dequantized(&node, tensor)?);
            }
        }
        if op.int8() == Int8Support::Quantizes {
            // From one scale to another: what was dequantized is quantized.
            self.graph.nodes.push((node, op));
            return Ok(());
        }
        let mut conversions = Vec::new();
        for output in &mut node.outputs {
            if self.graph.tensors[*output].is_int8() {
                let codes = std::mem::replace(output, twin_of(self.graph, *output));
                conversions.push((*output, codes));
            }
        }
        let quantize =
            |(from, to)| conversion(Box::new(Quantize), "QUANTIZE", node.index, from, to);
        let conversions: Vec<_> = conversions.into_iter().map(quantize).collect();
        self.graph.nodes.push((node, op));
        self.graph.nodes.extend(conversions);
        Ok(())
    }

    /// The real counterpart of an int8 tensor: a constant, or the result of a DEQUANTIZE. Several
    /// nodes may read a tensor, which is converted once.
    fn dequantized(&mut self, node: &Node, tensor: usize) -> Result<usize> {
        if let Some(twin) = self.twins.get(&tensor) {
            return Ok(*twin);
        }
        let twin = twin_of(self.graph, tensor);
        self.twins.insert(tensor, twin);
        if self.graph.tensors[tensor].constant.is_some() {
            let codes = &self.graph.tensors[tensor];
            self.budget.spend_memory(codes.elements())?;
            let Some(values) = codes.dequantized() else {
                return node.malformed("a constant has no scale");
            };
            self.graph.tensors[twin].constant = Some(Constant::Floats(Arc::new(values)));
        } else {
            let op = Box::new(Dequantize);
            let dequantize = conversion(op, "DEQUANTIZE", node.index, tensor, twin);
            self.graph.nodes.push(dequantize);
        }
        Ok(twin)
    }
}

/// A tensor of real numbers for one of int8 codes.
fn twin_of(graph: &mut Graph<BoxedOp>, tensor: usize) -> usize {
    let codes = &graph.tensors[tensor];
    let name = format!("{} as real numbers", codes.name);
    let shape = codes.shape.clone();
    graph.add_tensor(Tensor::activation(name, shape))
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
