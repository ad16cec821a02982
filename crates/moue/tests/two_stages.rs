//! What the second network adds to live detection, and when thorough detection ends early: counted
//! in runs of the networks, on drawings whose faces are known exactly.

use moue::detect::{DetectorOptions, LiveRefinement};
use moue::network::{Model, Network, NetworkError};
use moue::video::{FaceTracker, TrackerOptions, VideoEmbedder};
use moue::{BoundingBox, Effort, ExpressionEmbedder, Face, FaceDetector, Frame, weights};
use moue_drawings::Drawing;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Boxes that overlap by more than this show the same face.
const SAME: f32 = 0.4;

/// A network that counts its runs, those of its duplicates too.
struct Counted {
    network: Box<dyn Network>,
    runs: Arc<AtomicUsize>,
}

impl Network for Counted {
    fn input_len(&self) -> usize {
        self.network.input_len()
    }

    fn output_lens(&self) -> Vec<usize> {
        self.network.output_lens()
    }

    fn run(&mut self, input: &[f32]) -> Result<(), NetworkError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        self.network.run(input)
    }

    fn output(&self, index: usize) -> &[f32] {
        self.network.output(index)
    }

    fn duplicate(&self) -> Box<dyn Network> {
        Box::new(Self {
            network: self.network.duplicate(),
            runs: self.runs.clone(),
        })
    }
}

/// The compiled-in networks, and how often each has run: the first one, the second one.
struct Counting {
    detector: FaceDetector,
    runs: [Arc<AtomicUsize>; 2],
}

impl Counting {
    fn new(options: DetectorOptions) -> Self {
        let runs = [(); 2].map(|()| Arc::<AtomicUsize>::default());
        let counted = |bytes: &[u8], runs: &Arc<AtomicUsize>| {
            Box::new(Counted {
                network: Box::new(Model::load(bytes).unwrap().session()),
                runs: runs.clone(),
            })
        };
        let detector =
            FaceDetector::with_network(counted(weights::FACE_MODEL, &runs[0]), options).unwrap();
        let refiner = counted(weights::REFINE_MODEL, &runs[1]);
        Self {
            detector: detector.with_refiner(refiner).unwrap(),
            runs,
        }
    }

    /// The faces, and the runs that finding them took.
    fn detect(&mut self, frame: &Frame<'_>, effort: Effort) -> (Vec<Face>, [usize; 2]) {
        let before = self.counts();
        let faces = self.detector.detect_with(frame, &effort.into()).unwrap();
        let after = self.counts();
        (faces, [after[0] - before[0], after[1] - before[1]])
    }

    fn counts(&self) -> [usize; 2] {
        self.runs
            .each_ref()
            .map(|runs| runs.load(Ordering::Relaxed))
    }
}

/// The built-in options without what ends thorough detection early.
fn everywhere() -> DetectorOptions {
    DetectorOptions {
        certain_score: f32::INFINITY,
        ..DetectorOptions::builtin()
    }
}

fn live(live_refinement: Option<LiveRefinement>) -> DetectorOptions {
    DetectorOptions {
        live_refinement,
        ..DetectorOptions::builtin()
    }
}

/// One drawing in 61: all sorts of characters and poses.
fn sample() -> Vec<Drawing> {
    moue_drawings::all().step_by(61).collect()
}

/// A gray picture that drawings are put into.
struct Scene {
    pixels: Vec<u8>,
    size: [usize; 2],
}

impl Scene {
    fn new(width: usize, height: usize) -> Self {
        Self {
            pixels: vec![118; width * height * 3],
            size: [width, height],
        }
    }

    /// Draws with a face `face` pixels wide, the drawing's corner at `at`; returns the face's box.
    fn put(&mut self, drawing: &Drawing, face: f32, at: [usize; 2]) -> BoundingBox {
        let [xmin, ymin, width, height] = drawing.face().bounding_box;
        let side = (face / width).round() as usize;
        let [w, h] = self.size;
        for (y, row) in drawing
            .render(side as u32)
            .chunks_exact(side * 3)
            .enumerate()
        {
            self.pixels[((at[1] + y) * w + at[0]) * 3..][..row.len()].copy_from_slice(row);
        }
        let side = side as f32;
        BoundingBox {
            xmin: (at[0] as f32 + xmin * side) / w as f32,
            ymin: (at[1] as f32 + ymin * side) / h as f32,
            width: width * side / w as f32,
            height: height * side / h as f32,
        }
    }

