//! Thresholds of the compiled-in networks. Scores of other networks mean other things, so the free
//! ones have their own; all were chosen by `--sweep` of the benchmark `faces`.

/// Lowest scores of a face, 0 to 1.
pub(super) struct Thresholds {
    /// Of a proposal of [`Effort::Live`](super::Effort::Live) by the detector alone.
    pub(super) live: f32,
    /// Of [`Effort::Live`](super::Effort::Live) by both networks.
    pub(super) live_refined: f32,
    /// Of [`Effort::Thorough`](super::Effort::Thorough).
    pub(super) thorough: f32,
    /// Of the best of a turned picture, whose faces are taken if it is above the upright ones too.
    /// It is higher, as three more passes have three times as many chances to be wrong.
    pub(super) turned: f32,
}

#[cfg(not(feature = "free-weights"))]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: 0.42,
    live_refined: 0.65,
    thorough: 0.75,
    turned: 0.86,
};

#[cfg(feature = "free-weights")]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: 0.42,
    live_refined: 0.75,
    thorough: 0.7,
    turned: 0.86,
};
