//! The objects that other languages use, from Rust.

use moue_ffi::{
    Cancellation, Effort, FaceTracker, FindOptions, Finder, Frame, Gallery, MomentOptions,
    MoueError, PackedLayout, PictureFile, PixelFormat, Progress, Timeline, TrackOptions,
};
use std::sync::{Arc, Mutex};

const SIDE: u32 = 160;

/// A drawing as a camera has it.
fn frame(name: &str) -> Arc<Frame> {
    let pixels = moue_drawings::find(name).unwrap().render(SIDE);
    let layout = PackedLayout {
        width: SIDE,
        height: SIDE,
        stride: 0,
        format: PixelFormat::Rgb,
        rotation: None,
        mirrored: false,
    };
    Frame::from_pixels(&pixels, layout).unwrap()
}

fn png(name: &str) -> Vec<u8> {
    let pixels = moue_drawings::find(name).unwrap().render(SIDE);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    bytes
}

fn builtin() -> Arc<Finder> {
    Finder::new(Gallery::builtin().unwrap()).unwrap()
}

fn named(path: &str) -> PictureFile {
    PictureFile {
        path: path.into(),
        label: path.rsplit('/').next().unwrap().into(),
        caption: None,
        tags: Vec::new(),
    }
}

fn live() -> FindOptions {
    FindOptions {
        effort: Some(Effort::Live),
        ..FindOptions::default()
    }
}

#[test]
fn threads_share_a_finder_and_get_the_answers_of_one() {
    let finder = builtin();
    let names = ["gus-smirk", "mina-grin", "vik-laugh", "pip-sob"];
    let frames = names.map(frame);
    let alone = frames.clone().map(|f| finder.find(&f, live()).unwrap());
    std::thread::scope(|scope| {
        for (frame, expected) in frames.iter().zip(&alone) {
            let finder = &finder;
            scope.spawn(move || {
                for _ in 0..5 {
                    assert_eq!(&finder.find(frame, live()).unwrap(), expected);
                }
            });
        }
    });
}

#[derive(Default)]
struct Heard(Mutex<Vec<(u64, u64)>>);

impl Progress for Heard {
    fn progressed(&self, done: u64, total: u64) {
        self.0.lock().unwrap().push((done, total));
    }
}

#[test]
fn a_persons_own_pictures_are_added_found_hidden_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for name in ["gus-smirk", "vik-laugh"] {
        std::fs::write(path(name), png(name)).unwrap();
    }
    std::fs::write(path("broken"), b"no picture").unwrap();
    let gallery = Gallery::open_or_create(path("mine.moue")).unwrap();
    let finder = Finder::new(gallery.clone()).unwrap();
    let files = ["gus-smirk", "vik-laugh", "broken", "missing", "gus-smirk"];
    let files = files.map(|name| named(&path(name))).to_vec();
    let heard = Arc::new(Heard::default());
    let counts = finder.add_files(files, Some(heard.clone()), None).unwrap();
    assert_eq!(counts, [1, 1, -2, -2, -1]);
    let expected: Vec<(u64, u64)> = (1..=5).map(|done| (done, 5)).collect();
    assert_eq!(*heard.0.lock().unwrap(), expected);

    let found = finder
        .find(&frame("vik-laugh"), FindOptions::default())
        .unwrap();
    let best = &found[0].matches[0];
    assert_eq!((best.label.as_str(), best.distance), ("vik-laugh", 0.0));
    assert!(
        gallery
            .thumbnail(best.id)
            .unwrap()
            .unwrap()
            .starts_with(&[0xFF, 0xD8])
    );
    assert_eq!(gallery.pictures("LAUGH".into()).unwrap().len(), 1);
    assert_eq!(gallery.set_hidden(vec![best.id], true).unwrap(), 1);
    let found = finder
        .find(&frame("vik-laugh"), FindOptions::default())
        .unwrap();
    assert!(found[0].matches.iter().all(|m| m.label != "vik-laugh"));
    let all = gallery.pictures(String::new()).unwrap();
    assert_eq!(all.len(), 1, "a hidden picture is not listed");
    assert!(gallery.rename(all[0].id, "Gus".into()).unwrap());
    assert_eq!(gallery.remove(vec![all[0].id]).unwrap(), 1);
}

#[test]
fn built_in_galleries_are_not_changed() {
    let refused = builtin().add(&png("gus-smirk"), &frame("gus-smirk"), named("a"));
    assert!(matches!(refused, Err(MoueError::Gallery(_))), "{refused:?}");
}

#[test]
fn a_canceled_call_ends_with_its_own_error() {
    let cancellation = Cancellation::new();
    cancellation.cancel();
    assert!(Cancellation::after_millis(0).is_cancelled());
    let options = FindOptions {
        cancellation: Some(cancellation.clone()),
        ..FindOptions::default()
    };
    let refused = builtin().find(&frame("gus-smirk"), options);
    assert!(
        matches!(refused, Err(MoueError::Cancelled(_))),
        "{refused:?}"
    );
    let refused = builtin().add_files(vec![named("a")], None, Some(cancellation));
    assert!(
        matches!(refused, Err(MoueError::Cancelled(_))),
        "{refused:?}"
    );
}

#[test]
fn bytes_that_are_no_gallery_have_an_error_of_their_own() {
    for bytes in [vec![], vec![7; 5000], b"redb".to_vec()] {
        let refused = Gallery::from_bytes(bytes);
        assert!(matches!(refused, Err(MoueError::Gallery(_))));
    }
    assert!(Gallery::open("/nowhere/mine.moue".into()).is_err());
}

#[test]
fn a_tracker_keeps_the_match_of_a_face_that_rests() {
    let tracker = FaceTracker::new(&builtin()).unwrap();
    let frame = frame("vik-laugh");
    let track = |time: f64| tracker.track(&frame, time, TrackOptions::default());
    let first = track(0.0).unwrap();
    assert_eq!(first.len(), 1);
    for i in 1..10 {
        let next = track(f64::from(i) / 30.0).unwrap();
        assert_eq!(next[0].matches[0].id, first[0].matches[0].id);
    }
    assert!(matches!(track(-1.0), Err(MoueError::Options(_))));
    assert!(matches!(track(f64::NAN), Err(MoueError::Options(_))));
    tracker.reset();
    assert_eq!(track(0.0).unwrap().len(), 1);
}

#[test]
fn a_timeline_finds_the_laugh_of_a_clip() {
    let finder = builtin();
    let expression = |name: &str| {
        finder.find(&frame(name), live()).unwrap()[0]
            .expression
            .clone()
    };
    let [rest, laugh] = ["vik-calm", "vik-laugh"].map(expression);
    let timeline = Timeline::new();
    for i in 0..120 {
        let face = if (50..80).contains(&i) { &laugh } else { &rest };
        timeline.add(f64::from(i) / 30.0, face.clone()).unwrap();
    }
    let moments = timeline.moments(MomentOptions::default()).unwrap();
    assert_eq!(moments.len(), 1);
    assert!((50..80).contains(&moments[0].index));
    assert!(timeline.add(1.0, rest).is_err(), "times grow");
    assert!(timeline.add(9.0, vec![0.0; 3]).is_err());
}
