//! The graph as the file states it, with every index and option checked.

use crate::error::{Error, Result, format_error};
use crate::limits::Limits;
use crate::tflite::flatbuffer::Table;
use half::f16;
use std::collections::HashMap;
use std::sync::Arc;

/// Most dimensions a tensor may have.
pub(crate) const MAX_RANK: usize = 4;

/// The values of a tensor that the file fixes.
#[derive(Clone, Debug)]
pub(crate) enum Constant {
    Floats(Arc<Vec<f32>>),
    Ints(Arc<Vec<i32>>),
    Bytes(Arc<Vec<i8>>),
}

/// How 8-bit numbers stand for real ones: `scale × (number - zero)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantization {
    /// One for the whole tensor, or one for each slice along `axis`.
    pub(crate) scales: Vec<f32>,
    pub(crate) zeros: Vec<i32>,
    pub(crate) axis: usize,
}

impl Quantization {
    fn single(&self) -> Option<(f32, i32)> {
        match (&self.scales[..], &self.zeros[..]) {
            ([scale], [zero]) => Some((*scale, *zero)),
            _ => None,
        }
    }
}

/// A tensor of the graph: batch, height, width, channels in this order, where it has four
/// dimensions.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<usize>,
    pub(crate) constant: Option<Constant>,
    /// Present where the elements are 8-bit numbers.
    pub(crate) quantization: Option<Quantization>,
}

impl Tensor {
    /// An activation of floats.
    pub(crate) fn floats(name: String, shape: Vec<usize>) -> Self {
        Self {
            name,
            shape,
            constant: None,
            quantization: None,
        }
    }

    /// Scale and zero, if the elements are 8-bit numbers that have one of each.
    pub(crate) fn scale(&self) -> Option<(f32, i32)> {
        self.quantization.as_ref()?.single()
    }

    /// The real values of a constant of 8-bit numbers.
    pub(crate) fn dequantized(&self) -> Option<Vec<f32>> {
        let (Some(Constant::Bytes(bytes)), Some(q)) = (&self.constant, &self.quantization) else {
            return None;
        };
        let inner: usize = self.shape[(q.axis + 1).min(self.shape.len())..]
            .iter()
            .product();
        let slice = |i: usize| {
            if q.scales.len() == 1 {
                0
            } else {
                i / inner % q.scales.len()
            }
        };
        let real =
            |(i, b): (usize, &i8)| q.scales[slice(i)] * (i32::from(*b) - q.zeros[slice(i)]) as f32;
        Some(bytes.iter().enumerate().map(real).collect())
    }

    pub(crate) fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// The size of the last dimension, 1 for a scalar.
    pub(crate) fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }
}

/// How an operator clamps its result: `[low, high]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Clamp {
    pub(crate) low: f32,
    pub(crate) high: f32,
}

impl Default for Clamp {
    fn default() -> Self {
        Self::NONE
    }
}

impl Clamp {
    /// No bound at all.
    pub(crate) const NONE: Self = Self {
        low: f32::NEG_INFINITY,
        high: f32::INFINITY,
    };
    pub(crate) const RELU: Self = Self {
        low: 0.0,
        high: f32::INFINITY,
    };
    pub(crate) const RELU6: Self = Self {
        low: 0.0,
        high: 6.0,
    };

    fn from_code(code: u8) -> std::result::Result<Self, String> {
        match code {
            0 => Ok(Self::NONE),
            1 => Ok(Self::RELU),
            2 => Ok(Self {
                low: -1.0,
                high: 1.0,
            }),
            3 => Ok(Self::RELU6),
            other => Err(format!("fused activation {other}")),
        }
    }

    /// Keeps `low` where `x` is not a number, as the vector kernels do.
    pub(crate) fn apply(self, x: f32) -> f32 {
        x.max(self.low).min(self.high)
    }
}

/// A sliding window: kernel, stride, dilation and how borders are filled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub(crate) same: bool,
    pub(crate) stride: [usize; 2],
    pub(crate) dilation: [usize; 2],
}

/// Two-operand arithmetic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Maximum,
    Minimum,
    SquaredDifference,
}

/// Arithmetic on one operand, element by element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum UnaryOp {
    Clamp(Clamp),
    HardSwish,
    Logistic,
    Tanh,
    Rsqrt,
    Sqrt,
    Neg,
}

