//! What is measured.

use crate::Peers;
use crate::score::{SAME, Score, pairs, points_apart, score};
use crate::truth::{Marked, Picture, Truth};
use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use moue::detect::weighted_suppression;
use moue::video::{FaceTracker, TrackerOptions, open_source};
use moue::{BoundingBox, Effort, Face, FaceDetector, Frame};
use std::time::Duration;

/// A way to find faces in a marked picture.
type Way<'a> = (String, Box<dyn FnMut(&Picture) -> Result<Vec<Face>> + 'a>);

fn above(faces: &[Face], threshold: f32) -> Vec<Face> {
    faces
        .iter()
        .filter(|f| f.score >= threshold)
        .cloned()
        .collect()
}

fn both(picture: &Picture, threshold: f32) -> Vec<Face> {
    weighted_suppression(above(&picture.mediapipe.concat(), threshold), 0.3)
}

fn ways(detector: &FaceDetector) -> Vec<Way<'_>> {
    let ours = |effort| {
        let mut detector = detector.clone();
        move |p: &Picture| Ok(detector.detect_with(&p.frame, effort)?)
    };
    let mut ways: Vec<Way<'_>> = vec![
        (
            "**moue, thorough**".into(),
            Box::new(ours(Effort::Thorough)),
        ),
        ("**moue, live**".into(), Box::new(ours(Effort::Live))),
    ];
    for threshold in [0.75, 0.5] {
        for (i, name) in ["short range", "full range"].into_iter().enumerate() {
            let way = move |p: &Picture| Ok(above(&p.mediapipe[i], threshold));
            ways.push((format!("MediaPipe {name}, {threshold}"), Box::new(way)));
        }
        ways.push((
            format!("MediaPipe both, {threshold}"),
            Box::new(move |p| Ok(both(p, threshold))),
        ));
    }
    ways
}

/// The first table: recall and precision of all faces, and recall of each kind.
pub(crate) fn all_faces(truth: &Truth, peers: &mut Peers) -> Result<()> {
    const KINDS: [&str; 4] = ["drawn", "profile", "covered", "tiny"];
    let count = |counts: &dyn Fn(&Marked) -> bool| {
        truth
            .pictures
            .iter()
            .flat_map(|p| &p.faces)
            .filter(|f| counts(f))
            .count()
    };
    let heads = KINDS
        .map(|kind| format!("{kind} ({})", count(&|f| f.is(kind))))
        .join(" | ");
    println!(
        "| | recall ({}) | precision | false in {} pictures | plain | {heads} |",
        count(&|_| true),
        truth.pictures.len()
    );
    println!("|---|---|---|---|---|{}", "---|".repeat(KINDS.len()));
    for (name, mut way) in ways(&peers.moue) {
        let (mut all, mut plain, mut kinds) =
            (Score::default(), Score::default(), [Score::default(); 4]);
        let mut remarks = Vec::new();
        for picture in &truth.pictures {
            let faces = way(picture)?;
            all.add(score(picture, &faces, |_| true));
            plain.add(score(picture, &faces, |f| f.kinds.is_empty()));
            KINDS
                .iter()
                .zip(&mut kinds)
                .for_each(|(kind, sum)| sum.add(score(picture, &faces, |f| f.is(kind))));
            remarks.extend(remark(picture, &faces));
        }
        let kinds = kinds.map(|k| format!("{:.3}", k.recall())).join(" | ");
        println!(
            "| {name} | {:.3} | {:.3} | {} | {:.3} | {kinds} |",
            all.recall(),
            all.precision(),
            all.wrong,
            plain.recall()
        );
        if std::env::var_os("MOUE_REMARKS").is_some() && name.contains("moue") {
            remarks.iter().for_each(|r| eprintln!("{r}"));
        }
    }
    println!();
    Ok(())
}

