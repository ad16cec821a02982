//! Running a graph: on the caller's thread, or on a thread pool of its own.
//!
//! The modules in the order of their imports: `node` decides when a node is ready, `router` carries
//! packets and timestamp bounds between nodes, `core` picks the next node and takes results back,
//! `scheduler` calls calculators, `builder` and `handle` are what a user sees.

mod builder;
mod call;
mod core;
mod error;
mod handle;
mod node;
mod open;
mod router;
mod scheduler;
mod trace;

pub use builder::{Executor, RunBuilder};
pub use error::{RunError, SendError};
pub use handle::Run;
pub use trace::{NodeStats, Trace};
