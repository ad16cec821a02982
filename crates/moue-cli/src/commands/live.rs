//! `moue live`: frames through the graph `facial_search`, in a window, in the terminal or as JSON.

use crate::args::LiveArgs;
use crate::args::shared::SourceArgs;
use crate::commands::{graph, open_gallery};
use crate::output::print_json;
use crate::report::Outcome;
use crate::view::View;
use anyhow::{Context, Result};
use moue::gallery::Entry;
use moue::video::{
    FrameSource, MatchStabilizer, RawFrames, StabilizerOptions, TimedFrame, open_source,
};
use moue::{Expression, Frame, Match};
use moue_graph::{
    Classification, Collection, Detection, Executor, Graph, GraphConfig, Image, Library, NodeStats,
    Packet, Run, RunBuilder, Timestamp,
};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) fn run(args: LiveArgs) -> Result<Outcome> {
    if args.json {
        return json_lines(&args);
    }
    #[cfg(feature = "window")]
    if args.window || (!args.terminal && crate::window::is_possible()) {
        return crate::window::with_window(move || {
            show(&args, |image| Ok(crate::window::show(image)))
        });
    }
    anyhow::ensure!(
        !args.window,
        "this moue was built without its window; --terminal works"
    );
    show(&args, |image| crate::terminal::show(&image).map(|()| true))
}

fn open(source: &SourceArgs) -> Result<Box<dyn FrameSource>> {
    if let Some(raw) = source.raw {
        return Ok(Box::new(RawFrames::new(
            std::io::stdin(),
            raw.width,
            raw.height,
            raw.rate,
        )));
    }
    match &source.video {
        Some(path) => open_source(path).with_context(|| path.display().to_string()),
        None => camera(&source.camera).with_context(|| format!("camera {}", source.camera)),
    }
}

/// A camera, through the system's interface where the program was built with it.
pub(crate) fn camera(name: &str) -> Result<Box<dyn FrameSource>> {
    #[cfg(feature = "camera")]
    return Ok(Box::new(crate::camera::NativeCamera::open(name)?));
    #[cfg(not(feature = "camera"))]
    Ok(Box::new(moue::video::Ffmpeg::camera(name)?))
}

/// What the graph has found last.
#[derive(Default)]
struct Found {
    frame: Option<Arc<Image>>,
    faces: Vec<Detection>,
    matches: Vec<Match>,
    embedding: Option<Vec<f32>>,
    /// The time of `faces`, from the start.
    time: Duration,
    /// Counts the answers.
    number: u64,
}

/// How many matches more than are shown are looked up, so that the distance of the shown one is
/// known.
const SPARE: usize = 5;

/// The built-in graph with another `top_k`, and faces followed from frame to frame rather than
/// found anew in each.
fn facial_search(top: usize) -> Result<Arc<Graph>> {
    let mut config = GraphConfig::parse(Library::BUILTIN[0].1)?;
    for node in config
        .nodes
        .iter_mut()
        .filter(|n| n.calculator == "ClosestEmbeddingsCalculator")
    {
        let options = format!("top_k: {top}");
        *node = std::mem::take(node)
            .options("mediapipe.ClosestEmbeddingsCalculatorOptions", &options)?;
    }
    for node in config
        .nodes
        .iter_mut()
        .filter(|n| n.calculator == "MoueFaceDetectionSubgraph")
    {
        "FaceTrackingCalculator".clone_into(&mut node.calculator);
    }
    let library = Library::builtin(moue_graph::Variant::Cpu);
    Ok(Arc::new(Graph::new(&config, &library, &graph::registry())?))
}

/// The graph with its gallery, and where its answers arrive.
struct Search {
    run: Run,
    found: Arc<Mutex<Found>>,
    /// The gallery's vectors by their ids.
    expressions: HashMap<u64, Expression>,
}

