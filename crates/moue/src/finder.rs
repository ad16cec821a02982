//! The whole pipeline in one call: from a picture to the nearest pictures of each of its faces.

use crate::cancel::Cancelled;
use crate::detect::{DetectError, DetectOptions};
use crate::embed::{EmbedError, per_face};
use crate::gallery::{GalleryError, Match, Search, SearchOptions};
use crate::network::NetworkError;
use crate::{Expression, ExpressionEmbedder, Face, FaceDetector, Frame, weights};
use std::borrow::Cow;
use std::sync::Arc;

/// Which faces of a picture are searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FaceChoice {
    /// The one with the largest box; the box of a face that is uncertain counts an eighth.
    #[default]
    Largest,
    /// Every one.
    All,
}

/// Options of a [`Finder`].
///
/// ```
/// use moue::finder::{FaceChoice, FindOptions};
/// use moue::gallery::SearchOptions;
/// let options = FindOptions {
///     search: SearchOptions { limit: 5, ..SearchOptions::varied() },
///     choice: FaceChoice::All,
///     ..FindOptions::default()
/// };
/// ```
#[derive(Debug, Clone, Default)]
pub struct FindOptions {
    /// How many pictures each face gets, which, and in which order; unless set,
    /// [`SearchOptions::varied`]. The population mean of the compiled-in weights is not used with
    /// an embedder of other weights; one of its own is.
    pub search: SearchOptions,
    /// Which faces are searched for.
    pub choice: FaceChoice,
    /// How faces are detected.
    pub detect: DetectOptions,
}

/// A face and the pictures that make the same one.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The face in the query.
    pub face: Face,
    /// Its expression, or why it has none.
    pub expression: Result<Expression, EmbedError>,
    /// The pictures that match, best first; empty where there is no expression or the gallery is
    /// empty.
    pub matches: Vec<Match>,
}

/// Why [`Finder::find`] fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// A network failed.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The gallery could not be read.
    #[error(transparent)]
    Gallery(#[from] GalleryError),
    /// The call was canceled or its deadline has passed.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<DetectError> for FindError {
    fn from(error: DetectError) -> Self {
        match error {
            DetectError::Network(error) => Self::Network(error),
            DetectError::Cancelled(error) => Self::Cancelled(error),
        }
    }
}

/// Detector, embedder and gallery together. Cloning shares weights and gallery.
///
/// The gallery is a `Gallery`, a [`MemoryGallery`](crate::gallery::MemoryGallery), or anything else
/// that is [`Search`]; one that changes during the program is shared as
/// `Arc<RwLock<MemoryGallery>>`.
///
/// ```no_run
/// use moue::{Finder, Frame, Gallery};
/// let mut finder = Finder::new(Gallery::builtin()?)?;
/// let frame = Frame::open("me.jpg")?;
/// for found in finder.find(&frame)? {
///     for m in found.matches {
///         println!("{:.3} {}", m.distance, m.label);
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Finder {
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
    // Behind a pointer, so that a finder's type does not name its gallery's; a search takes far
    // longer than the indirect call.
    gallery: Arc<dyn Search>,
    /// Its options; may be changed between calls.
    pub options: FindOptions,
}

