//! Embedding the faces of a video for half of the cost: of a face and its mirror image, which a still
//! takes the mean of, each frame runs the network over one, in turns.

use crate::embed::{EXPRESSION_LEN, EmbedError};
use crate::geometry::BoundingBox;
use crate::network::{Network, NetworkError};
use crate::{Expression, ExpressionEmbedder, Face, Frame};

/// A face that overlaps one of the frame before by more than this (intersection over union) is the
/// same. At 30 frames a second a head moves by a tenth of its width at most.
const SAME_FACE_IOU: f32 = 0.5;

/// A side that is this far from what it was two frames ago shows another expression, and then the
/// other side is of the past. Between frames of a still head it moves by 0.05 at most, and from
/// neutral to a smile by 0.8.
const MAX_DRIFT: f32 = 0.15;

/// Embeds the faces of one video or camera, frame by frame.
///
/// An embedding is the mean of those of a face and of its mirror image (test-time augmentation). Here
/// a known face is looked at from one side a frame, and the other side is that of the frame before.
/// A new face, and one whose expression changes, is looked at from both.
///
/// ```no_run
/// use moue::video::{FaceTracker, FrameSource, TrackerOptions, VideoEmbedder, open_source};
/// use moue::FaceDetector;
/// let mut tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
/// let mut embedder = VideoEmbedder::new()?;
/// let mut video = open_source("me.mp4")?;
/// while let Some(timed) = video.next_frame()? {
///     let faces = tracker.update(&timed.frame, timed.time)?;
///     println!("{} faces", embedder.embed(&timed.frame, &faces).len());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct VideoEmbedder {
    /// Of one side.
    embedder: ExpressionEmbedder,
    /// The faces of the last frame.
    known: Vec<Known>,
    /// Which side is next.
    is_mirrored: bool,
}

/// A face of the last frame, as each side was when it was last looked at.
#[derive(Clone, Copy)]
struct Known {
    place: BoundingBox,
    /// The crop's, then its mirror image's.
    both: [Expression; 2],
}

impl VideoEmbedder {
    /// An embedder with the weights that are compiled in.
    ///
    /// # Errors
    /// [`NetworkError`] if the compiled-in file does not load, which the tests rule out.
    #[cfg(feature = "compiled-weights")]
    pub fn new() -> Result<Self, NetworkError> {
        Ok(Self::of(ExpressionEmbedder::one_sided()?))
    }

    /// An embedder of moue's own model file, as [`ExpressionEmbedder::from_model`].
    ///
    /// # Errors
    /// [`NetworkError`] if the file is damaged or another network.
    pub fn from_model(bytes: &[u8]) -> Result<Self, NetworkError> {
        Ok(Self::of(ExpressionEmbedder::one_sided_from(bytes)?))
    }

    /// An embedder with a network of the caller's, for one side: the input is a square gray crop with
    /// values in [-1, 1], the output 64 values.
    ///
    /// # Errors
    /// As for [`ExpressionEmbedder::with_network`].
    pub fn with_network(network: Box<dyn Network>) -> Result<Self, NetworkError> {
        Ok(Self::of(ExpressionEmbedder::with_network(network)?))
    }

    fn of(embedder: ExpressionEmbedder) -> Self {
        Self {
            embedder,
            known: Vec::new(),
            is_mirrored: false,
        }
    }

    /// As [`ExpressionEmbedder::has_builtin_weights`].
    pub fn has_builtin_weights(&self) -> bool {
        self.embedder.has_builtin_weights()
    }

    /// Forgets all faces, as after a cut.
    pub fn reset(&mut self) {
        self.known.clear();
    }

    /// The expressions of the faces of the next frame, in their order, each or why it has none.
    pub fn embed(
        &mut self,
        frame: &Frame<'_>,
        faces: &[Face],
    ) -> Vec<Result<Expression, EmbedError>> {
        let before = std::mem::take(&mut self.known);
        self.is_mirrored = !self.is_mirrored;
        faces
            .iter()
            .map(|face| {
                let known = before
                    .iter()
                    .find(|k| k.place.iou(&face.bounding_box) > SAME_FACE_IOU);
                let both = self.both_of(frame, face, known)?;
                let place = face.bounding_box;
                self.known.push(Known { place, both });
                mean(both)
            })
            .collect()
    }

