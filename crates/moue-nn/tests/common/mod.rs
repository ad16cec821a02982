//! Writes `.tflite` files of a few nodes, well-formed or not.

#![allow(dead_code, reason = "each test uses a part of it")]

#[cfg(feature = "gpu")]
pub(crate) mod card;
pub(crate) mod generator;
pub(crate) mod random;

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use moue_nn::{Isa, Limits, Model};

/// Loads a model and, if that works, runs it once; returns whether it ran.
///
/// # Panics
/// If a model that loads refuses inputs of the shapes that it states.
pub(crate) fn load_and_run(bytes: &[u8], limits: &Limits) -> bool {
    let Ok(model) = Model::load_with(bytes, limits, Isa::best()) else {
        return false;
    };
    let inputs: Vec<Vec<f32>> = model
        .inputs()
        .iter()
        .map(|i| vec![0.5; i.shape.iter().product()])
        .collect();
    let inputs: Vec<&[f32]> = inputs.iter().map(Vec::as_slice).collect();
    model
        .session()
        .run(&inputs)
        .expect("inputs of the stated shapes fit");
    true
}

/// Field numbers of TFLite's schema, as bytes from the start of a vtable.
const fn field(id: u16) -> u16 {
    4 + 2 * id
}

type Offset = WIPOffset<flatbuffers::TableFinishedWIPOffset>;

/// The builtin code of custom operators.
const CUSTOM: i32 = 32;

/// Values of `TensorType`.
const FLOAT32: i8 = 0;
const INT32: i8 = 2;
const INT8: i8 = 9;

/// An option of an operator: its field number and its value.
#[derive(Clone, Copy)]
pub(crate) enum Field {
    I8(u16, i8),
    I32(u16, i32),
}

#[derive(Clone, Default)]
struct Tensor {
    name: &'static str,
    shape: Vec<i32>,
    element_type: i8,
    /// Its values, empty for an activation.
    data: Vec<u8>,
    /// The scale of int8 codes.
    scale: Option<f32>,
    sparsity: Option<Sparsity>,
}

/// How the values of a sparse tensor are placed, as TFLite's schema has it.
#[derive(Clone)]
pub(crate) struct Sparsity {
    pub(crate) order: Vec<i32>,
    pub(crate) blocks: Vec<i32>,
    pub(crate) levels: Vec<Level>,
}

/// A stored dimension: dense with a size, or compressed with segments and indices.
#[derive(Clone)]
pub(crate) enum Level {
    Dense(i32),
    Compressed(Vec<u8>, Vec<u8>),
}

#[derive(Clone)]
struct Node {
    code: i32,
    custom_name: &'static str,
    options: Vec<Field>,
    custom_options: Vec<u8>,
    inputs: Vec<i32>,
    outputs: Vec<i32>,
}

/// A file under construction. Tensors are numbered in the order in which they are added.
#[derive(Clone, Default)]
pub(crate) struct File {
    tensors: Vec<Tensor>,
    nodes: Vec<Node>,
}

impl File {
    pub(crate) fn activation(&mut self, name: &'static str, shape: &[i32]) -> i32 {
        self.tensor(name, shape, FLOAT32, Vec::new())
    }

    pub(crate) fn floats(&mut self, name: &'static str, shape: &[i32], values: &[f32]) -> i32 {
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(name, shape, FLOAT32, data)
    }

    pub(crate) fn ints(&mut self, name: &'static str, shape: &[i32], values: &[i32]) -> i32 {
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.tensor(name, shape, INT32, data)
    }

    /// A tensor of int8 codes with the zero point 0; an activation without codes.
    pub(crate) fn int8(
        &mut self,
        name: &'static str,
        shape: &[i32],
        scale: f32,
        codes: &[i8],
    ) -> i32 {
        let data = codes.iter().map(|c| c.cast_unsigned()).collect();
        let tensor = self.tensor(name, shape, INT8, data);
        self.tensors[tensor as usize].scale = Some(scale);
        tensor
    }

    /// A constant of floats of which only some are stored.
    pub(crate) fn sparse(
        &mut self,
        name: &'static str,
        shape: &[i32],
        values: &[f32],
        sparsity: Sparsity,
    ) -> i32 {
        let tensor = self.floats(name, shape, values);
        self.tensors[tensor as usize].sparsity = Some(sparsity);
        tensor
    }

    fn tensor(
        &mut self,
        name: &'static str,
        shape: &[i32],
        element_type: i8,
        data: Vec<u8>,
    ) -> i32 {
        self.tensors.push(Tensor {
            name,
            shape: shape.to_vec(),
            element_type,
            data,
            ..Tensor::default()
        });
        self.tensors.len() as i32 - 1
    }

    /// Adds a node of the operator with builtin code `code`.
    pub(crate) fn node(&mut self, code: i32, options: &[Field], inputs: &[i32], outputs: &[i32]) {
        self.nodes.push(Node {
            code,
            custom_name: "",
            options: options.to_vec(),
            custom_options: Vec::new(),
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
        });
    }

    pub(crate) fn custom_node(
        &mut self,
        custom_name: &'static str,
        custom_options: &[u8],
        inputs: &[i32],
        outputs: &[i32],
    ) {
        self.nodes.push(Node {
            code: CUSTOM,
            custom_name,
            options: Vec::new(),
            custom_options: custom_options.to_vec(),
            inputs: inputs.to_vec(),
            outputs: outputs.to_vec(),
        });
    }

