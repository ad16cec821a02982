//! Streaming graphs as in MediaPipe: calculators connected by streams of timestamped packets.
//!
//! The crate reads MediaPipe's `.pbtxt` files, or builds the same graphs in Rust, and runs them on
//! one thread or several. Calculators for images, tensors, detections and rectangles come with it,
//! under MediaPipe's names and options, and so does moue's own pipeline: camera frame, face,
//! expression embedding, nearest pictures.
//!
//! # Reading and running a graph
//!
//! [`GraphConfig::parse`] reads a graph, [`Graph::new`] replaces subgraphs by their nodes, connects
//! the streams and checks them, and [`RunBuilder`] starts a run. A graph that starts can only fail
//! in a calculator.
//!
//! ```
//! use moue::Frame;
//! use moue::frame::PixelFormat;
//! use moue_graph::{Graph, GraphConfig, Library, Packet, Registry, RunBuilder, Timestamp};
//! use std::sync::{Arc, mpsc};
//!
//! let config = GraphConfig::parse(r#"
//!     input_stream: "image"
//!     output_stream: "size"
//!     node {
//!       calculator: "ImageTransformationCalculator"
//!       input_stream: "IMAGE:image"
//!       output_stream: "IMAGE:small"
//!       node_options: {
//!         [type.googleapis.com/mediapipe.ImageTransformationCalculatorOptions] {
//!           output_width: 32
//!           output_height: 24
//!         }
//!       }
//!     }
//!     node {
//!       calculator: "ImagePropertiesCalculator"
//!       input_stream: "IMAGE:small"
//!       output_stream: "SIZE:size"
//!     }
//! "#)?;
//! let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
//!
//! // Observers get every packet of a stream.
//! let (sender, sizes) = mpsc::channel();
//! let mut run = RunBuilder::new(Arc::new(graph))
//!     .observe("size", move |packet| drop(sender.send(packet.clone())))?
//!     .start()?;
//!
//! let image = Frame::from_raw(&[0; 64 * 48 * 3], 64, 48, 64 * 3, PixelFormat::Rgb)?.into_owned();
//! let at = Timestamp::new(33_333).unwrap();
//! run.send("image", Packet::new(image).at(at))?;
//! run.finish()?;
//!
//! let size = sizes.recv()?;
//! assert_eq!(size.get::<(usize, usize)>(), Some(&(32, 24)));
//! assert_eq!(size.timestamp(), at);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! - A **packet** ([`Packet`]) is a value of any type with a **timestamp** ([`Timestamp`]), in
//!   microseconds. Timestamps on a stream ascend.
//! - A **calculator** ([`Calculator`]) is a step of processing, a **node** ([`NodeConfig`]) its
//!   place in a graph: which streams are connected to its ports. Ports have a **tag** and an index.
//! - A **contract** ([`Contract`]) declares the ports of a calculator and their types.
//! - A **stream** has one writer and any number of readers. Its **timestamp bound**, or watermark,
//!   is the lowest timestamp that its next packet may have. A timestamp below it is **settled**.
//! - The **input policy** ([`InputPolicy`]) decides when a node is ready. By default it gets all
//!   packets of a timestamp together, once this is settled at every input. Results then do not
//!   depend on the order in which packets arrive, nor on the number of threads.
//! - Bounds propagate through nodes that write nothing. So a node that joins two streams does not
//!   wait for a packet that was dropped on one of them.
//! - A **source** is a node without input streams. It runs while its readers have room
//!   (**backpressure**, see [`GraphConfig::max_queue_size`]).
//! - A **back edge** is an input whose stream comes from a later node; it makes a loop.
//! - A **side packet** is a value that is given once, before the first packet.
//! - A **subgraph** is a graph with a type, which other graphs use as a node ([`Library`]).
//!
//! # Building a graph in Rust
//!
//! [`NodeConfig`] and [`GraphConfig`] have a method for each field. Here frames that arrive while
//! one is in the graph are dropped, so that the answer is never about an old frame:
//!
//! ```
//! use moue_graph::{Graph, GraphConfig, Library, NodeConfig, Registry};
//!
//! let limiter = NodeConfig::new("FlowLimiterCalculator")
//!     .input("frame")
//!     .back_edge("FINISHED:answer")
//!     .output("limited")
//!     .options("mediapipe.FlowLimiterCalculatorOptions", "max_in_flight: 1")?;
//! let work = NodeConfig::new("PassThroughCalculator").input("limited").output("answer");
//! let config = GraphConfig::default().input("frame").output("answer").node(limiter).node(work);
//! let graph = Graph::new(&config, &Library::default(), &Registry::standard())?;
//! assert_eq!(graph.nodes().count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Threads
//!
//! [`Executor::Inline`] runs calculators inside [`Run::send`], always in the same order.
//! [`Executor::Threads`] runs them on a thread pool: nodes overlap, [`Run::send`] returns at once
//! or waits for room, and the streams carry the same packets. Either way a node runs once at a
//! time, nodes nearer to the outputs before others, sources last.
//!
//! # Calculators of your own
//!
//! Implement [`Calculator`] and add it to a [`Registry`]:
//!
//! ```
//! use moue_graph::{
//!     Calculator, CalculatorError, Context, Contract, Flow, Graph, GraphConfig, Library, NodeConfig,
//!     Packet, Registry, RunBuilder,
//! };
//! use std::sync::{Arc, mpsc};
//!
//! /// Writes the sum of all numbers so far.
//! #[derive(Default)]
//! struct SumCalculator(f64);
//!
//! impl Calculator for SumCalculator {
//!     fn contract(contract: &mut Contract, _: &NodeConfig) {
//!         contract.inputs.one::<f64>("");
//!         contract.outputs.one::<f64>("");
//!     }
//!
//!     fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
//!         if let Some(number) = cx.input::<f64>("") {
//!             self.0 += number;
//!             cx.output("", Packet::new(self.0));
//!         }
//!         Ok(Flow::Continue)
//!     }
//! }
//!
//! let mut registry = Registry::standard();
//! registry.register::<SumCalculator>("SumCalculator");
//!
//! let node = NodeConfig::new("SumCalculator").input("number").output("sum");
//! let config = GraphConfig::default().input("number").output("sum").node(node);
//! let graph = Arc::new(Graph::new(&config, &Library::default(), &registry)?);
//! let (sender, sums) = mpsc::channel();
//! let mut run = RunBuilder::new(graph)
//!     .observe("sum", move |packet| drop(sender.send(*packet.get::<f64>().unwrap())))?
//!     .start()?;
//! for (micros, number) in [(0, 1.5), (40_000, 2.0)] {
//!     let at = moue_graph::Timestamp::new(micros).unwrap();
//!     run.send("number", Packet::new(number).at(at))?;
//! }
//! run.finish()?;
//! assert_eq!(sums.iter().collect::<Vec<f64>>(), [1.5, 3.5]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Files that options name
//!
//! Options such as `model_path` of `InferenceCalculator` are paths below the folder given to
//! [`Resources::new`], or `builtin:face.tflite` and `builtin:expression.tflite` for moue's own
//! networks. [`Library::builtin`] holds moue's own subgraphs, [`Library::BUILTIN`] their text.
//!
//! # Profiling, tracing and drawing
//!
//! [`Run::finish`] returns calls, time, drops and the longest queue of each node ([`NodeStats`]).
//! With [`RunBuilder::trace`] a [`Trace`] records every call for Chrome or Perfetto.
//! [`Graph::to_dot`] and [`Graph::to_svg`] draw a graph.

#![deny(unsafe_code)]

mod calculator;
mod calculators;
mod canvas;
mod catalog;
mod config;
mod graph;
mod letters;
mod options;
mod packet;
mod printable;
mod registry;
mod resources;
mod run;
mod types;

pub use calculator::{Calculator, CalculatorError, Context, Contract, Flow, InputPolicy, Ports};
pub use canvas::Canvas;
pub use catalog::{CalculatorInfo, OptionInfo, PortInfo};
pub use config::{
    ConfigError, GraphConfig, Library, LibraryError, NodeConfig, OptionValue, Port, PortError,
    Variant,
};
pub use graph::{Graph, GraphError, SidePacketInfo};
pub use letters::ColorPicture;
pub use options::{Field, Options};
pub use packet::{Packet, PacketType, Timestamp};
pub use registry::Registry;
pub use resources::{ResourceError, Resources};
pub use run::{Executor, NodeStats, Run, RunBuilder, RunError, SendError, Trace};
pub use types::{
    Anchor, Classification, Collection, Color, Detection, Image, Labels, LetterboxPadding,
    NormRect, ProjectionMatrix, RenderData, Shape, Tensor, Tensors,
};

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