impl Finder {
    /// A finder with the compiled-in networks.
    ///
    /// # Errors
    /// [`NetworkError`] if they do not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new(gallery: impl Search + 'static) -> Result<Self, NetworkError> {
        Ok(Self::with_parts(
            FaceDetector::new()?,
            ExpressionEmbedder::new()?,
            gallery,
        ))
    }

    /// A finder with the caller's own detector, embedder and gallery.
    pub fn with_parts(
        detector: FaceDetector,
        embedder: ExpressionEmbedder,
        gallery: impl Search + 'static,
    ) -> Self {
        Self {
            detector,
            embedder,
            gallery: Arc::new(gallery),
            options: FindOptions::default(),
        }
    }

    /// Sets its options.
    #[must_use]
    pub fn with_options(mut self, options: FindOptions) -> Self {
        self.options = options;
        self
    }

    /// The gallery that is searched.
    pub fn gallery(&self) -> &dyn Search {
        &*self.gallery
    }

    /// Searches for the chosen faces of `frame`, those with the highest score first. Without a face
    /// the answer is empty.
    ///
    /// # Errors
    /// [`FindError`] if a network fails or the gallery cannot be read.
    pub fn find(&mut self, frame: &Frame<'_>) -> Result<Vec<Found>, FindError> {
        let mut found = Vec::new();
        for face in self.faces(frame)? {
            let expression = self.embedder.embed(frame, &face);
            found.push(self.search(face, expression)?);
        }
        Ok(found)
    }

    /// Searches for a picture that is a face crop already.
    ///
    /// # Errors
    /// As for [`Finder::find`].
    pub fn find_cropped(&mut self, frame: &Frame<'_>) -> Result<Found, FindError> {
        let expression = self.embedder.embed_cropped(frame);
        self.search(Face::whole(), expression)
    }

    /// The expressions of the chosen faces of `frame`, or of all of it if it is a face crop
    /// already.
    ///
    /// # Errors
    /// [`DetectError`] if a network fails or the call is canceled; a face without an expression is
    /// left out.
    pub fn expressions(
        &mut self,
        frame: &Frame<'_>,
        cropped: bool,
    ) -> Result<Vec<Expression>, DetectError> {
        if cropped {
            let expression = per_face(self.embedder.embed_cropped(frame))?;
            return Ok(expression.into_iter().collect());
        }
        let mut expressions = Vec::new();
        for face in self.faces(frame)? {
            expressions.extend(per_face(self.embedder.embed(frame, &face))?);
        }
        Ok(expressions)
    }

    /// The chosen faces of a picture.
    fn faces(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, DetectError> {
        let faces = self.detector.detect_with(frame, &self.options.detect)?;
        Ok(chosen(faces, self.options.choice))
    }

    /// The options of a search, without a mean that was measured with other weights.
    fn search_options(&self) -> Cow<'_, SearchOptions> {
        let search = &self.options.search;
        let is_ours = search.population_mean.as_ref() == weights::population_mean();
        if self.embedder.has_builtin_weights() || !is_ours {
            return Cow::Borrowed(search);
        }
        Cow::Owned(SearchOptions {
            population_mean: None,
            ..search.clone()
        })
    }

    fn search(
        &self,
        face: Face,
        expression: Result<Expression, EmbedError>,
    ) -> Result<Found, FindError> {
        let expression = per_face(expression)?;
        let matches = match &expression {
            Ok(expression) => self
                .gallery
                .search(&[*expression], &self.search_options())?,
            Err(_) => Vec::new(),
        };
        Ok(Found {
            face,
            expression,
            matches,
        })
    }
}

/// Of the marked pictures' 200 detections from this score on one in seventeen is no face, of those
/// below more than half.
const CERTAIN_SCORE: f32 = 0.92;

/// What the box of an uncertain face counts: a patch of grass is not chosen before a person behind it,
/// and a face that a hand covers still is before a small one in the crowd.
const UNCERTAIN_WEIGHT: f32 = 1.0 / 8.0;

/// How much a face is the one that is meant: by its area, and not by its score beyond a doubt, as
/// the person in front is meant, not the clearest bystander.
fn prominence(face: &Face) -> f32 {
    let weight = if face.score < CERTAIN_SCORE {
        UNCERTAIN_WEIGHT
    } else {
        1.0
    };
    weight * face.bounding_box.area()
}

/// The faces that `choice` selects.
pub fn chosen(faces: Vec<Face>, choice: FaceChoice) -> Vec<Face> {
    match choice {
        FaceChoice::All => faces,
        FaceChoice::Largest => faces
            .into_iter()
            .max_by(|a, b| prominence(a).total_cmp(&prominence(b)))
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoundingBox;

    fn face(side: f32, score: f32) -> Face {
        let bounding_box = BoundingBox::centered([0.5; 2], [side; 2]);
        Face {
            bounding_box,
            score,
            ..Face::whole()
        }
    }

    #[test]
    fn the_largest_face_is_meant_unless_it_may_be_none() {
        let side_of_chosen = |faces: [Face; 2]| {
            let chosen = chosen(faces.to_vec(), FaceChoice::Largest);
            chosen[0].bounding_box.width
        };
        assert_eq!(side_of_chosen([face(0.2, 0.99), face(0.3, 0.93)]), 0.3);
        assert_eq!(side_of_chosen([face(0.2, 0.97), face(0.45, 0.88)]), 0.2);
        // A bystander is not meant even if the face in front is half hidden.
        assert_eq!(side_of_chosen([face(0.2, 0.97), face(0.6, 0.88)]), 0.6);
        assert_eq!(side_of_chosen([face(0.2, 0.85), face(0.3, 0.83)]), 0.3);
    }
}