    /// The file, with the tensors that go in and come out.
    pub(crate) fn finish(&self, inputs: &[i32], outputs: &[i32]) -> Vec<u8> {
        let b = &mut FlatBufferBuilder::new();
        let buffers: Vec<Offset> = self.tensors.iter().map(|t| buffer(b, &t.data)).collect();
        let tensors = self.tensors.iter().enumerate();
        let tensors: Vec<Offset> = tensors.map(|(i, t)| tensor(b, t, i as u32)).collect();
        let nodes = self.nodes.iter().enumerate();
        let nodes: Vec<Offset> = nodes.map(|(i, n)| node(b, n, i as u32)).collect();
        let codes: Vec<Offset> = self.nodes.iter().map(|n| operator_code(b, n)).collect();
        let main = subgraph(b, &tensors, &nodes, inputs, outputs);
        let codes = b.create_vector(&codes);
        let graphs = b.create_vector(&[main]);
        let buffers = b.create_vector(&buffers);
        let start = b.start_table();
        b.push_slot_always(field(0), 3u32);
        b.push_slot_always(field(1), codes);
        b.push_slot_always(field(2), graphs);
        b.push_slot_always(field(4), buffers);
        let model = b.end_table(start);
        b.finish(model, Some("TFL3"));
        b.finished_data().to_vec()
    }
}

fn buffer(b: &mut FlatBufferBuilder<'_>, bytes: &[u8]) -> Offset {
    let data = b.create_vector(bytes);
    let start = b.start_table();
    if !bytes.is_empty() {
        b.push_slot_always(field(0), data);
    }
    b.end_table(start)
}

fn tensor(b: &mut FlatBufferBuilder<'_>, tensor: &Tensor, buffer: u32) -> Offset {
    let shape = b.create_vector(&tensor.shape);
    let name = b.create_string(tensor.name);
    let quantization = tensor.scale.map(|scale| quantization(b, scale));
    let sparsity = tensor.sparsity.as_ref().map(|s| sparsity(b, s));
    let start = b.start_table();
    if let Some(quantization) = quantization {
        b.push_slot_always(field(4), quantization);
    }
    if let Some(sparsity) = sparsity {
        b.push_slot_always(field(6), sparsity);
    }
    b.push_slot_always(field(0), shape);
    b.push_slot_always(field(1), tensor.element_type);
    b.push_slot_always(field(2), buffer);
    b.push_slot_always(field(3), name);
    b.end_table(start)
}

fn quantization(b: &mut FlatBufferBuilder<'_>, scale: f32) -> Offset {
    let scales = b.create_vector(&[scale]);
    let zero_points = b.create_vector(&[0i64]);
    let start = b.start_table();
    b.push_slot_always(field(2), scales);
    b.push_slot_always(field(3), zero_points);
    b.end_table(start)
}

fn sparsity(b: &mut FlatBufferBuilder<'_>, sparsity: &Sparsity) -> Offset {
    let levels: Vec<Offset> = sparsity.levels.iter().map(|l| level(b, l)).collect();
    let order = b.create_vector(&sparsity.order);
    let blocks = b.create_vector(&sparsity.blocks);
    let levels = b.create_vector(&levels);
    let start = b.start_table();
    b.push_slot_always(field(0), order);
    b.push_slot_always(field(1), blocks);
    b.push_slot_always(field(2), levels);
    b.end_table(start)
}

fn level(b: &mut FlatBufferBuilder<'_>, level: &Level) -> Offset {
    /// The value of `SparseIndexVector` for numbers of 8 bits.
    const UINT8: u8 = 3;
    match level {
        Level::Dense(size) => {
            let start = b.start_table();
            b.push_slot_always(field(1), *size);
            b.end_table(start)
        }
        Level::Compressed(segments, indices) => {
            let [segments, indices] = [segments, indices].map(|values| {
                let values = b.create_vector(values);
                let start = b.start_table();
                b.push_slot_always(field(0), values);
                b.end_table(start)
            });
            let start = b.start_table();
            b.push_slot_always(field(0), 1i8);
            b.push_slot_always(field(2), UINT8);
            b.push_slot_always(field(3), segments);
            b.push_slot_always(field(4), UINT8);
            b.push_slot_always(field(5), indices);
            b.end_table(start)
        }
    }
}

fn node(b: &mut FlatBufferBuilder<'_>, node: &Node, code: u32) -> Offset {
    let inputs = b.create_vector(&node.inputs);
    let outputs = b.create_vector(&node.outputs);
    let custom_options = b.create_vector(&node.custom_options);
    let start = b.start_table();
    for option in &node.options {
        match *option {
            Field::I8(id, value) => b.push_slot_always(field(id), value),
            Field::I32(id, value) => b.push_slot_always(field(id), value),
        }
    }
    let options = b.end_table(start);
    let start = b.start_table();
    b.push_slot_always(field(0), code);
    b.push_slot_always(field(1), inputs);
    b.push_slot_always(field(2), outputs);
    b.push_slot_always(field(4), options);
    b.push_slot_always(field(5), custom_options);
    b.end_table(start)
}

fn operator_code(b: &mut FlatBufferBuilder<'_>, node: &Node) -> Offset {
    let name = b.create_string(node.custom_name);
    let start = b.start_table();
    b.push_slot_always(field(1), name);
    b.push_slot_always(field(3), node.code);
    b.end_table(start)
}

fn subgraph(
    b: &mut FlatBufferBuilder<'_>,
    tensors: &[Offset],
    nodes: &[Offset],
    inputs: &[i32],
    outputs: &[i32],
) -> Offset {
    let tensors = b.create_vector(tensors);
    let nodes = b.create_vector(nodes);
    let inputs = b.create_vector(inputs);
    let outputs = b.create_vector(outputs);
    let start = b.start_table();
    b.push_slot_always(field(0), tensors);
    b.push_slot_always(field(1), inputs);
    b.push_slot_always(field(2), outputs);
    b.push_slot_always(field(3), nodes);
    b.end_table(start)
}
