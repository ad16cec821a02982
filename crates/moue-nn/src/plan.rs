//! Turns a graph into steps: fuses what belongs together and gives every activation its place.

use crate::arena;
use crate::custom::Operators;
use crate::error::{Error, Result};
use crate::framed::{self, BorderedInput};
use crate::graph::{BinaryOp, Clamp, Graph, Node, Op, Tensor, UnaryOp, Window};
use crate::kernels::{ConvJob, DepthwiseJob, Int8ConvJob, Kernels, ThreadPool};
use crate::layout::{Layout, copy};
use crate::limits::Limits;
use crate::ops::conv::{Border, Context, Geometry};
use crate::ops::elementwise::{self, Operand};
use crate::ops::pool::Pool;
use crate::ops::{Routine, int8, reduce, shape};
use crate::shapes;
use bytemuck::{cast_slice, cast_slice_mut};
use std::collections::HashMap;
use std::ops::Range;

/// The code of one step.
pub(crate) enum Work {
    Conv(ConvJob),
    Depthwise(DepthwiseJob),
    ByteConv(Int8ConvJob),
    ByteDepthwise(DepthwiseJob),
    Other(Routine),
}

/// A step whose operands are still tensors.
struct PendingStep {
    work: Work,
    inputs: [Option<usize>; 2],
    output: usize,
}

/// A step whose operands are places in the arena.
pub(crate) struct Step {
    work: Work,
    inputs: [Option<Range<usize>>; 2],
    output: Range<usize>,
}

impl Step {
    /// Runs the step on the arena, with the help of `team`.
    pub(crate) fn run(&self, arena: &mut [f32], kernels: &Kernels, team: Option<&mut ThreadPool>) {
        let (a, b, output) = self.operands(arena);
        match &self.work {
            Work::Conv(job) => {
                kernels.conv(job, a, self.inputs[1].as_ref().map(|_| b), output, team)
            }
            Work::Depthwise(job) => kernels.depthwise(job, a, output, team),
            Work::ByteConv(job) => {
                kernels.conv_bytes(job, cast_slice(a), cast_slice_mut(output), team)
            }
            Work::ByteDepthwise(job) => {
                kernels.depthwise_bytes(job, cast_slice(a), cast_slice_mut(output), team)
            }
            Work::Other(routine) => routine(a, b, output),
        }
    }

    /// The operands' and the result's parts of the arena; the planner made the result apart from
    /// the operands.
    fn operands<'a>(&self, arena: &'a mut [f32]) -> (&'a [f32], &'a [f32], &'a mut [f32]) {
        const APART: &str = "operands and result lie apart";
        let output = self.output.clone();
        match &self.inputs {
            [Some(a), Some(b)] if a != b => {
                let [a, b, output] = arena
                    .get_disjoint_mut([a.clone(), b.clone(), output])
                    .expect(APART);
                (a, b, output)
            }
            [Some(a), second] => {
                let [a, output] = arena.get_disjoint_mut([a.clone(), output]).expect(APART);
                (a, if second.is_some() { a } else { &[] }, output)
            }
            [None, Some(b)] => {
                let [b, output] = arena.get_disjoint_mut([b.clone(), output]).expect(APART);
                (&[], b, output)
            }
            [None, None] => (&[], &[], &mut arena[output]),
        }
    }
}

/// The finished plan of a model.
pub(crate) struct Plan {
    pub(crate) steps: Vec<Step>,
    /// Where each tensor that has a place lies.
    pub(crate) places: HashMap<usize, Range<usize>>,
    /// The inputs that are stored in frames.
    pub(crate) framed: HashMap<usize, BorderedInput>,
    pub(crate) arena: usize,
    pub(crate) multiply_adds: u64,
}

