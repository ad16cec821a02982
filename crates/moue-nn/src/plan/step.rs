//! Steps whose operands have their places in the arena.

use crate::kernels::{Kernels, ThreadPool};
use crate::lower::Work;
use bytemuck::{cast_slice, cast_slice_mut};
use std::ops::Range;

/// One step of a run.
pub(crate) struct Step {
    pub(super) work: Work,
    pub(super) inputs: [Option<Range<usize>>; 2],
    pub(super) output: Range<usize>,
}

impl Step {
    /// Runs the step on the arena, on the threads of `pool` if there is one.
    pub(crate) fn run(&self, arena: &mut [f32], kernels: &Kernels, pool: Option<&mut ThreadPool>) {
        let (a, b, output) = self.operands(arena);
        let residual = self.inputs[1].as_ref().map(|_| b);
        match &self.work {
            Work::Conv(job) => kernels.conv(job, a, residual, output, pool),
            Work::Winograd(job) => kernels.winograd(job, a, residual, output, pool),
            Work::Depthwise(job) => kernels.depthwise(job, a, output, pool),
            Work::Int8Conv(job) => {
                kernels.conv_int8(job, cast_slice(a), cast_slice_mut(output), pool)
            }
            Work::Int8Depthwise(job) => {
                kernels.depthwise_int8(job, cast_slice(a), cast_slice_mut(output), pool)
            }
            Work::Other(routine) => routine(a, b, output),
        }
    }

    /// The parts of the arena that operands and result occupy. Panics never: the planner placed the
    /// result apart from the operands.
    fn operands<'a>(&self, arena: &'a mut [f32]) -> (&'a [f32], &'a [f32], &'a mut [f32]) {
        const DISJOINT: &str = "operands and result are disjoint";
        let output = self.output.clone();
        match &self.inputs {
            // Operands that are one tensor are borrowed once.
            [Some(a), Some(b)] if a != b => {
                let [a, b, output] = arena
                    .get_disjoint_mut([a.clone(), b.clone(), output])
                    .expect(DISJOINT);
                (a, b, output)
            }
            [Some(a), second] => {
                let [a, output] = arena.get_disjoint_mut([a.clone(), output]).expect(DISJOINT);
                (a, if second.is_some() { a } else { &[] }, output)
            }
            [None, Some(b)] => {
                let [b, output] = arena.get_disjoint_mut([b.clone(), output]).expect(DISJOINT);
                (&[], b, output)
            }
            [None, None] => (&[], &[], &mut arena[output]),
        }
    }
}
