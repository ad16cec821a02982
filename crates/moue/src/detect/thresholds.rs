//! Thresholds of the compiled-in networks. Scores of other networks mean other things, so the free
//! ones have their own; all were chosen by `--sweep` of the benchmark `faces`.

/// Lowest scores of a face after refinement, 0 to 1.
pub(super) struct Thresholds {
    /// Of [`Effort::Live`](super::Effort::Live).
    pub(super) live: f32,
    /// Of [`Effort::Thorough`](super::Effort::Thorough).
    pub(super) thorough: f32,
}

#[cfg(not(feature = "free-weights"))]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: 0.73,
    thorough: 0.82,
};

#[cfg(feature = "free-weights")]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: 0.75,
    thorough: 0.72,
};
