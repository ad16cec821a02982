//! Makes the flattening in fully connected layers explicit.

use crate::error::Result;
use crate::graph::{Graph, Node, Tensor};
use crate::ops::{BoxedOp, FullyConnected, Reshape};

/// Puts a RESHAPE before each fully connected layer whose input is not yet in rows of the right
/// length.
pub(super) fn flatten_inputs(graph: &mut Graph<BoxedOp>) -> Result<()> {
    let nodes = std::mem::take(&mut graph.nodes);
    for (mut node, op) in nodes {
        if op.is::<FullyConnected>() {
            flatten(graph, &mut node)?;
        }
        graph.nodes.push((node, op));
    }
    Ok(())
}

fn flatten(graph: &mut Graph<BoxedOp>, node: &mut Node) -> Result<()> {
    let input = node.input(0)?;
    let depth = graph.tensors[node.input(1)?].channels();
    let tensor = &graph.tensors[input];
    // Rows of the right length need no flattening, however many dimensions count them.
    if tensor.channels() == depth {
        return Ok(());
    }
    let shape = vec![tensor.elements() / depth, depth];
    // The codes stay what they are, so that an int8 layer reads int8 rows.
    let quantization = tensor.quantization.clone();
    let rows = graph.add_tensor(Tensor {
        quantization,
        ..Tensor::activation(format!("rows of {}", node.name), shape)
    });
    let reshape = Node {
        name: "RESHAPE".into(),
        index: node.index,
        inputs: vec![Some(input)],
        outputs: vec![rows],
    };
    graph.nodes.push((reshape, Box::new(Reshape)));
    node.inputs[0] = Some(rows);
    Ok(())
}
