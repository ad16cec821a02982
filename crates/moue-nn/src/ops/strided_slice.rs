//! STRIDED_SLICE: of each axis every n-th position of a range, backward where n is negative.
//!
//! The rules are those of TFLite, which are NumPy's: negative positions count from the back, and
//! ranges that reach beyond an axis end with it.

#[cfg(feature = "gpu")]
use super::gpu::ShaderView;
use super::op::{Int8Support, Op, Read, single};
use crate::error::Result;
use crate::graph::{MAX_RANK, Node, Operands};
use crate::layout::Layout;
#[cfg(feature = "gpu")]
use crate::lower::Gpu;
use crate::lower::{Lowering, Routine};
use crate::tflite::{Options, unsupported};
use bytemuck::{Pod, cast_slice, cast_slice_mut};

/// Fields of `StridedSliceOptions`.
const BEGIN_MASK: usize = 0;
const END_MASK: usize = 1;
const ELLIPSIS_MASK: usize = 2;
const NEW_AXIS_MASK: usize = 3;
const SHRINK_AXIS_MASK: usize = 4;
const OFFSET: usize = 5;

/// Masks have one bit for each axis, the first axis in the lowest bit.
#[derive(Debug)]
struct StridedSlice {
    /// Axes whose range starts where the axis does; their `begin` is ignored.
    begin_mask: i32,
    /// Axes whose range ends where the axis does; their `end` is ignored.
    end_mask: i32,
    /// Axes of which only the position `begin` stays, and which the result does not have.
    shrink_mask: i32,
}

pub(super) fn read(options: &Options<'_>) -> Read {
    if options.i32(ELLIPSIS_MASK)? != 0 {
        return unsupported("ellipsis_mask");
    }
    if options.i32(NEW_AXIS_MASK)? != 0 {
        return unsupported("new_axis_mask");
    }
    if options.bool(OFFSET)? {
        return unsupported("ends as offsets from the start");
    }
    Ok(Box::new(StridedSlice {
        begin_mask: options.i32(BEGIN_MASK)?,
        end_mask: options.i32(END_MASK)?,
        shrink_mask: options.i32(SHRINK_AXIS_MASK)?,
    }))
}

impl Op for StridedSlice {
    fn output_shapes(&self, operands: Operands<'_>) -> Result<Vec<Vec<usize>>> {
        let ranges = self.ranges(operands)?;
        let kept = ranges.iter().filter(|range| range.kept);
        single(kept.map(|range| range.count).collect::<Vec<_>>())
    }

    fn lower(&self, node: &Node, lowering: &mut Lowering<'_>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let ranges = self.ranges(lowering.operands(node))?;
        let view = View::new(lowering.layout(input), &ranges);
        let to = lowering.layout(node.output());
        let routine = if lowering.tensor(input).is_int8() {
            routine::<u8>(view, to)
        } else {
            routine::<f32>(view, to)
        };
        lowering.push_routine(node, routine)
    }

    #[cfg(feature = "gpu")]
    fn lower_gpu(&self, node: &Node, lowering: &mut Lowering<'_, Gpu>) -> Result<()> {
        let input = lowering.activation(node, 0)?;
        let ranges = self.ranges(lowering.operands(node))?;
        let from = lowering.layout(input);
        let to = lowering.layout(node.output());
        // What the processor's routine walks by, with a thread for each element instead.
        let view = View::new(from, &ranges);
        let view = ShaderView {
            sizes: to.dims,
            inside: to.dims,
            from: view.start,
            steps: view.steps,
            ..ShaderView::whole(from, to)
        };
        lowering.push_unary(node, view.work())
    }

    fn int8(&self) -> Int8Support {
        Int8Support::Moves
    }
}

/// The positions of one axis that the result has, at least one.
struct AxisRange {
    first: usize,
    /// From one position to the next; 0 where there is no next one.
    step: isize,
    count: usize,
    /// Whether the result has the axis.
    kept: bool,
}

impl AxisRange {
    fn whole(size: usize) -> Self {
        Self {
            first: 0,
            step: 1,
            count: size,
            kept: true,
        }
    }
}

impl StridedSlice {
    /// The range of each axis of the first operand.
    fn ranges(&self, operands: Operands<'_>) -> Result<Vec<AxisRange>> {
        let lists = Lists::of(operands)?;
        let range = |(axis, size): (usize, &usize)| match lists.stated(axis, *size) {
            Some(stated) => self.range(operands.node, &stated),
            // LiteRT takes axes behind those that are listed whole.
            None => Ok(AxisRange::whole(*size)),
        };
        operands.shape(0)?.iter().enumerate().map(range).collect()
    }

    fn range(&self, node: &Node, stated: &Stated) -> Result<AxisRange> {
        let axis = stated.axis;
        if stated.stride == 0 {
            return node.malformed(format!("stride 0 along axis {axis}"));
        }
        let first = if has_bit(self.begin_mask, axis) {
            stated.start_of_axis()
        } else {
            stated.position(stated.begin)
        };
        if has_bit(self.shrink_mask, axis) {
            return stated.single(node, first);
        }
        let end = if has_bit(self.end_mask, axis) {
            stated.end_of_axis()
        } else {
            stated.position(stated.end)
        };
        match stated.count(first, end) {
            // A tensor without elements is more than the runtime has a layout for.
            0 => node.unsupported(format!("an empty range along axis {axis}")),
            count => Ok(stated.from(first, count)),
        }
    }
}

fn has_bit(mask: i32, axis: usize) -> bool {
    mask >> axis & 1 == 1
}

/// The constant operands, one number for each of the first axes.
struct Lists<'a> {
    begin: &'a [i32],
    end: &'a [i32],
    strides: &'a [i32],
}

