//! Windows with text, lists and buttons, by `egui`. They are drawn by the processor, so that they
//! need no driver, and screen readers are told what is in them.

mod fonts;
pub(crate) mod palette;
mod shell;
mod surface;
#[cfg(target_os = "linux")]
mod theme;

pub(crate) use fonts::bold;
pub(crate) use shell::{Content, Look, Phase, run};
