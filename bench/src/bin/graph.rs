//! CPU time a frame of graphs on a video: `cargo run --release -p moue-bench --bin graph -- VIDEO
//! MODELS`.
//!
//! MODELS is a folder with `mediapipe/models/face_detection_front.tflite`, its label map and
//! `face_embeddings.tflite`; `bench/README.md` explains how to make it. The same graph in MediaPipe
//! is measured by `bench/mediapipe_graph.py`.

use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::video::{FrameSource, open_source};
use moue::{Finder, Gallery};
use moue_graph::{
    Collection, Graph, GraphConfig, Image, Library, Packet, Registry, Resources, Run, RunBuilder,
    Timestamp, Variant,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rounds; of each frame the best counts, so that other load on the machine matters little.
const ROUNDS: usize = 9;

/// Microseconds from frame to frame: 30 frames a second.
const FRAME_INTERVAL: i64 = 33_333;

/// What is measured: a name, and what is done with each frame.
type Case<'a> = (
    &'a str,
    Box<dyn FnMut(usize, &Arc<Image>) -> Result<()> + 'a>,
);

/// The mean over frames of the least CPU time, in milliseconds; the cases take turns.
fn measure(frames: &[Arc<Image>], cases: &mut [Case<'_>]) -> Result<Vec<f64>> {
    let mut least = vec![vec![f64::INFINITY; frames.len()]; cases.len()];
    for round in 0..ROUNDS {
        for (number, frame) in frames.iter().enumerate() {
            for ((_, work), least) in cases.iter_mut().zip(&mut least) {
                let start = ProcessTime::now();
                work(round * frames.len() + number, frame)?;
                least[number] = least[number].min(start.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    let means = least
        .iter()
        .map(|times| times.iter().sum::<f64>() / frames.len() as f64);
    Ok(means.collect())
}

fn send(run: &mut Run, number: usize, frame: &Arc<Image>) -> Result<()> {
    let at = Timestamp::new(number as i64 * FRAME_INTERVAL).context("too late")?;
    Ok(run.send("input_frame", Packet::shared(frame.clone()).at(at))?)
}

fn read_frames(video: &Path) -> Result<Vec<Arc<Image>>> {
    let mut source = open_source(video)?;
    let mut frames = Vec::new();
    while let Some(timed) = FrameSource::next_frame(&mut *source)? {
        frames.push(Arc::new(timed.frame));
    }
    Ok(frames)
}

/// Our networks in the graph that the library ships.
fn our_graph() -> Result<Run> {
    let config = GraphConfig::parse(Library::BUILTIN[0].1)?;
    let library = Library::builtin(Variant::Cpu);
    let graph = Graph::new(&config, &library, &Registry::standard())?;
    let (collection, labels) = Collection::from_gallery(&Gallery::builtin()?)?;
    Ok(RunBuilder::new(Arc::new(graph))
        .side_packet("embeddings_collection", Packet::new(collection))
        .side_packet("collection_labels", Packet::new(labels))
        .start()?)
}

/// The tutorial's networks in its own graph.
fn tutorial_graph(models: PathBuf) -> Result<Run> {
    let config = GraphConfig::parse(include_str!("../../tutorial.pbtxt"))?;
    let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
    Ok(RunBuilder::new(Arc::new(graph))
        .resources(Resources::new(Some(models)))
        .start()?)
}

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let video = args.next().context("VIDEO is missing")?;
    let models = args.next().context("MODELS is missing")?;
    let frames = read_frames(&video)?;
    let first = frames.first().context("the video has no frames")?;
    let count = frames.len();
    println!("{count} frames of {}×{}\n", first.width(), first.height());

    let mut finder = Finder::new(Gallery::builtin()?)?;
    let mut ours = our_graph()?;
    let mut tutorial = tutorial_graph(models)?;
    let mut cases: [Case<'_>; 3] = [
        (
            "our networks, called directly (Finder)",
            Box::new(|_, frame| Ok(finder.find(frame).map(drop)?)),
        ),
        (
            "our networks, crates/moue-graph/graphs/facial_search.pbtxt",
            Box::new(|number, frame| send(&mut ours, number, frame)),
        ),
        (
            "the tutorial's networks, bench/tutorial.pbtxt",
            Box::new(|number, frame| send(&mut tutorial, number, frame)),
        ),
    ];
    let times = measure(&frames, &mut cases)?;
    print_times(&cases, &times);
    Ok(())
}

fn print_times(cases: &[Case<'_>], times: &[f64]) {
    println!("| CPU time a frame | ms |\n|---|---|");
    for ((name, _), time) in cases.iter().zip(times) {
        println!("| {name:<45} | {time:>7.3} |");
    }
    let overhead = (times[1] / times[0] - 1.0) * 100.0;
    println!("\nthe graph adds {overhead:.1} % to the work it carries");
}