/// An operator with its options.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Conv {
        window: Window,
        clamp: Clamp,
    },
    Depthwise {
        window: Window,
        multiplier: usize,
        clamp: Clamp,
    },
    Pool {
        window: Window,
        size: [usize; 2],
        average: bool,
        clamp: Clamp,
    },
    FullyConnected {
        clamp: Clamp,
        keep_dims: bool,
    },
    Binary {
        kind: BinaryOp,
        clamp: Clamp,
    },
    Unary(UnaryOp),
    Prelu,
    Pad,
    Reshape,
    /// Back to front along the constant axes that its second operand lists.
    Reverse,
    Concat {
        axis: i32,
        clamp: Clamp,
    },
    Reduce {
        mean: bool,
        keep_dims: bool,
    },
    Resize {
        align_corners: bool,
        half_pixel: bool,
    },
    L2Normalize {
        clamp: Clamp,
    },
    Softmax {
        beta: f32,
    },
    Quantize,
    Dequantize,
    /// One of the caller's own, with the bytes that the file has for it.
    Custom {
        name: String,
        options: Vec<u8>,
    },
}

/// One operator in its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) name: String,
    pub(crate) index: usize,
    pub(crate) inputs: Vec<Option<usize>>,
    pub(crate) output: usize,
}

impl Node {
    pub(crate) fn malformed<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::Graph {
            node: self.index,
            operator: self.name.clone(),
            reason: reason.into(),
        })
    }

    pub(crate) fn unsupported<T>(&self, reason: impl Into<String>) -> Result<T> {
        Err(Error::Unsupported {
            node: self.index,
            operator: self.name.clone(),
            reason: reason.into(),
        })
    }

    /// The tensor that operand `i` names.
    pub(crate) fn input(&self, i: usize) -> Result<usize> {
        match self.inputs.get(i) {
            Some(Some(tensor)) => Ok(*tensor),
            _ => self.malformed(format!("operand {i} is missing")),
        }
    }
}

/// A whole graph, nodes in an order in which each can run.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<usize>,
    pub(crate) description: String,
}

impl Graph {
    pub(crate) fn parse(bytes: &[u8], limits: &Limits) -> Result<Self> {
        let model = Table::root(bytes, b"TFL3")?;
        let subgraphs = model.tables(2)?;
        let [main] = subgraphs[..] else {
            return format_error(format!(
                "has {} subgraphs, one is supported",
                subgraphs.len()
            ));
        };
        let buffers = model.tables(4)?;
        let tensors = Tensors {
            buffers: &buffers,
            limits,
            spent: 0,
            shared: HashMap::new(),
        }
        .read(&main)?;
        let nodes = read_nodes(&model, &main, tensors.len(), limits)?;
        let mut graph = Self {
            inputs: indices(&main.ints(1)?, tensors.len())?,
            outputs: indices(&main.ints(2)?, tensors.len())?,
            description: model.string(3)?,
            tensors,
            nodes,
        };
        graph.check_order()?;
        graph.fold_dequantize()?;
        crate::passes::int8::prepare(&mut graph)?;
        Ok(graph)
    }

    /// Every operand must be a constant, an input, or the result of an earlier node; no tensor is
    /// written twice.
    fn check_order(&self) -> Result<()> {
        let mut known: Vec<bool> = self.tensors.iter().map(|t| t.constant.is_some()).collect();
        for &input in &self.inputs {
            if std::mem::replace(&mut known[input], true) {
                return format_error("an input is given twice or is a constant");
            }
        }
        for node in &self.nodes {
            if let Some(tensor) = node.inputs.iter().flatten().find(|t| !known[**t]) {
                return node.malformed(format!(
                    "operand '{}' is used before it is made",
                    self.tensors[*tensor].name
                ));
            }
            if std::mem::replace(&mut known[node.output], true) {
                return node.malformed(format!(
                    "writes '{}' a second time",
                    self.tensors[node.output].name
                ));
            }
        }
        match self.outputs.iter().find(|t| !known[**t]) {
            Some(t) => format_error(format!("output '{}' is never made", self.tensors[*t].name)),
            None if self.outputs.is_empty() => format_error("the graph has no output"),
            None => Ok(()),
        }
    }