/// Recall and precision at many thresholds: of all pictures, and of those from one source and from
/// the others.
pub(crate) fn sweep(truth: &Truth, peers: &mut Peers) -> Result<()> {
    println!(
        "| threshold | recall | precision | false | memegen: recall | precision | others: recall | precision |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for effort in [Effort::Thorough, Effort::Live] {
        let mut found = Vec::new();
        for picture in &truth.pictures {
            found.push(peers.moue.detect_with(&picture.frame, effort)?);
        }
        for threshold in (30..100)
            .step_by(5)
            .chain([97, 98, 99])
            .map(|t| t as f32 / 100.0)
        {
            let count = |chosen: &dyn Fn(&Picture) -> bool| {
                let mut sum = Score::default();
                for (picture, faces) in truth.pictures.iter().zip(&found).filter(|(p, _)| chosen(p))
                {
                    sum.add(score(picture, &above(faces, threshold), |_| true));
                }
                sum
            };
            let memegen = |p: &Picture| p.name.starts_with("memes/memegen");
            let (all, one, other) = (
                count(&|_| true),
                count(&|p| memegen(p)),
                count(&|p| !memegen(p)),
            );
            let cells = [
                one.recall(),
                one.precision(),
                other.recall(),
                other.precision(),
            ]
            .map(|v| format!("{v:.3}"));
            let cells = cells.join(" | ");
            println!(
                "| {effort:?} {threshold:.2} | {:.3} | {:.3} | {} | {cells} |",
                all.recall(),
                all.precision(),
                all.wrong
            );
        }
    }
    Ok(())
}

/// What went wrong in a picture, in words.
fn remark(picture: &Picture, faces: &[Face]) -> Option<String> {
    let (paired, wrong) = pairs(picture, faces);
    let missed: Vec<String> = picture
        .faces
        .iter()
        .zip(&paired)
        .filter(|(_, p)| p.is_none())
        .map(|(f, _)| format!("{:?} at {:.2?}", f.kinds, f.bounding_box().center()))
        .collect();
    let wrong: Vec<String> = wrong
        .iter()
        .map(|f| {
            format!(
                "{:.2} at {:.2?}, {:.2} wide",
                f.score,
                f.bounding_box.center(),
                f.bounding_box.width
            )
        })
        .collect();
    (!missed.is_empty() || !wrong.is_empty())
        .then(|| format!("{}: missed {missed:?}, false {wrong:?}", picture.name))
}

/// A measure for one detector; higher is better unless its name says otherwise.
type Measure<'a> = &'a mut dyn FnMut(&mut FaceDetector, Effort) -> Result<f32>;

fn row(name: &str, peers: &mut Peers, measure: Measure<'_>) -> Result<()> {
    let thorough = measure(&mut peers.moue, Effort::Thorough)?;
    let live = measure(&mut peers.moue, Effort::Live)?;
    let mut theirs = ["–".to_owned(), "–".to_owned()];
    for (cell, detector) in theirs.iter_mut().zip(peers.blazeface.iter_mut().flatten()) {
        *cell = format!("{:.3}", measure(detector, Effort::Live)?);
    }
    println!(
        "| {name} | {thorough:.3} | {live:.3} | {} | {} |",
        theirs[0], theirs[1]
    );
    Ok(())
}

