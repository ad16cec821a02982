//! Lowering of each operator to the code that runs it.

pub(crate) mod conv;
pub(crate) mod elementwise;
pub(crate) mod int8;
pub(crate) mod pool;
pub(crate) mod reduce;
pub(crate) mod shape;

/// What a step does: first operand, second operand (empty slices where there is none), result.
pub(crate) type Routine = Box<dyn Fn(&[f32], &[f32], &mut [f32]) + Send + Sync>;