    /// Both sides of a face, the one whose turn it is from this frame.
    fn both_of(
        &mut self,
        frame: &Frame<'_>,
        face: &Face,
        known: Option<&Known>,
    ) -> Result<[Expression; 2], EmbedError> {
        let turn = usize::from(self.is_mirrored);
        let now = self.embedder.embed_side(frame, face, self.is_mirrored)?;
        let rests = |k: &&Known| now.distance(&k.both[turn]) <= MAX_DRIFT;
        let other = match known.filter(rests) {
            Some(known) => known.both[1 - turn],
            None => self.embedder.embed_side(frame, face, !self.is_mirrored)?,
        };
        let mut both = [now, other];
        both.rotate_left(turn);
        Ok(both)
    }
}

/// The direction of the mean, as the network that sees both sides has it.
fn mean([a, b]: [Expression; 2]) -> Result<Expression, EmbedError> {
    let sum: [f32; EXPRESSION_LEN] = std::array::from_fn(|i| (a.0[i] + b.0[i]) / 2.0);
    Ok(Expression::normalized(sum)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const SIDE: usize = 8;

    /// The pixels of an 8 × 8 crop as they are, and how often they were asked for.
    struct Pixels {
        values: [f32; EXPRESSION_LEN],
        runs: Arc<AtomicUsize>,
    }

    impl Network for Pixels {
        fn input_len(&self) -> usize {
            SIDE * SIDE
        }

        fn output_lens(&self) -> Vec<usize> {
            vec![EXPRESSION_LEN]
        }

        fn run(&mut self, input: &[f32]) -> Result<(), NetworkError> {
            self.runs.fetch_add(1, Ordering::Relaxed);
            self.values = std::array::from_fn(|i| input[i]);
            Ok(())
        }

        fn output(&self, _: usize) -> &[f32] {
            &self.values
        }

        fn duplicate(&self) -> Box<dyn Network> {
            Box::new(Self {
                values: self.values,
                runs: Arc::clone(&self.runs),
            })
        }
    }

    /// An embedder and the number of its network's runs.
    fn embedder() -> (VideoEmbedder, Arc<AtomicUsize>) {
        let runs = Arc::default();
        let network = Pixels {
            values: [0.0; EXPRESSION_LEN],
            runs: Arc::clone(&runs),
        };
        (
            VideoEmbedder::with_network(Box::new(network)).unwrap(),
            runs,
        )
    }

    /// A face at `x`, of a frame's width.
    fn face(x: f32) -> Face {
        let eye = |at: f32| [x + at, 0.4];
        Face {
            bounding_box: BoundingBox::centered([x, 0.5], [0.2, 0.2]),
            score: 1.0,
            key_points: Some([
                eye(-0.04),
                eye(0.04),
                eye(0.0),
                eye(0.0),
                eye(0.0),
                eye(0.0),
            ]),
        }
    }

    /// Bright on the left of the face, by `light`.
    fn frame(light: u8) -> Frame<'static> {
        let row = (0..200).flat_map(|x| [if x < 100 { light } else { 0 }; 3]);
        let pixels = row.collect::<Vec<u8>>().repeat(200);
        Frame::from_pixels(pixels, 200, 200).unwrap()
    }

    #[test]
    fn a_face_at_rest_costs_one_run_and_keeps_its_expression() {
        let (mut embedder, runs) = embedder();
        let frame = frame(200);
        let mut embed = || embedder.embed(&frame, &[face(0.5)])[0].clone().unwrap();
        let still = embed();
        assert_eq!(runs.load(Ordering::Relaxed), 2, "a new face has two sides");
        let symmetric = (0..SIDE).all(|x| (still.0[x] - still.0[SIDE - 1 - x]).abs() < 1e-6);
        assert!(symmetric, "{still:?}");
        for _ in 0..4 {
            assert_eq!(embed(), still);
        }
        assert_eq!(runs.load(Ordering::Relaxed), 6);
    }

    #[test]
    fn a_change_is_seen_from_both_sides_at_once() {
        let (mut embedder, runs) = embedder();
        let at = [face(0.5)];
        embedder.embed(&frame(200), &at);
        let changed = embedder.embed(&frame(90), &at)[0].clone().unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 4);
        embedder.reset();
        assert_eq!(embedder.embed(&frame(90), &at)[0].clone().unwrap(), changed);
    }

    #[test]
    fn faces_keep_their_sides_in_any_order() {
        let (mut embedder, runs) = embedder();
        let frame = frame(200);
        let there = embedder.embed(&frame, &[face(0.45), face(0.8)]);
        let back = embedder.embed(&frame, &[face(0.8), face(0.45)]);
        assert_eq!(runs.load(Ordering::Relaxed), 6);
        assert_eq!([&back[1], &back[0]], [&there[0], &there[1]]);
    }
}
