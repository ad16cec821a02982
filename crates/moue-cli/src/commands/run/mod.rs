//! `moue run`: any graph on any source.

mod feeds;
mod values;

use crate::args::RunArgs;
use crate::files::{JSON_MARK, Kind, OutputFile, Outputs};
use crate::inputs::WANTED_CHECK;
use crate::output::print_json;
use crate::report::Outcome;
use crate::{graphs, side_packets};
use anyhow::{Context, Result};
use feeds::{Feeds, Pace};
use moue_graph::{Executor, Graph, Packet, Resources, RunBuilder};
use serde::Serialize;
use serde_json::value::RawValue;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

pub(crate) fn run(args: RunArgs) -> Result<Outcome> {
    args.device.choose()?;
    let graph = graphs::load(&args.graph)?;
    #[cfg(feature = "window")]
    if graph
        .nodes()
        .any(|node| node.contains("ImageWindowCalculator"))
    {
        use crate::window::{Closing, Desktop, is_closed};
        return Desktop::open()?.run(Closing::OnAnyKey, move || {
            execute(&args, graph, Some(&is_closed))
        });
    }
    execute(&args, graph, None)
}

/// Feeds the graph and prints what comes out. With a window, frames keep their times, and the
/// last one stays until the window is closed; `is_closed` returns whether it is.
fn execute(
    args: &RunArgs,
    graph: Arc<Graph>,
    is_closed: Option<&dyn Fn() -> bool>,
) -> Result<Outcome> {
    let trace_file = trace_file(args)?;
    let pace = Pace { is_closed };
    let mut feeds = Feeds::open(args, &graph, pace)?;
    let (builder, lines) = prepare(args, graph)?;
    let mut run = builder.start()?;
    let fed = feeds.send_all(&mut run, || print(&lines));
    while fed.is_ok() && pace.has_window_open() {
        std::thread::sleep(WANTED_CHECK);
    }
    let result = run.finish_traced();
    // What came out before an error is printed too.
    print(&lines)?;
    let (_, trace) = result?;
    fed?;
    if let (Some(file), Some(trace)) = (&trace_file, trace) {
        file.write(&marked(&trace.to_json()))?;
    }
    Ok(Outcome::Found)
}

fn trace_file(args: &RunArgs) -> Result<Option<OutputFile>> {
    let sources = args.input.iter().chain(&args.side_packets);
    let files = sources.filter_map(|source| Some(source.split_once('=')?.1));
    let inputs = files.chain([args.graph.graph.as_str()]);
    Outputs::new(args.overwrite.force, inputs).optional(
        "--trace",
        args.trace.as_deref(),
        Kind::Json,
    )
}

/// A JSON object with moue's mark as its first key.
fn marked(json: &str) -> Vec<u8> {
    let rest = json.strip_prefix('{').unwrap_or(json);
    format!("{{{JSON_MARK},{rest}").into_bytes()
}

/// A packet as it is printed.
#[derive(Serialize)]
struct Line {
    schema: &'static str,
    stream: String,
    /// Microseconds.
    timestamp: i64,
    value: Box<RawValue>,
}

fn print(lines: &Receiver<Line>) -> Result<()> {
    lines.try_iter().try_for_each(|line| print_json(&line))
}

/// The run as the options describe it, and the lines that its observers send. The channel is
/// unbounded, as observers must not wait: they run while the whole run is locked.
fn prepare(args: &RunArgs, graph: Arc<Graph>) -> Result<(RunBuilder, Receiver<Line>)> {
    let mut builder = RunBuilder::new(graph.clone())
        .executor(executor(args, &graph))
        .resources(Resources::new(args.models.clone()))
        .trace(args.trace.is_some());
    for (name, packet) in side_packets(args, &graph)? {
        builder = builder.side_packet(&name, packet);
    }
    let (sender, lines) = channel();
    for stream in outputs(args, &graph) {
        builder = observe(builder, stream, sender.clone())?;
    }
    Ok((builder, lines))
}

fn executor(args: &RunArgs, graph: &Graph) -> Executor {
    match args.threads.or(graph.num_threads()).unwrap_or(0) {
        0 => Executor::Inline,
        threads => Executor::Threads(threads),
    }
}

/// The side packets that were given, and for a built-in graph the built-in gallery as the others.
fn side_packets(args: &RunArgs, graph: &Graph) -> Result<Vec<(String, Packet)>> {
    let mut packets = Vec::new();
    for given in &args.side_packets {
        let (name, path) = given
            .split_once('=')
            .with_context(|| format!("--side {given}: write NAME=FILE"))?;
        let packet = side_packets::read(graph, name, Path::new(path))?;
        packets.push((name.to_owned(), packet));
    }
    if args.graph.graph.starts_with("builtin:") {
        let given: Vec<String> = packets.iter().map(|(name, _)| name.clone()).collect();
        packets.extend(side_packets::builtin(graph, &given)?);
    }
    Ok(packets)
}

/// The streams to print.
fn outputs(args: &RunArgs, graph: &Graph) -> Vec<String> {
    if args.output.is_empty() {
        graph.outputs().map(str::to_owned).collect()
    } else {
        args.output.clone()
    }
}

fn observe(builder: RunBuilder, stream: String, lines: Sender<Line>) -> Result<RunBuilder> {
    let name = stream.clone();
    Ok(builder.observe(&name, move |packet| {
        // After an error nobody receives any more, and the run is ending anyway.
        let _ = lines.send(Line {
            schema: "moue.run/1",
            stream: stream.clone(),
            timestamp: packet.timestamp().micros(),
            value: values::to_json(packet),
        });
    })?)
}
