//! A graph as it is written: nodes, streams and options. Read from text, or built in Rust.

mod descriptors;
mod error;
mod library;
mod lines;
mod model;
mod nearest;
mod port;
mod text;

pub use error::ConfigError;
pub use library::{Library, LibraryError, Variant};
pub use model::{GraphConfig, NodeConfig};
pub(crate) use nearest::hint;
pub use port::{Port, PortError};
