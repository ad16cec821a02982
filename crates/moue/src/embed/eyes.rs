//! Whether the eyes of an expression are open.

use super::expression::Expression;
use crate::weights;

impl Expression {
    /// How surely an eye is open, from 0 (both are closed) to 1.
    ///
    /// The sigmoid of a linear function of the embedding, fitted on MediaPipe's blendshapes of FER+'s
    /// training faces (logistic regression). Of faces that were not trained on it tells closed from
    /// open eyes with an area under the ROC curve of 0.987; of 392 faces with closed eyes 0.967 get
    /// less than 0.5, and 0.075 of those with open ones (`python -m moue_training fit-readout` prints
    /// both). It is meant for expressions of the compiled-in network; those of another network get
    /// numbers without a meaning.
    ///
    /// ```no_run
    /// # fn show(expression: &moue::Expression) {
    /// if expression.eyes_open() < 0.5 {
    ///     println!("a blink");
    /// }
    /// # }
    /// ```
    pub fn eyes_open(&self) -> f32 {
        let closed = weights::readout().closed_eyes.of(&self.0);
        1.0 / (1.0 + closed.exp())
    }
}
