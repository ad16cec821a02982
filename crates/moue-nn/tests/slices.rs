//! SPLIT and STRIDED_SLICE: what each refuses, and random files against the definition. Whatever a
//! file states, the model either has the values of the definition or is refused.

mod common;

use common::{Field, File};
use moue_nn::{Error, Model};
use proptest::prelude::*;

/// Builtin codes of TFLite's schema.
const STRIDED_SLICE: i32 = 45;
const SPLIT: i32 = 49;

/// Loading the file must fail with a message that holds `operator` and `reason`.
fn assert_refused(bytes: &[u8], operator: &str, reason: &str) {
    let error = Model::load(bytes).unwrap_err().to_string();
    assert!(
        error.contains(operator) && error.contains(reason),
        "{error}"
    );
}

/// The values 0, 1, 2 … of a tensor of this shape.
fn counted(shape: &[i32]) -> Vec<f32> {
    let elements: i32 = shape.iter().product();
    (0..elements).map(|i| i as f32).collect()
}

/// What a file states of a STRIDED_SLICE, all but the shape of its result.
#[derive(Clone, Debug)]
struct Slice {
    shape: Vec<i32>,
    begin: Vec<i32>,
    end: Vec<i32>,
    strides: Vec<i32>,
    begin_mask: i32,
    end_mask: i32,
    shrink_mask: i32,
}

impl Slice {
    /// A slice of three numbers.
    fn of_three(begin: i32, end: i32, stride: i32) -> Self {
        Self {
            shape: vec![3],
            begin: vec![begin],
            end: vec![end],
            strides: vec![stride],
            begin_mask: 0,
            end_mask: 0,
            shrink_mask: 0,
        }
    }

    fn file(&self, result: &[i32], more: &[Field]) -> Vec<u8> {
        let mut file = File::default();
        let x = file.activation("x", &self.shape);
        let mut inputs = vec![x];
        let lists = [&self.begin, &self.end, &self.strides];
        for (name, list) in ["begin", "end", "strides"].into_iter().zip(lists) {
            inputs.push(file.ints(name, &[list.len() as i32], list));
        }
        let y = file.activation("y", result);
        let masks = [
            Field::I32(0, self.begin_mask),
            Field::I32(1, self.end_mask),
            Field::I32(4, self.shrink_mask),
        ];
        file.node(STRIDED_SLICE, &[&masks, more].concat(), &inputs, &[y]);
        file.finish(&[x], &[y])
    }

    /// The positions of one axis, found one by one.
    fn positions(&self, axis: usize) -> Option<Vec<i64>> {
        let size = i64::from(self.shape[axis]);
        let Some(stride) = self.strides.get(axis).map(|s| i64::from(*s)) else {
            return Some((0..size).collect());
        };
        let backward = stride < 0;
        let [low, high] = if backward { [-1, size - 1] } else { [0, size] };
        let place = |stated: i32| {
            let at = i64::from(stated);
            (if at < 0 { at + size } else { at }).clamp(low, high)
        };
        let masked = |mask: i32| mask & (1 << axis) != 0;
        let [start, last] = if backward { [high, low] } else { [low, high] };
        let first = if masked(self.begin_mask) {
            start
        } else {
            place(self.begin[axis])
        };
        if masked(self.shrink_mask) {
            return (stride > 0 && first < size).then(|| vec![first]);
        }
        let end = if masked(self.end_mask) {
            last
        } else {
            place(self.end[axis])
        };
        if stride == 0 {
            return None;
        }
        let mut positions = Vec::new();
        let mut at = first;
        while if backward { at > end } else { at < end } {
            positions.push(at);
            at += stride;
        }
        (!positions.is_empty()).then_some(positions)
    }

