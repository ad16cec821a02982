//! The model of the documentation's examples, which is written here.

mod common;

use common::File;
use moue_nn::Model;
use std::path::Path;

/// Builtin codes of TFLite's schema.
const ADD: i32 = 0;
const MUL: i32 = 18;

/// `y = 2 × x + 1` for three numbers.
fn tiny() -> Vec<u8> {
    let mut file = File::default();
    let x = file.activation("x", &[1, 3]);
    let two = file.floats("two", &[1], &[2.0]);
    let product = file.activation("product", &[1, 3]);
    let one = file.floats("one", &[1], &[1.0]);
    let y = file.activation("y", &[1, 3]);
    file.node(MUL, &[], &[x, two], &[product]);
    file.node(ADD, &[], &[product, one], &[y]);
    file.finish(&[x], &[y])
}

/// With `MOUE_REFRESH` set, writes the file again.
#[test]
fn the_file_is_the_one_written_here_and_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tiny.tflite");
    if std::env::var_os("MOUE_REFRESH").is_some() {
        std::fs::write(&path, tiny()).unwrap();
    }
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(bytes, tiny());
    let mut session = Model::load(&bytes).unwrap().session();
    session.run(&[&[1.0, 2.0, 3.0]]).unwrap();
    assert_eq!(session.output(0), [3.0, 5.0, 7.0]);
}
