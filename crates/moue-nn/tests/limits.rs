//! Files within a megabyte that ask for gigabytes or minutes: each is refused by a limit, and
//! nothing is allocated for it.

mod common;

use common::{Field, File};
use flatbuffers::FlatBufferBuilder;
use moue_nn::{Error, Isa, Limits, Model};

/// Builtin codes of TFLite's schema.
const CONCATENATION: i32 = 2;
const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;
const DEQUANTIZE: i32 = 6;
const FULLY_CONNECTED: i32 = 9;
const LOGISTIC: i32 = 14;
const MAX_POOL_2D: i32 = 17;
const RELU: i32 = 19;
const RESIZE_BILINEAR: i32 = 23;
const SOFTMAX: i32 = 25;
const TANH: i32 = 28;
const PAD: i32 = 34;

/// The most memory that a load or a session may take, whatever the file.
const MAX_BYTES: u64 = 512 << 20;

/// Every limit as high as its type allows.
const UNLIMITED: Limits = Limits {
    nodes: usize::MAX,
    weights: usize::MAX,
    activation: usize::MAX,
    arena: usize::MAX,
    multiply_adds: u64::MAX,
};

/// Loading the file must exceed a limit before much memory has been taken.
fn assert_limited(bytes: &[u8], limits: &Limits) {
    let mut result = None;
    let used = allocation_counter::measure(|| {
        result = Some(Model::load_with(bytes, limits, Isa::best()));
    });
    let error = result.unwrap().map(drop).unwrap_err();
    assert!(matches!(error, Error::Limit(_)), "{error}");
    assert!(used.bytes_max < MAX_BYTES, "{} bytes", used.bytes_max);
}

#[test]
fn a_constant_is_dequantized_a_few_times_only() {
    let mut file = File::default();
    let x = file.activation("x", &[1]);
    let constant = file.int8("c", &[1 << 20], 1.0, &vec![1; 1 << 20]);
    for _ in 0..200 {
        let result = file.activation("y", &[1 << 20]);
        file.node(DEQUANTIZE, &[], &[constant], &[result]);
    }
    assert_limited(&file.finish(&[x], &[x]), &Limits::default());
}

/// `count` nodes in a row over activations of `shape`.
fn chain(code: i32, count: usize, shape: &[i32]) -> Vec<u8> {
    let mut file = File::default();
    let first = file.activation("x", shape);
    let mut last = first;
    for _ in 0..count {
        let next = file.activation("y", shape);
        file.node(code, &[], &[last], &[next]);
        last = next;
    }
    file.finish(&[first], &[last])
}

#[test]
fn element_by_element_functions_take_time_too() {
    for code in [TANH, LOGISTIC, SOFTMAX] {
        assert_limited(&chain(code, 20, &[1, 2048, 2048, 8]), &Limits::default());
        Model::load(&chain(code, 20, &[1, 128, 128, 8])).unwrap();
    }
}

#[test]
fn outputs_that_name_one_tensor_count_each() {
    let mut file = File::default();
    let x = file.activation("x", &[1, 1024, 1024, 8]);
    let y = file.activation("y", &[1, 1024, 1024, 8]);
    file.node(RELU, &[], &[x], &[y]);
    assert_limited(&file.finish(&[x], &[y; 200]), &Limits::default());
    // Twice is within the limits, as LiteRT allows it.
    assert_eq!(
        Model::load(&file.finish(&[x], &[y; 2]))
            .unwrap()
            .outputs()
            .len(),
        2
    );
    let constant = file.floats("c", &[1 << 16], &vec![1.0; 1 << 16]);
    assert_limited(&file.finish(&[x], &[constant; 4_000]), &Limits::default());
}

#[test]
fn inputs_and_outputs_are_as_many_as_nodes() {
    let mut file = File::default();
    let x = file.int8("x", &[1], 1.0, &[]);
    assert_limited(&file.finish(&[x], &[x; 100_000]), &Limits::default());
    assert_eq!(
        Model::load(&file.finish(&[x], &[x; 5_000]))
            .unwrap()
            .outputs()
            .len(),
        5_000
    );
}

/// A convolution of one kind whose activations have 2⁶⁴ elements, a product that is 0 in 64 bits.
fn wrapping(code: i32) -> Vec<u8> {
    let shape = [2, 1 << 30, 1 << 30, 8];
    let mut file = File::default();
    let x = file.activation("x", &shape);
    let weights = match code {
        CONV_2D => file.floats("w", &[8, 1, 1, 8], &[1.0; 64]),
        FULLY_CONNECTED => file.floats("w", &[8, 8], &[1.0; 64]),
        _ => file.floats("w", &[1, 1, 1, 8], &[1.0; 8]),
    };
    let bias = file.floats("b", &[8], &[0.0; 8]);
    let y = file.activation("y", &shape);
    let options = match code {
        FULLY_CONNECTED => vec![Field::I8(2, 1)],
        _ => vec![
            Field::I32(1, 1),
            Field::I32(2, 1),
            Field::I32(
                3,
                i32::from(code == DEPTHWISE_CONV_2D || code == MAX_POOL_2D),
            ),
            Field::I32(4, i32::from(code == MAX_POOL_2D)),
        ],
    };
    let inputs = match code {
        MAX_POOL_2D | RELU | TANH => vec![x],
        _ => vec![x, weights, bias],
    };
    file.node(code, &options, &inputs, &[y]);
    file.finish(&[x], &[y])
}

