//! The expressive moments of a clip.

use crate::answer::expression;
use crate::error::{MoueError, locked};
use crate::times::seconds;
use moue::Expression;
use moue::video::TimelineOptions;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Collects the expressions of one person through a clip and finds the moments in it.
#[derive(Debug, Default, uniffi::Object)]
pub struct Timeline {
    faces: Mutex<Vec<(Duration, Expression)>>,
}

/// What counts as a moment.
#[derive(Debug, Clone, Copy, Default, uniffi::Record)]
pub struct MomentOptions {
    /// At most so many moments, the strongest; none for twelve.
    #[uniffi(default = None)]
    pub limit: Option<u32>,
    /// Two moments are at least so many seconds apart; none for 0.8.
    #[uniffi(default = None)]
    pub min_separation: Option<f64>,
    /// Least strength, 0 to 1; none for 0.55.
    #[uniffi(default = None)]
    pub min_strength: Option<f32>,
}

/// A moment of a clip.
#[derive(Debug, Clone, Copy, PartialEq, uniffi::Record)]
pub struct Moment {
    /// Which of the expressions that were added, from 0.
    pub index: u32,
    /// When it is seen, in seconds.
    pub time: f64,
    /// How strong the expression is, 0 to 1.
    pub strength: f32,
}

/// An hour at 30 frames a second: more would take more memory than a phone's app may use.
const MAX_FACES: usize = 108_000;

#[uniffi::export]
impl Timeline {
    /// An empty one.
    #[uniffi::constructor]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Adds the expression of a frame, 64 numbers, with its time in seconds, which grows.
    ///
    /// Errors: `Options`, also after an hour of frames.
    pub fn add(&self, time: f64, expression: Vec<f32>) -> Result<(), MoueError> {
        let time = seconds(time)?;
        let expression = self::expression(&expression)?;
        let mut faces = locked(&self.faces);
        if faces.last().is_some_and(|(last, _)| *last >= time) {
            return Err(MoueError::Options("time: it must grow".into()));
        }
        if faces.len() >= MAX_FACES {
            return Err(MoueError::Options(format!("{MAX_FACES} frames are enough")));
        }
        faces.push((time, expression));
        Ok(())
    }

    /// The moments, by time.
    ///
    /// Errors: `Options` for an impossible separation.
    pub fn moments(&self, options: MomentOptions) -> Result<Vec<Moment>, MoueError> {
        let defaults = TimelineOptions::default();
        let separation = options.min_separation.map(seconds).transpose()?;
        let options = TimelineOptions {
            limit: options.limit.map_or(defaults.limit, |l| l as usize),
            min_separation: separation.unwrap_or(defaults.min_separation),
            min_strength: options.min_strength.unwrap_or(defaults.min_strength),
            ..defaults
        };
        let faces = locked(&self.faces).clone();
        let found = moue::video::Timeline::of(&faces, &options).moments;
        Ok(found
            .iter()
            .map(|m| Moment {
                index: m.index as u32,
                time: m.time.as_secs_f64(),
                strength: m.strength,
            })
            .collect())
    }
}
