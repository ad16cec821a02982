//! Operators of the caller's own in a file that is written here.

mod common;

use common::File;
use moue_nn::{Error, Isa, Limits, Model, OperandInfo, Operators, Prepared};

/// A graph with one custom node `Weighted(a, b, constant) → out` over tensors of 2 × 3 values.
fn file(output: &[i32]) -> Vec<u8> {
    let mut file = File::default();
    let a = file.activation("a", &[2, 3]);
    let b = file.activation("b", &[2, 3]);
    let weights = file.floats("w", &[3], &[10.0, 100.0, 1000.0]);
    let out = file.activation("out", output);
    file.custom_node("Weighted", &[7], &[a, b, weights], &[out]);
    file.finish(&[a, b], &[out])
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
    let weights = weights.to_vec();
    let factor = f32::from(options[0]);
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
    let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let b = [0.0, 0.0, 1.0, 0.0, 0.0, 2.0];
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
