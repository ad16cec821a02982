//! A graph as it is written: nodes, streams and options. Read from text, or built in Rust.

mod descriptors;
mod error;
mod library;
mod model;
mod nearest;
mod option_values;
mod port;
mod scan;
mod text;
mod unknown;

pub(crate) use descriptors::options_fields;
pub use error::ConfigError;
pub use library::{Library, LibraryError, Variant};
pub use model::{GraphConfig, NodeConfig};
pub(crate) use nearest::hint;
pub use option_values::OptionValue;
pub use port::{Port, PortError};
