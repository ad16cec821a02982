//! Thorough detection and tracking, on drawings whose faces are known exactly.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use moue::video::{FaceTracker, TrackerOptions};
use moue::{BoundingBox, Effort, Face, FaceDetector, Frame};
use moue_drawings::{Drawing, FaceTruth};
use std::time::Duration;

/// Boxes that overlap by more than this show the same face.
const SAME: f32 = 0.4;

/// One drawing in 41: all sorts of characters and poses.
fn sample() -> Vec<Drawing> {
    moue_drawings::all().step_by(41).collect()
}

fn image(drawing: &Drawing, size: u32) -> RgbImage {
    RgbImage::from_raw(size, size, drawing.render(size)).unwrap()
}

fn frame(image: RgbImage) -> Frame<'static> {
    let width = image.width() as usize;
    let height = image.height() as usize;
    Frame::from_pixels(image.into_raw(), width, height).unwrap()
}

fn box_of(truth: &FaceTruth) -> BoundingBox {
    let [xmin, ymin, width, height] = truth.bounding_box;
    BoundingBox {
        xmin,
        ymin,
        width,
        height,
    }
}

/// A drawing of `size` pixels at `at` in a gray picture.
fn placed(
    drawing: &Drawing,
    size: u32,
    at: (u32, u32),
    width: u32,
    height: u32,
) -> (Frame<'static>, BoundingBox) {
    let mut canvas = RgbImage::from_pixel(width, height, image::Rgb([120, 130, 125]));
    image::imageops::replace(
        &mut canvas,
        &image(drawing, size),
        i64::from(at.0),
        i64::from(at.1),
    );
    let b = box_of(&drawing.face());
    let w = width as f32;
    let h = height as f32;
    let size = size as f32;
    let truth = BoundingBox {
        xmin: (at.0 as f32 + b.xmin * size) / w,
        ymin: (at.1 as f32 + b.ymin * size) / h,
        width: b.width * size / w,
        height: b.height * size / h,
    };
    (frame(canvas), truth)
}

fn found(faces: &[Face], truth: &BoundingBox) -> bool {
    faces.iter().any(|f| f.bounding_box.iou(truth) > SAME)
}

#[test]
fn small_faces_in_large_pictures_are_found_thoroughly() {
    let mut detector = FaceDetector::new().unwrap();
    let mut thorough = 0;
    let mut live = 0;
    for drawing in sample() {
        let side = (30.0 / drawing.face().bounding_box[2]).round() as u32;
        let (frame, truth) = placed(&drawing, side, (840, 310), 1600, 1000);
        thorough += usize::from(found(
            &detector
                .detect_with(&frame, &Effort::Thorough.into())
                .unwrap(),
            &truth,
        ));
        live += usize::from(found(
            &detector.detect_with(&frame, &Effort::Live.into()).unwrap(),
            &truth,
        ));
    }
    let all = sample().len();
    eprintln!("faces of 30 pixels in 1600: {thorough} of {all} thoroughly, {live} live");
    assert!(
        thorough * 10 >= all * 8 && live < thorough,
        "{thorough} and {live} of {all}"
    );
}

/// Where a point of an upright picture is in a turned one.
type Turn = fn([f32; 2]) -> [f32; 2];

#[test]
fn turned_pictures_are_found_with_their_key_points() {
    let mut detector = FaceDetector::new().unwrap();
    let mut right = 0;
    let mut all = 0;
    for drawing in sample() {
        let upright = DynamicImage::from(image(&drawing, 300));
        let points = drawing.face().key_points;
        let turns: [(DynamicImage, Turn); 3] = [
            (upright.rotate90(), |[x, y]| [1.0 - y, x]),
            (upright.rotate180(), |[x, y]| [1.0 - x, 1.0 - y]),
            (upright.rotate270(), |[x, y]| [y, 1.0 - x]),
        ];
        for (turned, to) in turns {
            let faces = detector.detect(&frame(turned.to_rgb8())).unwrap();
            let eyes = (points[0][0] - points[1][0]).hypot(points[0][1] - points[1][1]);
            let near = |face: &Face| {
                (0..4).all(|i| apart(to(points[i]), face.key_points.unwrap()[i]) < 0.4 * eyes)
            };
            all += 1;
            right += usize::from(faces.first().is_some_and(near));
        }
    }
    eprintln!("{right} of {all} turned drawings are found with their key points");
    assert!(right * 10 >= all * 8, "{right} of {all}");
}

