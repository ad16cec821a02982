//! Conversions between the kinds of images that MediaPipe has, of which moue has one.

use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::types::Image;

/// The tags of images in the CPU's memory, in the GPU's, and in either.
const TAGS: [&str; 3] = ["IMAGE", "IMAGE_CPU", "IMAGE_GPU"];

/// Writes the image at `IMAGE`, `IMAGE_CPU` or `IMAGE_GPU` to `IMAGE`.
#[derive(Default)]
pub(super) struct ToImageCalculator;

impl Calculator for ToImageCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        let connected = node.inputs.iter().map(|p| p.tag.as_str());
        let tag = connected.into_iter().find_map(known).unwrap_or(TAGS[0]);
        contract.inputs.one::<Image>(tag);
        contract.outputs.one::<Image>("IMAGE");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        pass(cx, "IMAGE");
        Ok(Flow::Continue)
    }
}

/// Writes the image at `IMAGE` to `IMAGE_CPU` or `IMAGE_GPU`.
#[derive(Default)]
pub(super) struct FromImageCalculator;

impl Calculator for FromImageCalculator {
    fn contract(contract: &mut Contract, _: &NodeConfig) {
        contract.inputs.one::<Image>("IMAGE");
        contract
            .outputs
            .optional::<Image>("IMAGE_CPU")
            .optional::<Image>("IMAGE_GPU");
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        pass(cx, "IMAGE_CPU");
        pass(cx, "IMAGE_GPU");
        Ok(Flow::Continue)
    }
}

fn known(tag: &str) -> Option<&'static str> {
    TAGS.into_iter().find(|known| *known == tag)
}

/// Passes the image on, whichever tag it comes in at.
fn pass(cx: &mut Context<'_>, to: &str) {
    let found = TAGS.iter().find_map(|tag| cx.input_packet(tag, 0).cloned());
    if let Some(packet) = found {
        cx.output_packet(to, 0, packet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::run_node;
    use crate::packet::Packet;
    use moue::frame::PixelFormat;

    fn image() -> Packet {
        let pixels = [1, 2, 3];
        let frame = moue::Frame::from_raw(&pixels, 1, 1, 3, PixelFormat::Rgb);
        Packet::new(frame.unwrap().into_owned())
    }

    #[test]
    fn an_image_of_any_kind_is_an_image() {
        for (calculator, input, output) in [
            ("ToImageCalculator", "IMAGE", "IMAGE"),
            ("ToImageCalculator", "IMAGE_CPU", "IMAGE"),
            ("ToImageCalculator", "IMAGE_GPU", "IMAGE"),
            ("FromImageCalculator", "IMAGE", "IMAGE_CPU"),
            ("FromImageCalculator", "IMAGE", "IMAGE_GPU"),
        ] {
            let node = NodeConfig::new(calculator)
                .input(&format!("{input}:in"))
                .output(&format!("{output}:out"));
            let written = run_node(node, &[("in", image())]).unwrap();
            assert_eq!(written[0].get::<Image>().unwrap().pixels(), [1, 2, 3]);
        }
    }
}
