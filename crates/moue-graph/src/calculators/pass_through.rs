//! Writes what it reads.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Writes each input to the output with the same tag and index.
#[derive(Default)]
pub(super) struct PassThroughCalculator;

impl Calculator for PassThroughCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        for port in &node.inputs {
            let tag = interned(&port.tag);
            contract.inputs.many_any(tag);
            contract.outputs.many_any(tag);
        }
        contract.same_types = true;
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        for port in &cx.node().inputs {
            if let Some(packet) = cx.input_packet(&port.tag, port.index).cloned() {
                cx.output_packet(&port.tag, port.index, packet);
            }
        }
        // Without inputs it is a source, which has nothing to pass on.
        Ok(if cx.node().inputs.is_empty() {
            Flow::Stop
        } else {
            Flow::Continue
        })
    }
}

/// A copy of a tag that lives as long as the program.
// A contract names tags by `&'static str`, because every other calculator knows its own when it is
// compiled. The tags of this one are whatever the file has. Each is leaked once only, so the memory
// is bounded by the number of different tags in all files read.
fn interned(tag: &str) -> &'static str {
    static TAGS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    // A panic while the lock is held, out of memory, leaves the set as it was.
    let mut tags = TAGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = tags.get(tag) {
        return known;
    }
    let leaked: &'static str = Box::leak(tag.to_owned().into_boxed_str());
    tags.insert(leaked);
    leaked
}
