//! Streaming graphs.
mod config;
mod options;
mod packet;
pub use config::{ConfigError, GraphConfig, Library, LibraryError, NodeConfig, Port, PortError, Variant, describe};
pub use options::{Field, Options};
pub use packet::{Packet, PacketType, Timestamp};
