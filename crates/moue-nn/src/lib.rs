//! A small runtime for small networks: loads `.tflite` files and runs them on the CPU.
//!
//! The operators are those of face detectors and MobileNets; each is checked against LiteRT in
//! the tests. Weights are packed for the processor's vector unit when a [`Model`] is loaded,
//! additions and activations are fused into the convolutions before them, and a [`Session`]
//! keeps all activations in one arena, so that a run allocates nothing.
//!
//! Files of 8-bit numbers run too, several times faster than those of floats; inputs and outputs
//! are real numbers either way.
//!
//! An operator that is not here can be registered by name in [`Operators`].
//!
//! Files are not trusted: a damaged or hostile one is an [`Error`], never a panic, and what it
//! may ask for is bounded by [`Limits`].

mod aligned;
mod bordered_input;
mod custom;
mod error;
mod graph;
mod int8;
mod kernels;
mod layout;
mod limits;
mod lower;
mod model;
mod ops;
mod passes;
mod plan;
mod tflite;

pub use custom::{OperandInfo, Operator, OperatorFn, Operators, Prepared};
pub use error::{Error, Result};
pub use kernels::Isa;
pub use limits::Limits;
pub use model::{Model, Session, TensorInfo};
