//! The ports of a node against its calculator's contract.

use super::error::GraphError;
use super::model::Node;
use crate::calculator::{Contract, Count, Ports};
use crate::config::{NodeConfig, Port, hint};
use crate::packet::PacketType;
use std::collections::{HashMap, HashSet};

/// Checks that every port is in the contract, that every required port is there, and that back
/// edges name inputs.
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
        known_ports(kind, ports, contract)
            .and_then(|()| required_ports(kind, ports, contract))
            .map_err(|reason| GraphError::Port {
                node: node.title(),
                reason,
            })?;
    }
    some_input(node, contract)?;
    back_edges(node)
}

/// A node without input streams is a source, which is called until it stops. A calculator that has
/// inputs, if only optional ones, waits for packets: as a source it would never stop.
fn some_input(node: &NodeConfig, contract: &Contract) -> Result<(), GraphError> {
    if !node.inputs.is_empty() || contract.inputs.0.is_empty() {
        return Ok(());
    }
    let mut names: Vec<&str> = contract.inputs.0.iter().map(|p| called(p.tag)).collect();
    names.dedup();
    Err(GraphError::Port {
        node: node.title(),
        reason: format!(
            "it is connected to none of its inputs ({})",
            names.join(", ")
        ),
    })
}

/// Each port is declared, and there once.
fn known_ports(kind: &str, ports: &[Port], contract: &Ports) -> Result<(), String> {
    let mut seen = HashSet::new();
    for port in ports {
        if !seen.insert((&port.tag, port.index)) {
            return Err(format!("the {kind} {} is there twice", port.place()));
        }
        let Some(declared) = contract.of(&port.tag) else {
            let tags = contract.0.iter().map(|p| p.tag).filter(|t| !t.is_empty());
            let hint = hint(&port.tag, tags);
            return Err(format!("it has no {kind} {}{hint}", called(&port.tag)));
        };
        if declared.count != Count::Any && port.index > 0 {
            return Err(format!("it has only one {kind} {}", called(&port.tag)));
        }
    }
    Ok(())
}

fn required_ports(kind: &str, ports: &[Port], contract: &Ports) -> Result<(), String> {
    let mut required = contract.0.iter().filter(|p| p.count == Count::One);
    match required.find(|declared| ports.iter().all(|p| p.tag != declared.tag)) {
        Some(missing) => Err(format!("its {kind} {} is missing", called(missing.tag))),
        None => Ok(()),
    }
}

fn called(tag: &str) -> &str {
    if tag.is_empty() { "without a tag" } else { tag }
}

fn back_edges(node: &NodeConfig) -> Result<(), GraphError> {
    let inputs: HashSet<(&str, usize)> = node.inputs.iter().map(Port::key).collect();
    for (tag, index) in &node.back_edges {
        if !inputs.contains(&(tag, *index)) {
            return Err(GraphError::UnknownBackEdge {
                node: node.title(),
                port: format!("{tag}:{index}"),
            });
        }
    }
    Ok(())
}

/// The types that a port's stream may carry; `None` for any.
pub(super) fn types(ports: &Ports, port: &Port) -> Option<Vec<PacketType>> {
    let types = &ports.of(&port.tag)?.types;
    (!types.is_empty()).then(|| types.clone())
}

/// Checks that no side packet has two writers.
pub(super) fn side_packet_writers(nodes: &[Node]) -> Result<(), GraphError> {
    let mut writers: HashMap<&str, &Node> = HashMap::new();
    for node in nodes {
        for port in &node.config.output_side_packets {
            if let Some(first) = writers.insert(&port.name, node) {
                return Err(GraphError::DuplicateSidePacket {
                    side_packet: port.name.clone(),
                    first: first.config.title(),
                    second: node.config.title(),
                });
            }
        }
    }
    Ok(())
}
