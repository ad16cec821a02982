//! A calculator of one's own: it counts how long the same picture has been the best match.

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

    let graph = Graph::new(
        &GraphConfig::parse(GRAPH)?,
        &Library::builtin(Variant::Cpu),
        &registry,
    )?;
    let (vectors, labels) = Collection::from_gallery(&Gallery::builtin()?)?;
    let mut run = RunBuilder::new(Arc::new(graph))
        .side_packet("vectors", Packet::new(vectors))
        .side_packet("labels", Packet::new(labels))
        .observe("streak", |packet| {
            println!(
                "{} µs: {:?}",
                packet.timestamp().micros(),
                packet.get::<u32>()
            )
        })?
        .start()?;

    let picture = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "docs/sample.png".to_owned());
    let frame = Frame::open(picture)?;
    for number in 0..3 {
        let at = Timestamp::new(number * 33_333).ok_or("too late")?;
        run.send("frame", Packet::new(frame.clone()).at(at))?;
    }
    run.finish()?;
    Ok(())
}