impl Plan {
    pub(crate) fn new(
        graph: &mut Graph,
        limits: &Limits,
        kernels: &Kernels,
        operators: &Operators,
    ) -> Result<Self> {
        check_shapes(graph, limits)?;
        add_flattening(graph)?;
        let Lowered {
            drafts,
            alias,
            framed,
            multiply_adds,
        } = Lowering::new(graph, limits, kernels, operators).run()?;
        let sizes = |t: usize| {
            let elements = framed.get(&t).map_or_else(
                || Layout::of(&graph.tensors[t].shape).len(),
                BorderedInput::len,
            );
            if graph.tensors[t].quantization.is_some() {
                elements.div_ceil(size_of::<f32>())
            } else {
                elements
            }
        };
        let lives = lifetimes(graph, &drafts, &alias);
        let placed = arena::place(
            &lives
                .iter()
                .map(|(t, life)| (sizes(*t), *life))
                .collect::<Vec<_>>(),
        );
        if placed.total > limits.arena {
            return Err(Error::Limit(format!(
                "activations need {} values at once",
                placed.total
            )));
        }
        let at = lives
            .iter()
            .zip(placed.starts)
            .map(|((t, _), start)| (*t, start..start + sizes(*t)));
        let mut places: HashMap<usize, Range<usize>> = at.collect();
        let steps = drafts
            .into_iter()
            .map(|d| settle(d, &alias, &places))
            .collect();
        for tensor in graph.inputs.iter().chain(&graph.outputs) {
            if let Some(place) = places.get(&root(&alias, *tensor)).cloned() {
                places.insert(*tensor, place);
            }
        }
        Ok(Self {
            steps,
            places,
            framed,
            arena: placed.total,
            multiply_adds,
        })
    }
}

fn check_shapes(graph: &Graph, limits: &Limits) -> Result<()> {
    for node in &graph.nodes {
        let expected = shapes::infer(graph, node)?;
        let tensor = &graph.tensors[node.output];
        if expected != tensor.shape {
            return node.malformed(format!(
                "makes shape {expected:?}, but the file says {:?}",
                tensor.shape
            ));
        }
    }
    let most = limits.activation.min(1 << 31);
    match graph
        .tensors
        .iter()
        .find(|t| t.constant.is_none() && Layout::of(&t.shape).len() > most)
    {
        Some(t) => Err(Error::Limit(format!(
            "activation '{}' has shape {:?}",
            t.name, t.shape
        ))),
        None => Ok(()),
    }
}

/// Puts a RESHAPE before each fully connected layer whose input is not yet in rows of the right
/// length.
fn add_flattening(graph: &mut Graph) -> Result<()> {
    let mut nodes = Vec::with_capacity(graph.nodes.len());
    for mut node in std::mem::take(&mut graph.nodes) {
        if matches!(node.op, Op::FullyConnected { .. }) {
            let input = node.input(0)?;
            let depth = graph.tensors[node.input(1)?].channels();
            let elements = graph.tensors[input].elements();
            if graph.tensors[input].channels() != depth {
                let shape = vec![elements / depth, depth];
                let quantization = graph.tensors[input].quantization.clone();
                graph.tensors.push(Tensor {
                    quantization,
                    ..Tensor::floats(format!("rows of {}", node.name), shape)
                });
                let rows = graph.tensors.len() - 1;
                let inputs = vec![Some(input)];
                nodes.push(Node {
                    op: Op::Reshape,
                    name: "RESHAPE".into(),
                    index: node.index,
                    inputs,
                    output: rows,
                });
                node.inputs[0] = Some(rows);
            }
        }
        nodes.push(node);
    }
    graph.nodes = nodes;
    Ok(())
}

/// The tensor whose storage `tensor` shares.
fn root(alias: &HashMap<usize, usize>, mut tensor: usize) -> usize {
    while let Some(next) = alias.get(&tensor) {
        tensor = *next;
    }
    tensor
}

/// First and last step at which each stored tensor is needed.
fn lifetimes(
    graph: &Graph,
    drafts: &[PendingStep],
    alias: &HashMap<usize, usize>,
) -> Vec<(usize, (usize, usize))> {
    let mut lives: HashMap<usize, (usize, usize)> = HashMap::new();
    let mut touch = |tensor: usize, step: usize| {
        let life = lives.entry(root(alias, tensor)).or_insert((step, step));
        *life = (life.0.min(step), life.1.max(step));
    };
    for (step, draft) in drafts.iter().enumerate() {
        draft
            .inputs
            .iter()
            .flatten()
            .for_each(|t| touch(*t, step + 1));
        touch(draft.output, step + 1);
    }
    graph.inputs.iter().for_each(|t| touch(*t, 0));
    let constant = |t: &&usize| graph.tensors[**t].constant.is_some();
    graph
        .outputs
        .iter()
        .filter(|t| !constant(t))
        .for_each(|t| touch(*t, drafts.len() + 1));
    let mut lives: Vec<_> = lives.into_iter().collect();
    lives.sort_unstable();
    lives
}

