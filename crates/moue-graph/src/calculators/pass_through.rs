//! Writes what it reads.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;

/// Writes what it reads.
#[derive(Default)]
pub(super) struct PassThroughCalculator;

impl Calculator for PassThroughCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        pass_on(contract, node);
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        for port in &cx.node().inputs {
            if let Some(packet) = cx.input_packet(&port.tag, port.index).cloned() {
                cx.output_packet(&port.tag, port.index, packet);
            }
        }
        Ok(Flow::Continue)
    }
}

/// Says that every output carries what the input with the same tag and number does.
fn pass_on(contract: &mut Contract, node: &NodeConfig) {
    // A contract names tags for the life of the program; those of a passing node are whatever the
    // file says.
    for port in &node.inputs {
        let tag: &'static str = if port.tag.is_empty() {
            ""
        } else {
            intern(&port.tag)
        };
        contract.inputs.many_any(tag);
        contract.outputs.many_any(tag);
    }
    contract.same_types = true;
}

/// One copy of each tag for the life of the program.
fn intern(tag: &str) -> &'static str {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};
    static TAGS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut tags = TAGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = tags.get(tag) {
        return known;
    }
    let kept: &'static str = Box::leak(tag.to_owned().into_boxed_str());
    tags.insert(kept);
    kept
}