fn apart(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// A JPEG that is stored rotated, with an EXIF orientation, as phones do.
fn oriented(upright: &RgbImage, orientation: u8) -> Vec<u8> {
    // What a quarter turn undoes is the other quarter turn; all else undoes itself.
    let inverse = match orientation {
        6 => 8,
        8 => 6,
        other => other,
    };
    let mut stored = DynamicImage::from(upright.clone());
    stored.apply_orientation(Orientation::from_exif(inverse).unwrap());
    let stored = stored.to_rgb8();
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(),
        &[orientation, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    encoder
        .add_app_segment(1, [b"Exif\0\0".as_slice(), &tiff].concat())
        .unwrap();
    let width = stored.width() as u16;
    let height = stored.height() as u16;
    encoder
        .encode(&stored, width, height, jpeg_encoder::ColorType::Rgb)
        .unwrap();
    bytes
}

#[test]
fn all_eight_orientations_have_the_same_boxes() {
    let mut detector = FaceDetector::new().unwrap();
    let (upright, truth) = placed(
        &moue_drawings::find("lola-grin").unwrap(),
        220,
        (150, 20),
        480,
        320,
    );
    let upright = RgbImage::from_raw(480, 320, upright.pixels().to_vec()).unwrap();
    for effort in [Effort::Live, Effort::Thorough] {
        for orientation in 1..=8 {
            let frame = Frame::decode(&oriented(&upright, orientation)).unwrap();
            let faces = detector.detect_with(&frame, &effort.into()).unwrap();
            let [face] = &faces[..] else {
                panic!(
                    "{} faces at orientation {orientation}, {effort:?}",
                    faces.len()
                )
            };
            assert!(
                face.bounding_box.iou(&truth) > 0.6,
                "orientation {orientation}, {effort:?}"
            );
        }
    }
}

#[test]
fn a_face_that_fills_the_picture_is_found() {
    let mut detector = FaceDetector::new().unwrap();
    let mut all = 0;
    for drawing in sample() {
        let b = drawing.face().bounding_box;
        let whole = image(&drawing, 512);
        let [x, y, side] = [b[0], b[1], b[2]].map(|v| (v * 512.0) as u32);
        let part = image::imageops::crop_imm(&whole, x, y, side, side.min(512 - y)).to_image();
        all += usize::from(!detector.detect(&frame(part)).unwrap().is_empty());
    }
    eprintln!("{all} of {} close-ups are found", sample().len());
    assert!(all * 10 >= sample().len() * 8, "{all}");
}

fn tracker() -> FaceTracker {
    FaceTracker::new(FaceDetector::new().unwrap(), TrackerOptions::default())
}

/// The frame with a little noise, other for each `seed`.
fn noisy(frame: &Frame<'_>, seed: u32) -> Frame<'static> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state % 9) as i16 - 4
    };
    let pixels = frame
        .pixels()
        .iter()
        .map(|v| (i16::from(*v) + noise()).clamp(0, 255) as u8)
        .collect();
    Frame::from_pixels(pixels, frame.width(), frame.height()).unwrap()
}

#[test]
fn a_still_face_in_noise_has_a_stiller_box_than_single_frames_have() {
    let (scene, truth) = placed(
        &moue_drawings::find("gus-smirk").unwrap(),
        200,
        (180, 60),
        640,
        360,
    );
    let mut tracker = tracker();
    let mut detector = FaceDetector::new().unwrap();
    let mut tracked = Vec::new();
    let mut single = Vec::new();
    for i in 0..40u32 {
        let frame = noisy(&scene, i + 1);
        let faces = tracker
            .update(&frame, Duration::from_micros(u64::from(i) * 33_333))
            .unwrap();
        assert!(found(&faces, &truth), "frame {i}");
        tracked.push(faces[0].bounding_box.center());
        single.push(
            detector.detect_with(&frame, &Effort::Live.into()).unwrap()[0]
                .bounding_box
                .center(),
        );
    }
    let moved = |centers: &[[f32; 2]]| {
        centers[5..]
            .windows(2)
            .map(|w| apart(w[0], w[1]))
            .sum::<f32>()
    };
    assert!(
        moved(&tracked) < 0.5 * moved(&single),
        "{} and {}",
        moved(&tracked),
        moved(&single)
    );
}

#[test]
fn a_moving_face_is_followed_and_one_that_goes_is_forgotten() {
    let drawing = moue_drawings::find("lola-grin").unwrap();
    let mut tracker = tracker();
    for i in 0..30u32 {
        let (frame, truth) = placed(&drawing, 180, (20 + 12 * i, 80), 640, 360);
        let faces = tracker
            .update(&frame, Duration::from_micros(u64::from(i) * 33_333))
            .unwrap();
        assert!(
            found(&faces, &truth) && faces.len() == 1,
            "frame {i}: {faces:?}"
        );
    }
    let empty = frame(RgbImage::from_pixel(640, 360, image::Rgb([120, 130, 125])));
    assert!(
        tracker
            .update(&empty, Duration::from_millis(1100))
            .unwrap()
            .is_empty()
    );
    // Another clip, whose times start at 0 again.
    let (frame, truth) = placed(&drawing, 180, (300, 80), 640, 360);
    assert!(found(
        &tracker.update(&frame, Duration::ZERO).unwrap(),
        &truth
    ));
}
