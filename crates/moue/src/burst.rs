//! The best picture of a burst: everybody is in it, their eyes are open, nobody is blurred, and they
//! make the expression that was asked for.
//!
//! ```no_run
//! use moue::burst::{BurstReader, scores};
//! use moue::Frame;
//! let mut reader = BurstReader::new()?;
//! let mut faces = Vec::new();
//! for name in ["1.jpg", "2.jpg", "3.jpg"] {
//!     faces.push(reader.faces(&Frame::open(name)?)?);
//! }
//! let faces: Vec<_> = faces.iter().map(Vec::as_slice).collect();
//! println!("{:?}", scores(&faces));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod sharpness;

pub use sharpness::sharpness;

use crate::detect::{DetectOptions, Face, FaceDetector};
use crate::embed::{Expression, ExpressionEmbedder, per_face};
use crate::finder::FindError;
#[cfg(feature = "compiled-weights")]
use crate::network::NetworkError;
use crate::{Frame, gallery};

/// Faces that are narrower than this share of the widest of their picture are of people in the
/// background, whose eyes do not matter. By hand: the last row of a group is about half as wide as the
/// first one.
const MIN_WIDTH_SHARE: f32 = 1.0 / 3.0;

/// A face with this share of the sharpness of the sharpest is sharp: the edges of a mouth wide open and
/// of raised brows vary by as much (Yale's faces, 0.5 to 1 of the sharpest).
const SHARP_SHARE: f32 = 0.6;

/// Keeps logarithms finite: no face is worse than this.
const MIN_QUALITY: f32 = 1e-3;

/// What a face adds to its picture.
#[derive(Debug, Clone, PartialEq)]
pub struct BurstFace {
    /// Where it is.
    pub face: Face,
    /// How surely its eyes are open, 0 to 1; [`Expression::eyes_open`].
    pub eyes_open: f32,
    /// How sharp it is; [`sharpness`]. Only faces of one burst are comparable.
    pub sharpness: f32,
    /// How similar it is to the most similar target, 0 to 1; [`gallery::similarity`]. 1 if
    /// there is none.
    pub similarity: f32,
    /// How surely the eyes of the nearest target are open, 0 to 1; 1 if there is none. A laugh narrows
    /// eyes, and whoever asks for a wink wants an eye closed.
    pub wanted_eyes: f32,
}

/// Finds the faces of pictures of a burst and what [`scores`] needs to know of them.
#[derive(Clone)]
pub struct BurstReader {
    detector: FaceDetector,
    embedder: ExpressionEmbedder,
    /// How thoroughly faces are searched for.
    pub detect: DetectOptions,
    /// Expressions, of which each face should make one; none if any will do.
    pub targets: Vec<Expression>,
}

impl BurstReader {
    /// A reader with the compiled-in networks and no targets.
    ///
    /// # Errors
    /// [`NetworkError`] if they do not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new() -> Result<Self, NetworkError> {
        Ok(Self {
            detector: FaceDetector::new()?,
            embedder: ExpressionEmbedder::new()?,
            detect: DetectOptions::default(),
            targets: Vec::new(),
        })
    }

    /// The faces of a picture, those of people in the background left out, and of faces too small to
    /// be read.
    ///
    /// # Errors
    /// [`FindError`] if a network fails.
    pub fn faces(&mut self, frame: &Frame<'_>) -> Result<Vec<BurstFace>, FindError> {
        let mut faces = self.detector.detect_with(frame, &self.detect)?;
        let width = |face: &Face| face.bounding_box.width;
        let widest = faces.iter().map(width).fold(0.0, f32::max);
        faces.retain(|face| width(face) >= MIN_WIDTH_SHARE * widest);
        let mut read = Vec::new();
        for face in faces {
            // A face that is too small has no expression.
            if let Ok(expression) = per_face(self.embedder.embed(frame, &face))? {
                read.push(self.judged(frame, face, &expression));
            }
        }
        Ok(read)
    }

    fn judged(&self, frame: &Frame<'_>, face: Face, expression: &Expression) -> BurstFace {
        let nearest = self
            .targets
            .iter()
            .map(|target| (target.distance(expression), target))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        BurstFace {
            eyes_open: expression.eyes_open(),
            sharpness: sharpness(frame, &face),
            similarity: nearest.map_or(1.0, |(distance, _)| gallery::similarity(distance)),
            wanted_eyes: nearest.map_or(1.0, |(_, target)| target.eyes_open()),
            face,
        }
    }
}

