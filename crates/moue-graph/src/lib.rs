//! Streaming graphs as MediaPipe writes them.
//!
//! A graph is made of calculators joined by streams of [`Packet`]s. [`GraphConfig`] reads a
//! `.pbtxt` file or is built in Rust, a [`Library`] holds subgraphs, a [`Registry`] the
//! calculators; [`Graph::new`] joins and checks them, and [`RunBuilder`] runs the result, on the
//! caller's thread or on threads of its own.
//!
//! - Packets carry timestamps in microseconds that only grow. A node gets the packets of one moment
//!   together, once no earlier one can come ([`InputPolicy::Synchronized`]), or each at once.
//! - A node that writes nothing holds nobody up: how far a stream is travels with its packets.
//! - A stream from further down is a back edge, marked with `input_stream_info`; it makes a loop.
//! - Values that never change during a run are side packets.
//!
//! [`Calculator`] shows how to add one of your own.

#![deny(unsafe_code)]

mod calculator;
mod calculators;
mod canvas;
mod config;
mod graph;
mod options;
mod packet;
mod registry;
mod resources;
mod run;
mod types;

pub use calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy, Ports};
pub use canvas::Canvas;
pub use config::{
    ConfigError, GraphConfig, Library, LibraryError, NodeConfig, Port, PortError, Variant,
};
pub use graph::{Graph, GraphError, SidePacketInfo};
pub use options::{Field, Options};
pub use packet::{Packet, PacketType, Timestamp};
pub use registry::Registry;
pub use resources::{ResourceError, Resources};
pub use run::{Executor, NodeStats, Run, RunBuilder, RunError, SendError, Trace};
pub use types::{
    Anchor, Classification, Collection, Color, Detection, Image, Labels, LetterboxPadding,
    NormRect, RenderData, Shape, Tensor, Tensors,
};
