//! The protobuf descriptors of graphs and options, compiled from `proto/` when the crate is built.

use super::nearest::hint;
use prost_reflect::{DescriptorPool, MessageDescriptor};
use std::sync::OnceLock;

/// Descriptors of everything that a graph may contain.
pub(super) fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    let compiled = include_bytes!(concat!(env!("OUT_DIR"), "/graph.bin"));
    // The bytes are this build's own output and every test decodes them, so this cannot fail on
    // input. Decoding takes long beside parsing a graph, hence once per process.
    POOL.get_or_init(|| {
        DescriptorPool::decode(compiled.as_slice()).expect("the build wrote valid descriptors")
    })
}

/// The descriptor of the message `name`, given with its package.
pub(super) fn message(name: &str) -> Option<MessageDescriptor> {
    pool().get_message_by_name(name)
}

/// The full names of all messages.
pub(super) fn message_names() -> Vec<String> {
    pool()
        .all_messages()
        .map(|m| m.full_name().to_owned())
        .collect()
}

/// The reason given for an options message that does not exist.
pub(super) fn unknown_message(name: &str) -> String {
    let names = message_names();
    let hint = hint(name, names.iter().map(String::as_str));
    format!("there are no options called '{name}'{hint}")
}
