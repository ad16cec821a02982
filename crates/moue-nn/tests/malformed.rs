//! Graphs of one node whose operands, options or results contradict each other: each is an error
//! that names the operator and the reason.

mod common;

use common::{Field, File};
use moue_nn::Model;

/// Builtin codes of TFLite's schema.
const ADD: i32 = 0;
const AVERAGE_POOL_2D: i32 = 1;
const CONCATENATION: i32 = 2;
const PAD: i32 = 34;
const NEG: i32 = 59;
/// An operator that the table knows by name alone.
const GATHER: i32 = 36;

/// Loading the file must fail with a message that holds `operator` and `reason`.
fn assert_refused(bytes: &[u8], operator: &str, reason: &str) {
    let error = Model::load(bytes).unwrap_err().to_string();
    assert!(
        error.contains(operator) && error.contains(reason),
        "{error}"
    );
}

#[test]
fn a_result_of_another_shape_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[1, 2, 2, 3]);
    let y = file.activation("y", &[1, 2, 2, 4]);
    file.node(NEG, &[], &[x], &[y]);
    let bytes = file.finish(&[x], &[y]);
    assert_refused(&bytes, "NEG", "makes shape [1, 2, 2, 3]");
}

#[test]
fn another_number_of_results_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    let outputs = [file.activation("y", &[2]), file.activation("z", &[2])];
    file.node(NEG, &[], &[x], &outputs);
    let bytes = file.finish(&[x], &outputs);
    assert_refused(&bytes, "NEG", "2 outputs where 1 are made");
}

#[test]
fn no_result_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    file.node(NEG, &[], &[x], &[]);
    assert_refused(&file.finish(&[x], &[x]), "NEG", "has no output");
}

#[test]
fn a_missing_operand_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    let y = file.activation("y", &[2]);
    file.node(ADD, &[], &[x, -1], &[y]);
    assert_refused(&file.finish(&[x], &[y]), "ADD", "operand 1 is missing");
}

#[test]
fn operands_that_do_not_fit_are_refused() {
    let mut file = File::default();
    let a = file.activation("a", &[1, 2, 3]);
    let b = file.activation("b", &[1, 4, 3]);
    let y = file.activation("y", &[1, 2, 6]);
    file.node(CONCATENATION, &[Field::I32(0, -1)], &[a, b], &[y]);
    assert_refused(&file.finish(&[a, b], &[y]), "CONCATENATION", "operand 1");
}

#[test]
fn negative_paddings_are_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    let paddings = file.ints("paddings", &[1, 2], &[-1, 1]);
    let y = file.activation("y", &[2]);
    file.node(PAD, &[], &[x, paddings], &[y]);
    assert_refused(&file.finish(&[x], &[y]), "PAD", "paddings [-1, 1]");
}

#[test]
fn options_that_mean_nothing_are_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[1, 4, 4, 1]);
    let y = file.activation("y", &[1, 2, 2, 1]);
    // Padding of a kind that does not exist.
    let options = [Field::I8(0, 7), Field::I32(1, 2), Field::I32(2, 2)];
    file.node(AVERAGE_POOL_2D, &options, &[x], &[y]);
    assert_refused(&file.finish(&[x], &[y]), "AVERAGE_POOL_2D", "padding 7");
}

#[test]
fn an_operator_that_is_not_here_is_refused_by_name() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    let y = file.activation("y", &[2]);
    file.node(GATHER, &[], &[x], &[y]);
    let bytes = file.finish(&[x], &[y]);
    assert_refused(&bytes, "GATHER", "this runtime does not have it");
}
