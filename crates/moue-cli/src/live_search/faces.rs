//! The graph `facial_search` and its newest answer.

use crate::graphs;
use anyhow::{Context, Result};
use moue::Expression;
use moue::video::TimedFrame;
use moue_graph::{
    Detection, Executor, Graph, GraphConfig, Image, Library, NodeConfig, Packet, Run, RunBuilder,
    Timestamp, Variant,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The newest answer of the graph.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) frame: Option<Arc<Image>>,
    pub(crate) faces: Vec<Detection>,
    pub(crate) embedding: Option<Vec<f32>>,
    /// The time of `faces` from the start.
    pub(crate) time: Duration,
    /// Counts the answers. A frame with a face is answered when its embedding has come, one without
    /// when its detections have.
    pub(crate) number: u64,
}

impl Answer {
    fn set_frame(&mut self, packet: &Packet) {
        self.frame = packet.share();
    }

    fn set_faces(&mut self, packet: &Packet) {
        self.faces = packet.get().cloned().unwrap_or_default();
        // What is left of the frame before must not be shown with these faces.
        self.embedding = None;
        self.time = packet.timestamp().elapsed();
        if self.faces.is_empty() {
            self.number += 1;
        }
    }

    fn set_embedding(&mut self, packet: &Packet) {
        self.embedding = packet.get().cloned();
        self.number += 1;
    }

    /// The expression of the face.
    pub(crate) fn expression(&self) -> Option<Expression> {
        Some(Expression(self.embedding.as_deref()?.try_into().ok()?))
    }
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
pub(crate) struct Faces {
    run: Run,
    answer: SharedAnswer,
}

impl Faces {
    pub(crate) fn start(executor: Executor) -> Result<Self> {
        let builder = RunBuilder::new(face_embeddings()?).executor(executor);
        let answer = SharedAnswer::default();
        let run = observe_all(builder, &answer)?.start()?;
        Ok(Self { run, answer })
    }

    pub(crate) fn send(&mut self, frame: TimedFrame) -> Result<()> {
        let time = Timestamp::after(frame.time).context("the source runs for too long")?;
        // The flow limiter of the graph drops the frame if the one before is still in work.
        let packet = Packet::new(frame.frame).at(time);
        Ok(self.run.send("input_frame", packet)?)
    }

    /// Forgets the answer, so that a frame that the graph drops has none.
    pub(crate) fn clear(&self) {
        let mut answer = self.answer.lock();
        answer.faces.clear();
        answer.embedding = None;
    }

    /// A copy of the newest answer.
    pub(crate) fn answer(&self) -> Answer {
        self.answer.lock().clone()
    }

    /// A copy of the newest answer if its number is larger than `number`.
    pub(crate) fn answer_after(&self, number: u64) -> Option<Answer> {
        let answer = self.answer.lock();
        (answer.number > number).then(|| answer.clone())
    }

    pub(crate) fn wait_until_idle(&mut self) {
        self.run.wait_until_idle();
    }

    pub(crate) fn finish(self) -> Result<()> {
        self.run.finish()?;
        Ok(())
    }
}

/// The built-in graph up to the embeddings. It has a tracker instead of the detector, which follows
/// faces from frame to frame: that takes a fraction of the time and makes boxes steady. The nearest
/// of the graph is the plain list of the tutorial, so the gallery itself is searched instead.
fn face_embeddings() -> Result<Arc<Graph>> {
    let mut config = GraphConfig::parse(graphs::builtin("facial_search")?)?;
    for node in &mut config.nodes {
        if node.calculator == "ClosestEmbeddingsCalculator" {
            // The flow limiter counts what comes out here.
            *node = NodeConfig::new("PassThroughCalculator")
                .input("embeddings")
                .output("memes");
        } else if node.calculator == "MoueFaceDetectionSubgraph" {
            "FaceTrackingCalculator".clone_into(&mut node.calculator);
        }
    }
    let library = Library::builtin(Variant::Cpu);
    let graph = Graph::new(&config, &library, &graphs::registry())?;
    Ok(Arc::new(graph))
}

fn observe_all(mut builder: RunBuilder, answer: &SharedAnswer) -> Result<RunBuilder> {
    builder = answer.observe(builder, "throttled_frame", Answer::set_frame)?;
    builder = answer.observe(builder, "detections", Answer::set_faces)?;
    answer.observe(builder, "embeddings", Answer::set_embedding)
}
