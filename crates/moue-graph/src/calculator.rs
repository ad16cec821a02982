//! What a calculator is: a contract, and what it does with the packets of a moment.

use crate::config::{NodeConfig, Port};
use crate::options::Options;
use crate::packet::{Bound, Packet, PacketType, Timestamp};
use crate::resources::Resources;
use std::any::Any;
use std::sync::Arc;

/// What goes wrong in a calculator.
pub type CalculatorError = Box<dyn std::error::Error + Send + Sync>;

/// How a node's inputs are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputPolicy {
    /// The packets of one moment come together, once no earlier one can come any more.
    #[default]
    Synchronized,
    /// Every packet comes as soon as it is there. A change of what an input may still bring counts
    /// too: the node is then called without a packet.
    Immediate,
}

/// How many ports of a tag there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Optional,
    Any,
}

/// What ports of one tag carry.
#[derive(Debug, Clone)]
pub(crate) struct PortContract {
    pub(crate) tag: &'static str,
    pub(crate) count: Count,
    /// One of these types; empty for any.
    pub(crate) types: Vec<PacketType>,
}

/// Ports of one kind: inputs, outputs, or side packets of either direction.
#[derive(Debug, Clone, Default)]
pub struct Ports(pub(crate) Vec<PortContract>);

impl Ports {
    /// There must be one port of this tag (empty for the first untagged one), and it carries a `T`.
    pub fn one<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::One, vec![PacketType::of::<T>()])
    }

    /// There may be one port of this tag, and it carries a `T`.
    pub fn optional<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Optional, vec![PacketType::of::<T>()])
    }

    /// There may be any number of ports of this tag, and they carry a `T`.
    pub fn many<T: Any>(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Any, vec![PacketType::of::<T>()])
    }

    /// There must be one port of this tag, and it carries anything.
    pub fn any(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::One, Vec::new())
    }

    /// There may be one port of this tag, and it carries anything.
    pub fn optional_any(&mut self, tag: &'static str) -> &mut Self {
        self.add(tag, Count::Optional, Vec::new())
    }

    /// There may be any number of ports of this tag, and they carry anything.
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

/// What a node takes and gives, checked before a graph runs.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// Streams in.
    pub inputs: Ports,
    /// Streams out.
    pub outputs: Ports,
    /// Side packets in.
    pub input_side_packets: Ports,
    /// Side packets out, written in [`Calculator::open`].
    pub output_side_packets: Ports,
    /// How inputs are brought together.
    pub policy: InputPolicy,
    /// Whether the calculator itself says how far its outputs are, with [`Context::advance`].
    /// Otherwise they are as far as its inputs, so that one that writes nothing holds nobody up.
    pub sets_bounds: bool,
    /// Whether outputs carry the type of the input with the same tag and number, as a gate's do.
    pub same_types: bool,
}

/// Whether a source goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// There may be more.
    Continue,
    /// A source has no more packets. Of other calculators: the whole graph is to end, cleanly.
    Stop,
}

/// A processing step. One is made for every node of a graph, and used by one thread at a time.
///
/// ```
/// use moue_graph::{Calculator, CalculatorError, Context, Contract, Flow, NodeConfig, Packet, Registry};
///
/// /// Writes each number doubled.
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
    /// Says what the node takes and gives.
    fn contract(contract: &mut Contract, node: &NodeConfig)
    where
        Self: Sized;

    /// Called once before the first packet; reads options and side packets.
    ///
    /// # Errors
    /// Whatever keeps it from working; the graph then does not start.
    fn open(&mut self, _: &mut Context<'_>) -> Result<(), CalculatorError> {
        Ok(())
    }

    /// Called with the packets of each moment; of a source, again and again.
    ///
    /// # Errors
    /// Whatever went wrong; the graph then ends with it.
    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError>;

    /// Called once, after the last packet or when the graph ends early.
    ///
    /// # Errors
    /// Whatever went wrong.
    fn close(&mut self, _: &mut Context<'_>) -> Result<(), CalculatorError> {
        Ok(())
    }
}

