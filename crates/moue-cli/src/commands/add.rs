//! `moue gallery add`: workers read, detect and embed; one writer commits.

use crate::output::{print_json, shown};
use crate::report::Outcome;
use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};
use moue::{ExpressionEmbedder, FaceDetector, Frame, Gallery, NewPicture};
use serde_json::json;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// A commit is made after so many pictures …
const BATCH: usize = 32;
/// … or after so much time, whichever comes first.
const INTERVAL: Duration = Duration::from_millis(250);

/// What became of a picture before it reached the gallery.
enum Seen {
    New(NewPicture),
    Known,
    NoFace(String),
    Unreadable(String),
}

pub(crate) fn run(path: &Path, paths: &[PathBuf], json: bool) -> Result<Outcome> {
    let gallery = Gallery::open_or_create(path)?;
    let stop = Arc::new(AtomicBool::new(false));
    let handle = Arc::clone(&stop);
    ctrlc::set_handler(move || handle.store(true, Ordering::Relaxed))?;
    let files = walk(paths);
    let bar = progress(files.len());
    let mut writer = Writer {
        gallery: &gallery,
        json,
        bar: &bar,
        batch: Vec::new(),
        since: Instant::now(),
        tally: Tally::default(),
    };
    let parts = (FaceDetector::new()?, ExpressionEmbedder::new()?);
    let (sender, receiver) = mpsc::sync_channel::<(PathBuf, Seen)>(BATCH);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| -> Result<()> {
        let (files, next, gallery, stop) = (&files, &next, &gallery, &*stop);
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (parts, sender) = (parts.clone(), sender.clone());
            scope.spawn(move || work(files, next, gallery, stop, parts, &sender));
        }
        drop(sender);
        writer.receive(receiver)
    })?;
    bar.finish_and_clear();
    writer.tally.print();
    Ok(if stop.load(Ordering::Relaxed) { Outcome::Interrupted } else { writer.tally.outcome() })
}

fn progress(files: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} pictures, {per_sec}, {eta} left");
    ProgressBar::new(files as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Takes file after file until there are none left; a closed channel or Ctrl-C ends it early.
fn work(
    files: &[Candidate],
    next: &AtomicUsize,
    gallery: &Gallery,
    stop: &AtomicBool,
    (mut detector, mut embedder): (FaceDetector, ExpressionEmbedder),
    sender: &mpsc::SyncSender<(PathBuf, Seen)>,
) {
    while !stop.load(Ordering::Relaxed) {
        let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) else { return };
        let seen = match &file.problem {
            Some(problem) => Seen::Unreadable(problem.clone()),
            None => look_at(&file.path, gallery, &mut detector, &mut embedder),
        };
        if sender.send((file.path.clone(), seen)).is_err() {
            return;
        }
    }
}

fn look_at(path: &Path, gallery: &Gallery, detector: &mut FaceDetector, embedder: &mut ExpressionEmbedder) -> Seen {
    match try_look_at(path, gallery, detector, embedder) {
        Ok(seen) => seen,
        Err(error) => Seen::Unreadable(error.to_string()),
    }
}

fn try_look_at(
    path: &Path,
    gallery: &Gallery,
    detector: &mut FaceDetector,
    embedder: &mut ExpressionEmbedder,
) -> Result<Seen> {
    let limit = moue::DecodeLimits::default().file;
    if std::fs::metadata(path)?.len() > limit {
        anyhow::bail!("too large: more than {} MB", limit >> 20);
    }
    let bytes = std::fs::read(path)?;
    let hash = moue::sha256(&bytes);
    if gallery.contains(&hash)? {
        return Ok(Seen::Known);
    }
    let frame = Frame::decode(&bytes)?;
    let (mut faces, mut reason) = (Vec::new(), "no face found".to_owned());
    for face in detector.detect(&frame)? {
        match embedder.embed(&frame, &face) {
            Ok(expression) => faces.push((face, expression)),
            Err(error) => reason = error.to_string(),
        }
    }
    if faces.is_empty() {
        return Ok(Seen::NoFace(reason));
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Seen::New(NewPicture {
        hash,
        path: absolute.to_string_lossy().into_owned(),
        label: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        tags: Vec::new(),
        faces,
    }))
}

/// Counts, and the pictures that did not go in with the reason.
#[derive(Default)]
struct Tally {
    added: usize,
    known: usize,
    no_face: Vec<(String, String)>,
    unreadable: Vec<(String, String)>,
}

impl Tally {
    fn print(&self) {
        for (title, list) in [("without a face", &self.no_face), ("unreadable", &self.unreadable)] {
            for (path, reason) in list {
                eprintln!("{title}: {}: {reason}", shown(path));
            }
        }
        let (no_face, unreadable) = (self.no_face.len(), self.unreadable.len());
        eprintln!(
            "{} added, {} already there, {no_face} without a face, {unreadable} unreadable",
            self.added, self.known
        );
    }

