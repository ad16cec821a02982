//! Runs one calculator in a test.

use crate::config::{GraphConfig, Library, NodeConfig};
use crate::graph::Graph;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::run::{RunBuilder, RunError};
use std::sync::{Arc, mpsc};

/// Runs a graph of one node whose output stream is named `out`. Each packet is sent to the input
/// stream named beside it; those of `out` are returned.
pub(super) fn run_node(
    node: NodeConfig,
    packets: &[(&str, Packet)],
) -> Result<Vec<Packet>, RunError> {
    let config = GraphConfig {
        inputs: node.inputs.clone(),
        ..GraphConfig::default()
    };
    let config = config.output("out").node(node);
    let graph = Graph::new(&config, &Library::default(), &Registry::standard()).unwrap();
    let (sender, receiver) = mpsc::channel();
    let mut run = RunBuilder::new(Arc::new(graph))
        .observe("out", move |packet| sender.send(packet.clone()).unwrap())?
        .start()?;
    for (stream, packet) in packets {
        run.send(stream, packet.clone()).unwrap();
    }
    run.finish()?;
    Ok(receiver.iter().collect())
}
