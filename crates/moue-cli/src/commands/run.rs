//! `moue run`: any graph on any source.

use crate::args::RunArgs;
use crate::commands::graph;
use crate::output::print_json;
use crate::report::Outcome;
use crate::side_packets;
use anyhow::{Context, Result, bail};
use moue::video::{FrameSource, TimedFrame, open_source};
use moue_graph::{
    Classification, Detection, Executor, Graph, Image, NormRect, Packet, Resources, Run,
    RunBuilder, SendError, Tensors, Timestamp,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

pub(crate) fn run(args: RunArgs) -> Result<Outcome> {
    let graph = graph::load(&args.graph)?;
    #[cfg(feature = "window")]
    if graph
        .nodes()
        .any(|node| node.contains("ImageWindowCalculator"))
    {
        return crate::window::with_window(move || {
            execute(&args, graph, Some(&crate::window::wait_until_closed))
        });
    }
    execute(&args, graph, None)
}

/// Feeds the graph and prints what comes out. With a window, frames keep their times, and the last
/// one stays.
fn execute(args: &RunArgs, graph: Arc<Graph>, window: Option<&dyn Fn()>) -> Result<Outcome> {
    let mut sources = sources(args, &graph)?;
    let (builder, lines) = prepare(args, graph)?;
    let mut run = builder.start()?;
    let fed = feed(&mut run, &mut sources, window.is_some(), || print(&lines));
    if let (Some(wait), Ok(())) = (window, &fed) {
        wait();
    }
    let result = run.finish_traced();
    print(&lines)?;
    let (_, trace) = result?;
    fed?;
    if let (Some(path), Some(trace)) = (&args.trace, trace) {
        std::fs::write(path, trace.to_json())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Found)
}

/// A stream and where its frames come from.
struct Feed {
    stream: String,
    source: Box<dyn FrameSource>,
    next: Option<TimedFrame>,
}

fn sources(args: &RunArgs, graph: &Graph) -> Result<Vec<Feed>> {
    let mut feeds: Vec<Feed> = Vec::new();
    for input in &args.input {
        let (stream, name) = input
            .split_once('=')
            .with_context(|| format!("--input {input}: write STREAM=SOURCE"))?;
        if !graph.inputs().any(|known| known == stream) {
            let known: Vec<&str> = graph.inputs().collect();
            bail!(
                "the graph has no input {stream}; it has {}",
                known.join(", ")
            );
        }
        let mut source: Box<dyn FrameSource> = match name.strip_prefix("camera:") {
            Some(camera) => crate::commands::live::camera(camera)?,
            None => open_source(Path::new(name)).with_context(|| name.to_owned())?,
        };
        let next = source.next_frame().with_context(|| name.to_owned())?;
        feeds.push(Feed {
            stream: stream.to_owned(),
            source,
            next,
        });
    }
    Ok(feeds)
}

fn prepare(args: &RunArgs, graph: Arc<Graph>) -> Result<(RunBuilder, Receiver<Line>)> {
    let threads = args.threads.or(graph.num_threads()).unwrap_or(0);
    let executor = if threads == 0 {
        Executor::Inline
    } else {
        Executor::Threads(threads)
    };
    let mut builder = RunBuilder::new(graph.clone())
        .executor(executor)
        .resources(Resources::new(args.models.clone()))
        .trace(args.trace.is_some());
    let mut given = Vec::new();
    for side in &args.side {
        let (name, path) = side
            .split_once('=')
            .with_context(|| format!("--side {side}: write NAME=FILE"))?;
        builder = builder.side_packet(name, side_packets::read(&graph, name, Path::new(path))?);
        given.push(name.to_owned());
    }
    if args.graph.graph.starts_with("builtin:") {
        for (name, packet) in side_packets::builtin(&graph, &given)? {
            builder = builder.side_packet(&name, packet);
        }
    }
    let outputs = if args.output.is_empty() {
        graph.outputs().map(str::to_owned).collect()
    } else {
        args.output.clone()
    };
    let (sender, receiver) = channel();
    for stream in outputs {
        let sender = sender.clone();
        builder = builder.observe(&stream.clone(), move |packet| {
            // Nobody listens any more once the run is over.
            let _ = sender.send(Line {
                stream: stream.clone(),
                timestamp: packet.timestamp().micros(),
                value: value(packet),
            });
        })?;
    }
    Ok((builder, receiver))
}

/// Sends frames in the order of their times until all sources or the graph have ended.
fn feed(
    run: &mut Run,
    feeds: &mut [Feed],
    paced: bool,
    mut after: impl FnMut() -> Result<()>,
) -> Result<()> {
    let start = Instant::now();
    while let Some(feed) = feeds
        .iter_mut()
        .filter(|f| f.next.is_some())
        .min_by_key(|f| f.next.as_ref().map(|n| n.time))
    {
        let Some(TimedFrame { frame, time }) = feed.next.take() else {
            break;
        };
        if paced && !feed.source.is_live() {
            std::thread::sleep(time.saturating_sub(start.elapsed()));
        }
        let at = Timestamp::after(time).context("the source runs for too long")?;
        match run.send(&feed.stream, Packet::new(frame).at(at)) {
            Err(SendError::Closed { .. }) if run.has_ended() => return Ok(()),
            other => other?,
        }
        after()?;
        feed.next = feed.source.next_frame()?;
        if feed.next.is_none() {
            run.close_input(&feed.stream)?;
        }
    }
    Ok(())
}

fn print(lines: &Receiver<Line>) -> Result<()> {
    lines.try_iter().try_for_each(|line| print_json(&line))
}

/// A packet as it is printed.
#[derive(Serialize)]
struct Line {
    stream: String,
    timestamp: i64,
    value: Box<RawValue>,
}

/// A packet's value as JSON, its numbers as short as they are in the other commands.
fn value(packet: &Packet) -> Box<RawValue> {
    fn of<T: Serialize + 'static>(packet: &Packet) -> Option<Box<RawValue>> {
        packet.get::<T>().and_then(|v| to_raw_value(v).ok())
    }
    let known = of::<Vec<Detection>>(packet)
        .or_else(|| of::<Vec<f32>>(packet))
        .or_else(|| of::<Vec<Classification>>(packet))
        .or_else(|| of::<NormRect>(packet))
        .or_else(|| of::<Vec<NormRect>>(packet))
        .or_else(|| of::<[f32; 4]>(packet))
        .or_else(|| of::<f32>(packet))
        .or_else(|| of::<bool>(packet))
        .or_else(|| of::<(usize, usize)>(packet))
        .or_else(|| of::<String>(packet));
    known
        .or_else(|| to_raw_value(&described(packet)).ok())
        .unwrap_or_default()
}

/// Pictures and tensors are too long to print; their sizes stand for them.
fn described(packet: &Packet) -> Value {
    if let Some(image) = packet.get::<Image>() {
        return json!({"width": image.width(), "height": image.height()});
    }
    match packet.get::<Tensors>() {
        Some(tensors) => json!(
            tensors
                .iter()
                .map(|t| json!({"shape": t.shape}))
                .collect::<Vec<_>>()
        ),
        None => json!({"type": packet.packet_type().name()}),
    }
}