fn settle(
    draft: PendingStep,
    alias: &HashMap<usize, usize>,
    places: &HashMap<usize, Range<usize>>,
) -> Step {
    let place = |t: usize| places[&root(alias, t)].clone();
    Step {
        work: draft.work,
        inputs: draft.inputs.map(|t| t.map(place)),
        output: place(draft.output),
    }
}

/// Lowers node after node.
struct Lowering<'a> {
    context: Context<'a>,
    operators: &'a Operators,
    drafts: Vec<Option<PendingStep>>,
    /// The draft that makes a tensor, where there is exactly one.
    makers: HashMap<usize, usize>,
    alias: HashMap<usize, usize>,
    /// How often each tensor is read, graph outputs counted.
    uses: Vec<usize>,
    /// PADs that their convolution takes over: what they padded, and by how much.
    borders: HashMap<usize, (usize, Border)>,
    /// Inputs that their convolution reads from a frame.
    framed: HashMap<usize, BorderedInput>,
}

/// All nodes lowered.
struct Lowered {
    drafts: Vec<PendingStep>,
    alias: HashMap<usize, usize>,
    framed: HashMap<usize, BorderedInput>,
    multiply_adds: u64,
}

impl<'a> Lowering<'a> {
    fn new(
        graph: &'a Graph,
        limits: &'a Limits,
        kernels: &Kernels,
        operators: &'a Operators,
    ) -> Self {
        let mut uses = vec![0; graph.tensors.len()];
        let read = graph.nodes.iter().flat_map(|n| n.inputs.iter().flatten());
        read.chain(&graph.outputs).for_each(|t| uses[*t] += 1);
        let (panels, bytes) = (kernels.panels, kernels.bytes);
        let context = Context {
            graph,
            limits,
            panels,
            bytes,
            multiply_adds: 0,
            pooling: 0,
            packed: 0,
        };
        let (makers, alias, borders, framed) = (
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
            HashMap::new(),
        );
        Self {
            context,
            operators,
            drafts: Vec::new(),
            makers,
            alias,
            uses,
            borders,
            framed,
        }
    }

    fn run(mut self) -> Result<Lowered> {
        let graph = self.context.graph;
        for node in &graph.nodes {
            self.lower(node)?;
        }
        let drafts = self.drafts.into_iter().flatten().collect();
        let multiply_adds = self.context.multiply_adds;
        Ok(Lowered {
            drafts,
            alias: self.alias,
            framed: self.framed,
            multiply_adds,
        })
    }

    fn layout(&self, tensor: usize) -> Layout {
        Layout::of(&self.context.graph.tensors[tensor].shape)
    }

    fn push(&mut self, work: Work, inputs: [Option<usize>; 2], output: usize) {
        self.makers.insert(output, self.drafts.len());
        self.drafts.push(Some(PendingStep {
            work,
            inputs,
            output,
        }));
    }

    fn push_routine(&mut self, node: &Node, routine: Routine) -> Result<()> {
        let input = self.activation(node, 0)?;
        self.push(Work::Other(routine), [Some(input), None], node.output);
        Ok(())
    }

    /// Operand `i`, which must not be constant.
    fn activation(&self, node: &Node, i: usize) -> Result<usize> {
        let tensor = node.input(i)?;
        match self.context.graph.tensors[tensor].constant {
            Some(_) => node.unsupported(format!("operand {i} is constant")),
            None => Ok(tensor),
        }
    }

    fn lower(&mut self, node: &Node) -> Result<()> {
        match &node.op {
            Op::Conv { window, clamp } => self.conv(node, *window, *clamp),
            Op::Depthwise {
                window,
                multiplier,
                clamp,
            } => self.depthwise(node, *window, *multiplier, *clamp),
            Op::FullyConnected { clamp, .. } => {
                let input = self.activation(node, 0)?;
                let rows = self.layout(input).rows();
                let work = match self.eight_bit(input) {
                    true => Work::ByteConv(self.context.fully_connected_bytes(node, rows, *clamp)?),
                    false => Work::Conv(self.context.fully_connected(node, rows, *clamp)?),
                };
                self.push(work, [Some(input), None], node.output);
                Ok(())
            }
            Op::Binary { .. } => self.binary(node),
            Op::Unary(function) => self.unary(node, *function),
            Op::Pad => self.pad(node),
            Op::Reshape => self.reshape(node),
            Op::Concat { axis, clamp } => self.concat(node, *axis, *clamp),
            Op::Custom { name, options } => {
                let (routine, inputs) =
                    self.operators
                        .lower(self.context.graph, node, name, options)?;
                self.push(Work::Other(routine), inputs, node.output);
                Ok(())
            }
            _ => {
                let routine = self.routine(node)?;
                self.push_routine(node, routine)
            }
        }
    }

