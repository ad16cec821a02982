//! The operators of MediaPipe's attention mesh in files that are written here.

mod common;

use common::File;
use moue_nn::Model;

/// A map of FlexBuffers with four bytes for each value: numbers, and one list of positions.
fn options(numbers: &[(&str, i32)], list: Option<(&str, &[i32])>) -> Vec<u8> {
    const INT: u8 = 1 << 2 | 2;
    const VECTOR_INT: u8 = 11 << 2 | 2;
    const MAP: u8 = 9 << 2 | 2;
    let put = |bytes: &mut Vec<u8>, value: i32| bytes.extend(value.to_le_bytes());
    let back = |bytes: &mut Vec<u8>, to: usize| {
        let offset = bytes.len() - to;
        bytes.extend((offset as u32).to_le_bytes());
    };
    let mut bytes = Vec::new();
    let names: Vec<&str> = numbers.iter().map(|(name, _)| *name).collect();
    let names: Vec<&str> = names
        .into_iter()
        .chain(list.map(|(name, _)| name))
        .collect();
    let mut keys = Vec::new();
    for name in &names {
        keys.push(bytes.len());
        bytes.extend([name.as_bytes(), &[0]].concat());
    }
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    let positions = list.map_or(&[][..], |(_, positions)| positions);
    put(&mut bytes, positions.len() as i32);
    let list_at = bytes.len();
    positions.iter().for_each(|p| put(&mut bytes, *p));
    put(&mut bytes, names.len() as i32);
    let keys_at = bytes.len();
    keys.iter().for_each(|key| back(&mut bytes, *key));
    back(&mut bytes, keys_at);
    put(&mut bytes, 4);
    put(&mut bytes, names.len() as i32);
    let map_at = bytes.len();
    numbers
        .iter()
        .for_each(|(_, number)| put(&mut bytes, *number));
    if list.is_some() {
        back(&mut bytes, list_at);
    }
    bytes.extend(numbers.iter().map(|_| INT));
    bytes.extend(list.map(|_| VECTOR_INT));
    let offset = bytes.len() - map_at;
    bytes.extend([offset as u8, MAP, 1]);
    bytes
}

fn run(file: &[u8], inputs: &[&[f32]]) -> Vec<f32> {
    let model = Model::load(file).unwrap();
    let mut session = model.session();
    session.run(inputs).unwrap();
    #[cfg(feature = "gpu")]
    common::card::assert_same(file, inputs, session.output(0));
    session.output(0).to_vec()
}

/// One node of two inputs.
fn file(name: &'static str, options: &[u8], shapes: [&[i32]; 2], output: &[i32]) -> Vec<u8> {
    let mut file = File::default();
    let a = file.activation("a", shapes[0]);
    let b = file.activation("b", shapes[1]);
    let out = file.activation("out", output);
    file.custom_node(name, options, &[a, b], &[out]);
    file.finish(&[a, b], &[out])
}

