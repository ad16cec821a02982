//! The graph `facial_search` with a gallery, and its newest answer.

use crate::args::LiveArgs;
use crate::{graphs, inputs};
use anyhow::{Context, Result};
use moue::gallery::Entry;
use moue::video::{MatchStabilizer, StabilizerOptions, TimedFrame};
use moue::{Expression, Match};
use moue_graph::{
    Classification, Collection, Detection, Executor, Graph, GraphConfig, Image, Library, Packet,
    Run, RunBuilder, Timestamp, Variant,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Matches that are searched beyond those that are shown. The shown match changes less often than
/// the nearest one; with a few more it is usually still among them when others have come nearer.
const SPARE_MATCHES: usize = 5;

/// The newest answer of the graph.
#[derive(Clone, Default)]
pub(super) struct Answer {
    pub(super) frame: Option<Arc<Image>>,
    pub(super) faces: Vec<Detection>,
    pub(super) matches: Vec<Match>,
    pub(super) embedding: Option<Vec<f32>>,
    /// The time of `faces` from the start.
    pub(super) time: Duration,
    /// Counts the answers. A frame with a face is answered when its matches have come, one without
    /// when its detections have.
    pub(super) number: u64,
}

impl Answer {
    fn set_frame(&mut self, packet: &Packet) {
        self.frame = packet.share();
    }

    fn set_faces(&mut self, packet: &Packet) {
        self.faces = packet.get().cloned().unwrap_or_default();
        // What is left of the frame before must not be shown with these faces.
        self.matches.clear();
        self.embedding = None;
        self.time = packet.timestamp().elapsed();
        if self.faces.is_empty() {
            self.number += 1;
        }
    }

    fn set_embedding(&mut self, packet: &Packet) {
        self.embedding = packet.get().cloned();
    }

    fn set_matches(&mut self, packet: &Packet, entries: &[Entry]) {
        let nearest = packet.get::<Vec<Classification>>();
        let nearest = nearest.map_or(&[][..], Vec::as_slice);
        self.matches = nearest
            .iter()
            .filter_map(|found| to_match(found, entries))
            .collect();
        self.number += 1;
    }
}

fn to_match(found: &Classification, entries: &[Entry]) -> Option<Match> {
    let entry = entries.get(found.index)?;
    Some(Match {
        id: entry.id,
        label: entry.label.clone(),
        path: entry.path.clone(),
        distance: found.score,
        ..Match::default()
    })
}

/// An answer that the graph's threads write and the program reads. The lock is held for one
/// assignment or copy, as observers run while the whole run is locked.
#[derive(Clone, Default)]
struct SharedAnswer(Arc<Mutex<Answer>>);

impl SharedAnswer {
    fn lock(&self) -> MutexGuard<'_, Answer> {
        // Every update leaves a valid answer, if not a complete one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Updates the answer with each packet of a stream.
    fn observe(
        &self,
        builder: RunBuilder,
        stream: &str,
        mut update: impl FnMut(&mut Answer, &Packet) + Send + 'static,
    ) -> Result<RunBuilder> {
        let answer = self.clone();
        Ok(builder.observe(stream, move |packet| update(&mut answer.lock(), packet))?)
    }
}

/// The running graph.
pub(super) struct Search {
    run: Run,
    answer: SharedAnswer,
    /// The gallery's expressions by their ids.
    expressions: HashMap<u64, Expression>,
}

impl Search {
    pub(super) fn start(args: &LiveArgs, executor: Executor) -> Result<Self> {
        let gallery = inputs::open_gallery(&args.gallery.gallery)?;
        // The graph gets all vectors at once. The gallery itself is needed only for names.
        let (collection, labels) = Collection::from_gallery(&gallery)?;
        let graph = facial_search(usize::from(args.limit) + SPARE_MATCHES)?;
        let builder = RunBuilder::new(graph)
            .executor(executor)
            .side_packet("embeddings_collection", Packet::new(collection))
            .side_packet("collection_labels", Packet::new(labels));
        let answer = SharedAnswer::default();
        let run = observe_all(builder, &answer, gallery.entries()?)?.start()?;
        Ok(Self {
            run,
            answer,
            expressions: gallery.expressions()?.into_iter().collect(),
        })
    }

    pub(super) fn send(&mut self, frame: TimedFrame) -> Result<()> {
        let time = Timestamp::after(frame.time).context("the source runs for too long")?;
        // The flow limiter of the graph drops the frame if the one before is still in work.
        let packet = Packet::new(frame.frame).at(time);
        Ok(self.run.send("input_frame", packet)?)
    }

    /// Forgets the answer, so that a frame that the graph drops has none.
    pub(super) fn clear(&self) {
        let mut answer = self.answer.lock();
        answer.faces.clear();
        answer.matches.clear();
        answer.embedding = None;
    }

    /// A copy of the newest answer.
    pub(super) fn answer(&self) -> Answer {
        self.answer.lock().clone()
    }

    /// A copy of the newest answer if its number is larger than `number`.
    pub(super) fn answer_after(&self, number: u64) -> Option<Answer> {
        let answer = self.answer.lock();
        (answer.number > number).then(|| answer.clone())
    }

    /// The distance of a face from a picture of the gallery, 0 to 2.
    pub(super) fn distance(&self, embedding: Option<&[f32]>, shown: &Match) -> Option<f32> {
        let face = Expression(embedding?.try_into().ok()?);
        Some(self.expressions.get(&shown.id)?.distance(&face))
    }

    pub(super) fn wait_until_idle(&mut self) {
        self.run.wait_until_idle();
    }

    pub(super) fn finish(self) -> Result<()> {
        self.run.finish()?;
        Ok(())
    }
}

/// Keeps a shown match until another one is clearly nearer.
pub(super) fn stabilizer(args: &LiveArgs) -> MatchStabilizer {
    MatchStabilizer::new(StabilizerOptions {
        margin: args.margin,
        hold: Duration::from_millis(u64::try_from(args.hold).unwrap_or(0)),
        ..StabilizerOptions::default()
    })
}

/// The built-in graph with another `top_k`, and with a tracker instead of the detector: it follows
/// faces from frame to frame, which takes a fraction of the time and makes boxes steady.
fn facial_search(top_k: usize) -> Result<Arc<Graph>> {
    let mut config = GraphConfig::parse(graphs::builtin("facial_search")?)?;
    for node in &mut config.nodes {
        if node.calculator == "ClosestEmbeddingsCalculator" {
            let options = format!("top_k: {top_k}");
            *node = std::mem::take(node)
                .options("mediapipe.ClosestEmbeddingsCalculatorOptions", &options)?;
        } else if node.calculator == "MoueFaceDetectionSubgraph" {
            "FaceTrackingCalculator".clone_into(&mut node.calculator);
        }
    }
    let library = Library::builtin(Variant::Cpu);
    let graph = Graph::new(&config, &library, &graphs::registry())?;
    Ok(Arc::new(graph))
}

fn observe_all(
    mut builder: RunBuilder,
    answer: &SharedAnswer,
    entries: Vec<Entry>,
) -> Result<RunBuilder> {
    builder = answer.observe(builder, "throttled_frame", Answer::set_frame)?;
    builder = answer.observe(builder, "detections", Answer::set_faces)?;
    builder = answer.observe(builder, "embeddings", Answer::set_embedding)?;
    answer.observe(builder, "memes", move |answer, packet| {
        answer.set_matches(packet, &entries);
    })
}
