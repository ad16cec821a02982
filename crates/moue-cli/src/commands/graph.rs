//! `moue graph`.

use crate::args::GraphArgs;
use crate::graphs;
use crate::output::{print_block, print_line};
use crate::report::Outcome;
use anyhow::Result;
use moue_graph::{Graph, PacketType, PortInfo};

pub(crate) fn run(args: &GraphArgs) -> Result<Outcome> {
    let Some(files) = args.graph.as_ref().filter(|_| !args.calculators) else {
        return list_calculators();
    };
    let graph = graphs::load(files)?;
    if args.dot {
        print_block(graph.to_dot().trim_end())?;
    } else if args.svg {
        print_block(graph.to_svg().trim_end())?;
    } else {
        print_summary(&graph)?;
    }
    Ok(Outcome::Found)
}

/// Prints every calculator with its ports and options.
fn list_calculators() -> Result<Outcome> {
    for calculator in graphs::registry().describe() {
        print_line(&calculator.name)?;
        if calculator.ports.is_empty() {
            print_line("  ports: those of the node")?;
        }
        for port in &calculator.ports {
            print_port(port)?;
        }
        for option in &calculator.options {
            print_line(&format!("  option {}: {}", option.name, option.field_type))?;
        }
    }
    Ok(Outcome::Found)
}

fn print_port(port: &PortInfo) -> Result<()> {
    let types: Vec<String> = port.types.iter().map(|t| t.name()).collect();
    let types = if types.is_empty() {
        "anything".to_owned()
    } else {
        types.join(" or ")
    };
    let tag = if port.tag.is_empty() {
        "without a tag"
    } else {
        port.tag.as_str()
    };
    print_line(&format!("  {} {tag}: {types}, {}", port.kind, port.count))
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
