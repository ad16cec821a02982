//! Runs `tests/conformance/conformance.json`: its pictures, camera frames and broken files give the
//! faces, distances and kinds of errors that it states, through this crate and through `moue` itself.
//!
//! `MOUE_REFRESH=1 cargo test --release -p moue-ffi --test conformance` draws the pictures again and
//! writes the file.

#[path = "conformance/file.rs"]
mod file;
#[path = "conformance/pictures.rs"]
mod pictures;

use file::{Case, Conformance, FaceCase, Input, MatchCase, folder};
use moue_ffi::{
    Effort, FaceChoice, FindOptions, Finder, Found, Frame, Gallery, MoueError, PackedLayout,
    PixelFormat, PlanarLayout, Rotation, YuvMatrix, YuvRange,
};
use std::sync::Arc;

fn options(case: &Case) -> FindOptions {
    FindOptions {
        effort: match case.effort.as_str() {
            "live" => Some(Effort::Live),
            _ => None,
        },
        faces: Some(FaceChoice::All),
        nearest: case.nearest,
        ..FindOptions::default()
    }
}

fn rotation(degrees: u32) -> Option<Rotation> {
    match degrees {
        90 => Some(Rotation::Clockwise90),
        180 => Some(Rotation::Half),
        270 => Some(Rotation::Clockwise270),
        _ => None,
    }
}

/// The frame of a case, by the constructor that its format needs.
fn frame(case: &Case) -> Result<Arc<Frame>, MoueError> {
    let bytes = std::fs::read(folder().join(&case.file)).unwrap();
    let Some(layout) = &case.layout else {
        return Frame::decode(&bytes);
    };
    let packed = |format| {
        Frame::from_pixels(
            &bytes,
            PackedLayout {
                width: layout.width,
                height: layout.height,
                stride: layout.stride,
                format,
                rotation: rotation(layout.rotation),
                mirrored: layout.mirrored,
            },
        )
    };
    match layout.format.as_str() {
        "rgba" => return packed(PixelFormat::Rgba),
        "bgra" => return packed(PixelFormat::Bgra),
        _ => {}
    }
    // A file that is cut off has no chroma at all.
    let luma = (layout.stride * layout.height) as usize;
    let (luma, chroma) = bytes.split_at(luma.min(bytes.len()));
    let second = chroma.get(1..).unwrap_or_default();
    let half = chroma.len() / 2;
    let (u, v, step) = match layout.format.as_str() {
        "nv12" => (chroma, second, 2),
        "nv21" => (second, chroma, 2),
        _ => (&chroma[..half], &chroma[half..], 1),
    };
    let layout = PlanarLayout {
        width: layout.width,
        height: layout.height,
        luma_stride: layout.stride,
        chroma_stride: layout.chroma_stride,
        chroma_step: step,
        range: match layout.range.as_str() {
            "video" => Some(YuvRange::Video),
            _ => None,
        },
        matrix: match layout.matrix.as_str() {
            "bt709" => Some(YuvMatrix::Bt709),
            _ => None,
        },
        rotation: rotation(layout.rotation),
        mirrored: layout.mirrored,
    };
    Frame::from_planes(luma, u, v, layout)
}

/// What a case's file gives today.
fn outcome(finder: &Finder, case: &Case) -> Result<Vec<FaceCase>, String> {
    let found = frame(case).and_then(|frame| finder.find(&frame, options(case)));
    match found {
        Ok(found) => Ok(found.iter().map(face_case).collect()),
        Err(error) => Err(kind(&error).to_owned()),
    }
}

fn face_case(found: &Found) -> FaceCase {
    let b = found.face.bounds;
    let matches = found.matches.iter().map(|m| MatchCase {
        path: m.path.clone(),
        distance: m.distance,
    });
    FaceCase {
        bounds: [b.x, b.y, b.width, b.height],
        score: found.face.score,
        matches: matches.collect(),
    }
}

fn kind(error: &MoueError) -> &'static str {
    match error {
        MoueError::Decode(_) => "decode",
        MoueError::Options(_) => "options",
        MoueError::Network(_) => "network",
        MoueError::Gallery(_) => "gallery",
        MoueError::OtherWeights(_) => "other-weights",
        MoueError::NewerFormat(_) => "newer-format",
        MoueError::Cancelled(_) => "cancelled",
        other => panic!("{other} has no name in the file"),
    }
}

