//! Values of packets as JSON.

use moue_graph::{Classification, Detection, Image, NormRect, Packet, Tensors};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

/// A packet's value. Raw JSON, as a `Value` would hold an f32 as f64 and print it with more digits
/// than the other commands do.
pub(super) fn to_json(packet: &Packet) -> Box<RawValue> {
    serialized::<Vec<Detection>>(packet)
        .or_else(|| serialized::<Vec<f32>>(packet))
        .or_else(|| serialized::<Vec<Classification>>(packet))
        .or_else(|| serialized::<NormRect>(packet))
        .or_else(|| serialized::<Vec<NormRect>>(packet))
        .or_else(|| serialized::<[f32; 4]>(packet))
        .or_else(|| serialized::<f32>(packet))
        .or_else(|| serialized::<bool>(packet))
        .or_else(|| serialized::<(usize, usize)>(packet))
        .or_else(|| serialized::<String>(packet))
        .or_else(|| to_raw_value(&description(packet)).ok())
        .unwrap_or_default()
}

/// The value as JSON if it is a `T`.
fn serialized<T: Serialize + 'static>(packet: &Packet) -> Option<Box<RawValue>> {
    to_raw_value(packet.get::<T>()?).ok()
}

/// Sizes of pictures and tensors, which are too long to print; the type of anything else.
fn description(packet: &Packet) -> Value {
    if let Some(image) = packet.get::<Image>() {
        return json!({"width": image.width(), "height": image.height()});
    }
    match packet.get::<Tensors>() {
        Some(tensors) => tensors
            .iter()
            .map(|tensor| json!({"shape": tensor.shape}))
            .collect(),
        None => json!({"type": packet.packet_type().name()}),
    }
}
