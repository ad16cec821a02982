//! Names for the classes of detections.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::packet::Packet;
use crate::types::Detection;

/// Gives classes their names.
#[derive(Default)]
pub(super) struct DetectionLabelIdToTextCalculator {
    labels: Vec<String>,
    keep: bool,
}

impl Calculator for DetectionLabelIdToTextCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Vec<Detection>>("");
        contract.outputs.one::<Vec<Detection>>("");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        self.labels = cx.options().get_or("label", Vec::new());
        self.keep = cx.options().get_or("keep_label_id", false);
        if let Some(path) = cx.options().get::<String>("label_map_path") {
            let bytes = cx.resources().read(&path)?;
            let text = std::str::from_utf8(&bytes).map_err(|e| format!("{path}: {e}"))?;
            self.labels = text
                .lines()
                .map(|line| line.trim_end().to_owned())
                .collect();
        }
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let Some(found) = cx.input::<Vec<Detection>>("") else {
            return Ok(Flow::Continue);
        };
        let named: Vec<Detection> = found.iter().map(|d| self.name(d)).collect();
        cx.output("", Packet::new(named));
        Ok(Flow::Continue)
    }
}

impl DetectionLabelIdToTextCalculator {
    fn name(&self, detection: &Detection) -> Detection {
        let mut named = detection.clone();
        let label = |id: &i32| {
            usize::try_from(*id)
                .ok()
                .and_then(|id| self.labels.get(id))
                .cloned()
        };
        if let Some(labels) = detection
            .label_id
            .iter()
            .map(label)
            .collect::<Option<Vec<_>>>()
        {
            named.label = labels;
            if !self.keep {
                named.label_id.clear();
            }
        }
        named
    }
}
