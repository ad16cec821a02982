//! The types that streams carry against those that their readers expect.

use super::check;
use super::error::GraphError;
use super::model::{Node, Stream, writer_title};
use crate::config::Port;
use crate::packet::PacketType;
use std::collections::HashMap;

/// Compares the types at both ends of every stream.
pub(super) fn check(nodes: &[Node], streams: &mut [Stream]) -> Result<(), GraphError> {
    // In topological order, because a node with `same_types` passes the types of its inputs on:
    // they must be known before the nodes after it are checked.
    let mut ordered: Vec<&Node> = nodes.iter().collect();
    ordered.sort_by_key(|node| node.order);
    for node in ordered {
        check_inputs(node, nodes, streams)?;
        if node.contract.same_types {
            pass_types(node, streams);
        }
    }
    Ok(())
}

fn check_inputs(node: &Node, nodes: &[Node], streams: &[Stream]) -> Result<(), GraphError> {
    for (port, edge) in node.config.inputs.iter().zip(&node.inputs) {
        let stream = &streams[edge.stream];
        let expected = check::types(&node.contract.inputs, port);
        if let Some(expected) = expected
            && let Some(carried) = &stream.types
            && !expected.iter().any(|t| carried.contains(t))
        {
            return Err(GraphError::Type {
                node: node.config.title(),
                stream: port.name.clone(),
                expected: PacketType::names(&expected),
                carried: PacketType::names(carried),
                writer: writer_title(nodes, stream),
            });
        }
    }
    Ok(())
}

/// Gives each output the types of the input with the same tag and index.
fn pass_types(node: &Node, streams: &mut [Stream]) {
    let inputs = node.config.inputs.iter().map(Port::key).zip(&node.inputs);
    let inputs: HashMap<_, _> = inputs.collect();
    for (port, stream) in node.config.outputs.iter().zip(&node.outputs) {
        let input = inputs.get(&port.key());
        streams[*stream].types = input.and_then(|edge| streams[edge.stream].types.clone());
    }
}
