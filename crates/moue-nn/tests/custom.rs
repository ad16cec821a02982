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

/// A transposed convolution of 2 × 2 pixels to 4 × 4, by TFLite's operator or by MediaPipe's.
fn transposed(is_custom: bool, options: &[i32]) -> Vec<u8> {
    let mut file = File::default();
    let x = file.activation("x", &[1, 2, 2, 6]);
    let weights: Vec<f32> = (0..36u8).map(|i| f32::from(i) * 0.25 - 4.0).collect();
    let weights = file.floats("w", &[1, 3, 2, 6], &weights);
    let bias = file.floats("b", &[1], &[0.5]);
    let y = file.activation("y", &[1, 4, 4, 1]);
    if is_custom {
        let options: Vec<u8> = options.iter().flat_map(|o| o.to_le_bytes()).collect();
        file.custom_node(
            "Convolution2DTransposeBias",
            &options,
            &[x, weights, bias],
            &[y],
        );
    } else {
        let shape = file.ints("s", &[4], &[1, 4, 4, 1]);
        let strides = [common::Field::I32(1, 2), common::Field::I32(2, 2)];
        file.node(67, &strides, &[shape, weights, x, bias], &[y]);
    }
    file.finish(&[x], &[y])
}

#[test]
fn mediapipes_transposed_convolution_is_that_of_tflite() {
    let input: Vec<f32> = (0..24u8).map(f32::from).collect();
    let run = |bytes: &[u8]| {
        let mut session = load(bytes, &Operators::default()).unwrap().session();
        session.run(&[&input]).unwrap();
        session.output(0).to_vec()
    };
    // SAME padding, and strides of 2 across and down.
    assert_eq!(
        run(&transposed(true, &[1, 2, 2])),
        run(&transposed(false, &[]))
    );
    for options in [
        &[][..],
        &[0, 2, 2],
        &[3, 2, 2],
        &[1, 0, 2],
        &[1, 2, -1],
        &[1, 2],
    ] {
        let error = load(&transposed(true, options), &Operators::default());
        assert!(
            matches!(error, Err(Error::Unsupported { .. })),
            "{options:?}"
        );
    }
    let error = load(&transposed(true, &[1, 4, 2]), &Operators::default()).unwrap_err();
    assert!(error.to_string().contains("makes no 4 of 2"), "{error}");
}
