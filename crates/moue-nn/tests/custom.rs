//! Operators of the caller's own in a file that is written here.

use flatbuffers::{FlatBufferBuilder, WIPOffset};
use moue_nn::{Error, Isa, Limits, Model, OperandInfo, Operators, Prepared};

/// Field numbers of TFLite's schema, as bytes from the start of a vtable.
const fn field(id: u16) -> u16 {
    4 + 2 * id
}

type Offset = WIPOffset<flatbuffers::TableFinishedWIPOffset>;

fn tensor(b: &mut FlatBufferBuilder<'_>, name: &str, shape: &[i32], buffer: u32) -> Offset {
    let (shape, name) = (b.create_vector(shape), b.create_string(name));
    let start = b.start_table();
    b.push_slot_always(field(0), shape);
    b.push_slot_always(field(2), buffer);
    b.push_slot_always(field(3), name);
    b.end_table(start)
}

fn buffer(b: &mut FlatBufferBuilder<'_>, values: &[f32]) -> Offset {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let data = b.create_vector(&bytes);
    let start = b.start_table();
    if !bytes.is_empty() {
        b.push_slot_always(field(0), data);
    }
    b.end_table(start)
}

/// A graph with one custom node `Weighted(a, b, constant) → out` over tensors of 2 × 3 values.
fn file(output: &[i32]) -> Vec<u8> {
    let b = &mut FlatBufferBuilder::new();
    let buffers = [buffer(b, &[]), buffer(b, &[10.0, 100.0, 1000.0])];
    let tensors = [
        tensor(b, "a", &[2, 3], 0),
        tensor(b, "b", &[2, 3], 0),
        tensor(b, "w", &[3], 1),
        tensor(b, "out", output, 0),
    ];
    let (inputs, outputs, options) = (
        b.create_vector(&[0i32, 1, 2]),
        b.create_vector(&[3i32]),
        b.create_vector(&[7u8]),
    );
    let start = b.start_table();
    b.push_slot_always(field(1), inputs);
    b.push_slot_always(field(2), outputs);
    b.push_slot_always(field(5), options);
    let node = b.end_table(start);
    let (tensors, nodes) = (b.create_vector(&tensors), b.create_vector(&[node]));
    let (inputs, outputs) = (b.create_vector(&[0i32, 1]), b.create_vector(&[3i32]));
    let start = b.start_table();
    b.push_slot_always(field(0), tensors);
    b.push_slot_always(field(1), inputs);
    b.push_slot_always(field(2), outputs);
    b.push_slot_always(field(3), nodes);
    let main = b.end_table(start);
    let name = b.create_string("Weighted");
    let start = b.start_table();
    b.push_slot_always(field(0), 32i8);
    b.push_slot_always(field(1), name);
    b.push_slot_always(field(3), 32i32);
    let code = b.end_table(start);
    let (codes, graphs, buffers) = (
        b.create_vector(&[code]),
        b.create_vector(&[main]),
        b.create_vector(&buffers),
    );
    let start = b.start_table();
    b.push_slot_always(field(0), 3u32);
    b.push_slot_always(field(1), codes);
    b.push_slot_always(field(2), graphs);
    b.push_slot_always(field(4), buffers);
    let model = b.end_table(start);
    b.finish(model, Some("TFL3"));
    b.finished_data().to_vec()
}

/// `a × weights + option × b`.
fn weighted(operands: &[OperandInfo<'_>], options: &[u8]) -> Result<Prepared, String> {
    let [
        a,
        b,
        OperandInfo {
            constant: Some(weights),
            ..
        },
    ] = operands
    else {
        return Err("the weights must be constant".into());
    };
    if a.shape != b.shape {
        return Err(format!("{:?} and {:?} differ", a.shape, b.shape));
    }
    let (weights, factor) = (weights.to_vec(), f32::from(options[0]));
    let run = move |values: &[&[f32]], out: &mut [f32]| {
        let terms = values[0].iter().zip(values[1]).zip(weights.iter().cycle());
        out.iter_mut()
            .zip(terms)
            .for_each(|(o, ((a, b), w))| *o = a * w + factor * b);
    };
    Ok(Prepared {
        shape: a.shape.to_vec(),
        run: Box::new(run),
    })
}

fn load(bytes: &[u8], operators: &Operators) -> moue_nn::Result<Model> {
    Model::load_extended(bytes, &Limits::default(), Isa::best(), operators)
}

#[test]
fn a_registered_operator_runs() {
    let model = load(
        &file(&[2, 3]),
        &Operators::default().with("Weighted", weighted),
    )
    .unwrap();
    let mut session = model.session();
    let (a, b) = (
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        [0.0, 0.0, 1.0, 0.0, 0.0, 2.0],
    );
    session.run(&[&a, &b]).unwrap();
    assert_eq!(
        session.output(0),
        [10.0, 200.0, 3007.0, 40.0, 500.0, 6014.0]
    );
}

#[test]
fn one_that_is_missing_or_does_not_fit_is_an_error_with_its_name() {
    let missing = load(&file(&[2, 3]), &Operators::default()).unwrap_err();
    assert!(
        matches!(missing, Error::Unsupported { .. }) && missing.to_string().contains("Weighted"),
        "{missing}"
    );
    let other = load(
        &file(&[3, 2]),
        &Operators::default().with("Weighted", weighted),
    )
    .unwrap_err();
    assert!(other.to_string().contains("[3, 2]"), "{other}");
    let refusing = |_: &[OperandInfo<'_>], _: &[u8]| Err("it is Monday".to_owned());
    let refused = load(
        &file(&[2, 3]),
        &Operators::default().with("Weighted", refusing),
    )
    .unwrap_err();
    assert!(
        matches!(&refused, Error::Graph { reason, .. } if reason == "it is Monday"),
        "{refused}"
    );
}
