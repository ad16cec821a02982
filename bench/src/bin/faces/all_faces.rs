//! The first table: recall and precision of all faces, and recall of each kind.

use crate::score::{Score, above, pairs, score};
use crate::truth::{Picture, Truth};
use anyhow::Result;
use moue::detect::weighted_suppression;
use moue::{Effort, Face, FaceDetector};

/// The kinds of faces that have a column each.
const KINDS: [&str; 4] = ["drawn", "profile", "covered", "tiny"];

/// Boxes of MediaPipe's two ranges that overlap by more are one face; its own graphs use 0.3.
const SUPPRESSION: f32 = 0.3;

type Find<'a> = dyn FnMut(&Picture) -> Result<Vec<Face>> + 'a;

/// A way to find faces in a marked picture.
struct Way<'a> {
    name: String,
    find: Box<Find<'a>>,
}

impl<'a> Way<'a> {
    fn new(name: String, find: impl FnMut(&Picture) -> Result<Vec<Face>> + 'a) -> Self {
        Self {
            name,
            find: Box::new(find),
        }
    }

    fn ours(name: &str, detector: &FaceDetector, effort: Effort) -> Self {
        let mut detector = detector.clone();
        Self::new(name.into(), move |picture| {
            Ok(detector.detect_with(&picture.frame, &effort.into())?)
        })
    }

    /// What MediaPipe reported of one range at a threshold, of 0.5 at least.
    fn mediapipe(range: usize, name: &str, threshold: f32) -> Self {
        let name = format!("MediaPipe {name}, {threshold}");
        Self::new(name, move |p| Ok(above(&p.mediapipe[range], threshold)))
    }

    fn both_ranges(threshold: f32) -> Self {
        Self::new(format!("MediaPipe both, {threshold}"), move |p| {
            let faces = above(&p.mediapipe.concat(), threshold);
            Ok(weighted_suppression(faces, SUPPRESSION))
        })
    }
}

fn ways(detector: &FaceDetector) -> Vec<Way<'_>> {
    let mut ways = vec![
        Way::ours("**moue, thorough**", detector, Effort::Thorough),
        Way::ours("**moue, live**", detector, Effort::Live),
    ];
    for threshold in [0.75, 0.5] {
        ways.push(Way::mediapipe(0, "short range", threshold));
        ways.push(Way::mediapipe(1, "full range", threshold));
        ways.push(Way::both_ranges(threshold));
    }
    ways
}

/// Prints the table; `MOUE_REMARKS=1` adds what each of our own ways got wrong.
pub(crate) fn print(truth: &Truth, detector: &FaceDetector) -> Result<()> {
    print_head(truth);
    let with_remarks = std::env::var_os("MOUE_REMARKS").is_some();
    for mut way in ways(detector) {
        let counts = Counts::of(truth, &mut way)?;
        println!("{}", counts.line(&way.name));
        if with_remarks && way.name.contains("moue") {
            counts.remarks.iter().for_each(|r| eprintln!("{r}"));
        }
    }
    println!();
    Ok(())
}

fn print_head(truth: &Truth) {
    let faces: Vec<_> = truth.pictures.iter().flat_map(|p| &p.faces).collect();
    let of_kind = |kind| faces.iter().filter(|f| f.is(kind)).count();
    let heads = KINDS.map(|kind| format!("{kind} ({})", of_kind(kind)));
    println!(
        "| | recall ({}) | precision | false in {} pictures | plain | {} |",
        faces.len(),
        truth.pictures.len(),
        heads.join(" | ")
    );
    println!("|---|---|---|---|---|{}", "---|".repeat(KINDS.len()));
}

/// What one way found, missed and made up.
#[derive(Default)]
struct Counts {
    all: Score,
    /// Of faces of no kind.
    plain: Score,
    kinds: [Score; KINDS.len()],
    remarks: Vec<String>,
}

impl Counts {
    fn of(truth: &Truth, way: &mut Way<'_>) -> Result<Self> {
        let mut counts = Self::default();
        for picture in &truth.pictures {
            counts.add(picture, &(way.find)(picture)?);
        }
        Ok(counts)
    }

    fn add(&mut self, picture: &Picture, faces: &[Face]) {
        self.all.add(score(picture, faces, |_| true));
        self.plain
            .add(score(picture, faces, |f| f.kinds.is_empty()));
        for (kind, sum) in KINDS.iter().zip(&mut self.kinds) {
            sum.add(score(picture, faces, |f| f.is(kind)));
        }
        self.remarks.extend(remark(picture, faces));
    }

    fn line(&self, name: &str) -> String {
        let kinds = self.kinds.map(|k| format!("{:.3}", k.recall()));
        format!(
            "| {name} | {:.3} | {:.3} | {} | {:.3} | {} |",
            self.all.recall(),
            self.all.precision(),
            self.all.wrong,
            self.plain.recall(),
            kinds.join(" | ")
        )
    }
}

/// What went wrong in a picture, in words.
fn remark(picture: &Picture, faces: &[Face]) -> Option<String> {
    let (paired, wrong) = pairs(picture, faces);
    let marked = picture.faces.iter().zip(&paired);
    let missed: Vec<String> = marked
        .filter(|(_, detection)| detection.is_none())
        .map(|(f, _)| format!("{:?} at {:.2?}", f.kinds, f.bounding_box().center()))
        .collect();
    let wrong: Vec<String> = wrong.into_iter().map(shown).collect();
    let is_flawed = !missed.is_empty() || !wrong.is_empty();
    is_flawed.then(|| format!("{}: missed {missed:?}, false {wrong:?}", picture.name))
}

fn shown(face: &Face) -> String {
    let center = face.bounding_box.center();
    let width = face.bounding_box.width;
    format!("{:.2} at {center:.2?}, {width:.2} wide", face.score)
}
