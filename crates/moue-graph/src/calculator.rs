//! The trait of calculators: the contract, and the context of a call.

use crate::config::{NodeConfig, Port};
use crate::options::Options;
use crate::packet::{Packet, PacketType, Timestamp, TimestampBound};
use crate::resources::Resources;
use std::any::Any;
use std::sync::Arc;

/// An error of a calculator.
pub type CalculatorError = Box<dyn std::error::Error + Send + Sync>;

/// How the packets of a node's inputs are put together to input sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputPolicy {
    /// All packets of one timestamp together, in ascending order, as soon as the timestamp is
    /// settled at every input: MediaPipe's `DefaultInputStreamHandler`.
    #[default]
    Synchronized,
    /// Every packet as soon as it is there, and a call without packets when the timestamp bound of
    /// an input rises: MediaPipe's `ImmediateInputStreamHandler` with `process_timestamp_bounds`.
    Immediate,
}

/// How many ports of a tag there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Optional,
    Any,
}

/// What the ports of one tag carry.
#[derive(Debug, Clone)]
pub(crate) struct PortContract {
    pub(crate) tag: &'static str,
    pub(crate) count: Count,
    /// One of these types; empty for any.
    pub(crate) types: Vec<PacketType>,
}

/// The ports of one kind that a contract declares: inputs, outputs, or side packets of either
/// direction.
///
/// ```
/// use moue_graph::Contract;
/// let mut contract = Contract::default();
/// contract.inputs.one::<f32>("VALUE").optional::<bool>("ENABLED");
/// contract.outputs.many_any("");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Ports(pub(crate) Vec<PortContract>);

impl Ports {
    /// Declares one port of this tag that carries a `T`. The tag `""` is that of untagged ports.
    pub fn one<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::One, vec![PacketType::of::<T>()])
    }

    /// Declares at most one port of this tag that carries a `T`.
    pub fn optional<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Optional, vec![PacketType::of::<T>()])
    }

    /// Declares any number of ports of this tag that carry a `T`.
    pub fn many<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Any, vec![PacketType::of::<T>()])
    }

    /// Declares one port of this tag that carries any type.
    pub fn any(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::One, Vec::new())
    }

    /// Declares at most one port of this tag that carries any type.
    pub fn optional_any(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Optional, Vec::new())
    }

    /// Declares any number of ports of this tag that carry any type.
    pub fn many_any(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Any, Vec::new())
    }

    fn add(&mut self, tag: &'static str, count: Count, types: Vec<PacketType>) -> &mut Self {
        self.0.push(PortContract { tag, count, types });
        self
    }

    pub(crate) fn of(&self, tag: &str) -> Option<&PortContract> {
        self.0.iter().find(|p| p.tag == tag)
    }
}

/// The ports of a node, their types and its input policy. A graph is checked against the contracts
/// of its nodes before it runs.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// Input streams. A node whose calculator declares some must be connected to at least one, also
    /// where all are optional: a node without any is a source.
    pub inputs: Ports,
    /// Output streams.
    pub outputs: Ports,
    /// Input side packets.
    pub input_side_packets: Ports,
    /// Output side packets, written in [`Calculator::open`].
    pub output_side_packets: Ports,
    /// How packets are put together to input sets.
    pub policy: InputPolicy,
    /// Whether the calculator sets the timestamp bounds of its outputs itself, with
    /// [`Context::advance`]. Otherwise they follow those of its inputs, so that a node that writes
    /// nothing does not hold up its readers.
    pub sets_bounds: bool,
    /// Whether each output carries the type of the input with the same tag and index, as a gate's
    /// does.
    pub same_types: bool,
}

/// Whether the node continues after a call of [`Calculator::process`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More calls.
    Continue,
    /// No more: a source node has no more packets and closes. From any other node, the whole graph
    /// ends without an error.
    Stop,
}

/// A processing step of a graph. Each node has a calculator of its own for each run, and one
/// thread at a time calls it.
///
/// `open` is called once, then `process` for each input set, then `close`, also after an error.
/// A node without input streams is a source: its `process` is called again and again until it
/// returns [`Flow::Stop`].
///
/// ```
/// use moue_graph::{Calculator, CalculatorError, Context, Contract, Flow, NodeConfig, Packet, Registry};
///
/// /// Doubles numbers.
/// #[derive(Default)]
/// struct DoubleCalculator;
///
/// impl Calculator for DoubleCalculator {
///     fn contract(contract: &mut Contract, _: &NodeConfig) {
///         contract.inputs.one::<f32>("");
///         contract.outputs.one::<f32>("");
///     }
///
///     fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
///         if let Some(number) = cx.input::<f32>("") {
///             let doubled = Packet::new(2.0 * number);
///             cx.output("", doubled);
///         }
///         Ok(Flow::Continue)
///     }
/// }
///
/// let mut registry = Registry::standard();
/// registry.register::<DoubleCalculator>("DoubleCalculator");
/// ```
pub trait Calculator: Send + 'static {
    /// Declares the ports of a node, their types and the input policy.
    fn contract(contract: &mut Contract, node: &NodeConfig)
    where
        Self: Sized;

    /// Called once, before the first packet: the place to read options and side packets.
    ///
    /// # Errors
    /// Any error; the graph then does not start.
    fn open(&mut self, _: &mut Context<'_>) -> Result<(), CalculatorError> {
        Ok(())
    }

    /// Called for each input set; for a source, again and again.
    ///
    /// # Errors
    /// Any error; the graph then ends with it.
    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError>;

    /// Called once, after the last packet or when the graph ends early.
    ///
    /// # Errors
    /// Any error; the run then returns it, unless there was one before.
    fn close(&mut self, _: &mut Context<'_>) -> Result<(), CalculatorError> {
        Ok(())
    }
}

