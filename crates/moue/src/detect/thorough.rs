//! Looking closely: parts of a picture at several scales, then once more at each face that was
//! found.

use super::decode::sigmoid;
use super::refine::Refiner;
use super::suppress::weighted_suppression;
use super::view::View;
use super::{Face, FaceDetector};
use crate::Frame;
use crate::geometry::BoundingBox;
use crate::network::NetworkError;
use std::f32::consts::{FRAC_PI_2, PI};

/// A face is looked at again if some part of the picture shows it with at least this score.
const PROPOSED: f32 = 0.3;
/// The same in a turned picture, in which mostly there is none.
const PROPOSED_TURNED: f32 = 0.35;
/// How much of a tile its neighbor sees too: faces that are larger are seen in larger tiles.
const OVERLAP: f32 = 0.29;
/// Tiles along the longer side, level after level, until faces of [`SMALLEST`] are seen.
const LEVELS: [usize; 3] = [2, 4, 8];
/// Levels end when faces of so many pixels are seen, which may be less than 24 then.
const SMALLEST: f32 = 30.0;
/// Width of the smallest face that the network sees, as a share of what it is shown.
const SEEN: f32 = 0.075;
/// A second look shows this many widths of the face.
const LOOK: f32 = 2.5;
/// The second look at a face shows so much of what the first one showed: now its place is known.
const CLOSER: f32 = 0.92;
/// How much the first look's logit counts beside the second's.
const FIRST_LOOK: f32 = 0.5;
/// The picture is turned unless a face in it has this score.
const SURE: f32 = 0.97;
/// A face in a turned picture must have this score, and more than those in the upright one.
const TURNED: f32 = 0.8;
/// A refiner's first look ends the matter below this score.
const DOUBTFUL: f32 = 0.25;
/// Boxes of a first and a second look overlap at least so much (intersection over union).
const SAME: f32 = 0.3;
/// Most faces that are looked at again.
const MOST: usize = 200;
/// A larger picture is made smaller first: its longer side, in pixels.
const LARGEST: usize = 2048;
/// Eyes less level than this are made level for the second look.
const LEVEL: f32 = 0.15;

impl FaceDetector {
    /// All faces in `frame`, upright ones or else those turned by a quarter or half.
    pub(super) fn thorough(&mut self, frame: &Frame<'_>) -> Result<Vec<Face>, NetworkError> {
        let longer = frame.width().max(frame.height());
        if longer > LARGEST {
            let side = |pixels: usize| (pixels * LARGEST).div_ceil(longer);
            return self.thorough(&frame.resized(side(frame.width()), side(frame.height())));
        }
        let surest = |faces: &[Face]| faces.first().map_or(0.0, |f| f.score);
        let mut best = self.detect_views(frame, 0.0)?;
        if surest(&best) >= SURE {
            return Ok(best);
        }
        for angle in [FRAC_PI_2, -FRAC_PI_2, PI] {
            let faces = self.detect_views(frame, angle)?;
            if surest(&faces) >= TURNED.max(surest(&best)) {
                best = faces;
            }
        }
        Ok(best)
    }

    fn detect_views(&mut self, frame: &Frame<'_>, angle: f32) -> Result<Vec<Face>, NetworkError> {
        let least = if angle == 0.0 {
            PROPOSED
        } else {
            PROPOSED_TURNED
        };
        let mut proposed = Vec::new();
        for view in views(frame, angle) {
            proposed.extend(self.look(frame, &view, least)?);
        }
        let mut confirmed = Vec::new();
        for face in weighted_suppression(proposed, self.options.suppression)
            .iter()
            .take(MOST)
        {
            let again = self.refine(frame, face)?;
            confirmed.extend(again.map(|again| Face {
                score: together(again.score, face.score),
                ..again
            }));
        }
        confirmed.retain(|face| face.score >= self.options.min_refined_score);
        Ok(without_parts(weighted_suppression(
            confirmed,
            self.options.suppression,
        )))
    }

    /// What the network sees in a view, in coordinates of the picture.
    fn look(
        &mut self,
        frame: &Frame<'_>,
        view: &View,
        min_score: f32,
    ) -> Result<Vec<Face>, NetworkError> {
        view.write_input(frame, self.options.input_size, &mut self.input);
        let seen = self.run(min_score)?;
        Ok(seen.iter().map(|face| view.restore(face, frame)).collect())
    }

    /// The same face at the size and angle at which it is seen best; `None` if it is not seen
    /// there.
    pub(crate) fn refine(
        &mut self,
        frame: &Frame<'_>,
        face: &Face,
    ) -> Result<Option<Face>, NetworkError> {
        if let Some(refiner) = &mut self.refiner {
            return refine(refiner, frame, face);
        }
        let Some(view) = close(frame, face, LOOK) else {
            return Ok(None);
        };
        let seen = self.look(frame, &view, PROPOSED)?;
        let faces = weighted_suppression(seen, self.options.suppression);
        Ok(faces
            .into_iter()
            .find(|f| f.bounding_box.iou(&face.bounding_box) > SAME))
    }
}

/// The score of a face that a second look gives one score and the first gave another: logits are
/// added, as if the networks judged apart from each other, the first one's with less weight, as it
/// judges by less.
fn together(again: f32, first: f32) -> f32 {
    let logit = |score: f32| {
        let score = score.clamp(1e-6, 1.0 - 1e-6);
        (score / (1.0 - score)).ln()
    };
    sigmoid(logit(again) + FIRST_LOOK * logit(first))
}