/// Kinds of instructions add in other orders; a value on the border between two codes of 8 bits then
/// becomes the other one. Measured between AVX-512 and NEON (`apps/arm64-phone`): up to 0.005.
const TOLERANCE: f32 = 1e-2;

fn assert_close(case: &Case, got: &[FaceCase]) {
    let file = &case.file;
    let expected = &case.faces;
    // Which others make an answer varied hangs on the last digits.
    let compared = if case.nearest { usize::MAX } else { 1 };
    assert_eq!(expected.len(), got.len(), "{file}: number of faces");
    for (expected, got) in expected.iter().zip(got) {
        let sides = expected.bounds.iter().zip(&got.bounds);
        let worst = sides.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < TOLERANCE, "{file}: box {:?}", got.bounds);
        assert_eq!(expected.matches.len(), got.matches.len(), "{file}");
        let matches = expected.matches.iter().zip(&got.matches);
        for (expected, got) in matches.take(compared) {
            // Of two pictures that are as near another one may be first.
            if expected.distance == got.distance {
                assert_eq!(expected.path, got.path, "{file}");
            }
            let off = (expected.distance - got.distance).abs();
            assert!(off < TOLERANCE, "{file}: {} {}", got.path, got.distance);
        }
    }
}

/// The distances of `moue` itself, which the bindings' must equal to the last digit.
fn through_moue(case: &Case, frame: &Frame) -> Vec<Vec<f32>> {
    let mut finder = moue::Finder::new(moue::Gallery::builtin().unwrap()).unwrap();
    let effort = match case.effort.as_str() {
        "live" => moue::Effort::Live,
        _ => moue::Effort::Thorough,
    };
    finder.options.detect = effort.into();
    finder.options.choice = moue::finder::FaceChoice::All;
    if case.nearest {
        finder.options.search = moue::gallery::SearchOptions::nearest(3);
    }
    let [width, height] = [frame.width() as usize, frame.height() as usize];
    let frame = moue::Frame::from_pixels(frame.pixels(), width, height).unwrap();
    let found = finder.find(&frame).unwrap();
    found
        .iter()
        .map(|found| found.matches.iter().map(|m| m.distance).collect())
        .collect()
}

#[test]
fn pictures_give_the_faces_distances_and_errors_of_the_file() {
    let finder = Finder::new(Gallery::builtin().unwrap()).unwrap();
    if std::env::var_os("MOUE_REFRESH").is_some() {
        pictures::draw();
        let mut fresh = Conformance::skeleton();
        for case in fresh.cases.iter_mut() {
            match outcome(&finder, case) {
                Ok(faces) => case.faces = faces,
                Err(kind) => case.error = Some(kind),
            }
        }
        fresh.write(&folder().join("conformance.json"));
    }
    let conformance = Conformance::read();
    let mut here = conformance.clone();
    for case in here.cases.iter_mut() {
        let file = case.file.clone();
        match outcome(&finder, case) {
            Ok(faces) => {
                assert_eq!(case.error, None, "{file}");
                assert_close(case, &faces);
                let distances = |faces: &[FaceCase]| -> Vec<Vec<f32>> {
                    let of = |f: &FaceCase| f.matches.iter().map(|m| m.distance).collect();
                    faces.iter().map(of).collect()
                };
                let frame = frame(case).unwrap();
                assert_eq!(through_moue(case, &frame), distances(&faces), "{file}");
                case.faces = faces;
            }
            Err(kind) => assert_eq!(case.error.as_deref(), Some(kind.as_str()), "{file}"),
        }
    }
    // What the other languages on this machine must repeat to the last digit.
    here.write(&file::on_this_machine());
}

#[test]
fn the_file_has_every_kind_of_input() {
    // Not the file, which a refresh writes meanwhile.
    if std::env::var_os("MOUE_REFRESH").is_some() {
        return;
    }
    let conformance = Conformance::read();
    let cases = &conformance.cases;
    assert!(cases.iter().filter(|c| c.faces.len() == 1).count() >= 5);
    assert!(cases.iter().any(|c| c.faces.len() > 1));
    assert!(
        cases
            .iter()
            .any(|c| c.faces.is_empty() && c.error.is_none())
    );
    for kind in ["decode", "options"] {
        assert!(cases.iter().any(|c| c.error.as_deref() == Some(kind)));
    }
    let format = |name: &str| cases.iter().any(|c| c.has_format(name));
    assert!(
        ["rgba", "bgra", "nv12", "nv21", "i420"]
            .into_iter()
            .all(format)
    );
    assert_eq!(conformance.schema, Input::SCHEMA);
}