    /// Shape and values of the result for counted inputs; `None` where there is no result.
    fn result(&self) -> Option<(Vec<i32>, Vec<f32>)> {
        let mut shape = Vec::new();
        let mut places = vec![0];
        for axis in 0..self.shape.len() {
            let positions = self.positions(axis)?;
            if self.shrink_mask & (1 << axis) == 0 || axis >= self.begin.len() {
                shape.push(positions.len() as i32);
            }
            let size = i64::from(self.shape[axis]);
            let deeper = |place: &i64| {
                let start = place * size;
                positions.iter().map(move |p| start + p)
            };
            places = places.iter().flat_map(deeper).collect();
        }
        Some((shape, places.iter().map(|p| *p as f32).collect()))
    }
}

#[test]
fn slices_that_have_no_meaning_are_refused() {
    for (slice, reason) in [
        (Slice::of_three(0, 3, 0), "stride 0 along axis 0"),
        (Slice::of_three(2, 1, 1), "an empty range along axis 0"),
        (Slice::of_three(0, 2, -1), "an empty range along axis 0"),
        (
            Slice {
                shrink_mask: 1,
                ..Slice::of_three(3, 0, 1)
            },
            "position 3 of 3 along axis 0",
        ),
        (
            Slice {
                shrink_mask: 1,
                ..Slice::of_three(1, 0, -1)
            },
            "with stride -1",
        ),
        (
            Slice {
                end: vec![1, 2],
                ..Slice::of_three(0, 1, 1)
            },
            "end [1, 2] and strides [1] for shape [3]",
        ),
        (Slice::of_three(0, 2, 1), "makes shape [2]"),
    ] {
        assert_refused(&slice.file(&[1], &[]), "STRIDED_SLICE", reason);
    }
}

#[test]
fn masks_that_are_not_here_are_refused_by_name() {
    let slice = Slice::of_three(0, 3, 1);
    for (field, name) in [
        (Field::I32(2, 1), "ellipsis_mask"),
        (Field::I32(3, 1), "new_axis_mask"),
        (Field::I8(5, 1), "ends as offsets from the start"),
    ] {
        assert_refused(&slice.file(&[3], &[field]), "STRIDED_SLICE", name);
    }
}

#[test]
fn positions_that_are_not_constant_are_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[3]);
    let one = file.ints("one", &[1], &[1]);
    let y = file.activation("y", &[3]);
    file.node(STRIDED_SLICE, &[], &[x, one, x, one], &[y]);
    let bytes = file.finish(&[x], &[y]);
    assert_refused(&bytes, "STRIDED_SLICE", "strides must be constant");
}

/// A SPLIT of a tensor into results of these shapes.
fn split(axis: i32, parts: i32, shape: &[i32], results: &[Vec<i32>]) -> Vec<u8> {
    let mut file = File::default();
    let axis = file.ints("axis", &[], &[axis]);
    let x = file.activation("x", shape);
    let result = |shape: &Vec<i32>| file.activation("y", shape);
    let outputs: Vec<i32> = results.iter().map(result).collect();
    file.node(SPLIT, &[Field::I32(0, parts)], &[axis, x], &outputs);
    file.finish(&[x], &outputs)
}

#[test]
fn splits_that_have_no_meaning_are_refused() {
    let results = [vec![2, 2], vec![2, 2]];
    for (axis, parts, reason) in [
        (2, 2, "axis 2 of 2 dimensions"),
        (-3, 2, "axis -3 of 2 dimensions"),
        (1, 3, "axis 1 of 4 has no 3 equal parts"),
        (1, 0, "axis 1 of 4 has no 0 equal parts"),
        (1, -2, "axis 1 of 4 has no -2 equal parts"),
        (1, i32::MAX, "equal parts"),
        (1, 4, "2 outputs where 4 are made"),
        (1, 1, "2 outputs where 1 are made"),
        (0, 2, "makes shape [1, 4]"),
    ] {
        assert_refused(&split(axis, parts, &[2, 4], &results), "SPLIT", reason);
    }
}

