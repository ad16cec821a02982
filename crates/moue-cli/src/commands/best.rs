//! `moue best`: the pictures of a burst, the best first.

use crate::args::BestArgs;
use crate::inputs::{self, Input};
use crate::output::{counted_or_no, message, print_json, print_line, shown};
use crate::panics::Worker;
use crate::report::Outcome;
use crate::{panics, parallel, progress, report};
use anyhow::Result;
use moue::burst::{BurstFace, BurstReader, scores, sharpest};
use moue::embed::Emotion;
use moue::{BoundingBox, Effort, Expression, Finder, Gallery, Point};
use moue_drawings::{POSES, Pose};
use serde::Serialize;
use std::path::PathBuf;

const SCHEMA: &str = "moue.best/1";

/// Eyes that are less than half as surely open as wanted are called closed.
const CLOSED: f32 = 0.5;

/// A face with less of the sharpness of the sharpest is called blurred. By hand; expressions alone make
/// a difference of a half.
const BLURRED: f32 = 0.35;

/// A picture, and its faces or why it cannot be used.
struct Read {
    path: PathBuf,
    size: Option<[usize; 2]>,
    faces: Result<Vec<BurstFace>, String>,
}

/// What is printed of a picture with `--json`.
#[derive(Serialize)]
struct BestLine<'a> {
    schema: &'static str,
    /// From 1; null if it has no face or cannot be used.
    rank: Option<usize>,
    score: Option<f32>,
    picture: &'a str,
    width: Option<usize>,
    height: Option<usize>,
    faces: Vec<BestFace>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct BestFace {
    #[serde(rename = "box")]
    bounding_box: BoundingBox,
    score: f32,
    key_points: Vec<Point>,
    eyes_open: f32,
    /// Of the sharpest face's.
    sharpness: f32,
    similarity: f32,
}

pub(crate) fn run(args: &BestArgs) -> Result<Outcome> {
    let pictures = Input::all(&args.pictures);
    let read = read_all(&mut reader(args)?, &pictures)?;
    print(args, &read)
}

fn reader(args: &BestArgs) -> Result<BurstReader> {
    let mut reader = BurstReader::new()?;
    reader.detect = Effort::from(args.effort.effort).into();
    reader.targets = targets(args)?;
    Ok(reader)
}

/// The expressions of the pictures of `--like` and of the drawings of `--expression`.
fn targets(args: &BestArgs) -> Result<Vec<Expression>> {
    let mut targets = Vec::new();
    if !args.expression.is_empty() {
        add_drawn(&args.expression, &mut targets)?;
    }
    if !args.like.is_empty() {
        let mut finder = Finder::new(Gallery::builtin()?)?;
        targets.extend(inputs::expressions(&mut finder, &args.like, false)?);
    }
    Ok(targets)
}

/// Adds the expressions of the built-in drawings that have one of these names.
fn add_drawn(names: &[String], targets: &mut Vec<Expression>) -> Result<()> {
    let drawings = Gallery::builtin()?;
    for entry in drawings.entries()? {
        if names.iter().any(|name| shows(&entry.path, name)) {
            targets.extend(drawings.expression(entry.id)?);
        }
    }
    Ok(())
}

/// Whether a built-in drawing shows the expression of this name.
fn shows(path: &str, name: &str) -> bool {
    let pose = moue_drawings::by_path(path).map(|drawing| drawing.pose);
    // A pose says more than the emotion that its word may stand for too.
    let is_named = |pose: &Pose| pose.name.eq_ignore_ascii_case(name);
    let names_pose = POSES.iter().any(is_named);
    pose.is_some_and(|pose| {
        if names_pose {
            is_named(pose)
        } else {
            Ok(pose.emotion) == name.parse().map(Emotion::name)
        }
    })
}

/// Reads all pictures, on all cores.
fn read_all(reader: &mut BurstReader, pictures: &[Input]) -> Result<Vec<Read>> {
    let mut readers = panics::workers(reader, pictures.len());
    let bar = progress::BatchBar::new(pictures.len(), "pictures");
    let mut all = Vec::new();
    parallel::in_order(
        pictures,
        &mut readers,
        read_one,
        || bar.inc(),
        |_, read| {
            all.push(read);
            Ok(())
        },
    )?;
    Ok(all)
}

