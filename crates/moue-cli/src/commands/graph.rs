//! `moue graph`.

use crate::args::GraphArgs;
use crate::graphs;
use crate::output::{print_block, print_line};
use crate::report::Outcome;
use anyhow::Result;
use moue_graph::{Graph, PacketType};

pub(crate) fn run(args: &GraphArgs) -> Result<Outcome> {
    let graph = graphs::load(&args.graph)?;
    if args.dot {
        print_block(graph.to_dot().trim_end())?;
    } else if args.svg {
        print_block(graph.to_svg().trim_end())?;
    } else {
        print_summary(&graph)?;
    }
    Ok(Outcome::Found)
}

fn print_summary(graph: &Graph) -> Result<()> {
    print_line(&format!("streams in:  {}", list(graph.inputs())))?;
    print_line(&format!("streams out: {}", list(graph.outputs())))?;
    for info in graph.side_packets() {
        let kind = info
            .packet_type
            .map_or_else(|| "anything".to_owned(), PacketType::name);
        print_line(&format!(
            "side packet: {}, {kind}, for {}",
            info.name, info.reader
        ))?;
    }
    for node in graph.nodes() {
        print_line(&format!("node:        {node}"))?;
    }
    Ok(())
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
