//! The protobuf descriptors of graphs and options, compiled from `proto/` by `cargo xtask
//! descriptors`.

use super::nearest::hint;
use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};
use std::sync::OnceLock;

/// Descriptors of everything that a graph may contain.
pub(super) fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    let compiled = include_bytes!("descriptors.bin");
    // The bytes are part of the crate and every test decodes them, so this cannot fail on input.
    // Decoding takes long beside parsing a graph, hence once per process.
    POOL.get_or_init(|| {
        DescriptorPool::decode(compiled.as_slice()).expect("xtask writes valid descriptors")
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

/// The fields of a calculator's options, each with its type as `.proto` files write it. By
/// convention the options of `X` are the message `mediapipe.XOptions`; without one there are none.
pub(crate) fn options_fields(calculator: &str) -> Vec<(String, String)> {
    let Some(message) = message(&format!("mediapipe.{calculator}Options")) else {
        return Vec::new();
    };
    let fields = message.fields();
    fields
        .map(|field| (field.name().to_owned(), field_type(&field)))
        .collect()
}

fn field_type(field: &FieldDescriptor) -> String {
    let name = match field.kind() {
        Kind::Message(message) => message.name().to_owned(),
        Kind::Enum(choices) => {
            let values: Vec<String> = choices.values().map(|v| v.name().to_owned()).collect();
            values.join(" | ")
        }
        kind => format!("{kind:?}").to_lowercase(),
    };
    let repeated = if field.is_list() { "repeated " } else { "" };
    format!("{repeated}{name}")
}
