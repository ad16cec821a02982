//! Tags under which images and tensors travel.

use crate::calculator::{Context, Contract};
use crate::config::NodeConfig;
use crate::config::Port;
use crate::packet::Packet;
use crate::types::{Image, Tensors};

/// The picture at `IMAGE`, or at `IMAGE_GPU`, which carries the same.
pub(super) fn picture<'a>(cx: &Context<'a>) -> Option<&'a Image> {
    cx.input("IMAGE").or_else(|| cx.input("IMAGE_GPU"))
}

/// Declares a picture in.
pub(super) fn takes_picture(contract: &mut Contract, node: &NodeConfig) {
    let gpu = node.inputs.iter().any(|p| p.tag == "IMAGE_GPU");
    contract
        .inputs
        .one::<Image>(if gpu { "IMAGE_GPU" } else { "IMAGE" });
}

/// Declares a picture out, under the tag that the file uses.
pub(super) fn gives_picture(contract: &mut Contract, node: &NodeConfig) {
    let gpu = node.outputs.iter().any(|p| p.tag == "IMAGE_GPU");
    contract
        .outputs
        .one::<Image>(if gpu { "IMAGE_GPU" } else { "IMAGE" });
}

pub(super) fn give_picture(cx: &mut Context<'_>, image: Image) {
    let tag = if cx.has_output("IMAGE_GPU") {
        "IMAGE_GPU"
    } else {
        "IMAGE"
    };
    cx.output(tag, Packet::new(image));
}

/// Declares tensors in or out; `TENSORS_GPU` carries the same.
fn tensors_tag(ports: &[Port]) -> &'static str {
    if ports.iter().any(|p| p.tag == "TENSORS_GPU") {
        "TENSORS_GPU"
    } else {
        "TENSORS"
    }
}

pub(super) fn takes_tensors(contract: &mut Contract, node: &NodeConfig) {
    contract.inputs.one::<Tensors>(tensors_tag(&node.inputs));
}

pub(super) fn gives_tensors(contract: &mut Contract, node: &NodeConfig) {
    contract.outputs.one::<Tensors>(tensors_tag(&node.outputs));
}

pub(super) fn tensors<'a>(cx: &Context<'a>) -> Option<&'a Tensors> {
    cx.input("TENSORS").or_else(|| cx.input("TENSORS_GPU"))
}

pub(super) fn give_tensors(cx: &mut Context<'_>, tensors: Tensors) {
    let tag = tensors_tag(&cx.node().outputs);
    cx.output(tag, Packet::new(tensors));
}
