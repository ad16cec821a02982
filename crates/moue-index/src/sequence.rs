//! The distinct expressions of an animation or video.

use moue::Frame;

use moue::gallery::NewFace;
use std::time::Duration;

/// How far an expression must be from all that are kept already.
const DISTINCT: f32 = 0.35;
/// Faces that are kept of one sequence.
const MOST_FACES: usize = 64;
/// Frames that are searched for faces.
const MOST_LOOKED_AT: usize = 600;
/// Time between two frames of an animation that are searched.
const ANIMATION_STEP: Duration = Duration::from_millis(100);
/// The same for a video.
const VIDEO_STEP: Duration = Duration::from_millis(500);
/// Side of the small gray picture by which frames are compared.
const SMALL: usize = 16;
/// Mean difference in gray levels from the last frame looked at that makes another worth a look.
const CHANGED: f32 = 2.0;

/// Says which frames are worth a look, and keeps the faces that differ.
pub(crate) struct Sequence {
    step: Duration,
    next: Duration,
    last: Option<Vec<u8>>,
    looked_at: usize,
    faces: Vec<NewFace>,
}

impl Sequence {
    pub(crate) fn new(video: bool) -> Self {
        let step = if video { VIDEO_STEP } else { ANIMATION_STEP };
        Self {
            step,
            next: Duration::ZERO,
            last: None,
            looked_at: 0,
            faces: Vec::new(),
        }
    }

    /// Whether enough was seen.
    pub(crate) fn is_full(&self) -> bool {
        self.looked_at >= MOST_LOOKED_AT || self.faces.len() >= MOST_FACES
    }

    /// Whether a frame is due and differs from the last that was.
    pub(crate) fn wants(&mut self, frame: &Frame<'_>, time: Duration) -> bool {
        if time < self.next {
            return false;
        }
        let small = frame.resized(SMALL, SMALL).pixels().to_vec();
        let same = self
            .last
            .as_ref()
            .is_some_and(|last| difference(last, &small) < CHANGED);
        if !same {
            (self.last, self.next) = (Some(small), time + self.step);
            self.looked_at += 1;
        }
        !same
    }

    /// Keeps a face that differs from all others.
    pub(crate) fn offer(&mut self, face: NewFace) {
        let new = self
            .faces
            .iter()
            .all(|kept| kept.expression.distance(&face.expression) >= DISTINCT);
        if new && self.faces.len() < MOST_FACES {
            self.faces.push(face);
        }
    }

    pub(crate) fn into_faces(self) -> Vec<NewFace> {
        self.faces
    }
}

fn difference(a: &[u8], b: &[u8]) -> f32 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f32::from(a.abs_diff(*b)))
        .sum::<f32>()
        / a.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use moue::frame::PixelFormat;

    #[test]
    fn frames_that_stand_still_are_looked_at_once() {
        let frame = |gray: u8| {
            let pixels = vec![gray; 20 * 20 * 3];
            Frame::from_raw(&pixels, 20, 20, 60, PixelFormat::Rgb)
                .unwrap()
                .into_owned()
        };
        let mut sequence = Sequence::new(false);
        let wanted: Vec<bool> = [
            (9, 0),
            (9, 50_000),
            (9, 200_000),
            (90, 210_000),
            (200, 220_000),
            (200, 310_000),
        ]
        .map(|(gray, micros)| sequence.wants(&frame(gray), Duration::from_micros(micros)))
        .into();
        assert_eq!(wanted, [true, false, false, true, false, true]);
    }
}
