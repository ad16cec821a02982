//! The tags under which images and tensors travel.
//!
//! MediaPipe has two of each, `IMAGE` and `IMAGE_GPU`, `TENSORS` and `TENSORS_GPU`, because the
//! values lie in different memories. Here everything lies in the CPU's: both tags carry the same
//! type, so that graphs written for a GPU run unchanged.

use crate::calculator::{Context, Contract};
use crate::config::{NodeConfig, Port};
use crate::packet::Packet;
use crate::types::{Image, Tensors};

const IMAGE: [&str; 2] = ["IMAGE", "IMAGE_GPU"];
const TENSORS: [&str; 2] = ["TENSORS", "TENSORS_GPU"];

/// The tag of the two that a node uses; the CPU's if it uses none, so that the error for a missing
/// port names it.
fn tag_in_use([cpu, gpu]: [&'static str; 2], ports: &[Port]) -> &'static str {
    if ports.iter().any(|p| p.tag == gpu) {
        gpu
    } else {
        cpu
    }
}

/// Declares an image input.
pub(super) fn declare_image_input(contract: &mut Contract, node: &NodeConfig) {
    contract
        .inputs
        .one::<Image>(tag_in_use(IMAGE, &node.inputs));
}

/// Declares an image output.
pub(super) fn declare_image_output(contract: &mut Contract, node: &NodeConfig) {
    contract
        .outputs
        .one::<Image>(tag_in_use(IMAGE, &node.outputs));
}

/// The image at the input, if there is one at this timestamp.
pub(super) fn image_input<'a>(cx: &Context<'a>) -> Option<&'a Image> {
    IMAGE.iter().find_map(|tag| cx.input(tag))
}

/// Writes an image.
pub(super) fn write_image(cx: &mut Context<'_>, image: Image) {
    let tag = tag_in_use(IMAGE, &cx.node().outputs);
    cx.output(tag, Packet::new(image));
}

/// Declares a tensor input.
pub(super) fn declare_tensor_input(contract: &mut Contract, node: &NodeConfig) {
    contract
        .inputs
        .one::<Tensors>(tag_in_use(TENSORS, &node.inputs));
}

/// Declares a tensor output.
pub(super) fn declare_tensor_output(contract: &mut Contract, node: &NodeConfig) {
    contract
        .outputs
        .one::<Tensors>(tag_in_use(TENSORS, &node.outputs));
}

/// The tensors at the input, if there are any at this timestamp.
pub(super) fn tensor_input<'a>(cx: &Context<'a>) -> Option<&'a Tensors> {
    TENSORS.iter().find_map(|tag| cx.input(tag))
}

/// Writes tensors.
pub(super) fn write_tensors(cx: &mut Context<'_>, tensors: Tensors) {
    let tag = tag_in_use(TENSORS, &cx.node().outputs);
    cx.output(tag, Packet::new(tensors));
}
