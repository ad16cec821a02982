//! Measures of one detector that need no changed pictures.

use crate::score::{SAME_FACE_IOU, pairs, points_apart};
use crate::truth::{Picture, Truth};
use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::{BoundingBox, Effort, FaceDetector, Frame};
use moue_drawings::Drawing;

/// Pixels along a side of the drawings.
const DRAWING_SIZE: usize = 256;

/// Runs of which the fastest counts: what disturbs a run only ever adds to it.
const RUNS: usize = 60;

/// Share of the built-in drawings whose face is found.
pub(crate) fn drawings(detector: &mut FaceDetector, effort: Effort) -> Result<f32> {
    let mut found = 0;
    for drawing in moue_drawings::all() {
        found += usize::from(is_found(&drawing, detector, effort)?);
    }
    Ok(found as f32 / moue_drawings::all().count() as f32)
}

fn is_found(drawing: &Drawing, detector: &mut FaceDetector, effort: Effort) -> Result<bool> {
    let pixels = drawing.render(DRAWING_SIZE as u32);
    let frame = Frame::from_pixels(pixels, DRAWING_SIZE, DRAWING_SIZE)?;
    let [xmin, ymin, width, height] = drawing.face().bounding_box;
    let truth = BoundingBox {
        xmin,
        ymin,
        width,
        height,
    };
    let faces = detector.detect_with(&frame, &effort.into())?;
    Ok(faces
        .iter()
        .any(|f| f.bounding_box.iou(&truth) > SAME_FACE_IOU))
}

/// Mean error of eyes, nose and mouth, in eye distances, of faces marked by MediaPipe's landmarks.
pub(crate) fn key_points(
    truth: &Truth,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<f32> {
    let mut errors = Vec::new();
    for picture in &truth.pictures {
        errors.extend(errors_of(picture, detector, effort)?);
    }
    Ok(errors.iter().sum::<f32>() / errors.len() as f32)
}

fn errors_of(picture: &Picture, detector: &mut FaceDetector, effort: Effort) -> Result<Vec<f32>> {
    let size = [picture.frame.width() as f32, picture.frame.height() as f32];
    let faces = detector.detect_with(&picture.frame, &effort.into())?;
    let (paired, _) = pairs(picture, &faces);
    let marked = picture.faces.iter().zip(paired);
    // In profile one eye is hidden, and the eyes' distance does not show the face's size.
    let marked = marked.filter(|(m, _)| m.landmarks && !m.is("profile"));
    let errors = marked.filter_map(|(m, face)| Some(points_apart(&m.key_points, face?, size)));
    Ok(errors.collect())
}

/// A frame of 640 × 480 that a drawn face fills from top to bottom.
pub(crate) fn face_in_frame() -> Result<Frame<'static>> {
    let drawing = moue_drawings::find("lola-grin").context("the drawing exists")?;
    let mut pixels = vec![96; 640 * 480 * 3];
    for (y, row) in drawing.render(480).chunks_exact(480 * 3).enumerate() {
        // 80 pixels of gray are left on either side.
        pixels[(y * 640 + 80) * 3..][..row.len()].copy_from_slice(row);
    }
    Ok(Frame::from_pixels(pixels, 640, 480)?)
}

/// Least CPU milliseconds of a frame.
pub(crate) fn cost(frame: &Frame<'_>, detector: &mut FaceDetector, effort: Effort) -> Result<f32> {
    let mut best = f32::INFINITY;
    for _ in 0..RUNS {
        let start = ProcessTime::now();
        detector.detect_with(frame, &effort.into())?;
        best = best.min(start.elapsed().as_secs_f32() * 1e3);
    }
    Ok(best)
}
