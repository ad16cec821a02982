//! What a camera costs over many frames, from Rust. The tests of the same names in Swift and Kotlin
//! print the same figures: `bench/phones.sh` puts them beside each other.

use cpu_time::{ProcessTime, ThreadTime};
use moue_ffi::{Effort, FaceChoice, FindOptions, Finder, Frame, Gallery, PlanarLayout};
use std::sync::Arc;

/// The conformance file's frame as most cameras give them, NV12.
struct Camera(Vec<u8>);

impl Camera {
    const WIDTH: u32 = 192;
    const HEIGHT: u32 = 144;

    fn new() -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
        Self(std::fs::read(format!("{folder}/frames/camera.nv12")).unwrap())
    }

    fn frame(&self) -> Arc<Frame> {
        let (luma, chroma) = self.0.split_at((Self::WIDTH * Self::HEIGHT) as usize);
        let layout = PlanarLayout {
            width: Self::WIDTH,
            height: Self::HEIGHT,
            luma_stride: Self::WIDTH,
            chroma_stride: Self::WIDTH,
            chroma_step: 2,
            range: None,
            matrix: None,
            rotation: None,
            mirrored: false,
        };
        Frame::from_planes(luma, chroma, &chroma[1..], layout).unwrap()
    }
}

fn options() -> FindOptions {
    FindOptions {
        effort: Some(Effort::Live),
        faces: Some(FaceChoice::All),
        nearest: true,
        ..FindOptions::default()
    }
}

/// Milliseconds of CPU time a frame: the best of blocks of 100, which other programs disturb least.
fn run(finder: &Finder, camera: &Camera, frames: usize) -> f64 {
    let block = |_| {
        let start = ThreadTime::now();
        for _ in 0..100 {
            let found = finder.find(&camera.frame(), options()).unwrap();
            assert_eq!(found.len(), 1);
        }
        start.elapsed().as_secs_f64() * 10.0
    };
    (0..frames / 100).map(block).fold(f64::INFINITY, f64::min)
}

/// Run alone (`-- --exact the_first_match`), it is the first of its process.
#[test]
fn the_first_match() {
    let start = ProcessTime::now();
    let finder = Finder::new(Gallery::builtin().unwrap()).unwrap();
    let found = finder.find(&Camera::new().frame(), options()).unwrap();
    assert_eq!(found[0].matches.len(), 3);
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    println!("first match: {milliseconds:.1} ms of CPU time");
}

#[test]
fn a_thousand_frames() {
    let finder = Finder::new(Gallery::builtin().unwrap()).unwrap();
    let camera = Camera::new();
    run(&finder, &camera, 300);
    let milliseconds = run(&finder, &camera, 1000);
    println!("1,000 frames: {milliseconds:.3} ms of CPU time each");
}