    /// The operators that are one routine over one operand.
    fn routine(&mut self, node: &Node) -> Result<Routine> {
        let (from, to) = (self.layout(node.input(0)?), self.layout(node.output));
        Ok(match &node.op {
            Op::Pool {
                window,
                size,
                average,
                clamp,
            } => {
                let covered = size[0].min(from.dims[1]) * size[1].min(from.dims[2]);
                self.context
                    .spend_pooling(covered as u64 * to.len() as u64)?;
                Pool {
                    window: *window,
                    size: *size,
                    average: *average,
                    clamp: *clamp,
                }
                .routine(from, to)
            }
            Op::Prelu => {
                let (slopes, layout) = self.stored_constant(node, 1)?;
                match elementwise::prelu(slopes, layout, to) {
                    Some(routine) => routine,
                    None => return node.malformed("the slopes do not broadcast"),
                }
            }
            Op::Reduce { mean, .. } => self.reduce(node, *mean)?,
            Op::Reverse => {
                let marked = shapes::marked_axes(self.context.graph, node)?;
                let mut axes = [false; 4];
                axes[4 - marked.len()..].copy_from_slice(&marked);
                shape::reverse(from, axes)
            }
            Op::Resize {
                align_corners,
                half_pixel,
            } => shape::resize_bilinear(from, to, *align_corners, *half_pixel),
            Op::L2Normalize { clamp } => reduce::l2_normalize(to, *clamp),
            Op::Softmax { beta } => reduce::softmax(to, *beta),
            Op::Quantize => {
                int8::quantize_routine(int8::scale_of(self.context.graph, node, node.output)?)
            }
            Op::Dequantize => {
                int8::dequantize_routine(int8::scale_of(self.context.graph, node, node.input(0)?)?)
            }
            _ => return node.unsupported("it cannot stand here"),
        })
    }

    /// The input and geometry of a convolution, with a fused PAD taken into account.
    fn windowed(&self, node: &Node, window: Window) -> Result<(usize, Geometry)> {
        let (input, border) = match self.borders.get(&node.input(0)?) {
            Some((source, border)) => (*source, *border),
            None => (self.activation(node, 0)?, [[0; 2]; 2]),
        };
        Ok((
            input,
            Geometry::new(self.context.graph, node, input, window, border)?,
        ))
    }

    fn conv(&mut self, node: &Node, window: Window, clamp: Clamp) -> Result<()> {
        let (input, geometry) = self.windowed(node, window)?;
        let graph = self.context.graph;
        let comes_in = graph.inputs.contains(&input)
            && framed::reader(graph, input).is_some_and(|n| n.index == node.index);
        let framed = comes_in && geometry.framed().len() <= self.layout(input).len();
        if framed {
            self.framed.insert(input, geometry.framed());
        }
        let work = match self.eight_bit(input) {
            true => Work::ByteConv(self.context.conv_bytes(node, &geometry, clamp, framed)?),
            false => Work::Conv(self.context.conv(node, &geometry, clamp, framed)?),
        };
        self.push(work, [Some(input), None], node.output);
        Ok(())
    }

    fn eight_bit(&self, tensor: usize) -> bool {
        self.context.graph.tensors[tensor].quantization.is_some()
    }

    fn depthwise(
        &mut self,
        node: &Node,
        window: Window,
        multiplier: usize,
        clamp: Clamp,
    ) -> Result<()> {
        let (input, geometry) = self.windowed(node, window)?;
        let channels = self.layout(input).channels();
        let outputs = self.layout(node.output).channels();
        if multiplier != 0 && channels.checked_mul(multiplier) != Some(outputs) {
            return node.malformed(format!(
                "depth multiplier {multiplier} of {channels} channels is not {outputs}"
            ));
        }
        let work = match channels {
            c if c == outputs && self.eight_bit(input) => {
                Work::ByteDepthwise(self.context.depthwise_bytes(node, &geometry, clamp)?)
            }
            _ if self.eight_bit(input) => {
                return node.unsupported("a depth multiplier on 8-bit numbers");
            }
            c if c == outputs => Work::Depthwise(self.context.depthwise(node, &geometry, clamp)?),
            1 => Work::Conv(self.context.single_channel(node, &geometry, clamp)?),
            _ => {
                return node.unsupported(format!(
                    "depth multiplier {multiplier} on {channels} channels"
                ));
            }
        };
        self.push(work, [Some(input), None], node.output);
        Ok(())
    }