/// What stays the same for a node during a run.
pub(crate) struct NodeInfo {
    pub(crate) config: NodeConfig,
    pub(crate) side_packets: Vec<Packet>,
    pub(crate) resources: Arc<Resources>,
}

/// The inputs and outputs of a calculator during a call.
///
/// Packets and bounds that it writes reach their readers when the call has returned.
pub struct Context<'a> {
    pub(crate) info: &'a NodeInfo,
    pub(crate) timestamp: Timestamp,
    pub(crate) inputs: &'a [Option<Packet>],
    pub(crate) bounds: &'a [TimestampBound],
    pub(crate) written: Vec<(usize, Packet)>,
    pub(crate) advanced: Vec<(usize, TimestampBound)>,
    pub(crate) side_packets: Vec<(usize, Packet)>,
    pub(crate) drops: usize,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        info: &'a NodeInfo,
        timestamp: Timestamp,
        inputs: &'a [Option<Packet>],
        bounds: &'a [TimestampBound],
    ) -> Self {
        Self {
            info,
            timestamp,
            inputs,
            bounds,
            written: Vec::new(),
            advanced: Vec::new(),
            side_packets: Vec::new(),
            drops: 0,
        }
    }

    /// The timestamp of this call's packets.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The node's options.
    pub fn options(&self) -> &'a Options {
        &self.info.config.options
    }

    /// The files that options name.
    pub fn resources(&self) -> &'a Resources {
        &self.info.resources
    }

    /// The node's configuration.
    pub fn node(&self) -> &'a NodeConfig {
        &self.info.config
    }

    /// The value at the first input of `tag`, if it has a packet at this timestamp and that is a
    /// `T`.
    pub fn input<T: Any>(&self, tag: &str) -> Option<&'a T> {
        self.input_packet(tag, 0)?.get()
    }

    /// The packet at the input `tag:index`, if there is one at this timestamp.
    pub fn input_packet(&self, tag: &str, index: usize) -> Option<&'a Packet> {
        let port = position(&self.info.config.inputs, tag, index)?;
        self.inputs.get(port)?.as_ref()
    }

    /// Whether the timestamp `at` is settled at the input `tag:index`: no packet at `at` can arrive
    /// there any more. True if no stream is connected.
    pub fn is_settled(&self, tag: &str, index: usize, at: Timestamp) -> bool {
        let port = position(&self.info.config.inputs, tag, index);
        let bound = port.and_then(|i| self.bounds.get(i));
        bound.is_none_or(|bound| bound.is_past(at))
    }

    /// Whether a stream is connected to the input `tag`.
    pub fn has_input(&self, tag: &str) -> bool {
        position(&self.info.config.inputs, tag, 0).is_some()
    }

    /// Whether a stream is connected to the output `tag`.
    pub fn has_output(&self, tag: &str) -> bool {
        position(&self.info.config.outputs, tag, 0).is_some()
    }

    /// Writes `packet` to the first output of `tag`, at the timestamp of this call. If no stream is
    /// connected there, the packet is dropped.
    pub fn output(&mut self, tag: &str, packet: Packet) {
        let packet = packet.at(self.timestamp);
        self.output_packet(tag, 0, packet);
    }

    /// Writes `packet` to the output `tag:index`, at its own timestamp.
    pub fn output_packet(&mut self, tag: &str, index: usize, packet: Packet) {
        if let Some(port) = position(&self.info.config.outputs, tag, index) {
            self.written.push((port, packet));
        }
    }

    /// Raises the timestamp bound of the output `tag:index` past `at`: it will have no packet at or
    /// before `at`. For nodes whose contract has `sets_bounds`.
    pub fn advance(&mut self, tag: &str, index: usize, at: Timestamp) {
        if let Some(port) = position(&self.info.config.outputs, tag, index) {
            self.advanced.push((port, at.next()));
        }
    }

    /// Counts a packet that was dropped on purpose; [`NodeStats::drops`](crate::NodeStats::drops)
    /// and traces show it.
    pub fn count_drop(&mut self) {
        self.drops += 1;
    }

    /// The value of the side packet at `tag`, if one is connected and is a `T`.
    pub fn side_packet<T: Any + Send + Sync>(&self, tag: &str) -> Option<Arc<T>> {
        let port = position(&self.info.config.input_side_packets, tag, 0)?;
        self.info.side_packets.get(port)?.share()
    }

    /// Writes the side packet `tag`. Only has an effect in [`Calculator::open`].
    pub fn output_side_packet(&mut self, tag: &str, packet: Packet) {
        if let Some(port) = position(&self.info.config.output_side_packets, tag, 0) {
            self.side_packets.push((port, packet));
        }
    }
}

/// The position of a port among those of its kind, if the node has it.
fn position(ports: &[Port], tag: &str, index: usize) -> Option<usize> {
    ports.iter().position(|p| p.tag == tag && p.index == index)
}
