//! Whether faces are still found in pictures that are turned, cut out or shrunk.

use crate::score::{SAME_FACE_IOU, points_apart};
use crate::truth::Picture;
use anyhow::Result;
use moue::{BoundingBox, Effort, FaceDetector, Frame};

/// Key points are right if they are off by less than this many eye distances on average. Those of a
/// detector that takes a turned face for an upright one are off by about one or more.
const MAX_POINT_ERROR: f32 = 0.25;

/// Share of the frame's side that a face cut out closely takes.
const CLOSE_UP: f32 = 0.93;

/// Pixels across a far face. The whole scene, made as small as the detector's 128 pixels, would
/// leave less than two of them.
const FAR_PIXELS: f32 = 24.0;

/// Size of the photo into which far faces are put.
const SCENE: [usize; 2] = [1920, 1280];
/// Where they are put: near a corner, in the middle, and between.
const PLACES: [[usize; 2]; 3] = [[100, 90], [905, 560], [1500, 1000]];

/// The picture turned clockwise by 90, 180 or 270 degrees.
fn turned(frame: &Frame<'_>, angle: usize) -> Frame<'static> {
    let [w, h] = [frame.width(), frame.height()];
    let [width, height] = if angle == 180 { [w, h] } else { [h, w] };
    let mut pixels = Vec::with_capacity(w * h * 3);
    for y in 0..height {
        for x in 0..width {
            let [from_x, from_y] = match angle {
                90 => [y, h - 1 - x],
                180 => [w - 1 - x, h - 1 - y],
                _ => [w - 1 - y, x],
            };
            pixels.extend(&frame.pixels()[(from_y * w + from_x) * 3..][..3]);
        }
    }
    Frame::from_pixels(pixels, width, height).expect("as many pixels as before")
}

/// Where a point goes when its picture is turned.
fn turned_point(p: [f32; 2], angle: usize) -> [f32; 2] {
    match angle {
        90 => [1.0 - p[1], p[0]],
        180 => [1.0 - p[0], 1.0 - p[1]],
        _ => [p[1], 1.0 - p[0]],
    }
}

/// Whether the face of a turned picture is found with its key points right.
pub(crate) fn is_found_turned(
    picture: &Picture,
    angle: usize,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<bool> {
    let frame = turned(&picture.frame, angle);
    let points = picture.faces[0].key_points.iter();
    let truth: Vec<_> = points.map(|p| turned_point(*p, angle)).collect();
    let faces = detector.detect_with(&frame, &effort.into())?;
    let size = [frame.width() as f32, frame.height() as f32];
    Ok(faces
        .first()
        .is_some_and(|face| points_apart(&truth, face, size) < MAX_POINT_ERROR))
}

/// Whether the face is found when it is cut out so that its box fills the frame.
pub(crate) fn is_found_close_up(
    picture: &Picture,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<bool> {
    let (frame, truth) = close_up(picture);
    let faces = detector.detect_with(&frame, &effort.into())?;
    let overlaps = faces.iter().map(|f| f.bounding_box.iou(&truth));
    Ok(overlaps.into_iter().any(|iou| iou > SAME_FACE_IOU))
}

/// The face cut out, and its box there.
fn close_up(picture: &Picture) -> (Frame<'static>, BoundingBox) {
    let [w, h] = [picture.frame.width() as f32, picture.frame.height() as f32];
    let b = picture.faces[0].bounding_box();
    let side = (b.width * w).max(b.height * h) / CLOSE_UP;
    let [x, y] = [
        b.center()[0] * w - side / 2.0,
        b.center()[1] * h - side / 2.0,
    ];
    let [left, top] = [x, y].map(|v| v.max(0.0).round());
    let [right, bottom] = [x + side - left, y + side - top].map(|v| v as usize);
    let frame = picture
        .frame
        .cropped(left as usize, top as usize, right, bottom);
    let [width, height] = [frame.width() as f32, frame.height() as f32];
    let truth = BoundingBox {
        xmin: (b.xmin * w - left) / width,
        ymin: (b.ymin * h - top) / height,
        width: b.width * w / width,
        height: b.height * h / height,
    };
    (frame, truth)
}

/// Share of photos whose face is found when it is shrunk and put into a large photo, with others.
pub(crate) fn share_found_far(
    photos: &[&Picture],
    background: &Frame<'_>,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<f32> {
    let scene = background.resized(SCENE[0], SCENE[1]);
    let mut found = 0;
    for group in photos.chunks(PLACES.len()) {
        let mut pixels = scene.pixels().to_vec();
        let places = group.iter().zip(PLACES);
        let truth: Vec<_> = places.map(|(p, at)| put(p, at, &mut pixels)).collect();
        let frame = Frame::from_pixels(pixels, SCENE[0], SCENE[1])?;
        let faces = detector.detect_with(&frame, &effort.into())?;
        let is_found =
            |t: &&BoundingBox| faces.iter().any(|f| f.bounding_box.iou(t) > SAME_FACE_IOU);
        found += truth.iter().filter(is_found).count();
    }
    Ok(found as f32 / photos.len() as f32)
}

/// Draws a shrunk photo into the scene and returns where its face is.
fn put(picture: &Picture, [x, y]: [usize; 2], scene: &mut [u8]) -> BoundingBox {
    let b = picture.faces[0].bounding_box();
    let scale = FAR_PIXELS / (b.width * picture.frame.width() as f32);
    let [w, h] = [picture.frame.width(), picture.frame.height()]
        .map(|pixels| (pixels as f32 * scale).round() as usize);
    let small = picture.frame.resized(w, h);
    let [width, height] = [w.min(SCENE[0] - x), h.min(SCENE[1] - y)];
    for line in 0..height {
        let row = &small.pixels()[line * w * 3..][..width * 3];
        scene[((y + line) * SCENE[0] + x) * 3..][..row.len()].copy_from_slice(row);
    }
    let [across, down] = SCENE.map(|pixels| pixels as f32);
    BoundingBox {
        xmin: (x as f32 + b.xmin * w as f32) / across,
        ymin: (y as f32 + b.ymin * h as f32) / down,
        width: b.width * w as f32 / across,
        height: b.height * h as f32 / down,
    }
}
