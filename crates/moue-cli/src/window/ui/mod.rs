//! Windows with text, lists and buttons, by `egui`. They are drawn by the processor, so that they
//! need no driver, and screen readers are told what is in them.

mod camera;
mod fonts;
mod library;
pub(crate) mod palette;
pub(crate) mod shapes;
mod shell;
mod surface;
#[cfg(target_os = "linux")]
mod theme;
pub(crate) mod words;

pub(crate) use camera::{Camera, Fit, Moment};
pub(crate) use fonts::bold;
pub(crate) use shell::{Content, Host, Kind, Look, Phase, Waker};
