//! Names for the classes of detections.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::Detection;

/// Replaces the class numbers of detections by the labels that options or a file give.
#[derive(Default)]
pub(super) struct DetectionLabelIdToTextCalculator {
    /// The label of each class, from 0.
    labels: Vec<String>,
    keep_label_id: bool,
}

impl Calculator for DetectionLabelIdToTextCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<Detection>>("");
        contract.outputs.one::<Vec<Detection>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.labels = cx.options().get_or("label", Vec::new());
        self.keep_label_id = cx.options().get_or("keep_label_id", false);
        if let Some(path) = cx.options().get::<String>("label_map_path") {
            let bytes = cx.resources().read(&path)?;
            let text = std::str::from_utf8(&bytes).map_err(|e| format!("{path}: {e}"))?;
            let lines = text.lines().map(|line| line.trim_end().to_owned());
            self.labels = lines.collect();
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let Some(found) = cx.input::<Vec<Detection>>("") {
            let labeled: Vec<Detection> = found.iter().map(|d| self.with_labels(d)).collect();
            cx.output("", Packet::new(labeled));
        }
        Ok(Flow::Continue)
    }
}

impl DetectionLabelIdToTextCalculator {
    fn with_labels(&self, detection: &Detection) -> Detection {
        let ids = detection.label_id.iter();
        let labels: Option<Vec<String>> = ids.map(|id| self.label(*id)).collect();
        let mut labeled = detection.clone();
        // If one class has no label, all numbers stay: names for only some would be ambiguous.
        if let Some(labels) = labels {
            labeled.label = labels;
            if !self.keep_label_id {
                labeled.label_id.clear();
            }
        }
        labeled
    }

    fn label(&self, id: i32) -> Option<String> {
        let id = usize::try_from(id).ok()?;
        self.labels.get(id).cloned()
    }
}
