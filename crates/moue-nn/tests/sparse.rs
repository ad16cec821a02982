//! Sparse constants against what they mean, worked out by hand, and damaged ones.

mod common;

use common::{File, Level, Sparsity};
use moue_nn::Model;

/// Builtin codes of TFLite's schema.
const ADD: i32 = 0;
const DENSIFY: i32 = 124;

/// Adds a sparse constant of the shape to zeros, and returns the sum.
fn dense(shape: &[i32], values: &[f32], sparsity: Sparsity) -> Result<Vec<f32>, String> {
    let mut file = File::default();
    let x = file.activation("x", shape);
    let stored = file.sparse("sparse", shape, values, sparsity);
    let filled = file.activation("dense", shape);
    let y = file.activation("y", shape);
    file.node(DENSIFY, &[], &[stored], &[filled]);
    file.node(ADD, &[], &[x, filled], &[y]);
    let model = Model::load(&file.finish(&[x], &[y])).map_err(|e| e.to_string())?;
    let mut session = model.session();
    let zeros = vec![0.0; shape.iter().product::<i32>() as usize];
    session.run(&[&zeros]).unwrap();
    Ok(session.output(0).to_vec())
}

/// A matrix of three rows of four: `[[1, 0, 0, 2], [0, 0, 0, 0], [0, 3, 0, 0]]`.
fn rows() -> Sparsity {
    Sparsity {
        order: vec![0, 1],
        blocks: vec![],
        levels: vec![
            Level::Dense(3),
            Level::Compressed(vec![0, 2, 2, 3], vec![0, 3, 1]),
        ],
    }
}

#[test]
fn compressed_rows_are_filled_with_zeros() {
    let found = dense(&[3, 4], &[1.0, 2.0, 3.0], rows()).unwrap();
    assert_eq!(
        found,
        [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0]
    );
}

#[test]
fn columns_may_be_stored_first() {
    let columns = Sparsity {
        order: vec![1, 0],
        blocks: vec![],
        levels: vec![
            Level::Dense(2),
            Level::Compressed(vec![0, 1, 3], vec![2, 0, 1]),
        ],
    };
    let found = dense(&[3, 2], &[1.0, 2.0, 3.0], columns).unwrap();
    assert_eq!(found, [0.0, 2.0, 0.0, 3.0, 1.0, 0.0]);
}

#[test]
fn blocks_are_filled_from_their_corner() {
    // Of a matrix of 4 × 4 in blocks of 2 × 2, the first row's second block and the second row's
    // first.
    let blocks = Sparsity {
        order: vec![0, 1, 2, 3],
        blocks: vec![0, 1],
        levels: vec![
            Level::Dense(2),
            Level::Compressed(vec![0, 1, 2], vec![1, 0]),
            Level::Dense(2),
            Level::Dense(2),
        ],
    };
    let values: Vec<f32> = (1..=8u8).map(f32::from).collect();
    let found = dense(&[4, 4], &values, blocks).unwrap();
    assert_eq!(
        found,
        [
            0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 3.0, 4.0, 5.0, 6.0, 0.0, 0.0, 7.0, 8.0, 0.0, 0.0
        ]
    );
}

#[test]
fn what_contradicts_itself_is_refused() {
    type Damage = fn(&mut Sparsity);
    let damages: [(Damage, &str); 9] = [
        (|s| s.order = vec![0], "number of dimensions"),
        (|s| s.order = vec![0, 0], "do not fit its shape"),
        (|s| s.order = vec![0, 2], "does not have"),
        (|s| s.order = vec![0, -1], "does not have"),
        (|s| s.levels[0] = Level::Dense(2), "does not fit its shape"),
        (|s| s.levels[0] = Level::Dense(0), "does not fit its shape"),
        (
            |s| s.levels[1] = Level::Compressed(vec![0, 2, 2, 3], vec![0, 4, 1]),
            "do not fit its shape",
        ),
        (
            |s| s.levels[1] = Level::Compressed(vec![0, 3, 2, 3], vec![0, 3, 1]),
            "do not fit its shape",
        ),
        (
            |s| s.levels[1] = Level::Compressed(vec![0, 3], vec![0, 3, 1]),
            "do not fit each other",
        ),
    ];
    for (damage, reason) in damages {
        let mut sparsity = rows();
        damage(&mut sparsity);
        let error = dense(&[3, 4], &[1.0, 2.0, 3.0], sparsity).unwrap_err();
        assert!(error.contains(reason), "{error} has no '{reason}'");
    }
    let error = dense(&[3, 4], &[1.0, 2.0], rows()).unwrap_err();
    assert!(error.contains("2 values for 3 places"), "{error}");
}