    fn frame(self) -> Frame<'static> {
        let [width, height] = self.size;
        Frame::from_pixels(self.pixels, width, height).unwrap()
    }
}

fn has(faces: &[Face], truth: &BoundingBox) -> bool {
    faces.iter().any(|f| f.bounding_box.iou(truth) > SAME)
}

/// One drawing in a frame of a camera.
fn camera(drawing: &Drawing) -> (Frame<'static>, BoundingBox) {
    let mut scene = Scene::new(640, 480);
    let truth = scene.put(drawing, 130.0, [180, 90]);
    (scene.frame(), truth)
}

/// Mean distance of eyes, nose and mouth from where the drawing has them, in face widths.
fn apart(face: &Face, drawing: &Drawing, truth: &BoundingBox) -> f32 {
    let drawn = drawing.face();
    let b = drawn.bounding_box;
    let points = face.key_points.unwrap();
    let distances = points.iter().zip(drawn.key_points).take(4).map(|(p, d)| {
        let x = (p[0] - truth.xmin) / truth.width - (d[0] - b[0]) / b[2];
        let y = (p[1] - truth.ymin) / truth.height - (d[1] - b[1]) / b[3];
        x.hypot(y)
    });
    distances.sum::<f32>() / 4.0
}

#[test]
fn the_second_network_runs_no_more_often_than_its_options_allow() {
    let drawings: Vec<Drawing> = sample();
    let mut scene = Scene::new(960, 480);
    for (i, drawing) in drawings.iter().take(8).enumerate() {
        scene.put(drawing, 80.0, [20 + 230 * (i % 4), 20 + 220 * (i / 4)]);
    }
    let frame = scene.frame();
    for [max_proposals, runs] in [[0, 2], [1, 1], [3, 1], [3, 2], [20, 2]] {
        let refinement = LiveRefinement {
            max_proposals,
            runs,
            ..LiveRefinement::default()
        };
        let (faces, [first, second]) =
            Counting::new(live(Some(refinement))).detect(&frame, Effort::Live);
        assert_eq!(first, 1);
        assert!(second <= max_proposals * runs, "{second} runs");
        assert!(faces.len() <= max_proposals);
    }
    let (all, [_, none]) = Counting::new(live(None)).detect(&frame, Effort::Live);
    assert_eq!(none, 0);
    let (refined, _) =
        Counting::new(live(Some(LiveRefinement::default()))).detect(&frame, Effort::Live);
    eprintln!(
        "{} of 8 faces without the second network, {} with it",
        all.len(),
        refined.len()
    );
    assert!(refined.len() >= 7, "{refined:?}");
}

#[test]
fn refined_key_points_are_nearer() {
    let mut errors = [0.0; 2];
    let mut both = 0;
    let mut detectors = [None, Some(LiveRefinement::default())].map(|r| Counting::new(live(r)));
    for drawing in sample() {
        let (frame, truth) = camera(&drawing);
        let found = detectors
            .each_mut()
            .map(|d| d.detect(&frame, Effort::Live).0.into_iter().next());
        if let [Some(plain), Some(refined)] = found {
            errors[0] += apart(&plain, &drawing, &truth);
            errors[1] += apart(&refined, &drawing, &truth);
            both += 1;
        }
    }
    eprintln!("errors of key points of {both} drawings: {errors:?}");
    assert!(both * 10 >= sample().len() * 9, "{both}");
    assert!(errors[1] < 0.8 * errors[0], "{errors:?}");
}

