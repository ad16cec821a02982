//! Limits on a model file, beyond which it is refused.

/// Most elements of a tensor, of all constants and of the arena, whatever the limits are.
///
/// Indirection buffers count in 32 bits. On targets of 32 bits, a tensor of one channel takes eight
/// times its elements, of four bytes each, and all of that must fit into half of the address space.
pub(crate) const MAX_ELEMENTS: usize = if usize::BITS >= 64 { 1 << 31 } else { 1 << 25 };

/// Bounds that [`Model::load`](crate::Model::load) enforces before it allocates.
///
/// A `.tflite` file of a few bytes can describe tensors of any size. These bounds keep such a file
/// from exhausting the machine. Beside them, reading names, shapes and operands may visit no more
/// than four times the bytes of the file, and 1 MiB: tables of a file may share vectors, but not
/// without end.
///
/// With the defaults, a model and a session take less than 600 MB, and a run on one core of a
/// processor with AVX2 about a second.
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
    /// Most operators, tensors, operator codes, inputs and outputs in the graph, each.
    pub nodes: usize,
    /// Most elements of all constant tensors, after conversion to `f32` and constant folding, of
    /// all weights and tables that are packed for the kernels, together; above 2³¹ (2²⁵ on targets
    /// of 32 bits) it counts as that.
    pub weights: usize,
    /// Most elements of any one activation, its rows padded to multiples of 8; above 2³¹ (2²⁵ on
    /// targets of 32 bits) it counts as that.
    pub activation: usize,
    /// Most elements of the arena that holds all activations of a session, and of its outputs,
    /// together; above 2³¹ (2²⁵ on targets of 32 bits) it counts as that.
    pub arena: usize,
    /// Most multiply-adds of one run. What other steps do counts with them: 16 for each element
    /// that a step reads or writes, 200 more where it computes `exp` or `tanh`.
    pub multiply_adds: u64,
}

impl Limits {
    /// The same within what kernels can address.
    pub(crate) fn clamped(&self) -> Self {
        Self {
            weights: self.weights.min(MAX_ELEMENTS),
            activation: self.activation.min(MAX_ELEMENTS),
            arena: self.arena.min(MAX_ELEMENTS),
            ..*self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        // Chosen by hand, well above what mobile networks need: MediaPipe's largest has 6 million
        // weights and 300 million multiply-adds. 256 MB of weights and as much of activations.
        Self {
            nodes: 5_000,
            weights: 1 << 26,
            activation: 1 << 25,
            arena: 1 << 26,
            multiply_adds: 1 << 35,
        }
    }
}
