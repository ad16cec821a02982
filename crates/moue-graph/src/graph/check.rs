//! The ports of a node against its calculator's contract.

use super::GraphError;
use crate::calculator::{Contract, Count, PortContract, Ports};
use crate::config::{NodeConfig, Port, hint};
use crate::packet::PacketType;

/// Every port must be in the contract, every needed port must be there, back edges must name
/// inputs.
pub(super) fn ports(node: &NodeConfig, contract: &Contract) -> Result<(), GraphError> {
    let kinds = [
        ("input", &node.inputs, &contract.inputs),
        ("output", &node.outputs, &contract.outputs),
        (
            "input side packet",
            &node.input_side_packets,
            &contract.input_side_packets,
        ),
        (
            "output side packet",
            &node.output_side_packets,
            &contract.output_side_packets,
        ),
    ];
    for (kind, ports, contract) in kinds {
        one_kind(kind, ports, contract).map_err(|reason| GraphError::Port {
            node: node.title(),
            reason,
        })?;
    }
    let has = |tag: &str, index: usize| {
        node.inputs
            .iter()
            .any(|p| p.tag == *tag && p.index == index)
    };
    match node
        .back_edges
        .iter()
        .find(|(tag, index)| !has(tag, *index))
    {
        Some((tag, index)) => Err(GraphError::UnknownBackEdge {
            node: node.title(),
            port: format!("{tag}:{index}"),
        }),
        None => Ok(()),
    }
}

fn one_kind(kind: &str, ports: &[Port], contract: &Ports) -> Result<(), String> {
    for (i, port) in ports.iter().enumerate() {
        if ports[..i]
            .iter()
            .any(|p| p.tag == port.tag && p.index == port.index)
        {
            return Err(format!("the {kind} {} is there twice", port.place()));
        }
        let Some(wanted) = contract.of(&port.tag) else {
            let hint = hint(
                &port.tag,
                contract.0.iter().map(|p| p.tag).filter(|t| !t.is_empty()),
            );
            return Err(format!("it has no {kind} {}{hint}", called(&port.tag)));
        };
        if wanted.count != Count::Any && port.index > 0 {
            return Err(format!("it has only one {kind} {}", called(&port.tag)));
        }
    }
    let there = |wanted: &PortContract| ports.iter().any(|p| p.tag == wanted.tag);
    match contract
        .0
        .iter()
        .find(|wanted| wanted.count == Count::One && !there(wanted))
    {
        Some(missing) => Err(format!("its {kind} {} is missing", called(missing.tag))),
        None => Ok(()),
    }
}

fn called(tag: &str) -> &str {
    if tag.is_empty() { "without a tag" } else { tag }
}

/// The types that a port's stream may carry; `None` for any.
pub(super) fn types(ports: &Ports, port: &Port) -> Option<Vec<PacketType>> {
    let types = &ports.of(&port.tag)?.types;
    (!types.is_empty()).then(|| types.clone())
}
