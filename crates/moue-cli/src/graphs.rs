//! Reading graph files with the subgraphs that they use.

use crate::args::{GraphFiles, Variant};
use crate::{output, report};
use anyhow::{Context, Result, anyhow};
use moue_graph::{Graph, GraphConfig, Library, Registry};
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

const BUILTIN_PREFIX: &str = "builtin:";

/// All calculators that the program has.
pub(crate) fn registry() -> Registry {
    #[allow(unused_mut, reason = "without a window there is nothing to add")]
    let mut registry = Registry::standard();
    #[cfg(feature = "window")]
    registry.register::<crate::window::ImageWindow>("ImageWindowCalculator");
    registry
}

/// Reads a graph and the subgraphs that it may use: those given, those beside it, moue's own.
pub(crate) fn load(files: &GraphFiles) -> Result<Arc<Graph>> {
    let text = read(&files.graph)?;
    let config = GraphConfig::parse(&text).with_context(|| files.graph.clone())?;
    let library = library(files)?;
    let graph = Graph::new(&config, &library, &registry());
    Ok(Arc::new(graph.with_context(|| files.graph.clone())?))
}

/// The text of a graph file or of a built-in graph.
fn read(name: &str) -> Result<String> {
    match name.strip_prefix(BUILTIN_PREFIX) {
        Some(name) => builtin(name).map(str::to_owned),
        None => std::fs::read_to_string(name).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => {
                anyhow!("{name}: this is no graph file, which would be text in MediaPipe's format (.pbtxt)")
            }
            _ => anyhow!(error).context(format!("cannot read {name}")),
        }),
    }
}

/// The text of the built-in graph of this name.
pub(crate) fn builtin(name: &str) -> Result<&'static str> {
    let found = Library::BUILTIN.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text).with_context(|| {
        let known = Library::BUILTIN.map(|(name, _)| name).join(", ");
        format!("there is no built-in graph {name}; there are {known}")
    })
}

fn library(files: &GraphFiles) -> Result<Library> {
    let mut library = Library::builtin(match files.variant {
        Variant::Cpu => moue_graph::Variant::Cpu,
        Variant::Gpu => moue_graph::Variant::Gpu,
    });
    for path in &files.graphs {
        library.add(path)?;
    }
    if files.graphs.is_empty() && !files.graph.starts_with(BUILTIN_PREFIX) {
        add_neighbors(&mut library, Path::new(&files.graph));
    }
    Ok(library)
}

/// Adds the subgraphs in the folder of a graph. The user did not name the folder, and it may hold
/// files that have nothing to do with the graph, so an unreadable one is only reported; a subgraph
/// that is missed is an error when the graph is built.
fn add_neighbors(library: &mut Library, graph: &Path) {
    let folder = graph
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Err(error) = library.add(folder.unwrap_or(Path::new("."))) {
        output::message(&report::chain(&error.into()));
    }
}