/// How good each picture of a burst is, 0 to 1; 0 without a face.
///
/// It is the share of its faces of the most that a picture of the burst has, times the geometric mean
/// over its faces of `eyes · similarity · √min(1, sharpness / (0.6 · sharpest))`, where `eyes` is
/// [`BurstFace::eyes_as_wanted`] and the sharpest face is that of the whole burst. Of a geometric mean one face that blinks makes a picture worse than one on
/// which all look a little tired.
///
/// ```
/// assert_eq!(moue::burst::scores(&[&[]]), [0.0]);
/// ```
pub fn scores(pictures: &[&[BurstFace]]) -> Vec<f32> {
    let most = pictures.iter().map(|faces| faces.len()).max();
    let most = most.unwrap_or(0).max(1);
    let sharpest = sharpest(pictures);
    let score = |faces: &&[BurstFace]| {
        let logarithms = faces.iter().map(|face| face.quality(sharpest).ln());
        let count = faces.len().max(1) as f32;
        let mean = (logarithms.sum::<f32>() / count).exp();
        mean * faces.len() as f32 / most as f32
    };
    pictures.iter().map(score).collect()
}

/// The sharpness of the sharpest face of a burst; 0 without a face.
pub fn sharpest(pictures: &[&[BurstFace]]) -> f32 {
    let faces = pictures.iter().copied().flatten();
    faces.map(|face| face.sharpness).fold(0.0, f32::max)
}

impl BurstFace {
    /// How surely its eyes are as open as those of the nearest target, 0 to 1; eyes that are more open
    /// count as much.
    pub fn eyes_as_wanted(&self) -> f32 {
        (self.eyes_open / self.wanted_eyes.max(MIN_QUALITY)).min(1.0)
    }

    fn quality(&self, sharpest: f32) -> f32 {
        // Where nothing has an edge nothing is blurred.
        let sharp = if sharpest > 0.0 {
            (self.sharpness / (SHARP_SHARE * sharpest)).min(1.0).sqrt()
        } else {
            1.0
        };
        (self.eyes_as_wanted() * self.similarity * sharp).max(MIN_QUALITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(eyes_open: f32, sharpness: f32) -> BurstFace {
        BurstFace {
            face: Face::whole(),
            eyes_open,
            sharpness,
            similarity: 1.0,
            wanted_eyes: 1.0,
        }
    }

    #[test]
    fn open_eyes_sharp_faces_and_all_people_win() {
        let good = vec![face(0.95, 4.0), face(0.9, 4.0)];
        let blink = vec![face(0.95, 4.0), face(0.05, 4.0)];
        let tired = vec![face(0.6, 4.0), face(0.6, 4.0)];
        let blurred = vec![face(0.95, 1.0), face(0.9, 1.0)];
        let alone = vec![face(0.95, 4.0)];
        let scores = scores(&[&good, &blink, &tired, &blurred, &alone, &[]]);
        assert!(
            scores[1..].iter().all(|score| *score < scores[0]),
            "{scores:?}"
        );
        assert!(scores[1] < scores[2], "{scores:?}");
        assert_eq!(scores[5], 0.0);
    }

    #[test]
    fn eyes_need_to_be_as_open_as_those_of_the_target() {
        let seen = |eyes_open, wanted_eyes| BurstFace {
            wanted_eyes,
            ..face(eyes_open, 1.0)
        };
        let laugh = [seen(0.4, 0.4)];
        let stare = [seen(0.95, 0.4)];
        let blink = [seen(0.04, 0.4)];
        let asleep = [seen(0.01, 0.0)];
        let scores = scores(&[&laugh, &stare, &blink, &asleep]);
        assert!(scores[0] == 1.0 && scores[1] == 1.0, "{scores:?}");
        assert!((scores[2] - 0.1).abs() < 1e-6, "{scores:?}");
        assert_eq!(scores[3], 1.0);
    }

    #[test]
    fn pictures_without_edges_have_finite_scores() {
        assert_eq!(scores(&[&[face(1.0, 0.0)]]), [1.0]);
    }
}