#[test]
fn as_many_parts_as_a_long_axis_has_positions_are_refused_at_once() {
    let bytes = split(0, 1 << 26, &[1 << 26], &[vec![1]]);
    assert_refused(&bytes, "SPLIT", "1 outputs where 67108864 are made");
}

#[test]
fn an_axis_that_is_not_constant_is_refused() {
    let mut file = File::default();
    let x = file.activation("x", &[2]);
    let y = file.activation("y", &[2]);
    file.node(SPLIT, &[Field::I32(0, 1)], &[x, x], &[y]);
    let bytes = file.finish(&[x], &[y]);
    assert_refused(&bytes, "SPLIT", "the axis must be one constant");
}

/// Positions near an axis and far from it.
fn position() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -8..8, 1 => prop::sample::select(vec![i32::MIN, i32::MIN + 1, i32::MAX])]
}

/// Strides and, now and then, none.
fn stride() -> impl Strategy<Value = i32> {
    prop_oneof![8 => 1..4, 8 => -4..0, 1 => Just(0), 1 => prop::sample::select(vec![i32::MIN, i32::MAX])]
}

fn slices() -> impl Strategy<Value = Slice> {
    let shape = prop::collection::vec(1..20i32, 1..5);
    let listed = shape.prop_flat_map(|shape| {
        let rank = shape.len();
        (Just(shape), 1..=rank)
    });
    let lists = listed.prop_flat_map(|(shape, count)| {
        (
            Just(shape),
            prop::collection::vec(position(), count),
            prop::collection::vec(position(), count),
            prop::collection::vec(stride(), count),
            0..16i32,
            0..16i32,
            prop_oneof![Just(0), 0..16i32],
        )
    });
    lists.prop_map(
        |(shape, begin, end, strides, begin_mask, end_mask, shrink_mask)| Slice {
            shape,
            begin,
            end,
            strides,
            begin_mask,
            end_mask,
            shrink_mask,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn slices_are_those_of_the_definition(slice in slices()) {
        let Some((shape, values)) = slice.result() else {
            let refused = Model::load(&slice.file(&[1], &[]));
            let names_the_node = matches!(refused, Err(Error::Graph { .. } | Error::Unsupported { .. }));
            prop_assert!(names_the_node);
            return Ok(());
        };
        let model = Model::load(&slice.file(&shape, &[])).unwrap();
        let mut session = model.session();
        session.run(&[&counted(&slice.shape)]).unwrap();
        prop_assert_eq!(session.output(0), values);
    }

    #[test]
    fn splits_are_those_of_the_definition(shape in prop::collection::vec(1..13i32, 1..5), axis in -5..5i32, parts in 0..5i32, outputs in 1..5usize) {
        let rank = shape.len() as i32;
        let from_front = if axis < 0 { axis + rank } else { axis };
        let at = usize::try_from(from_front).ok().filter(|a| *a < shape.len());
        let size = at.map_or(1, |a| shape[a]);
        let fits = at.is_some() && parts as usize == outputs && size % parts == 0;
        let mut part = shape.clone();
        if let Some(a) = at.filter(|_| fits) {
            part[a] = size / parts;
        }
        let loaded = Model::load(&split(axis, parts, &shape, &vec![part.clone(); outputs]));
        prop_assert_eq!(loaded.is_ok(), fits);
        let Ok(model) = loaded else { return Ok(()) };
        let mut session = model.session();
        session.run(&[&counted(&shape)]).unwrap();
        for (i, start) in (0..outputs).zip((0..).step_by(part[from_front as usize] as usize)) {
            let mut begin = vec![0; shape.len()];
            begin[from_front as usize] = start;
            let end = begin.iter().zip(&part).map(|(b, p)| b + p).collect();
            let slice = Slice { shape: shape.clone(), begin, end, strides: vec![1; shape.len()], begin_mask: 0, end_mask: 0, shrink_mask: 0 };
            prop_assert_eq!(session.output(i), slice.result().unwrap().1);
        }
    }
}