    /// The draft that makes `tensor`, if nothing else reads the tensor.
    fn sole_maker(&mut self, tensor: usize) -> Option<usize> {
        if self.uses[tensor] != 1 {
            return None;
        }
        self.makers.get(&tensor).copied()
    }

    /// A clamp becomes part of the convolution before it; everything else is a step of its own.
    fn unary(&mut self, node: &Node, function: UnaryOp) -> Result<()> {
        let input = self.activation(node, 0)?;
        if let UnaryOp::Clamp(clamp) = function
            && let Some(maker) = self.sole_maker(input)
            && self.clamp_draft(maker, clamp, node.output)
        {
            return Ok(());
        }
        self.push_routine(node, elementwise::unary(function))
    }

    fn clamp_draft(&mut self, maker: usize, clamp: Clamp, output: usize) -> bool {
        let Some(draft) = &mut self.drafts[maker] else {
            return false;
        };
        match &mut draft.work {
            Work::Conv(job) => {
                let mut epilogue = job.epilogue();
                let last = if draft.inputs[1].is_some() {
                    &mut epilogue.second
                } else {
                    &mut epilogue.first
                };
                *last = then(*last, clamp);
                job.set_epilogue(epilogue);
            }
            Work::Depthwise(job) => job.clamp = then(job.clamp, clamp),
            Work::ByteConv(_) | Work::ByteDepthwise(_) | Work::Other(_) => return false,
        }
        draft.output = output;
        self.makers.insert(output, maker);
        true
    }

    /// Addition becomes the end of a convolution where one operand is its result and nobody else's.
    fn binary(&mut self, node: &Node) -> Result<()> {
        let Op::Binary { kind, clamp } = node.op else {
            return node.malformed("is no binary operator");
        };
        let (a, b) = (node.input(0)?, node.input(1)?);
        if kind == BinaryOp::Add
            && (self.add_residual(a, b, clamp, node) || self.add_residual(b, a, clamp, node))
        {
            return Ok(());
        }
        let mut operand = |i: usize| -> Result<(Operand, Option<usize>)> {
            let tensor = node.input(i)?;
            if self.context.graph.tensors[tensor].constant.is_some() {
                let (values, layout) = self.stored_constant(node, i)?;
                return Ok((
                    Operand {
                        layout,
                        constant: Some(values),
                    },
                    None,
                ));
            }
            Ok((
                Operand {
                    layout: self.layout(tensor),
                    constant: None,
                },
                Some(tensor),
            ))
        };
        let ((first, a), (second, b)) = (operand(0)?, operand(1)?);
        match elementwise::binary(kind, clamp, first, second, self.layout(node.output)) {
            Some(routine) => self.push(Work::Other(routine), [a, b], node.output),
            None => return node.malformed("the operands do not broadcast"),
        }
        Ok(())
    }

    /// Adds `other` at the end of the convolution that made `sum`, if that is possible.
    fn add_residual(&mut self, sum: usize, other: usize, clamp: Clamp, node: &Node) -> bool {
        let tensors = &self.context.graph.tensors;
        let alike = tensors[sum].shape == tensors[other].shape && tensors[other].constant.is_none();
        if !alike || sum == other {
            return false;
        }
        let Some(maker) = self.sole_maker(sum) else {
            return false;
        };
        let Some(PendingStep {
            work: Work::Conv(_),
            inputs: [Some(_), None],
            ..
        }) = &self.drafts[maker]
        else {
            return false;
        };
        let Some(mut draft) = self.drafts[maker].take() else {
            return false;
        };
        if let Work::Conv(job) = &mut draft.work {
            let mut epilogue = job.epilogue();
            epilogue.second = clamp;
            job.set_epilogue(epilogue);
        }
        self.push(draft.work, [draft.inputs[0], Some(other)], node.output);
        true
    }

    /// A constant operand, padded as activations are.
    fn stored_constant(&mut self, node: &Node, i: usize) -> Result<(Vec<f32>, Layout)> {
        let tensor = node.input(i)?;
        let Some(values) = self.context.graph.floats(tensor) else {
            return node.unsupported(format!("operand {i} must be a constant of floats"));
        };
        let layout = self.layout(tensor);
        self.context.spend_memory(layout.len())?;
        let mut stored = vec![0.0; layout.len()];
        layout.spread(values, &mut stored, copy);
        Ok((stored, layout))
    }