/// The second table: everything else.
pub(crate) fn table(truth: &Truth, peers: &mut Peers) -> Result<()> {
    println!(
        "| measure | moue, thorough | moue, live | MediaPipe short range, 0.75 | 0.5 |\n|---|---|---|---|---|"
    );
    let portraits: Vec<&Picture> = truth.pictures.iter().filter(|p| p.is_portrait()).collect();
    row(
        &format!("{} pictures with one human face: found", portraits.len()),
        peers,
        &mut |d, e| {
            share(&portraits, |p| {
                Ok(score(p, &d.detect_with(&p.frame, e)?, |_| true).found > 0)
            })
        },
    )?;
    for angle in [90, 180, 270] {
        let name = format!("turned by {angle}°: found with key points right");
        row(&name, peers, &mut |d, e| {
            share(&portraits, |p| turned(p, angle, d, e))
        })?;
    }
    row(
        "cut out to fill more than 0.9 of the frame: found",
        peers,
        &mut |d, e| share(&portraits, |p| close_up(p, d, e)),
    )?;
    let background = truth
        .pictures
        .iter()
        .find(|p| p.name.ends_with("background.jpg"))
        .context("background.jpg")?;
    let photos: Vec<&Picture> = portraits
        .iter()
        .copied()
        .filter(|p| p.name.starts_with("photos/"))
        .collect();
    row(
        "24 pixels wide in a photo of 1920: found",
        peers,
        &mut |d, e| far(&photos, &background.frame, d, e),
    )?;
    row("built-in drawings: found", peers, &mut drawings)?;
    row(
        "eyes, nose, mouth: mean error in eye distances (lower)",
        peers,
        &mut |d, e| key_points(truth, d, e),
    )?;
    jitter(truth, peers)?;
    cost(peers)
}

fn share(pictures: &[&Picture], mut right: impl FnMut(&Picture) -> Result<bool>) -> Result<f32> {
    let mut count = 0;
    for picture in pictures {
        count += usize::from(right(picture)?);
    }
    Ok(count as f32 / pictures.len() as f32)
}