impl<'a> Lists<'a> {
    fn of(operands: Operands<'a>) -> Result<Self> {
        let begin = constant(operands, 1)?;
        let end = constant(operands, 2)?;
        let strides = constant(operands, 3)?;
        let shape = operands.shape(0)?;
        let count = begin.len();
        if count > shape.len() || end.len() != count || strides.len() != count {
            return operands.node.malformed(format!(
                "begin {begin:?}, end {end:?} and strides {strides:?} for shape {shape:?}"
            ));
        }
        Ok(Self {
            begin,
            end,
            strides,
        })
    }

    /// What is listed of an axis; `None` behind the last one that is.
    fn stated(&self, axis: usize, size: usize) -> Option<Stated> {
        Some(Stated {
            axis,
            size: size as i64,
            begin: *self.begin.get(axis)?,
            end: *self.end.get(axis)?,
            stride: *self.strides.get(axis)?,
        })
    }
}

/// The 32-bit integers of operand `i`, which must be constant.
fn constant(operands: Operands<'_>, i: usize) -> Result<&[i32]> {
    match operands.ints(i)? {
        Some(values) => Ok(values),
        None => {
            let reason = "begin, end and strides must be constant";
            operands.node.unsupported(reason)
        }
    }
}

/// What a file states of one axis of `size` positions. All sums are of 64 bits, which 32-bit
/// integers of a hostile file cannot overflow.
struct Stated {
    axis: usize,
    size: i64,
    begin: i32,
    end: i32,
    stride: i32,
}

impl Stated {
    fn start_of_axis(&self) -> i64 {
        if self.stride < 0 { self.size - 1 } else { 0 }
    }

    /// Ends are exclusive, so that a backward range ends before position 0.
    fn end_of_axis(&self) -> i64 {
        if self.stride < 0 { -1 } else { self.size }
    }

    /// A position counted from the front, moved to the nearest end of the axis if it is outside.
    fn position(&self, stated: i32) -> i64 {
        let from_front = if stated < 0 {
            i64::from(stated) + self.size
        } else {
            i64::from(stated)
        };
        let ends = [self.start_of_axis(), self.end_of_axis()];
        from_front.clamp(ends[0].min(ends[1]), ends[0].max(ends[1]))
    }

    /// How many positions there are from `first` up to `end`.
    fn count(&self, first: i64, end: i64) -> usize {
        let distance = (end - first) * i64::from(self.stride.signum());
        let step = u64::from(self.stride.unsigned_abs());
        distance.max(0).cast_unsigned().div_ceil(step) as usize
    }

    /// The range of `first` alone, which the result has no axis for.
    fn single(&self, node: &Node, first: i64) -> Result<AxisRange> {
        // LiteRT takes nothing along a negative stride, and leaves the result as it was.
        if self.stride < 0 || first >= self.size {
            return node.malformed(format!(
                "position {} of {} along axis {}, with stride {}",
                self.begin, self.size, self.axis, self.stride
            ));
        }
        Ok(AxisRange {
            kept: false,
            ..self.from(first, 1)
        })
    }

    fn from(&self, first: i64, count: usize) -> AxisRange {
        // Without a second position the stride may be as long as it likes, and would overflow.
        let step = if count > 1 { self.stride as isize } else { 0 };
        AxisRange {
            first: first as usize,
            step,
            count,
            kept: true,
        }
    }
}

/// The operand as a strided view of the shape of the result: from element `start`, by `steps` along
/// each dimension.
struct View {
    start: usize,
    steps: [isize; MAX_RANK],
}

impl View {
    fn new(from: Layout, ranges: &[AxisRange]) -> Self {
        let strides = &from.strides[MAX_RANK - ranges.len()..];
        let axes = || ranges.iter().zip(strides);
        let mut steps = [0; MAX_RANK];
        // Without the axes that shrink, the last one that is kept holds the channels.
        let kept = axes().rev().filter(|(range, _)| range.kept);
        for (step, (range, stride)) in steps.iter_mut().rev().zip(kept) {
            *step = range.step * *stride as isize;
        }
        Self {
            start: axes().map(|(range, stride)| range.first * stride).sum(),
            steps,
        }
    }

    /// The element of the operand that row (`n`, `y`, `x`) of the result starts with.
    fn row(&self, n: usize, y: usize, x: usize) -> usize {
        let along = |i: usize, axis: usize| i as isize * self.steps[axis];
        let moved = along(n, 0) + along(y, 1) + along(x, 2);
        self.start.wrapping_add_signed(moved)
    }
}

fn routine<T: Pod>(view: View, to: Layout) -> Routine {
    Box::new(move |input, _, output| {
        let input = cast_slice::<_, T>(input);
        let mut rows = cast_slice_mut::<_, T>(output).chunks_exact_mut(to.row());
        for n in 0..to.dims[0] {
            for y in 0..to.dims[1] {
                for x in 0..to.dims[2] {
                    if let Some(row) = rows.next() {
                        let start = view.row(n, y, x);
                        copy_row(input, start, view.steps[3], &mut row[..to.channels()]);
                    }
                }
            }
        }
    })
}

/// Fills `row` with every `step`-th element of `input` from `start` on.
fn copy_row<T: Pod>(input: &[T], start: usize, step: isize, row: &mut [T]) {
    if step == 1 {
        row.copy_from_slice(&input[start..][..row.len()]);
        return;
    }
    let mut at = start;
    for to in row {
        *to = input[at];
        // Behind the last element this may leave the operand, where nothing is read.
        at = at.wrapping_add_signed(step);
    }
}
