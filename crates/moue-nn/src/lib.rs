//! A small runtime for small networks: loads `.tflite` files and runs them on the CPU, in pure
//! Rust.
//!
//! # Load and run
//!
//! A [`Model`] is a checked file with its weights packed for the processor's vector unit. A
//! [`Session`] has the activations of one model; sessions of the same model share its weights.
//!
//! ```
//! use moue_nn::Model;
//!
//! // y = 2 × x + 1, for three numbers.
//! let model = Model::load(&std::fs::read("examples/tiny.tflite")?)?;
//! for input in model.inputs() {
//!     println!("{} takes {:?}", input.name, input.shape);
//! }
//! let mut session = model.session();
//! session.run(&[&[1.0, 2.0, 3.0]])?;
//! assert_eq!(session.output(0), [3.0, 5.0, 7.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Inputs and outputs are dense slices of `f32` in the order of their shapes: batch, height, width,
//! channels. All activations lie in one arena, so that a run allocates nothing (but see [`Session`]).
//!
//! # Threads
//!
//! [`Model::session_with_threads`] shares each convolution among a pool of threads. Results are
//! those of one thread, to the bit.
//!
//! # Int8
//!
//! Full-integer files, with int8 activations and weights quantized per channel, run several times
//! faster than those of floats, on the dot product instructions of the processor where it has them.
//! So do the parts of a file between QUANTIZE and DEQUANTIZE. Half-precision weights are widened
//! when a file is loaded. Inputs and outputs are real numbers in any case.
//!
//! # Graphics cards
//!
//! With the feature `gpu` the module `gpu` runs the same files on a graphics card through Vulkan, Metal
//! or Direct3D 12, many inputs at once.
//!
//! # Instruction sets
//!
//! Kernels exist for AVX2, AVX-512, NEON, WebAssembly's 128-bit vectors, and as portable Rust. The
//! best set of the processor is chosen at run time; [`Model::load_with`] takes another [`Isa`].
//!
//! # Operators
//!
//! The operators are those of face detectors and MobileNets. Each is checked against LiteRT in the
//! tests: ADD, AVERAGE_POOL_2D, CONCATENATION, CONV_2D, DENSIFY, DEPTHWISE_CONV_2D, DEPTH_TO_SPACE,
//! DEQUANTIZE, DIV, FULLY_CONNECTED, HARD_SWISH, L2_NORMALIZATION, LOGISTIC, MAXIMUM, MAX_POOL_2D,
//! MEAN, MINIMUM, MUL, NEG, PAD, PRELU, QUANTIZE, RELU, RELU6, RELU_N1_TO_1, RESHAPE,
//! RESIZE_BILINEAR, REVERSE_V2, RSQRT, SOFTMAX, SPLIT, SQRT, SQUARED_DIFFERENCE, SQUEEZE,
//! STRIDED_SLICE, SUB, SUM, TANH, TRANSPOSE_CONV, and MediaPipe's `Convolution2DTransposeBias`.
//!
//! Constants may be sparse, in blocks or not; they are filled with zeros when a file is loaded.
//!
//! Files may have custom operators; [`Operators`] registers code for them by name.
//!
//! # Hostile files
//!
//! Files are not trusted. A damaged or hostile one is an [`Error`] that names the operator at
//! fault, never a panic, and [`Limits`] bound the memory and the time that a file may ask for.

#![deny(unsafe_code)]

mod aligned;
mod bordered_input;
mod budget;
mod byte_scale;
mod custom;
mod error;
#[cfg(feature = "gpu")]
pub mod gpu;
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
mod port;
mod tflite;

pub use byte_scale::ByteScale;
pub use custom::{OperandInfo, Operator, OperatorFn, Operators, Prepared};
pub use error::{Error, Result};
pub use kernels::Isa;
pub use limits::Limits;
pub use model::{Model, Session};
pub use port::TensorInfo;

// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
