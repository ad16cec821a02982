//! Landmarks2TransformMatrix: the transform that leads from a crop around some landmarks, turned with
//! them, to the picture in which they are.

use super::flexbuffer::Map;
use crate::error::Result;
use crate::graph::{Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::{Gpu, GpuWork, LANES, Shader, Words};
use crate::lower::{Lowering, Routine, Work};
use crate::ops::op::{Op, Read, single};
use crate::tflite::unsupported;

/// Most landmarks: MediaPipe's mesh has 468. Each node of a file has its own list of them, also where
/// the file has it once, so it is short.
const MAX_LANDMARKS: u16 = 1 << 10;

/// Longest side of a crop.
const MAX_SIDE: usize = 1 << 16;

#[derive(Clone, Debug)]
struct Matrix {
    /// The landmarks that the crop is around.
    subset: Vec<u16>,
    /// Two landmarks that are level in the crop, from left to right.
    level: [u16; 2],
    /// The angle of that line in the crop, radians.
    angle: f32,
    /// The crop's width and height in pixels.
    size: [f32; 2],
    /// The crop's sides, as multiples of those of the box around the landmarks.
    scale: [f32; 2],
}

pub(super) fn read(options: &[u8]) -> Read {
    let options = Map::root(options)?;
    let end = MAX_LANDMARKS;
    let position = |name| match options.number(name)? {
        at if at.fract() == 0.0 && (0.0..end.into()).contains(&at) => Ok(at as u16),
        at => unsupported(format!("{name} is {at}")),
    };
    let size = |name| options.size(name, MAX_SIDE).map(|side| side as f32);
    let number = |name| options.number(name).map(|value| value as f32);
    let left = position("left_rotation_idx")?;
    let right = position("right_rotation_idx")?;
    Ok(Box::new(Matrix {
        subset: options.positions("subset_idxs", end.into(), end)?,
        level: [left, right],
        angle: number("target_rotation_radians")?,
        size: [size("output_width")?, size("output_height")?],
        scale: [number("scale_x")?, number("scale_y")?],
    }))
}

impl Op for Matrix {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let node = operands.node;
        let &[1, count, 3] = operands.shape(0)? else {
            let shape = operands.shape(0)?;
            return node.unsupported(format!("landmarks of shape {shape:?}"));
        };
        let mut all = self.subset.iter().chain(&self.level);
        match all.find(|at| usize::from(**at) >= count) {
            Some(at) => node.malformed(format!("landmark {at} of {count}")),
            None if self.subset.is_empty() => node.malformed("no landmark to crop around"),
            None => single([1, 4, 4]),
        }
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let landmarks = lowering.activation(node, 0)?;
        lowering.budget.spend_memory(self.subset.len())?;
        let from = lowering.layout(landmarks);
        let routine = routine(self.clone(), from, lowering.layout(node.output()));
        lowering.push(Work::Other(routine), [Some(landmarks), None], node.output())
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let from = lowering.layout(lowering.activation(node, 0)?);
        let to = lowering.layout(node.output());
        let subset: Vec<f32> = self.subset.iter().map(|at| f32::from(*at)).collect();
        let subset_at = lowering.add_constants(&subset)? * LANES;
        let words = Words::default()
            .sizes([from.row(), to.row(), subset_at, subset.len()])
            .sizes(self.level.map(usize::from))
            .floats([self.angle, 0.0])
            .floats(self.size)
            .floats(self.scale);
        lowering.push_unary(node, GpuWork::new(Shader::Matrix, 1, words))
    }
}

fn routine(matrix: Matrix, from: Layout, to: Layout) -> Routine {
    Box::new(move |landmarks, _, output| {
        let landmark = |at: u16| {
            let start = usize::from(at) * from.row();
            [landmarks[start], landmarks[start + 1]]
        };
        let rows = matrix.rows(landmark);
        for (row, values) in output.chunks_exact_mut(to.row()).zip(rows) {
            row[..4].copy_from_slice(&values);
        }
    })
}

impl Matrix {
    /// The rows of the transform from pixels of the crop to the landmarks' coordinates.
    fn rows(&self, landmark: impl Fn(u16) -> [f32; 2]) -> [[f32; 4]; 4] {
        let [left, right] = self.level.map(&landmark);
        let angle = self.angle - (right[1] - left[1]).atan2(right[0] - left[0]);
        // The box of the landmarks when the line between the two is level.
        let mut low = [f32::INFINITY; 2];
        let mut high = [f32::NEG_INFINITY; 2];
        for point in self.subset.iter().map(|at| turned(landmark(*at), angle)) {
            low = [0, 1].map(|axis| low[axis].min(point[axis]));
            high = [0, 1].map(|axis| high[axis].max(point[axis]));
        }
        let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
        let center = turned(middle, -angle);
        let [sx, sy] =
            [0, 1].map(|axis| self.scale[axis] * (high[axis] - low[axis]) / self.size[axis]);
        let cos = angle.cos();
        let sin = angle.sin();
        // From the crop's middle, scaled, turned back, to the middle of the box.
        let x = [cos * sx, sin * sy];
        let y = [-sin * sx, cos * sy];
        let shift =
            |line: [f32; 2], to: f32| to - (line[0] * self.size[0] + line[1] * self.size[1]) / 2.0;
        [
            [x[0], x[1], 0.0, shift(x, center[0])],
            [y[0], y[1], 0.0, shift(y, center[1])],
            [0.0, 0.0, 1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    }
}

fn turned([x, y]: [f32; 2], angle: f32) -> [f32; 2] {
    let cos = angle.cos();
    let sin = angle.sin();
    [cos * x - sin * y, sin * x + cos * y]
}
