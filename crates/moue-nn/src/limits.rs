//! Limits on a model file, beyond which it is refused.

/// Bounds that [`Model::load`](crate::Model::load) enforces before it allocates.
///
/// A `.tflite` file of a few bytes can describe tensors of any size. These bounds keep such a file
/// from exhausting the machine.
///
/// ```
/// use moue_nn::Limits;
///
/// // At most 100 million multiply-adds a run, the rest as by default.
/// let limits = Limits { multiply_adds: 100_000_000, ..Limits::default() };
/// assert_eq!(limits.nodes, 5_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most operators, and most tensors, in the graph.
    pub nodes: usize,
    /// Most elements of all constant tensors together, after conversion to `f32`, and again of all
    /// weights and tables that are packed for the kernels.
    pub weights: usize,
    /// Most elements of any one activation; above 2³¹ it counts as 2³¹.
    pub activation: usize,
    /// Most elements of the arena that holds all activations of a session.
    pub arena: usize,
    /// Most multiply-adds of one run, pooling counted as if it multiplied.
    pub multiply_adds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // Chosen by hand, well above what mobile networks need: half a gigabyte of weights, and as
        // much of activations.
        Self {
            nodes: 5_000,
            weights: 1 << 27,
            activation: 1 << 26,
            arena: 1 << 27,
            multiply_adds: 1 << 38,
        }
    }
}