/// A panic is a reason to reject this picture; the others are ranked all the same.
fn read_one(reader: &mut Worker<'_, BurstReader>, picture: &Input) -> Read {
    let mut size = None;
    let faces = reader.caught(|reader| {
        let frame = picture.open()?;
        size = Some([frame.width(), frame.height()]);
        Ok(reader.faces(&frame)?)
    });
    let faces = faces.and_then(|faces: Result<_>| faces.map_err(|error| report::chain(&error)));
    Read {
        path: picture.path.clone(),
        size,
        faces,
    }
}

fn print(args: &BestArgs, read: &[Read]) -> Result<Outcome> {
    let all: Vec<&[BurstFace]> = read.iter().map(Read::faces).collect();
    let sharpest = sharpest(&all).max(f32::MIN_POSITIVE);
    let mut ranked: Vec<(&Read, f32)> = read.iter().zip(scores(&all)).collect();
    ranked.retain(|(read, _)| !read.faces().is_empty());
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let shown = args.limit.unwrap_or(usize::MAX);
    for (at, (read, score)) in ranked.iter().enumerate().take(shown) {
        read.print(args.json, Some((at + 1, *score)), sharpest)?;
    }
    // After them, and only if as many are asked for.
    let faceless = read.iter().filter(|read| read.is_faceless());
    for read in faceless.take(shown.saturating_sub(ranked.len())) {
        read.print(args.json, None, sharpest)?;
    }
    let rejected = read.iter().filter(|read| read.faces.is_err());
    let mut outcome = Outcome::found_if(all.iter().any(|faces| !faces.is_empty()));
    for read in rejected {
        read.print(args.json, None, sharpest)?;
        outcome = Outcome::Error;
    }
    Ok(outcome)
}

impl Read {
    /// None if it cannot be used.
    fn faces(&self) -> &[BurstFace] {
        self.faces.as_deref().unwrap_or_default()
    }

    /// Whether it can be read and nobody is in it.
    fn is_faceless(&self) -> bool {
        self.faces.as_ref().is_ok_and(Vec::is_empty)
    }

    fn print(&self, json: bool, rank: Option<(usize, f32)>, sharpest: f32) -> Result<()> {
        let name = self.path.to_string_lossy();
        if let Err(error) = &self.faces {
            message(&format!("{}: {error}", shown(&name)));
        }
        match rank {
            _ if json => print_json(&self.object(&name, rank, sharpest)),
            Some((rank, score)) => print_line(&format!(
                "{rank:3}. {score:.2}  {}  {}",
                shown(&name),
                self.words(sharpest)
            )),
            None if self.is_faceless() => print_line(&format!("{}: no face", shown(&name))),
            None => Ok(()),
        }
    }

    fn object<'a>(
        &'a self,
        name: &'a str,
        rank: Option<(usize, f32)>,
        sharpest: f32,
    ) -> BestLine<'a> {
        let faces = self.faces().iter();
        BestLine {
            schema: SCHEMA,
            rank: rank.map(|(rank, _)| rank),
            score: rank.map(|(_, score)| score),
            picture: name,
            width: self.size.map(|[width, _]| width),
            height: self.size.map(|[_, height]| height),
            faces: faces.map(|face| BestFace::new(face, sharpest)).collect(),
            error: self.faces.as_ref().err().map(String::as_str),
        }
    }

    /// How many faces there are, and what is wrong with them.
    fn words(&self, sharpest: f32) -> String {
        let faces = self.faces();
        let count = |is: &dyn Fn(&BurstFace) -> bool| faces.iter().filter(|face| is(face)).count();
        let closed = count(&|face| face.eyes_as_wanted() < CLOSED);
        let blurred = count(&|face| face.sharpness < BLURRED * sharpest);
        let mut words = counted_or_no(faces.len(), "face");
        for (count, what) in [(closed, "with closed eyes"), (blurred, "blurred")] {
            if count > 0 {
                words += &format!(", {count} {what}");
            }
        }
        words
    }
}

impl BestFace {
    fn new(face: &BurstFace, sharpest: f32) -> Self {
        Self {
            bounding_box: face.face.bounding_box,
            score: face.face.score,
            key_points: face.face.key_points.map_or_else(Vec::new, Vec::from),
            eyes_open: face.eyes_open,
            sharpness: face.sharpness / sharpest,
            similarity: face.similarity,
        }
    }
}
