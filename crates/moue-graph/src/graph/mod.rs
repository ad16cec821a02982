//! A graph that can run: subgraphs expanded, streams connected, contracts checked.

mod build;
mod check;
mod dot;
mod error;
mod expand;
mod layout;
mod model;
mod order;
mod svg;
mod types;

pub use error::GraphError;
pub(crate) use model::Node;
pub use model::{Graph, SidePacketInfo};