/// A look, and two more, one mirrored, with what the first has set right.
fn refine(
    refiner: &mut Refiner,
    frame: &Frame<'_>,
    face: &Face,
) -> Result<Option<Face>, NetworkError> {
    let Some(view) = close(frame, face, Refiner::SHOWN) else {
        return Ok(None);
    };
    let first = refiner.look(frame, &view)?;
    if first.score < DOUBTFUL || first.bounding_box.iou(&face.bounding_box) < SAME {
        return Ok(None);
    }
    let Some(view) = close(frame, &first, CLOSER * Refiner::SHOWN) else {
        return Ok(None);
    };
    let second = refiner.look_twice(frame, &view)?;
    Ok((second.bounding_box.iou(&first.bounding_box) > SAME).then_some(second))
}

/// Parts of the picture that together show faces of every size: all of it with a margin, all of it,
/// and tiles.
fn views(frame: &Frame<'_>, angle: f32) -> Vec<View> {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let longer = width.max(height);
    let middle = [width / 2.0, height / 2.0];
    let mut views = vec![
        View::new(middle, longer * 1.6, angle),
        View::new(middle, longer, angle),
    ];
    let mut side = longer;
    // In a turned picture only larger faces are looked for: it is tried three times, and most have
    // none.
    let levels = if angle == 0.0 {
        &LEVELS[..]
    } else {
        &LEVELS[..1]
    };
    for &count in levels {
        if side * SEEN <= SMALLEST {
            break;
        }
        side = longer / (count as f32 - OVERLAP * (count - 1) as f32);
        for y in starts(height, side) {
            views.extend(
                starts(width, side)
                    .map(|x| View::new([x + side / 2.0, y + side / 2.0], side, angle)),
            );
        }
    }
    views
}

/// Where tiles of `side` pixels start along an axis, so that they overlap enough and lie evenly.
fn starts(length: f32, side: f32) -> impl Iterator<Item = f32> {
    let step = side * (1.0 - OVERLAP);
    // A sliver that rounding leaves is no tile of its own.
    let count = ((length - side) / step - 0.01).ceil().max(0.0) as usize + 1;
    let first = if count == 1 {
        (length - side) / 2.0
    } else {
        0.0
    };
    let step = if count == 1 {
        0.0
    } else {
        (length - side) / (count - 1) as f32
    };
    (0..count).map(move |i| first + i as f32 * step)
}

/// The view of a face, `boxes` of its widths large, with its eyes level; `None` if its numbers are
/// not finite.
fn close(frame: &Frame<'_>, face: &Face, boxes: f32) -> Option<View> {
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let b = face.bounding_box;
    let center = [b.center()[0] * width, b.center()[1] * height];
    let side = boxes * (b.width * width).max(b.height * height);
    let angle = roll(face, width, height);
    let angle = if angle.abs() > LEVEL { angle } else { 0.0 };
    let finite = center.iter().chain([&side, &angle]).all(|v| v.is_finite());
    (finite && side < 8.0 * width.max(height)).then(|| View::new(center, side, angle))
}

/// The angle of the line through the eyes, in radians; 0 where the eyes nearly meet, as in
/// profiles, or are unknown.
fn roll(face: &Face, width: f32, height: f32) -> f32 {
    let Some([right, left, ..]) = face.key_points else {
        return 0.0;
    };
    let (x, y) = ((left[0] - right[0]) * width, (left[1] - right[1]) * height);
    if x.hypot(y) > 0.2 * face.bounding_box.width * width {
        y.atan2(x)
    } else {
        0.0
    }
}

/// Leaves out what lies mostly inside of a surer face, as eyes and mouths sometimes look like small
/// faces.
fn without_parts(faces: Vec<Face>) -> Vec<Face> {
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept
            .iter()
            .all(|other| covered(&face.bounding_box, &other.bounding_box) < 0.6)
        {
            kept.push(face);
        }
    }
    kept
}

/// The share of a box that another one covers.
fn covered(part: &BoundingBox, whole: &BoundingBox) -> f32 {
    part.shared(whole) / part.area().max(f32::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_the_picture_and_overlap() {
        for (length, side) in [(500.0, 292.0), (1080.0, 321.5), (100.0, 300.0)] {
            let starts: Vec<f32> = starts(length, side).collect();
            assert!(
                starts[0] <= 0.0 && starts.last().unwrap() + side >= length - 0.02 * side,
                "{starts:?}"
            );
            assert!(
                starts.windows(2).all(|w| w[0] + side - w[1] > 0.28 * side),
                "{starts:?}"
            );
        }
    }

    #[test]
    fn small_pictures_need_few_views_and_large_ones_see_24_pixels() {
        let frame = |w: usize, h: usize| Frame::from_pixels(vec![0; w * h * 3], w, h).unwrap();
        assert_eq!(views(&frame(256, 256), 0.0).len(), 2);
        assert_eq!(views(&frame(512, 512), 0.0).len(), 2 + 4);
        let large = views(&frame(1920, 1080), 0.0);
        assert!((40..80).contains(&large.len()), "{}", large.len());
    }
}
