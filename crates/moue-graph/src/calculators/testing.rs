//! Runs one calculator, or a graph around it, in a test.

use crate::config::{GraphConfig, Library, NodeConfig};
use crate::graph::Graph;
use crate::packet::Packet;
use crate::registry::Registry;
use crate::run::{Run, RunBuilder, RunError};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

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
    run_graph(&config.output("out").node(node), &[], packets)
}

/// Runs a graph that has a stream named `out`, with side packets beside their names. Packets are
/// sent and returned as by [`run_node`].
pub(super) fn run_graph(
    config: &GraphConfig,
    side_packets: &[(&str, Packet)],
    packets: &[(&str, Packet)],
) -> Result<Vec<Packet>, RunError> {
    let (mut run, written) = start(config, side_packets)?;
    for (stream, packet) in packets {
        run.send(stream, packet.clone()).unwrap();
    }
    run.finish()?;
    Ok(written.iter().collect())
}

/// Starts a graph as [`run_graph`] does, for tests that read `out` while the graph runs: `send`,
/// `wait_until_idle`, then `try_iter` on the receiver.
pub(super) fn start(
    config: &GraphConfig,
    side_packets: &[(&str, Packet)],
) -> Result<(Run, Receiver<Packet>), RunError> {
    let graph = Graph::new(config, &Library::default(), &Registry::standard()).unwrap();
    let (sender, written) = mpsc::channel();
    let mut builder = RunBuilder::new(Arc::new(graph))
        .observe("out", move |packet| sender.send(packet.clone()).unwrap())?;
    for (name, packet) in side_packets {
        builder = builder.side_packet(name, packet.clone());
    }
    Ok((builder.start()?, written))
}