/// What a node has fixed for the whole run.
pub(crate) struct NodeInfo {
    pub(crate) config: NodeConfig,
    pub(crate) side_packets: Vec<Packet>,
    pub(crate) resources: Arc<Resources>,
}

/// What a calculator sees and writes during a call.
pub struct Context<'a> {
    pub(crate) info: &'a NodeInfo,
    pub(crate) timestamp: Timestamp,
    pub(crate) inputs: &'a [Option<Packet>],
    pub(crate) bounds: &'a [Bound],
    pub(crate) written: Vec<(usize, Packet)>,
    pub(crate) advanced: Vec<(usize, Bound)>,
    pub(crate) side_packets: Vec<(usize, Packet)>,
    pub(crate) drops: usize,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        info: &'a NodeInfo,
        timestamp: Timestamp,
        inputs: &'a [Option<Packet>],
        bounds: &'a [Bound],
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

    /// The moment of this call's packets.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The node's options.
    pub fn options(&self) -> &'a Options {
        &self.info.config.options
    }

    /// Files that options name.
    pub fn resources(&self) -> &'a Resources {
        &self.info.resources
    }

    /// The node as it is written.
    pub fn node(&self) -> &'a NodeConfig {
        &self.info.config
    }

    /// The value at the first input of `tag`, if there is a packet of this moment.
    pub fn input<T: Any>(&self, tag: &str) -> Option<&'a T> {
        self.input_packet(tag, 0)?.get()
    }

    /// The packet at the input `tag:index`, if there is one of this moment.
    pub fn input_packet(&self, tag: &str, index: usize) -> Option<&'a Packet> {
        self.inputs
            .get(position(&self.info.config.inputs, tag, index)?)?
            .as_ref()
    }

    /// Whether the input `tag:index` can't bring a packet of moment `at` any more.
    pub fn is_past(&self, tag: &str, index: usize, at: Timestamp) -> bool {
        let at_port =
            position(&self.info.config.inputs, tag, index).and_then(|i| self.bounds.get(i));
        at_port.is_none_or(|bound| bound.is_past(at))
    }

    /// Whether a stream is joined to the input `tag`.
    pub fn has_input(&self, tag: &str) -> bool {
        position(&self.info.config.inputs, tag, 0).is_some()
    }

    /// Whether a stream is joined to the output `tag`.
    pub fn has_output(&self, tag: &str) -> bool {
        position(&self.info.config.outputs, tag, 0).is_some()
    }

    /// Writes `packet` to the first output of `tag`, at the moment of this call. Without such an
    /// output it is dropped.
    pub fn output(&mut self, tag: &str, packet: Packet) {
        let packet = packet.at(self.timestamp);
        self.output_packet(tag, 0, packet);
    }

    /// Writes `packet` to the output `tag:index` at its own moment.
    pub fn output_packet(&mut self, tag: &str, index: usize, packet: Packet) {
        if let Some(port) = position(&self.info.config.outputs, tag, index) {
            self.written.push((port, packet));
        }
    }

    /// Promises that the output `tag:index` brings nothing at or before `at` any more.
    pub fn advance(&mut self, tag: &str, index: usize, at: Timestamp) {
        if let Some(port) = position(&self.info.config.outputs, tag, index) {
            self.advanced.push((port, at.next()));
        }
    }

    /// Counts a packet that was dropped on purpose; traces show it.
    pub fn count_drop(&mut self) {
        self.drops += 1;
    }

    /// The side packet at `tag`, if one is joined to it.
    pub fn side_packet<T: Any + Send + Sync>(&self, tag: &str) -> Option<Arc<T>> {
        self.info
            .side_packets
            .get(position(&self.info.config.input_side_packets, tag, 0)?)?
            .share()
    }

    /// Writes the side packet `tag`; only in [`Calculator::open`].
    pub fn output_side_packet(&mut self, tag: &str, packet: Packet) {
        if let Some(port) = position(&self.info.config.output_side_packets, tag, 0) {
            self.side_packets.push((port, packet));
        }
    }
}

fn position(ports: &[Port], tag: &str, index: usize) -> Option<usize> {
    ports.iter().position(|p| p.tag == tag && p.index == index)
}
