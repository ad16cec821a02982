//! Options as other languages pass them.

use crate::answer::expression;
use crate::cancellation::{Cancellation, token};
use crate::error::MoueError;
use moue::detect::DetectOptions;
use moue::embed::{EmotionFilter, EmotionFilterError};
use moue::finder;
use moue::gallery::{Filter, SearchOptions};
use std::sync::Arc;

/// How much work detection spends on a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum Effort {
    /// One look at the whole frame: for cameras. Finds upright faces from about a twelfth of the
    /// longer side on.
    Live,
    /// Tiles at several scales, and the turned picture if no face is upright: for stills. Finds
    /// faces from about 24 pixels on.
    #[default]
    Thorough,
}

/// Which faces of a frame are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, uniffi::Enum)]
pub enum FaceChoice {
    /// The largest one; one that may be no face counts less.
    #[default]
    Largest,
    /// Every one, the most certain first.
    All,
}

/// How faces are found and which pictures an answer has. The default is what moue's own apps show:
/// three pictures that differ, for the largest face.
#[derive(Debug, Clone, Default, uniffi::Record)]
pub struct FindOptions {
    /// How much work detection spends; none for `Thorough`.
    #[uniffi(default = None)]
    pub effort: Option<Effort>,
    /// Which faces are searched for; none for `Largest`.
    #[uniffi(default = None)]
    pub faces: Option<FaceChoice>,
    /// How many pictures each face gets, at most 1,000; none for three.
    #[uniffi(default = None)]
    pub limit: Option<u32>,
    /// The plain nearest pictures, without making the answer varied.
    #[uniffi(default = false)]
    pub nearest: bool,
    /// Pictures at a larger distance (0 to 2) are left out.
    #[uniffi(default = None)]
    pub max_distance: Option<f32>,
    /// Pictures have all of these tags.
    #[uniffi(default = [])]
    pub tags: Vec<String>,
    /// Label or caption contain this.
    #[uniffi(default = None)]
    pub text: Option<String>,
    /// Conditions on emotions: `happiness`, `surprise>0.5`, `neutral<0.3`.
    #[uniffi(default = [])]
    pub emotions: Vec<String>,
    /// Ends the call early.
    #[uniffi(default = None)]
    pub cancellation: Option<Arc<Cancellation>>,
}

/// The most pictures of one answer; more do not fit on any screen, and each costs memory.
const MAX_LIMIT: u32 = 1000;

impl FindOptions {
    pub(crate) fn detect(&self) -> DetectOptions {
        let effort = match self.effort.unwrap_or_default() {
            Effort::Live => moue::Effort::Live,
            Effort::Thorough => moue::Effort::Thorough,
        };
        DetectOptions {
            cancel: token(self.cancellation.as_ref()),
            ..effort.into()
        }
    }

    pub(crate) fn choice(&self) -> finder::FaceChoice {
        match self.faces.unwrap_or_default() {
            FaceChoice::Largest => finder::FaceChoice::Largest,
            FaceChoice::All => finder::FaceChoice::All,
        }
    }

    pub(crate) fn search(&self) -> Result<SearchOptions, MoueError> {
        let limit = self.limit.unwrap_or(3).min(MAX_LIMIT) as usize;
        let start = if self.nearest {
            SearchOptions::nearest(limit)
        } else {
            SearchOptions {
                limit,
                ..SearchOptions::varied()
            }
        };
        let parsed = self.emotions.iter().map(|text| text.parse());
        let emotions: Result<Vec<EmotionFilter>, EmotionFilterError> = parsed.collect();
        Ok(SearchOptions {
            max_distance: self.max_distance,
            filter: Filter {
                tags: self.tags.clone(),
                text: self.text.clone(),
                ..Filter::default()
            },
            emotions: emotions.map_err(|e| MoueError::Options(e.to_string()))?,
            cancel: token(self.cancellation.as_ref()),
            ..start
        })
    }

    pub(crate) fn find(&self) -> Result<finder::FindOptions, MoueError> {
        Ok(finder::FindOptions {
            search: self.search()?,
            choice: self.choice(),
            detect: self.detect(),
        })
    }
}

/// The expressions of a search.
pub(crate) fn targets(values: &[f32]) -> Result<[moue::Expression; 1], MoueError> {
    Ok([expression(values)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_varied_answer_of_three() {
        let search = FindOptions::default().search().unwrap();
        assert!(search.variety.is_some());
        assert_eq!(search.limit, 3);
        let nearest = FindOptions {
            nearest: true,
            limit: Some(u32::MAX),
            ..FindOptions::default()
        };
        let nearest = nearest.search().unwrap();
        assert!(nearest.variety.is_none());
        assert_eq!(nearest.limit, MAX_LIMIT as usize);
    }

    #[test]
    fn impossible_options_are_errors() {
        let odd = FindOptions {
            emotions: vec!["boredom".into()],
            ..FindOptions::default()
        };
        assert!(matches!(odd.search(), Err(MoueError::Options(text)) if text.contains("boredom")));
        assert!(targets(&[0.0; 63]).is_err());
        assert!(targets(&[f32::NAN; 64]).is_err());
        assert!(targets(&[0.1; 64]).is_ok());
    }
}
