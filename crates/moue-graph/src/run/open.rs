//! Opening the calculators of a graph.

use super::call::guarded;
use super::error::RunError;
use super::node::NodeState;
use crate::calculator::{Context, NodeInfo};
use crate::config::Port;
use crate::graph::{Graph, Node};
use crate::packet::{Packet, PacketType, Timestamp};
use crate::resources::Resources;
use std::collections::HashMap;
use std::sync::Arc;

/// Makes and opens all calculators, each after those whose side packets it reads.
pub(super) fn open_nodes(
    graph: &Graph,
    side_packets: HashMap<String, Packet>,
    resources: &Arc<Resources>,
) -> Result<Vec<NodeState>, RunError> {
    let mut opener = Opener {
        side_packets,
        resources,
    };
    let mut opened: Vec<Option<NodeState>> = graph.nodes.iter().map(|_| None).collect();
    // The order of streams does not cover side packets, which only flow while nodes open. Hence a
    // search for the next node that has all of its own, until there is none.
    while let Some(index) = (0..opened.len())
        .find(|i| opened[*i].is_none() && opener.missing(&graph.nodes[*i]).is_none())
    {
        opened[index] = Some(opener.open(&graph.nodes[index])?);
    }
    for (node, state) in graph.nodes.iter().zip(&opened) {
        if state.is_none() {
            return Err(opener.missing_error(node));
        }
    }
    Ok(opened.into_iter().flatten().collect())
}

struct Opener<'a> {
    side_packets: HashMap<String, Packet>,
    resources: &'a Arc<Resources>,
}

impl Opener<'_> {
    /// The first side packet of a node that is not there.
    fn missing<'a>(&self, node: &'a Node) -> Option<&'a Port> {
        let mut ports = node.config.input_side_packets.iter();
        ports.find(|p| !self.side_packets.contains_key(&p.name))
    }

    fn missing_error(&self, node: &Node) -> RunError {
        let missing = self.missing(node).map(|p| p.name.clone());
        RunError::MissingSidePacket {
            node: node.config.title(),
            side_packet: missing.unwrap_or_default(),
        }
    }

    fn open(&mut self, node: &Node) -> Result<NodeState, RunError> {
        let ports = &node.config.input_side_packets;
        let read: Result<Vec<Packet>, RunError> =
            ports.iter().map(|port| self.read(node, port)).collect();
        let info = Arc::new(NodeInfo {
            config: node.config.clone(),
            side_packets: read?,
            resources: self.resources.clone(),
        });
        let mut calculator = (node.factory.make)();
        let mut context = Context::new(&info, Timestamp::default(), &[], &[]);
        guarded(&info, || calculator.open(&mut context))?;
        for (port, packet) in context.side_packets {
            let name = node.config.output_side_packets[port].name.clone();
            self.side_packets.insert(name, packet);
        }
        Ok(NodeState::new(node, info.clone(), calculator))
    }

    /// The side packet at a port, which must have the type that the contract declares.
    fn read(&self, node: &Node, port: &Port) -> Result<Packet, RunError> {
        let packet = self.side_packets[&port.name].clone();
        let declared = node.contract.input_side_packets.of(&port.tag);
        let types = declared.map_or(&[][..], |p| &p.types);
        if types.is_empty() || types.contains(&packet.packet_type()) {
            return Ok(packet);
        }
        Err(RunError::SidePacketType {
            node: node.config.title(),
            side_packet: port.name.clone(),
            expected: PacketType::names(types),
            actual: packet.packet_type().name(),
        })
    }
}