#[test]
fn a_picture_with_one_plain_face_is_not_searched_everywhere() {
    let mut early = Counting::new(DetectorOptions::builtin());
    let mut full = Counting::new(everywhere());
    let mut total = [0; 2];
    for drawing in sample() {
        let (frame, _) = camera(&drawing);
        let (found, runs) = early.detect(&frame, Effort::Thorough);
        let (expected, all_runs) = full.detect(&frame, Effort::Thorough);
        assert_eq!(found.len(), expected.len(), "{}", drawing.name());
        for (a, b) in found.iter().zip(&expected) {
            assert!(
                a.bounding_box.iou(&b.bounding_box) > 0.85,
                "{}",
                drawing.name()
            );
        }
        total[0] += runs[0];
        total[1] += all_runs[0];
        // What a vain try costs is a refinement of one face.
        assert!(
            runs[0] <= all_runs[0] && runs[1] <= all_runs[1] + 3,
            "{runs:?} {all_runs:?}"
        );
    }
    eprintln!(
        "runs of the first network: {} instead of {}",
        total[0], total[1]
    );
    assert!(total[0] * 10 <= total[1] * 9, "{total:?}");
}

#[test]
fn a_small_face_beside_a_large_one_is_still_found() {
    let mut early = Counting::new(DetectorOptions::builtin());
    let mut full = Counting::new(everywhere());
    let all = sample();
    let mut found = [0; 2];
    for (drawing, small) in all.iter().zip(all.iter().rev()) {
        for (size, face) in [([640, 480], 34.0), ([640, 480], 50.0), ([1600, 1000], 30.0)] {
            let mut scene = Scene::new(size[0], size[1]);
            scene.put(drawing, 130.0, [10, 60]);
            let truth = scene.put(small, face, [size[0] - 130, 200]);
            let frame = scene.frame();
            found[0] += usize::from(has(&early.detect(&frame, Effort::Thorough).0, &truth));
            found[1] += usize::from(has(&full.detect(&frame, Effort::Thorough).0, &truth));
        }
    }
    eprintln!(
        "small faces: {} found, {} where everything is searched",
        found[0], found[1]
    );
    assert!(found[1] >= all.len() * 2, "{found:?}");
    assert_eq!(found[0], found[1]);
}

#[test]
fn a_tracked_face_costs_no_more_than_without_the_second_step() {
    let drawing = moue_drawings::find("lola-grin").unwrap();
    let (frame, truth) = camera(&drawing);
    let runs = [None, Some(LiveRefinement::default())].map(|refinement| {
        let counting = Counting::new(live(refinement));
        let mut tracker = FaceTracker::new(counting.detector.clone(), TrackerOptions::default());
        tracker.update(&frame, Duration::ZERO).unwrap();
        let before = counting.counts();
        for i in 1..=60 {
            let faces = tracker
                .update(&frame, Duration::from_millis(33 * i))
                .unwrap();
            assert!(has(&faces, &truth) && faces.len() == 1, "{faces:?}");
        }
        let after = counting.counts();
        [after[0] - before[0], after[1] - before[1]]
    });
    eprintln!("runs of both networks in 60 frames: {runs:?}");
    assert_eq!(runs[0][0], runs[1][0]);
    assert!(runs[1][1] * 10 <= runs[0][1] * 11, "{runs:?}");
}

/// What the network computes for a face and its mirror image at once.
#[test]
fn a_video_s_face_has_the_expression_of_a_still() {
    let mut stills = ExpressionEmbedder::new().unwrap();
    let mut videos = VideoEmbedder::new().unwrap();
    let mut tracker = FaceTracker::new(FaceDetector::new().unwrap(), TrackerOptions::default());
    let mut all = Vec::new();
    // Each drawing stays for three frames, so that the first is new and the others have a turn each.
    for (i, drawing) in sample().iter().flat_map(|d| [d; 3]).enumerate() {
        let (frame, _) = camera(drawing);
        let time = Duration::from_millis(33 * i as u64);
        let faces = tracker.update(&frame, time).unwrap();
        let expressions = videos.embed(&frame, &faces);
        for (face, found) in faces.iter().zip(expressions) {
            let still = stills.embed(&frame, face).unwrap();
            all.push(still.distance(&found.unwrap()));
        }
    }
    assert!(all.len() >= 30, "{} faces", all.len());
    // Where the drawing is another one, the face's place still moves in the frame after: of these
    // faces one by 0.153, the others by less than 0.04.
    assert!(all.iter().all(|apart| *apart < 0.19), "{all:?}");
    let mean = all.iter().sum::<f32>() / all.len() as f32;
    assert!(mean < 0.01, "{mean}: {all:?}");
}
