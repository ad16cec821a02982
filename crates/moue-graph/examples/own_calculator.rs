//! A calculator of your own: it counts how long the same picture has been the best match.

use moue::{Frame, Gallery};
use moue_graph::{
    Calculator, CalculatorError, Classification, Collection, Context, Contract, Flow, Graph,
    GraphConfig, Library, NodeConfig, Packet, Registry, RunBuilder, Timestamp, Variant,
};
use std::sync::Arc;

/// Writes how many frames in a row had the same best match.
#[derive(Default)]
struct StreakCalculator {
    label: String,
    streak: u32,
}

impl Calculator for StreakCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract
            .inputs
            .one::<Vec<Classification>>("CLASSIFICATIONS");
        contract.outputs.one::<u32>("STREAK");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(best) = cx
            .input::<Vec<Classification>>("CLASSIFICATIONS")
            .and_then(|c| c.first())
        else {
            return Ok(Flow::Continue);
        };
        self.streak = if best.label == self.label {
            self.streak + 1
        } else {
            1
        };
        self.label.clone_from(&best.label);
        cx.output("STREAK", Packet::new(self.streak));
        Ok(Flow::Continue)
    }
}

const GRAPH: &str = r#"
input_stream: "frame"
output_stream: "streak"
node { calculator: "MoueFaceDetectionSubgraph" input_stream: "IMAGE:frame" output_stream: "DETECTIONS:faces" }
node {
  calculator: "MoueFaceEmbeddingSubgraph"
  input_stream: "IMAGE:frame"
  input_stream: "DETECTIONS:faces"
  output_stream: "FLOATS:embedding"
}
node {
  calculator: "ClosestEmbeddingsCalculator"
  input_side_packet: "COLLECTION:vectors"
  input_side_packet: "LABELS:labels"
  input_stream: "FLOATS:embedding"
  output_stream: "CLASSIFICATIONS:memes"
}
node { calculator: "StreakCalculator" input_stream: "CLASSIFICATIONS:memes" output_stream: "STREAK:streak" }
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::standard();
    registry.register::<StreakCalculator>("StreakCalculator");

    let config = GraphConfig::parse(GRAPH)?;
    let graph = Graph::new(&config, &Library::builtin(Variant::Cpu), &registry)?;
    let (vectors, labels) = Collection::from_gallery(&Gallery::builtin()?)?;
    let mut run = RunBuilder::new(Arc::new(graph))
        .side_packet("vectors", Packet::new(vectors))
        .side_packet("labels", Packet::new(labels))
        .observe("streak", print)?
        .start()?;

    let picture = std::env::args().nth(1);
    let frame = Frame::open(picture.as_deref().unwrap_or("docs/sample.png"))?;
    for number in 0..3 {
        // 30 frames a second.
        let at = Timestamp::new(number * 33_333).ok_or("too late")?;
        run.send("frame", Packet::new(frame.clone()).at(at))?;
    }
    run.finish()?;
    Ok(())
}

fn print(packet: &Packet) {
    let micros = packet.timestamp().micros();
    println!("{micros} µs: {:?}", packet.get::<u32>());
}