    /// Zeros around a picture become part of the one convolution that reads them.
    fn pad(&mut self, node: &Node) -> Result<()> {
        let graph = self.context.graph;
        let input = self.activation(node, 0)?;
        let pads = shapes::paddings(graph, node)?;
        let mut readers = graph
            .nodes
            .iter()
            .filter(|n| n.inputs.contains(&Some(node.output)));
        let valid = |n: &Node| match n.op {
            Op::Conv { window, .. } | Op::Depthwise { window, .. } => {
                !window.same && n.inputs[0] == Some(node.output)
            }
            _ => false,
        };
        if self.uses[node.output] == 1
            && readers.next().is_some_and(valid)
            && let [[0, 0], rows, columns, [0, 0]] = pads[..]
        {
            self.borders.insert(node.output, (input, [rows, columns]));
            return Ok(());
        }
        let mut before = [0; 4];
        pads.iter()
            .rev()
            .zip(before.iter_mut().rev())
            .for_each(|(pad, b)| *b = pad[0]);
        let (from, to) = (self.layout(input), self.layout(node.output));
        let routine = match self.eight_bit(input) {
            true => shape::pad(
                from,
                before,
                to,
                (int8::scale_of(self.context.graph, node, input)?.1 + int8::ZERO_POINT_SHIFT) as u8,
            ),
            false => shape::pad(from, before, to, 0f32),
        };
        self.push_routine(node, routine)
    }

    /// Where the rows stay the same, reshaping costs nothing.
    fn reshape(&mut self, node: &Node) -> Result<()> {
        let input = self.activation(node, 0)?;
        let (from, to) = (self.layout(input), self.layout(node.output));
        if from.channels() == to.channels() {
            self.alias.insert(node.output, input);
            return Ok(());
        }
        let routine = match self.eight_bit(input) {
            true => shape::repack::<u8>(from, to),
            false => shape::repack::<f32>(from, to),
        };
        self.push_routine(node, routine)
    }

    fn concat(&mut self, node: &Node, axis: i32, clamp: Clamp) -> Result<()> {
        let rank = self.context.graph.tensors[node.output].shape.len();
        let axis = shapes::axis_of(node, axis, rank)? + 4 - rank;
        let to = self.layout(node.output);
        let mut start = 0;
        for i in 0..node.inputs.len() {
            let tensor = node.input(i)?;
            let constant = match self.context.graph.tensors[tensor].constant {
                Some(_) => Some(self.stored_constant(node, i)?.0),
                None => None,
            };
            let operand = constant.is_none().then_some(tensor);
            let from = self.layout(tensor);
            let routine = shape::place(from, to, axis, start, clamp, constant);
            self.push(Work::Other(routine), [operand, None], node.output);
            start += from.dims[axis];
        }
        self.makers.remove(&node.output);
        Ok(())
    }

    fn reduce(&self, node: &Node, mean: bool) -> Result<Routine> {
        let graph = self.context.graph;
        let reduced = shapes::marked_axes(graph, node)?;
        let input = self.layout(node.input(0)?);
        let output = self.layout(node.output);
        let skipped = 4 - reduced.len();
        let keeps_dims = graph.tensors[node.output].shape.len() == reduced.len();
        let mut strides = [0; 4];
        // Kept dimensions follow each other in the result, its last one being the channels.
        let mut next = if keeps_dims {
            4
        } else {
            4 - reduced.iter().filter(|r| !**r).count()
        };
        for (i, gone) in reduced.iter().enumerate() {
            let at = if keeps_dims { skipped + i } else { next };
            if !gone {
                strides[skipped + i] = output.strides[at];
                next += 1;
            }
        }
        let gone = reduced
            .iter()
            .zip(&input.dims[skipped..])
            .filter(|(r, _)| **r);
        let count = if mean {
            gone.map(|(_, d)| *d).product::<usize>() as f32
        } else {
            1.0
        };
        Ok(reduce::reduce(input, strides, output.len(), count))
    }
}

/// The clamp that equals `first` followed by `second`.
fn then(first: Clamp, second: Clamp) -> Clamp {
    Clamp {
        low: second.apply(first.low),
        high: second.apply(first.high),
    }
}
