//! Networks on graphics cards, through Vulkan, Metal, Direct3D 12 or a browser's WebGPU (feature `gpu`).
//!
//! A [`Device`] is a card, a [`Model`] a file with its weights on it, and a [`Session`] the activations
//! of a batch. A run is one command buffer; weights are uploaded once, and nothing is allocated between
//! runs. All operators run on the card, those excepted that the caller has registered.
//!
//! ```no_run
//! use moue_nn::gpu::{Device, Model};
//!
//! let device = Device::new()?;
//! let model = Model::load(&device, &std::fs::read("examples/tiny.tflite")?)?;
//! let mut session = model.session(64)?;
//! // Two inputs at once; up to 64 fit.
//! session.run(&[&[1.0, 2.0, 3.0, 0.0, 0.0, 1.0]])?;
//! assert_eq!(session.output(0), [3.0, 5.0, 7.0, 1.0, 1.0, 3.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In browsers, [`Device::open`] and [`Session::run_async`] take the place of what would block.
//!
//! Sums are of 32-bit floats. Their order is another than on the processor, so that results differ in
//! the last digits. Of int8 files the weights become floats, and results are rounded to the codes of
//! the file wherever it has some: they are those of the processor, or neighbors of them.

mod device;
mod model;
mod ports;
mod session;
mod shaders;

pub use device::Device;
pub use model::Model;
pub use session::Session;