impl Search {
    fn start(args: &LiveArgs, executor: Executor) -> Result<Self> {
        let gallery = open_gallery(&args.gallery.gallery)?;
        let (collection, labels) = Collection::from_gallery(&gallery)?;
        let entries = gallery.entries()?;
        let expressions = gallery.expressions()?.into_iter().collect();
        let found = Arc::new(Mutex::new(Found::default()));
        let builder = RunBuilder::new(facial_search(usize::from(args.top) + SPARE)?)
            .executor(executor)
            .side_packet("embeddings_collection", Packet::new(collection))
            .side_packet("collection_labels", Packet::new(labels));
        Ok(Self {
            run: observed(builder, &found, entries)?.start()?,
            found,
            expressions,
        })
    }

    fn send(&mut self, frame: TimedFrame) -> Result<()> {
        let at = Timestamp::after(frame.time).context("the source runs for too long")?;
        Ok(self
            .run
            .send("input_frame", Packet::new(frame.frame).at(at))?)
    }

    /// How far a face is from a picture of the gallery.
    fn distance(&self, embedding: Option<&Vec<f32>>, shown: &Match) -> Option<f32> {
        let face = Expression(embedding?.as_slice().try_into().ok()?);
        Some(self.expressions.get(&shown.id)?.distance(&face))
    }

    fn finish(self) -> Result<Vec<NodeStats>> {
        Ok(self.run.finish()?)
    }
}

fn with<T>(found: &Mutex<Found>, change: impl FnOnce(&mut Found) -> T) -> T {
    change(&mut found.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Writes what comes out of the graph into `found`.
fn observed(
    builder: RunBuilder,
    found: &Arc<Mutex<Found>>,
    entries: Vec<Entry>,
) -> Result<RunBuilder> {
    let [frames, faces, vectors, memes] = std::array::from_fn(|_| found.clone());
    let builder = builder
        .observe("throttled_frame", move |packet| {
            with(&frames, |f| f.frame = packet.share())
        })?
        .observe("detections", move |packet| {
            with(&faces, |f| {
                f.faces = packet.get().cloned().unwrap_or_default();
                (f.matches, f.embedding) = (Vec::new(), None);
                f.time = packet.timestamp().elapsed();
                f.number += u64::from(f.faces.is_empty());
            });
        })?
        .observe("embeddings", move |packet| {
            with(&vectors, |f| f.embedding = packet.get().cloned())
        })?
        .observe("memes", move |packet| {
            let nearest = packet
                .get::<Vec<Classification>>()
                .cloned()
                .unwrap_or_default();
            with(&memes, |f| {
                f.matches = nearest
                    .iter()
                    .filter_map(|c| matched(c, &entries))
                    .collect();
                f.number += 1;
            });
        })?;
    Ok(builder)
}

fn matched(found: &Classification, entries: &[Entry]) -> Option<Match> {
    let entry = entries.get(found.index)?;
    Some(Match {
        id: entry.id,
        label: entry.label.clone(),
        path: entry.path.clone(),
        distance: found.score,
        ..Match::default()
    })
}

fn steady(args: &LiveArgs) -> MatchStabilizer {
    MatchStabilizer::new(StabilizerOptions {
        margin: args.margin,
        hold: Duration::from_millis(u64::try_from(args.hold).unwrap_or(0)),
        ..StabilizerOptions::default()
    })
}

/// What `--json` prints for a frame.
#[derive(Serialize)]
struct LiveLine<'a> {
    schema: &'static str,
    /// Microseconds from the start.
    timestamp: i64,
    width: usize,
    height: usize,
    faces: Vec<Detection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding: Option<Vec<f32>>,
    /// The nearest pictures to this frame.
    matches: &'a [Match],
    /// Those that a window would show, which change less often.
    shown: &'a [Match],
}

/// Every frame of a file; of a camera, those that can be handled.
fn json_lines(args: &LiveArgs) -> Result<Outcome> {
    let mut source = open(&args.source)?;
    let mut search = Search::start(args, Executor::Inline)?;
    let (mut steady, mut outcome) = (steady(args), Outcome::Missing);
    for _ in 0..args.frames.unwrap_or(u64::MAX) {
        let Some(frame) = source.next_frame()? else {
            break;
        };
        let time = frame.time;
        let size = [frame.frame.width(), frame.frame.height()];
        with(&search.found, |f| {
            (f.faces, f.matches, f.embedding) = Default::default()
        });
        search.send(frame)?;
        let (faces, matches, embedding) = with(&search.found, |f| {
            (f.faces.clone(), f.matches.clone(), f.embedding.take())
        });
        let shown = steady.update(time, &matches, |shown| {
            search.distance(embedding.as_ref(), shown)
        });
        if !matches.is_empty() {
            outcome = Outcome::Found;
        }
        let embedding = embedding.filter(|_| args.log_embeddings);
        let (matches, shown) = (top(&matches, args), top(shown, args));
        let [width, height] = size;
        let schema = "moue.live/1";
        print_json(&LiveLine {
            schema,
            timestamp: time.as_micros() as i64,
            width,
            height,
            faces,
            embedding,
            matches,
            shown,
        })?;
    }
    search.finish()?;
    Ok(outcome)
}

fn top<'a>(matches: &'a [Match], args: &LiveArgs) -> &'a [Match] {
    &matches[..matches.len().min(usize::from(args.top))]
}