    /// DEQUANTIZE of a constant gives a constant: half-precision weights were widened while
    /// reading, 8-bit ones are now.
    fn fold_dequantize(&mut self) -> Result<()> {
        for node in self.nodes.iter().filter(|n| n.op == Op::Dequantize) {
            let source = node.input(0)?;
            let constant = match &self.tensors[source].constant {
                Some(constant @ Constant::Floats(_)) => constant.clone(),
                Some(Constant::Bytes(_)) => match self.tensors[source].dequantized() {
                    Some(values) => Constant::Floats(Arc::new(values)),
                    None => return node.malformed("the constant says nothing of its scale"),
                },
                Some(Constant::Ints(_)) => {
                    return node.unsupported("a constant of 32-bit integers");
                }
                None => continue,
            };
            if self.tensors[source].shape != self.tensors[node.output].shape {
                return node.malformed("changes the shape");
            }
            self.tensors[node.output].constant = Some(constant);
        }
        let tensors = &self.tensors;
        self.nodes
            .retain(|n| n.op != Op::Dequantize || tensors[n.output].constant.is_none());
        Ok(())
    }

    pub(crate) fn bytes(&self, tensor: usize) -> Option<&Arc<Vec<i8>>> {
        match &self.tensors[tensor].constant {
            Some(Constant::Bytes(values)) => Some(values),
            _ => None,
        }
    }

    pub(crate) fn floats(&self, tensor: usize) -> Option<&Arc<Vec<f32>>> {
        match &self.tensors[tensor].constant {
            Some(Constant::Floats(values)) => Some(values),
            _ => None,
        }
    }

    pub(crate) fn ints(&self, tensor: usize) -> Option<&Arc<Vec<i32>>> {
        match &self.tensors[tensor].constant {
            Some(Constant::Ints(values)) => Some(values),
            _ => None,
        }
    }
}

fn indices(values: &[i32], count: usize) -> Result<Vec<usize>> {
    values
        .iter()
        .map(|v| match usize::try_from(*v) {
            Ok(i) if i < count => Ok(i),
            _ => format_error(format!("tensor {v} does not exist")),
        })
        .collect()
}

/// Reads tensors, widening half-precision weights; buffers shared by several tensors are read once.
struct Tensors<'a, 'b> {
    buffers: &'b [Table<'a>],
    limits: &'b Limits,
    spent: usize,
    shared: HashMap<(usize, u8), Constant>,
}

impl Tensors<'_, '_> {
    fn read(mut self, subgraph: &Table<'_>) -> Result<Vec<Tensor>> {
        let tables = subgraph.tables(0)?;
        if tables.len() > self.limits.nodes {
            return Err(Error::Limit(format!("{} tensors", tables.len())));
        }
        tables.iter().map(|t| self.tensor(t)).collect()
    }

    fn tensor(&mut self, table: &Table<'_>) -> Result<Tensor> {
        let name = table.string(3)?;
        let shape = self.shape(&name, &table.ints(0)?)?;
        let buffer = table.u32(2, 0)? as usize;
        let Some(holder) = self.buffers.get(buffer) else {
            return format_error(format!(
                "tensor '{name}' names buffer {buffer}, which does not exist"
            ));
        };
        let data = holder.bytes(0)?;
        let kind = table.u8(1, 0)?;
        let constant = if data.is_empty() {
            None
        } else {
            Some(self.constant(buffer, kind, data, &name)?)
        };
        let quantization = match kind {
            INT8 => quantization(table, &name, &shape)?,
            _ => None,
        };
        let tensor = Tensor {
            name,
            shape,
            constant,
            quantization,
        };
        let length = match &tensor.constant {
            Some(Constant::Floats(values)) => values.len(),
            Some(Constant::Ints(values)) => values.len(),
            Some(Constant::Bytes(values)) => values.len(),
            None if kind == 0 || tensor.scale().is_some() => return Ok(tensor),
            None => {
                let reason = "only f32, and i8 with one scale, are supported";
                return format_error(format!(
                    "activation '{}' has type {kind}, {reason}",
                    tensor.name
                ));
            }
        };
        if length != tensor.elements() {
            return format_error(format!(
                "tensor '{}' has {length} values for shape {:?}",
                tensor.name, tensor.shape
            ));
        }
        Ok(tensor)
    }