/// A transform with these first two rows.
fn matrix(x: [f32; 3], y: [f32; 3]) -> Vec<f32> {
    let mut matrix = vec![x[0], x[1], 0.0, x[2], y[0], y[1], 0.0, y[2]];
    matrix.extend([0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    matrix
}

#[test]
fn landmarks_are_transformed_and_keep_their_depth() {
    let quarter_turn = matrix([0.0, -1.0, 10.0], [1.0, 0.0, 20.0]);
    let file3 = file(
        "TransformLandmarks",
        &[],
        [&[1, 2, 3], &[1, 4, 4]],
        &[1, 2, 3],
    );
    let out = run(&file3, &[&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &quarter_turn]);
    assert_eq!(out, [8.0, 21.0, 3.0, 5.0, 24.0, 6.0]);
    let file2 = file(
        "TransformLandmarks",
        &[],
        [&[1, 2, 2], &[1, 4, 4]],
        &[1, 2, 2],
    );
    let out = run(&file2, &[&[1.0, 2.0, 4.0, 5.0], &quarter_turn]);
    assert_eq!(out, [8.0, 21.0, 5.0, 24.0]);
    let four = file(
        "TransformLandmarks",
        &[],
        [&[1, 2, 4], &[1, 4, 4]],
        &[1, 2, 4],
    );
    assert!(Model::load(&four).is_err());
}

#[test]
fn a_crop_is_sampled_at_the_centers_of_pixels() {
    let options = options(&[("output_height", 2), ("output_width", 2)], None);
    let shapes: [&[i32]; 2] = [&[1, 3, 4, 2], &[1, 4, 4]];
    let file = file("TransformTensorBilinear", &options, shapes, &[1, 2, 2, 2]);
    // The value tells the place: ten times the row and the column; the other channel is negative.
    let map: Vec<f32> = (0..12)
        .map(|i| (i / 4 * 10 + i % 4) as f32)
        .flat_map(|value| [value, -value])
        .collect();
    let sampled = |x, y| run(&file, &[&map, &matrix(x, y)]);
    // The middle 2 × 2 pixels as they are.
    let middle = sampled([1.0, 0.0, 1.0], [0.0, 1.0, 1.0]);
    assert_eq!(middle, [11.0, -11.0, 12.0, -12.0, 21.0, -21.0, 22.0, -22.0]);
    // Half the resolution: each sample lies between four pixels, where the map has them.
    let half = sampled([2.0, 0.0, 0.0], [0.0, 2.0, 0.0]);
    assert_eq!(half, [5.5, -5.5, 7.5, -7.5, 0.0, 0.0, 0.0, 0.0]);
    // No number, and far away.
    for x in [f32::NAN, f32::INFINITY, 1e30] {
        assert_eq!(sampled([1.0, 0.0, x], [0.0, 1.0, 0.0]), [0.0; 8]);
    }
}

#[test]
fn a_crop_surrounds_its_landmarks_and_turns_with_them() {
    let numbers = [
        ("left_rotation_idx", 0),
        ("output_height", 16),
        ("output_width", 8),
        ("right_rotation_idx", 1),
        ("scale_x", 2),
        ("scale_y", 1),
        ("target_rotation_radians", 0),
    ];
    let one = |subset: &[i32]| {
        let mut file = File::default();
        let landmarks = file.activation("landmarks", &[1, 4, 3]);
        let out = file.activation("out", &[1, 4, 4]);
        let options = options(&numbers, Some(("subset_idxs", subset)));
        file.custom_node("Landmarks2TransformMatrix", &options, &[landmarks], &[out]);
        file.finish(&[landmarks], &[out])
    };
    let file = one(&[0, 1, 2]);
    let level = [0.0, 0.0, 9.0, 4.0, 0.0, 9.0, 2.0, 3.0, 9.0, 50.0, 50.0, 9.0];
    let out = run(&file, &[&level]);
    // Where the transform leads: the crop's middle to the box's, its sides scaled.
    let place = |out: &[f32], x: f32, y: f32| {
        [0, 4].map(|row| out[row] * x + out[row + 1] * y + out[row + 3])
    };
    let near = |a: [f32; 2], b: [f32; 2]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-4);
    assert!(near(place(&out, 4.0, 8.0), [2.0, 1.5]), "{out:?}");
    assert!(near(place(&out, 0.0, 0.0), [-2.0, 0.0]), "{out:?}");
    assert!(near(place(&out, 8.0, 16.0), [6.0, 3.0]), "{out:?}");
    // A quarter turn of the landmarks turns the crop: its corner is where the corner has gone.
    let turned = [
        0.0, 0.0, 9.0, 0.0, 4.0, 9.0, -3.0, 2.0, 9.0, 50.0, 50.0, 9.0,
    ];
    let out = run(&file, &[&turned]);
    assert!(near(place(&out, 8.0, 16.0), [-3.0, 6.0]), "{out:?}");
    for wrong in [&[][..], &[4], &[-1], &[5000]] {
        assert!(Model::load(&one(wrong)).is_err(), "{wrong:?}");
    }
}
