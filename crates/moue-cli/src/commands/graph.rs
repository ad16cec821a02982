//! `moue graph`, and reading graph files.

use crate::args::{GraphArgs, GraphFiles, Variant};
use crate::output::print_line;
use crate::report::Outcome;
use anyhow::{Context, Result};
use moue_graph::{Graph, GraphConfig, Library, Registry};
use std::path::Path;
use std::sync::Arc;

pub(crate) fn run(args: &GraphArgs) -> Result<Outcome> {
    let graph = load(&args.graph)?;
    if args.dot {
        print_line(graph.to_dot().trim_end())?;
    } else if args.svg {
        print_line(graph.to_svg().trim_end())?;
    } else {
        summary(&graph)?;
    }
    Ok(Outcome::Found)
}

fn summary(graph: &Graph) -> Result<()> {
    let list = |names: Vec<&str>| {
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    print_line(&format!("streams in:  {}", list(graph.inputs().collect())))?;
    print_line(&format!("streams out: {}", list(graph.outputs().collect())))?;
    for side_packet in graph.side_packets() {
        let packet_type = side_packet
            .packet_type
            .map_or_else(|| "anything".to_owned(), moue_graph::PacketType::name);
        print_line(&format!(
            "side packet: {}, {packet_type}, for {}",
            side_packet.name, side_packet.reader
        ))?;
    }
    for node in graph.nodes() {
        print_line(&format!("node:        {node}"))?;
    }
    Ok(())
}

/// All calculators that the program knows.
pub(crate) fn registry() -> Registry {
    #[allow(unused_mut, reason = "without a window there is nothing to add")]
    let mut registry = Registry::standard();
    #[cfg(feature = "window")]
    registry.register::<crate::window::ImageWindow>("ImageWindowCalculator");
    registry
}

/// Reads a graph and the subgraphs that it may use: those given, those beside it, moue's own.
pub(crate) fn load(files: &GraphFiles) -> Result<Arc<Graph>> {
    let variant = match files.variant {
        Variant::Cpu => moue_graph::Variant::Cpu,
        Variant::Gpu => moue_graph::Variant::Gpu,
    };
    let mut library = Library::builtin(variant);
    let builtin = files.graph.strip_prefix("builtin:");
    let text = match builtin {
        Some(name) => Library::BUILTIN
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, text)| (*text).to_owned())
            .with_context(|| {
                format!(
                    "there is no built-in graph {name}; there are {}",
                    Library::BUILTIN.map(|b| b.0).join(", ")
                )
            })?,
        None => std::fs::read_to_string(&files.graph)
            .with_context(|| format!("cannot read {}", files.graph))?,
    };
    let config = GraphConfig::parse(&text).with_context(|| files.graph.clone())?;
    for path in &files.graphs {
        library.add(path)?;
    }
    if builtin.is_none() && files.graphs.is_empty() {
        let folder = Path::new(&files.graph)
            .parent()
            .filter(|p| !p.as_os_str().is_empty());
        // What lies there may have nothing to do with this graph; a subgraph that is missed is an
        // error below.
        if let Err(error) = library.add(folder.unwrap_or(Path::new("."))) {
            eprintln!("moue: {error}");
        }
    }
    Ok(Arc::new(
        Graph::new(&config, &library, &registry()).with_context(|| files.graph.clone())?,
    ))
}