    fn shape(&self, name: &str, dims: &[i32]) -> Result<Vec<usize>> {
        if dims.len() > MAX_RANK {
            return format_error(format!("tensor '{name}' has {} dimensions", dims.len()));
        }
        let mut elements = 1usize;
        for &dim in dims {
            let Some(size) = usize::try_from(dim).ok().filter(|d| *d > 0) else {
                return format_error(format!("tensor '{name}' has a dimension of {dim}"));
            };
            elements = elements.saturating_mul(size);
        }
        if elements > self.limits.activation.max(self.limits.weights) {
            return Err(Error::Limit(format!("tensor '{name}' has shape {dims:?}")));
        }
        Ok(dims.iter().map(|d| *d as usize).collect())
    }

    fn constant(&mut self, buffer: usize, kind: u8, data: &[u8], name: &str) -> Result<Constant> {
        if let Some(constant) = self.shared.get(&(buffer, kind)) {
            return Ok(constant.clone());
        }
        let width = match kind {
            0 | 2 => 4,
            1 => 2,
            INT8 => 1,
            other => {
                return format_error(format!(
                    "tensor '{name}' has type {other}, which is not supported"
                ));
            }
        };
        self.spent += data.len() / width;
        if self.spent > self.limits.weights || !data.len().is_multiple_of(width) {
            return Err(Error::Limit(format!(
                "constants up to '{name}' hold {} values",
                self.spent
            )));
        }
        let constant = match kind {
            0 => Constant::Floats(Arc::new(
                data.as_chunks()
                    .0
                    .iter()
                    .map(|c| f32::from_le_bytes(*c))
                    .collect(),
            )),
            1 => Constant::Floats(Arc::new(
                data.as_chunks()
                    .0
                    .iter()
                    .map(|c| f16::from_le_bytes(*c).to_f32())
                    .collect(),
            )),
            INT8 => Constant::Bytes(Arc::new(data.iter().map(|b| b.cast_signed()).collect())),
            _ => Constant::Ints(Arc::new(
                data.as_chunks()
                    .0
                    .iter()
                    .map(|c| i32::from_le_bytes(*c))
                    .collect(),
            )),
        };
        self.shared.insert((buffer, kind), constant.clone());
        Ok(constant)
    }
}

/// TFLite's code of 8-bit integers.
const INT8: u8 = 9;

/// What the file says of the scale of an 8-bit tensor.
fn quantization(table: &Table<'_>, name: &str, shape: &[usize]) -> Result<Option<Quantization>> {
    let Some(stated) = table.table(4)? else {
        return Ok(None);
    };
    let scales = stated.floats(2)?;
    if scales.is_empty() {
        return Ok(None);
    }
    let axis = usize::try_from(stated.i32(6, 0)?).unwrap_or(usize::MAX);
    let slices = if scales.len() == 1 {
        1
    } else {
        shape.get(axis).copied().unwrap_or(0)
    };
    let mut zeros = stated.longs(3)?;
    if zeros.is_empty() {
        zeros = vec![0; scales.len()];
    }
    let sound = scales.iter().all(|s| s.is_finite() && *s > 0.0)
        && zeros.iter().all(|z| (-128..=127).contains(z));
    if !sound || scales.len() != slices || zeros.len() != slices {
        return format_error(format!(
            "tensor '{name}' has scales or zero points that do not fit it"
        ));
    }
    let zeros = zeros.iter().map(|z| *z as i32).collect();
    Ok(Some(Quantization {
        scales,
        zeros,
        axis: axis.min(shape.len()),
    }))
}

fn read_nodes(
    model: &Table<'_>,
    main: &Table<'_>,
    tensors: usize,
    limits: &Limits,
) -> Result<Vec<Node>> {
    let codes: Vec<(i32, String)> = model
        .tables(1)?
        .iter()
        .map(|t| {
            Ok((
                t.i32(3, 0)?.max(i32::from(t.u8(0, 0)?.cast_signed())),
                t.string(1)?,
            ))
        })
        .collect::<Result<_>>()?;
    let operators = main.tables(3)?;
    if operators.len() > limits.nodes {
        return Err(Error::Limit(format!("{} operators", operators.len())));
    }
    operators
        .iter()
        .enumerate()
        .map(|(i, table)| read_node(i, table, &codes, tensors))
        .collect()
}

/// The code of operators that files know by name.
const CUSTOM: i32 = 32;