    fn outcome(&self) -> Outcome {
        let rejected = !self.no_face.is_empty() || !self.unreadable.is_empty();
        if rejected || self.added == 0 { Outcome::Missing } else { Outcome::Found }
    }
}

/// Collects pictures and commits them in batches; a picture is reported once it is safe.
struct Writer<'a> {
    gallery: &'a Gallery,
    json: bool,
    bar: &'a ProgressBar,
    /// Pictures not yet committed, each with its path as it was reached.
    batch: Vec<(String, NewPicture)>,
    since: Instant,
    tally: Tally,
}

impl Writer<'_> {
    fn receive(&mut self, receiver: mpsc::Receiver<(PathBuf, Seen)>) -> Result<()> {
        loop {
            let wait = INTERVAL.saturating_sub(self.since.elapsed());
            match receiver.recv_timeout(wait) {
                Ok((path, seen)) => self.take(&path, seen)?,
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return self.commit(),
            }
            if self.batch.len() >= BATCH || self.since.elapsed() >= INTERVAL {
                self.commit()?;
            }
        }
    }

    fn take(&mut self, path: &Path, seen: Seen) -> Result<()> {
        self.bar.inc(1);
        let name = path.to_string_lossy().into_owned();
        match seen {
            Seen::New(picture) => self.batch.push((name, picture)),
            Seen::Known => {
                self.tally.known += 1;
                self.report(&name, "known", 0, None)?;
            }
            Seen::NoFace(reason) => {
                self.report(&name, "no_face", 0, Some(&reason))?;
                self.tally.no_face.push((name, reason));
            }
            Seen::Unreadable(reason) => {
                self.report(&name, "unreadable", 0, Some(&reason))?;
                self.tally.unreadable.push((name, reason));
            }
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<()> {
        self.since = Instant::now();
        if self.batch.is_empty() {
            return Ok(());
        }
        let (names, pictures): (Vec<_>, Vec<_>) = std::mem::take(&mut self.batch).into_iter().unzip();
        let added = self.gallery.add(&pictures)?;
        for ((name, picture), added) in names.iter().zip(&pictures).zip(added) {
            let (status, faces) = if added { ("added", picture.faces.len()) } else { ("known", 0) };
            *(if added { &mut self.tally.added } else { &mut self.tally.known }) += 1;
            self.report(name, status, faces, None)?;
        }
        self.since = Instant::now();
        Ok(())
    }

    fn report(&self, picture: &str, status: &str, faces: usize, error: Option<&str>) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        print_json(
            &json!({ "schema": "moue.gallery.add/1", "picture": picture, "status": status, "faces": faces, "error": error }),
        )
    }
}

/// A file to look at, or the reason why it cannot be.
struct Candidate {
    path: PathBuf,
    problem: Option<String>,
}

/// All files that may be pictures: those named, and those in folders. Links are followed, each real folder once.
fn walk(paths: &[PathBuf]) -> Vec<Candidate> {
    let mut walk = Walk { folders: HashSet::new(), found: Vec::new() };
    paths.iter().for_each(|path| walk.enter(path, true));
    walk.found
}

struct Walk {
    folders: HashSet<PathBuf>,
    found: Vec<Candidate>,
}

impl Walk {
    fn enter(&mut self, path: &Path, named: bool) {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_dir() => self.folder(path),
            Ok(meta) if meta.is_file() => {
                if named || may_be_picture(path, meta.len()) {
                    self.found.push(Candidate { path: path.to_owned(), problem: None });
                }
            }
            Ok(_) if named => self.problem(path, "neither a file nor a folder"),
            Ok(_) => {}
            Err(e) if path.is_symlink() && e.kind() == ErrorKind::NotFound => {
                self.problem(path, "the link leads nowhere")
            }
            Err(e) => self.problem(path, &e.to_string()),
        }
    }

    fn problem(&mut self, path: &Path, problem: &str) {
        self.found.push(Candidate { path: path.to_owned(), problem: Some(problem.to_owned()) });
    }

    fn folder(&mut self, path: &Path) {
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.folders.insert(real) {
            return;
        }
        match std::fs::read_dir(path) {
            Ok(entries) => {
                let mut inside: Vec<PathBuf> = entries.filter_map(|e| e.ok().map(|e| e.path())).collect();
                inside.sort();
                inside.iter().filter(|p| !is_hidden(p)).for_each(|p| self.enter(p, false));
            }
            Err(e) => self.problem(path, &e.to_string()),
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."))
}

/// Whether a file in a folder is worth a look: by its ending, or without a known one by its first bytes.
fn may_be_picture(path: &Path, len: u64) -> bool {
    let known = image::ImageFormat::from_path(path).is_ok();
    known || path.extension().is_none() && len == 0 || starts_like_picture(path)
}

fn starts_like_picture(path: &Path) -> bool {
    use std::io::Read;
    let mut start = Vec::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(32).read_to_end(&mut start));
    read.is_ok() && image::guess_format(&start).is_ok()
}
