//! One call of a calculator.

use super::error::RunError;
use super::node::{Inputs, Work};
use crate::calculator::{Calculator, CalculatorError, Context, Flow, NodeInfo};
use crate::packet::{Packet, TimestampBound};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// A calculator that is called, and by which thread.
pub(super) struct Call<'a> {
    pub(super) node: usize,
    pub(super) calculator: Box<dyn Calculator>,
    pub(super) info: &'a NodeInfo,
    pub(super) thread: usize,
}

/// What a call of a calculator returned and wrote.
pub(super) struct CallResult {
    pub(super) node: usize,
    pub(super) calculator: Box<dyn Calculator>,
    /// Whether this was the node's last call.
    pub(super) closed: bool,
    pub(super) flow: Result<Flow, RunError>,
    /// Packets with the index of their output, in the order in which they were written.
    pub(super) written: Vec<(usize, Packet)>,
    pub(super) advanced: Vec<(usize, TimestampBound)>,
    pub(super) drops: usize,
    pub(super) start: Instant,
    pub(super) end: Instant,
    /// The timestamp of the call, in microseconds.
    pub(super) timestamp: i64,
    pub(super) thread: usize,
}

impl Call<'_> {
    /// Calls `process` or `close`.
    pub(super) fn run(mut self, work: Work) -> CallResult {
        let closed = matches!(work, Work::Close);
        let inputs = match work {
            Work::Process(inputs) => inputs,
            Work::Close => Inputs::default(),
        };
        let mut context =
            Context::new(self.info, inputs.timestamp, &inputs.packets, &inputs.bounds);
        let start = Instant::now();
        let flow = guarded(self.info, || {
            if closed {
                self.calculator.close(&mut context).map(|()| Flow::Stop)
            } else {
                self.calculator.process(&mut context)
            }
        });
        CallResult {
            node: self.node,
            closed,
            flow,
            written: context.written,
            advanced: context.advanced,
            drops: context.drops,
            start,
            end: Instant::now(),
            timestamp: inputs.timestamp.micros(),
            thread: self.thread,
            calculator: self.calculator,
        }
    }
}

/// Calls into a calculator; a panic becomes an error.
// A panic must not take a thread of the pool with it: `finish` would wait for ever for the node.
// `AssertUnwindSafe` holds because the error ends the run: the calculator, which the panic may have
// left half changed, is then only closed, and closing is guarded too.
pub(super) fn guarded<T>(
    info: &NodeInfo,
    call: impl FnOnce() -> Result<T, CalculatorError>,
) -> Result<T, RunError> {
    let node = || info.config.title();
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|source| RunError::Calculator {
            node: node(),
            source,
        }),
        Err(panic) => Err(RunError::Panic {
            node: node(),
            message: panic_message(&*panic),
        }),
    }
}

/// The text given to `panic!`: a `&str` without arguments to format, a `String` with them.
fn panic_message(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else {
        "no message".to_owned()
    }
}