fn read_node(
    index: usize,
    table: &Table<'_>,
    codes: &[(i32, String)],
    tensors: usize,
) -> Result<Node> {
    let code = table.u32(0, 0)? as usize;
    let Some((code, custom)) = codes.get(code) else {
        return format_error(format!(
            "node {index} names operator code {code}, which does not exist"
        ));
    };
    let name = operator_name(*code, custom);
    let options = table.table(4)?;
    let op = match *code {
        CUSTOM => Ok(Op::Custom {
            name: custom.clone(),
            options: table.bytes(5)?.to_vec(),
        }),
        code => read_op(code, options.as_ref())?,
    };
    let op = op.map_err(|reason| Error::Unsupported {
        node: index,
        operator: name.clone(),
        reason,
    })?;
    let optional = |v: &i32| {
        if *v == -1 {
            Ok(None)
        } else {
            Ok(Some(indices(&[*v], tensors)?[0]))
        }
    };
    let inputs = table.ints(1)?.iter().map(optional).collect::<Result<_>>()?;
    let outputs = indices(&table.ints(2)?, tensors)?;
    let [output] = outputs[..] else {
        return Err(Error::Graph {
            node: index,
            operator: name,
            reason: format!("{} outputs", outputs.len()),
        });
    };
    Ok(Node {
        op,
        name,
        index,
        inputs,
        output,
    })
}

/// TFLite's name of an operator code, as far as this runtime meets it.
fn operator_name(code: i32, custom: &str) -> String {
    const NAMES: &[(i32, &str)] = &[
        (0, "ADD"),
        (1, "AVERAGE_POOL_2D"),
        (2, "CONCATENATION"),
        (3, "CONV_2D"),
        (4, "DEPTHWISE_CONV_2D"),
        (5, "DEPTH_TO_SPACE"),
        (6, "DEQUANTIZE"),
        (9, "FULLY_CONNECTED"),
        (11, "L2_NORMALIZATION"),
        (14, "LOGISTIC"),
        (17, "MAX_POOL_2D"),
        (18, "MUL"),
        (19, "RELU"),
        (20, "RELU_N1_TO_1"),
        (21, "RELU6"),
        (22, "RESHAPE"),
        (23, "RESIZE_BILINEAR"),
        (25, "SOFTMAX"),
        (28, "TANH"),
        (CUSTOM, "CUSTOM"),
        (34, "PAD"),
        (36, "GATHER"),
        (39, "TRANSPOSE"),
        (40, "MEAN"),
        (41, "SUB"),
        (42, "DIV"),
        (43, "SQUEEZE"),
        (45, "STRIDED_SLICE"),
        (49, "SPLIT"),
        (54, "PRELU"),
        (55, "MAXIMUM"),
        (57, "MINIMUM"),
        (59, "NEG"),
        (60, "PADV2"),
        (65, "SLICE"),
        (67, "TRANSPOSE_CONV"),
        (70, "EXPAND_DIMS"),
        (74, "SUM"),
        (75, "SQRT"),
        (76, "RSQRT"),
        (83, "PACK"),
        (97, "RESIZE_NEAREST_NEIGHBOR"),
        (98, "LEAKY_RELU"),
        (99, "SQUARED_DIFFERENCE"),
        (105, "REVERSE_V2"),
        (114, "QUANTIZE"),
        (117, "HARD_SWISH"),
        (124, "DENSIFY"),
    ];
    match NAMES.iter().find(|(c, _)| *c == code) {
        Some((CUSTOM, _)) => format!("CUSTOM({custom})"),
        Some((_, name)) => (*name).to_owned(),
        None => format!("with builtin code {code}"),
    }
}

/// Field numbers of an options table: where a window's padding, strides (width, height) and
/// dilations lie.
fn window(
    options: Option<&Table<'_>>,
    dilation: Option<usize>,
) -> Result<std::result::Result<Window, String>> {
    let Some(o) = options else {
        return Ok(Err("has no options".into()));
    };
    let positive = |id, default| {
        Ok::<_, Error>(
            usize::try_from(o.i32(id, default)?)
                .unwrap_or(0)
                .min(1 << 16),
        )
    };
    let padding = o.u8(0, 0)?;
    let stride = [positive(2, 0)?, positive(1, 0)?];
    let dilation = match dilation {
        Some(id) => [positive(id + 1, 1)?, positive(id, 1)?],
        None => [1, 1],
    };
    if padding > 1 || stride.contains(&0) || dilation.contains(&0) {
        return Ok(Err(format!(
            "padding {padding}, stride {stride:?}, dilation {dilation:?}"
        )));
    }
    Ok(Ok(Window {
        same: padding == 0,
        stride,
        dilation,
    }))
}