/// Plays the source in its own time and shows every answer, until `display` says that it is enough.
fn show(args: &LiveArgs, mut display: impl FnMut(Image) -> Result<bool>) -> Result<Outcome> {
    let mut source = open(&args.source)?;
    let mut search = Search::start(args, Executor::Threads(1))?;
    let (mut steady, mut view, mut drawn) = (steady(args), View::default(), 0);
    let start = Instant::now();
    for _ in 0..args.frames.unwrap_or(u64::MAX) {
        let Some(frame) = source.next_frame()? else {
            break;
        };
        if !source.is_live() {
            std::thread::sleep(frame.time.saturating_sub(start.elapsed()));
        }
        search.send(frame)?;
        if !redraw(
            &search,
            &mut steady,
            &mut view,
            &mut drawn,
            args,
            &mut display,
        )? {
            break;
        }
    }
    search.run.wait_until_idle();
    redraw(
        &search,
        &mut steady,
        &mut view,
        &mut drawn,
        args,
        &mut display,
    )?;
    hold(args, &*source);
    search.finish()?;
    Ok(Outcome::Found)
}

/// A single picture stays until a key is pressed.
fn hold(args: &LiveArgs, source: &dyn FrameSource) {
    let still = args
        .source
        .video
        .as_ref()
        .is_some_and(|path| !moue::video::is_video(path));
    #[cfg(feature = "window")]
    if still && !source.is_live() && !args.terminal && crate::window::is_possible() {
        crate::window::wait_until_closed();
    }
    #[cfg(not(feature = "window"))]
    let _ = (still, source);
}

/// Shows the newest answer, if there is one that was not shown yet.
fn redraw(
    search: &Search,
    steady: &mut MatchStabilizer,
    view: &mut View,
    drawn: &mut u64,
    args: &LiveArgs,
    display: &mut impl FnMut(Image) -> Result<bool>,
) -> Result<bool> {
    let answer = with(&search.found, |f| {
        let new = f.number > *drawn;
        *drawn = f.number;
        new.then(|| {
            (
                f.frame.clone(),
                f.faces.clone(),
                f.matches.clone(),
                f.embedding.clone(),
                f.time,
            )
        })
    });
    #[cfg(feature = "window")]
    if crate::window::is_closed() {
        return Ok(false);
    }
    let Some((Some(frame), faces, matches, embedding, time)) = answer else {
        return Ok(true);
    };
    let shown = steady.update(time, &matches, |shown| {
        search.distance(embedding.as_ref(), shown)
    });
    let frame: &Frame<'_> = &frame;
    display(view.draw(frame, &faces, shown, usize::from(args.top)))
}
