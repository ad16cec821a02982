//! Graphs and subgraphs made of any bytes, most of them well-formed: an error or a graph that
//! opens, within bounds on memory and time.
#![no_main]

mod bounds;
#[path = "../../crates/moue-graph/tests/generator/mod.rs"]
mod generator;

use libfuzzer_sys::fuzz_target;
use moue_graph::{Graph, GraphConfig, Library, Registry, RunBuilder};
use std::sync::Arc;

fn try_out(text: &str, subgraphs: &[String]) -> Option<()> {
    let mut library = Library::default();
    for text in subgraphs {
        library.insert(GraphConfig::parse(text).ok()?);
    }
    let config = GraphConfig::parse(text).ok()?;
    let graph = Graph::new(&config, &library, &Registry::standard()).ok()?;
    let run = RunBuilder::new(Arc::new(graph)).start().ok()?;
    run.finish().map(drop).ok()
}

fuzz_target!(|source: &[u8]| {
    // The bytes as a text of their own, too, for what the generator does not write.
    let plain = String::from_utf8_lossy(source).into_owned();
    for (text, subgraphs) in [generator::graphs(source), (plain, Vec::new())] {
        let length = text.len() + subgraphs.iter().map(String::len).sum::<usize>();
        bounds::within(length, || {
            try_out(&text, &subgraphs);
        });
    }
});