type Supported<T> = std::result::Result<T, String>;

fn read_op(code: i32, options: Option<&Table<'_>>) -> Result<Supported<Op>> {
    let u8_at = |id| options.map_or(Ok(0), |o| o.u8(id, 0));
    let bool_at = |id| Ok::<_, Error>(u8_at(id)? != 0);
    let i32_at = |id, default| options.map_or(Ok(default), |o| o.i32(id, default));
    let clamp_at = |id| Ok::<_, Error>(Clamp::from_code(u8_at(id)?));
    let binary = |kind| Ok(clamp_at(0)?.map(|clamp| Op::Binary { kind, clamp }));
    let plain_binary = |kind| {
        Ok(Ok(Op::Binary {
            kind,
            clamp: Clamp::NONE,
        }))
    };
    let unary = |function| Ok(Ok(Op::Unary(function)));
    match code {
        0 => binary(BinaryOp::Add),
        41 => binary(BinaryOp::Sub),
        18 => binary(BinaryOp::Mul),
        42 => binary(BinaryOp::Div),
        55 => plain_binary(BinaryOp::Maximum),
        57 => plain_binary(BinaryOp::Minimum),
        99 => plain_binary(BinaryOp::SquaredDifference),
        19 => unary(UnaryOp::Clamp(Clamp::RELU)),
        20 => unary(UnaryOp::Clamp(Clamp {
            low: -1.0,
            high: 1.0,
        })),
        21 => unary(UnaryOp::Clamp(Clamp::RELU6)),
        117 => unary(UnaryOp::HardSwish),
        14 => unary(UnaryOp::Logistic),
        28 => unary(UnaryOp::Tanh),
        76 => unary(UnaryOp::Rsqrt),
        75 => unary(UnaryOp::Sqrt),
        59 => unary(UnaryOp::Neg),
        54 => Ok(Ok(Op::Prelu)),
        34 => Ok(Ok(Op::Pad)),
        105 => Ok(Ok(Op::Reverse)),
        22 | 43 => Ok(Ok(Op::Reshape)),
        6 => Ok(Ok(Op::Dequantize)),
        114 => Ok(Ok(Op::Quantize)),
        40 | 74 => Ok(Ok(Op::Reduce {
            mean: code == 40,
            keep_dims: bool_at(0)?,
        })),
        23 => Ok(Ok(Op::Resize {
            align_corners: bool_at(2)?,
            half_pixel: bool_at(3)?,
        })),
        25 => Ok(Ok(Op::Softmax {
            beta: f32::from_bits(i32_at(0, 0)?.cast_unsigned()),
        })),
        11 => Ok(clamp_at(0)?.map(|clamp| Op::L2Normalize { clamp })),
        2 => {
            let axis = i32_at(0, 0)?;
            Ok(clamp_at(1)?.map(|clamp| Op::Concat { axis, clamp }))
        }
        3 => Ok(both(window(options, Some(4))?, clamp_at(3)?)
            .map(|(window, clamp)| Op::Conv { window, clamp })),
        4 => {
            let multiplier = usize::try_from(i32_at(3, 0)?).unwrap_or(0);
            let parts = both(window(options, Some(5))?, clamp_at(4)?);
            Ok(parts.map(|(window, clamp)| Op::Depthwise {
                window,
                multiplier,
                clamp,
            }))
        }
        1 | 17 => {
            let size = [i32_at(4, 0)?, i32_at(3, 0)?]
                .map(|s| usize::try_from(s).unwrap_or(0).min(1 << 16));
            let parts = both(window(options, None)?, clamp_at(5)?);
            Ok(parts.map(|(window, clamp)| Op::Pool {
                window,
                size,
                average: code == 1,
                clamp,
            }))
        }
        9 => {
            if u8_at(1)? != 0 {
                return Ok(Err("shuffled weights".into()));
            }
            let keep_dims = bool_at(2)?;
            Ok(clamp_at(0)?.map(|clamp| Op::FullyConnected { clamp, keep_dims }))
        }
        _ => Ok(Err("this runtime does not have it".into())),
    }
}

fn both<A, B>(a: Supported<A>, b: Supported<B>) -> Supported<(A, B)> {
    Ok((a?, b?))
}
