//! The distinct expressions of an animation or video.

use moue::Frame;
use moue::embed::EmbedError;
use moue::gallery::{NewFace, PictureHash};
use std::time::Duration;

/// How far an expression must be from all that are kept already. It is the distance that
/// `moue find --diverse` uses too: below it, two frames show one expression of a person, and a
/// search would return the same moment several times.
const MIN_DISTANCE: f32 = 0.35;

/// Faces that are kept of one sequence. Each new face is compared with all of them, and a film must
/// not outweigh a folder of pictures.
const MAX_FACES: usize = 64;

/// Frames that are searched for faces: a minute of an animation and five minutes of a video in
/// which every frame differs. It bounds the time that one file takes.
const MAX_SEARCHED: usize = 600;

/// Time between two frames of an animation that are searched. Chosen by hand: a reaction is held
/// longer than a tenth of a second.
const ANIMATION_STEP: Duration = Duration::from_millis(100);

/// The same for a video. Chosen by hand: a video is many times longer than an animation, which is
/// cut to the moment, so each second of it may cost less.
const VIDEO_STEP: Duration = Duration::from_millis(500);

/// Side in pixels of the reduced frames that are compared. At 16 × 16 noise and dithering average
/// out, and a mouth that opens in a close-up still changes several pixels.
const REDUCED_SIDE: usize = 16;

/// Mean absolute difference in levels of 0 to 255 from the last searched frame, above which a frame
/// has changed. Chosen by hand: above what compression noise leaves after averaging, below what a
/// face changes that fills a good part of the frame.
const CHANGE_THRESHOLD: f32 = 2.0;

/// Kinds of sequences, which differ in how often a frame is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SequenceKind {
    Animation,
    Video,
}

impl SequenceKind {
    fn step(self) -> Duration {
        match self {
            Self::Animation => ANIMATION_STEP,
            Self::Video => VIDEO_STEP,
        }
    }
}

/// Selects the frames that are searched, and keeps the faces that differ.
pub(crate) struct Sequence {
    pub(crate) kind: SequenceKind,
    /// Distinct faces in the order of their times.
    pub(crate) faces: Vec<NewFace>,
    /// The perceptual hash of the first frame.
    pub(crate) first_hash: Option<PictureHash>,
    /// The last error of a face that could not be embedded.
    pub(crate) rejected: Option<EmbedError>,
    /// The earliest time of the next frame that is searched.
    next: Duration,
    /// The last searched frame, reduced.
    last: Option<Vec<u8>>,
    searched: usize,
}

impl Sequence {
    pub(crate) fn new(kind: SequenceKind) -> Self {
        Self {
            kind,
            faces: Vec::new(),
            first_hash: None,
            rejected: None,
            next: Duration::ZERO,
            last: None,
            searched: 0,
        }
    }

    /// Whether no more frames are needed.
    pub(crate) fn is_full(&self) -> bool {
        self.searched >= MAX_SEARCHED || self.faces.len() >= MAX_FACES
    }

    /// Whether a frame is due and differs from the last one that was selected.
    pub(crate) fn selects(&mut self, frame: &Frame<'_>, time: Duration) -> bool {
        if time < self.next {
            return false;
        }
        let reduced = frame.resized(REDUCED_SIDE, REDUCED_SIDE).pixels().to_vec();
        let last = self.last.as_deref();
        let changed = last.is_none_or(|last| mean_difference(last, &reduced) >= CHANGE_THRESHOLD);
        // An unchanged frame moves nothing on, so that the first changed one is searched at once.
        if changed {
            self.last = Some(reduced);
            self.next = time + self.kind.step();
            self.searched += 1;
        }
        changed
    }

    /// Keeps a face whose expression differs from all that are kept.
    pub(crate) fn offer(&mut self, face: NewFace) {
        let mut distances = self
            .faces
            .iter()
            .map(|kept| kept.expression.distance(&face.expression));
        if self.faces.len() < MAX_FACES && distances.all(|distance| distance >= MIN_DISTANCE) {
            self.faces.push(face);
        }
    }
}

/// The mean absolute difference of two pictures of one size, in levels of 0 to 255.
fn mean_difference(a: &[u8], b: &[u8]) -> f32 {
    let differences = a.iter().zip(b).map(|(a, b)| f32::from(a.abs_diff(*b)));
    differences.sum::<f32>() / a.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    #[test]
    fn frames_that_do_not_change_are_searched_once() {
        let frame = |gray: u8| {
            let pixels = vec![gray; 20 * 20 * 3];
            Frame::from_raw(&pixels, 20, 20, 60, PixelFormat::Rgb)
                .unwrap()
                .into_owned()
        };
        let mut sequence = Sequence::new(SequenceKind::Animation);
        let selected: Vec<bool> = [
            (9, 0),
            (9, 50_000),
            (9, 200_000),
            (90, 210_000),
            (200, 220_000),
            (200, 310_000),
        ]
        .map(|(gray, micros)| sequence.selects(&frame(gray), Duration::from_micros(micros)))
        .into();
        assert_eq!(selected, [true, false, false, true, false, true]);
    }
}