/// The picture turned clockwise by quarters, and where a point of it goes.
fn quarters(frame: &Frame<'_>, angle: usize) -> Frame<'static> {
    let (w, h) = (frame.width(), frame.height());
    let (width, height) = if angle == 180 { (w, h) } else { (h, w) };
    let mut pixels = Vec::with_capacity(w * h * 3);
    for y in 0..height {
        for x in 0..width {
            let (from_x, from_y) = match angle {
                90 => (y, h - 1 - x),
                180 => (w - 1 - x, h - 1 - y),
                _ => (w - 1 - y, x),
            };
            pixels.extend(&frame.pixels()[(from_y * w + from_x) * 3..][..3]);
        }
    }
    Frame::from_pixels(pixels, width, height).expect("as many pixels as before")
}

fn quarter(p: [f32; 2], angle: usize) -> [f32; 2] {
    match angle {
        90 => [1.0 - p[1], p[0]],
        180 => [1.0 - p[0], 1.0 - p[1]],
        _ => [p[1], 1.0 - p[0]],
    }
}

/// Whether the face of a turned picture is found with each of eyes, nose and mouth less than 0.25
/// eye distances off, on average.
fn turned(
    picture: &Picture,
    angle: usize,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<bool> {
    let frame = quarters(&picture.frame, angle);
    let truth: Vec<[f32; 2]> = picture.faces[0]
        .key_points
        .iter()
        .map(|p| quarter(*p, angle))
        .collect();
    let faces = detector.detect_with(&frame, effort)?;
    let size = [frame.width() as f32, frame.height() as f32];
    Ok(faces
        .first()
        .is_some_and(|face| points_apart(&truth, face, size) < 0.25))
}

/// The face cut out so that its box is 0.93 of the frame's side.
fn close_up(picture: &Picture, detector: &mut FaceDetector, effort: Effort) -> Result<bool> {
    let (w, h) = (picture.frame.width() as f32, picture.frame.height() as f32);
    let b = picture.faces[0].bounding_box();
    let side = (b.width * w).max(b.height * h) / 0.93;
    let [x, y] = [
        b.center()[0] * w - side / 2.0,
        b.center()[1] * h - side / 2.0,
    ];
    let (left, top) = (x.max(0.0).round(), y.max(0.0).round());
    let frame = picture.frame.cropped(
        left as usize,
        top as usize,
        (x + side - left) as usize,
        (y + side - top) as usize,
    );
    let (width, height) = (frame.width() as f32, frame.height() as f32);
    let truth = BoundingBox {
        xmin: (b.xmin * w - left) / width,
        ymin: (b.ymin * h - top) / height,
        width: b.width * w / width,
        height: b.height * h / height,
    };
    let faces = detector.detect_with(&frame, effort)?;
    Ok(faces.iter().any(|f| f.bounding_box.iou(&truth) > SAME))
}

/// Photos made so small that their face has 24 pixels, three of them in each photo of 1920 × 1280.
fn far(
    photos: &[&Picture],
    background: &Frame<'_>,
    detector: &mut FaceDetector,
    effort: Effort,
) -> Result<f32> {
    const PLACES: [[usize; 2]; 3] = [[100, 90], [905, 560], [1500, 1000]];
    let (mut found, mut all) = (0, 0);
    let scene = background.resized(1920, 1280);
    for group in photos.chunks(PLACES.len()) {
        let mut pixels = scene.pixels().to_vec();
        let mut truth = Vec::new();
        for (picture, [x, y]) in group.iter().zip(PLACES) {
            let b = picture.faces[0].bounding_box();
            let scale = 24.0 / (b.width * picture.frame.width() as f32);
            let side = |pixels: usize| (pixels as f32 * scale).round() as usize;
            let small = picture
                .frame
                .resized(side(picture.frame.width()), side(picture.frame.height()));
            let (width, height) = (small.width().min(1920 - x), small.height().min(1280 - y));
            for line in 0..height {
                let row = &small.pixels()[line * small.width() * 3..][..width * 3];
                pixels[((y + line) * 1920 + x) * 3..][..row.len()].copy_from_slice(row);
            }
            let (w, h) = (small.width() as f32, small.height() as f32);
            truth.push(BoundingBox {
                xmin: (x as f32 + b.xmin * w) / 1920.0,
                ymin: (y as f32 + b.ymin * h) / 1280.0,
                width: b.width * w / 1920.0,
                height: b.height * h / 1280.0,
            });
        }
        let frame = Frame::from_pixels(pixels, 1920, 1280)?;
        let faces = detector.detect_with(&frame, effort)?;
        all += truth.len();
        found += truth
            .iter()
            .filter(|t| faces.iter().any(|f| f.bounding_box.iou(t) > SAME))
            .count();
    }
    Ok(found as f32 / all as f32)
}

fn drawings(detector: &mut FaceDetector, effort: Effort) -> Result<f32> {
    const SIZE: usize = 256;
    let (mut found, mut all) = (0, 0);
    for drawing in moue_drawings::all() {
        let frame = Frame::from_pixels(drawing.render(SIZE as u32), SIZE, SIZE)?;
        let [xmin, ymin, width, height] = drawing.face().bounding_box;
        let truth = BoundingBox {
            xmin,
            ymin,
            width,
            height,
        };
        all += 1;
        found += usize::from(
            detector
                .detect_with(&frame, effort)?
                .iter()
                .any(|f| f.bounding_box.iou(&truth) > SAME),
        );
    }
    Ok(found as f32 / all as f32)
}

fn key_points(truth: &Truth, detector: &mut FaceDetector, effort: Effort) -> Result<f32> {
    let (mut sum, mut count) = (0.0, 0);
    for picture in &truth.pictures {
        let size = [picture.frame.width() as f32, picture.frame.height() as f32];
        let faces = detector.detect_with(&picture.frame, effort)?;
        let (paired, _) = pairs(picture, &faces);
        for (marked, face) in picture
            .faces
            .iter()
            .zip(paired)
            .filter(|(m, _)| m.landmarks && !m.is("profile"))
        {
            let Some(face) = face else { continue };
            sum += points_apart(&marked.key_points, face, size);
            count += 1;
        }
    }
    Ok(sum / count as f32)
}

/// Movement of the box from frame to frame where the picture hardly changes, in thousandths of the
/// box's width.
fn jitter(truth: &Truth, peers: &mut Peers) -> Result<()> {
    let mut tracker = FaceTracker::new(peers.moue.clone(), TrackerOptions::default());
    let ours = moved(truth, |frame, time| Ok(tracker.update(frame, time)?))?;
    let live = moved(truth, |frame, _| Ok(peers.moue.detect(frame)?))?;
    let mut theirs = Vec::new();
    for detector in peers.blazeface.iter_mut().flatten() {
        theirs.push(format!(
            "{:.2}",
            moved(truth, |frame, _| Ok(detector.detect(frame)?))?
        ));
    }
    let cells = theirs.join(" | ");
    println!(
        "| movement of a still head's box, thousandths of its width (lower): tracked; untracked | {ours:.2} | {live:.2} | {cells} |"
    );
    Ok(())
}

fn moved(
    truth: &Truth,
    mut faces: impl FnMut(&Frame<'_>, Duration) -> Result<Vec<Face>>,
) -> Result<f32> {
    let mut video = open_source(&truth.video)?;
    let mut before: Option<(Frame<'static>, Face)> = None;
    let (mut sum, mut count) = (0.0, 0);
    while let Some(timed) = video.next_frame()? {
        let found = faces(&timed.frame, timed.time)?;
        let Some(face) = found
            .into_iter()
            .max_by(|a, b| a.bounding_box.area().total_cmp(&b.bounding_box.area()))
        else {
            before = None;
            continue;
        };
        if let Some((frame, last)) = &before
            && change(frame, &timed.frame, &last.bounding_box) < 2.0
        {
            let (a, b) = (last.bounding_box, face.bounding_box);
            let apart = [
                a.xmin - b.xmin,
                a.ymin - b.ymin,
                a.width - b.width,
                a.height - b.height,
            ];
            sum += apart.iter().map(|v| v.abs()).sum::<f32>() / 4.0 / b.width;
            count += 1;
        }
        before = Some((timed.frame, face));
    }
    Ok(1000.0 * sum / count.max(1) as f32)
}

/// Mean difference of gray levels inside of a box.
fn change(a: &Frame<'_>, b: &Frame<'_>, area: &BoundingBox) -> f32 {
    let part = |frame: &Frame<'_>| {
        let (w, h) = (frame.width() as f32, frame.height() as f32);
        let at = |v: f32, size: f32| (v.max(0.0) * size) as usize;
        frame.cropped(
            at(area.xmin, w),
            at(area.ymin, h),
            at(area.width, w),
            at(area.height, h),
        )
    };
    let (a, b) = (part(a), part(b));
    let gray = |p: &[u8; 3]| p.iter().map(|v| f32::from(*v)).sum::<f32>() / 3.0;
    let pixels = a
        .pixels()
        .as_chunks::<3>()
        .0
        .iter()
        .zip(b.pixels().as_chunks::<3>().0);
    let all = pixels.len().max(1) as f32;
    pixels.map(|(a, b)| (gray(a) - gray(b)).abs()).sum::<f32>() / all
}

/// CPU time of a 640 × 480 frame with one face.
fn cost(peers: &mut Peers) -> Result<()> {
    let drawing = moue_drawings::find("lola-grin")
        .context("the drawing exists")?
        .render(480);
    let mut pixels = vec![96; 640 * 480 * 3];
    for (y, row) in drawing.chunks_exact(480 * 3).enumerate() {
        pixels[(y * 640 + 80) * 3..][..row.len()].copy_from_slice(row);
    }
    let frame = Frame::from_pixels(pixels, 640, 480)?;
    row(
        "CPU ms for a frame of 640 × 480, all in moue (lower)",
        peers,
        &mut |d, e| {
            let mut best = f32::INFINITY;
            for _ in 0..60 {
                let start = ProcessTime::now();
                d.detect_with(&frame, e)?;
                best = best.min(start.elapsed().as_secs_f32() * 1e3);
            }
            Ok(best)
        },
    )
}