#[test]
fn no_limits_are_those_of_the_kernels() {
    for code in [
        CONV_2D,
        DEPTHWISE_CONV_2D,
        FULLY_CONNECTED,
        MAX_POOL_2D,
        RELU,
        TANH,
    ] {
        assert_limited(&wrapping(code), &UNLIMITED);
        assert_limited(&wrapping(code), &Limits::default());
    }
}

#[test]
fn sizes_that_operators_multiply_do_not_wrap() {
    // What the result would have is beyond 64 bits, or beyond what was stated; either is an error.
    let mut file = File::default();
    let x = file.activation("x", &[1 << 30, 1, 1, 1]);
    let sizes = file.ints("s", &[2], &[1 << 14, 1 << 14]);
    let pads = file.ints("p", &[4, 2], &[1 << 16; 8]);
    let y = file.activation("y", &[1 << 30, 1 << 14, 1 << 14, 1]);
    let z = file.activation("z", &[1 << 30, 1, 1, 2]);
    for (code, inputs) in [(RESIZE_BILINEAR, [x, sizes]), (PAD, [x, pads])] {
        let mut file = file.clone();
        file.node(code, &[], &inputs, &[y]);
        assert_limited(&file.finish(&[x], &[y]), &UNLIMITED);
    }
    file.node(CONCATENATION, &[Field::I32(0, 3)], &[x, x], &[z]);
    assert_limited(&file.finish(&[x], &[z]), &Limits::default());
}

#[test]
fn a_window_far_beyond_its_picture_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[1, 4, 4, 1]);
    let weights = file.activation("w", &[1, 1 << 13, 1 << 13, 1]);
    let y = file.activation("y", &[1, 4, 4, 1]);
    let options = [
        Field::I32(1, 1),
        Field::I32(2, 1),
        Field::I32(4, 1),
        Field::I32(5, 1 << 16),
    ];
    file.node(CONV_2D, &options, &[x, weights], &[y]);
    let error = Model::load_with(&file.finish(&[x, weights], &[y]), &UNLIMITED, Isa::best());
    assert!(error.is_err());
}

/// The bytes from the start of a vtable to the field `id`.
const fn field(id: u16) -> u16 {
    4 + 2 * id
}

/// A file of 4,980 nodes of RELU that share one list of operands, over tensors that share one name,
/// and of `codes` operator codes that share another; each of the three is `length` long.
fn shared(length: usize, codes: usize) -> Vec<u8> {
    let mut b = FlatBufferBuilder::new();
    let list = b.create_vector(&vec![0i32; length]);
    let name = b.create_string(&"x".repeat(length));
    let shape = b.create_vector(&[1i32]);
    let mut tensors = Vec::new();
    let mut nodes = Vec::new();
    for i in 0..4_980 {
        let start = b.start_table();
        b.push_slot_always(field(0), shape);
        b.push_slot_always(field(3), name);
        tensors.push(b.end_table(start));
        let output = b.create_vector(&[i + 1]);
        let start = b.start_table();
        b.push_slot_always(field(1), list);
        b.push_slot_always(field(2), output);
        nodes.push(b.end_table(start));
    }
    let tensors = b.create_vector(&tensors);
    let nodes = b.create_vector(&nodes);
    let ends = b.create_vector(&[0i32]);
    let start = b.start_table();
    b.push_slot_always(field(0), tensors);
    b.push_slot_always(field(1), ends);
    b.push_slot_always(field(2), ends);
    b.push_slot_always(field(3), nodes);
    let main = b.end_table(start);
    let start = b.start_table();
    b.push_slot_always(field(1), name);
    b.push_slot_always(field(3), RELU);
    let code = b.end_table(start);
    let codes = b.create_vector(&vec![code; codes]);
    let start = b.start_table();
    let buffer = b.end_table(start);
    let graphs = b.create_vector(&[main]);
    let buffers = b.create_vector(&[buffer]);
    let start = b.start_table();
    b.push_slot_always(field(1), codes);
    b.push_slot_always(field(2), graphs);
    b.push_slot_always(field(4), buffers);
    let model = b.end_table(start);
    b.finish(model, Some("TFL3"));
    b.finished_data().to_vec()
}

#[test]
fn tables_may_share_vectors_but_not_without_end() {
    assert_limited(&shared(100_000, 1), &Limits::default());
    assert_limited(&shared(1_000, 100_000), &Limits::default());
    assert_limited(&shared(1_000, 4_000), &Limits::default());
}
