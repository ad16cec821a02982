//! The calculator that shows its stream in the window.

use super::handle::{send, show};
use super::message::Message;
use moue::Frame;
use moue_graph::{Calculator, CalculatorError, Context, Contract, Flow, Image, NodeConfig};

/// Shows the pictures of its stream; a key press or closing the window ends the run.
#[derive(Default)]
pub(crate) struct ImageWindow;

impl Calculator for ImageWindow {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        let has_tag = node.inputs.iter().any(|port| port.tag == "IMAGE");
        contract
            .inputs
            .one::<Image>(if has_tag { "IMAGE" } else { "" });
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        // The title is sent even if it is the default, to learn whether there is a window.
        let title = cx.options().get::<String>("title");
        let title = title.unwrap_or_else(|| "moue".to_owned());
        match send(Message::Title(title)) {
            Some(true) => Ok(()),
            Some(false) => Err("the window has been closed".into()),
            None => Err("there is no window here; `moue run` opens one".into()),
        }
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        let image = cx
            .input::<Image>("IMAGE")
            .or_else(|| cx.input::<Frame<'static>>(""));
        let is_open = image.is_none_or(|image| show(image.clone()));
        Ok(if is_open { Flow::Continue } else { Flow::Stop })
    }
}
