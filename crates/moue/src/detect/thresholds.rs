//! Thresholds and weights of the compiled-in networks' scores. Scores of other networks mean other
//! things, so the free ones have their own; all were chosen by `--sweep` of the benchmark `faces`.

/// How proposals become faces at one effort.
pub(super) struct Scoring {
    /// Lowest score of a face after refinement, 0 to 1.
    pub(super) min_score: f32,
    /// Weight of the proposal's logit beside the refined one's: it counts less because the proposal
    /// network saw the face smaller.
    pub(super) proposal_weight: f32,
    /// A proposal of which the first close-up scores less gets no second one, 0 to 1. It is well below
    /// `min_score`, since the second close-up is placed better and may raise the score.
    pub(super) min_first_score: f32,
}

/// The scoring of both efforts.
pub(super) struct Thresholds {
    /// Of [`Effort::Live`](super::Effort::Live).
    pub(super) live: Scoring,
    /// Of [`Effort::Thorough`](super::Effort::Thorough).
    pub(super) thorough: Scoring,
    /// A turned picture's faces are taken if the best has this score, and more than the upright ones.
    /// It is higher than the threshold for upright faces, as three more passes have three times as many
    /// chances to be wrong.
    pub(super) turned: f32,
}

// With 0.86 in turned pictures a cup on its saucer, upside down, is a face.
// With a weight of 0.3 thorough detection finds fewer of the cartoons' faces at the same precision.
// With a first score of 0.65 faces are lost; with 0.35 none is won, and a folder of pictures takes a
// tenth longer.
#[cfg(not(feature = "free-weights"))]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: Scoring {
        min_score: 0.73,
        proposal_weight: 0.5,
        min_first_score: 0.1,
    },
    thorough: Scoring {
        min_score: 0.8,
        proposal_weight: 0.15,
        min_first_score: 0.5,
    },
    turned: 0.91,
};

#[cfg(feature = "free-weights")]
pub(super) const COMPILED: Thresholds = Thresholds {
    live: Scoring {
        min_score: 0.75,
        proposal_weight: 0.75,
        min_first_score: 0.1,
    },
    thorough: Scoring {
        min_score: 0.72,
        proposal_weight: 0.3,
        min_first_score: 0.35,
    },
    turned: 0.86,
};
