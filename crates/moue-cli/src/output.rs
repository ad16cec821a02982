//! Output of the program: JSON, one object a line, or text.

use crate::report::{self, Outcome};
use crate::text;
pub(crate) use crate::text::shown;
use moue::embed::Emotions;
use moue::{BoundingBox, Expression, Face, Match, Point};
use serde::Serialize;
use std::fmt::{self, Display, Formatter};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// A picture and its faces.
#[derive(Serialize)]
pub(crate) struct PictureLine {
    pub(crate) schema: &'static str,
    pub(crate) picture: String,
    pub(crate) width: Option<usize>,
    pub(crate) height: Option<usize>,
    pub(crate) faces: Vec<FaceObject>,
    pub(crate) error: Option<String>,
}

/// A face; `embedding`, `emotions` and `matches` only where the command returns them.
#[derive(Serialize)]
pub(crate) struct FaceObject {
    #[serde(rename = "box")]
    pub(crate) bounding_box: BoundingBox,
    pub(crate) score: f32,
    pub(crate) key_points: Vec<Point>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) embedding: Option<Vec<f32>>,
    /// What people would call the expression, shares that sum to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) emotions: Option<Emotions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) matches: Option<Vec<Match>>,
    /// Why the face has no embedding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

impl FaceObject {
    pub(crate) fn new(face: &Face) -> Self {
        let key_points = face.key_points.map_or_else(Vec::new, Vec::from);
        Self {
            bounding_box: face.bounding_box,
            score: face.score,
            key_points,
            embedding: None,
            emotions: None,
            matches: None,
            error: None,
        }
    }

    pub(crate) fn with_embedding(mut self, expression: &Expression) -> Self {
        self.embedding = Some(expression.0.to_vec());
        self.with_emotions(expression)
    }

    pub(crate) fn with_emotions(mut self, expression: &Expression) -> Self {
        self.emotions = Some(expression.emotions());
        self
    }
}

/// Whether whoever read standard output has ended, as `head` does when it has enough.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether the command goes on without a reader of its output.
static OUTLIVES_READERS: AtomicBool = AtomicBool::new(false);

/// Whoever read standard output has ended. Other pipes that break are errors.
#[derive(Debug)]
pub(crate) struct ReaderGone;

impl Display for ReaderGone {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("nobody reads the output any more")
    }
}

impl std::error::Error for ReaderGone {}

/// What a failed write to standard output means.
pub(crate) fn unwritten(error: std::io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::BrokenPipe => ReaderGone.into(),
        _ => error.into(),
    }
}

/// From now on a closed output is no reason to end: the command also writes files.
pub(crate) fn outlive_readers() {
    OUTLIVES_READERS.store(true, Ordering::Relaxed);
}

/// Prints one object as a line of its own. It is flushed, as whoever reads a pipe acts on each
/// line.
pub(crate) fn print_json(object: &impl Serialize) -> anyhow::Result<()> {
    print(text::safe_json(serde_json::to_string(object)?))
}

/// Prints a line of text. All of it may come from elsewhere: what a terminal would obey is escaped.
pub(crate) fn print_line(line: &str) -> anyhow::Result<()> {
    print(shown(line))
}

/// Prints a text of several lines, likewise.
pub(crate) fn print_block(block: &str) -> anyhow::Result<()> {
    print(text::shown_lines(block))
}

/// Prints what moue itself has written, such as a script, as it is.
pub(crate) fn print_own(text: &str) -> anyhow::Result<()> {
    print(text.to_owned())
}

fn print(mut line: String) -> anyhow::Result<()> {
    if IS_CLOSED.load(Ordering::Relaxed) {
        return Ok(());
    }
    line.push('\n');
    // One lock for the line: progress and other threads print too.
    let mut out = std::io::stdout().lock();
    let written = out.write_all(line.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error)
            if error.kind() == ErrorKind::BrokenPipe
                && OUTLIVES_READERS.load(Ordering::Relaxed) =>
        {
            IS_CLOSED.store(true, Ordering::Relaxed);
            Ok(())
        }
        other => other.map_err(unwritten),
    }
}

/// Reports a failure or something to know on standard error, after the program's name. Lines after
/// the first are indented, so that no name with a line break in it can forge a message.
pub(crate) fn message(text: &str) {
    note(&format!("moue: {}", text.replace('\n', "\n  ")));
}

/// Prints a line on standard error.
pub(crate) fn note(text: &str) {
    let line = format!("{}\n", text::shown_lines(text));
    // Nobody reads it if it cannot be written, and there is no other place to report that.
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// A number of things: `1 picture`, `2 pictures`.
pub(crate) fn counted(count: impl Display, thing: &str) -> String {
    let count = count.to_string();
    let is_one = count == "1";
    // No word that moue counts is more irregular: entry, copy; match; frame.
    let things = match thing.strip_suffix('y') {
        _ if is_one => thing.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if thing.ends_with("ch") => format!("{thing}es"),
        _ => format!("{thing}s"),
    };
    format!("{count} {things}")
}

/// A size as people say it: `999 bytes`, `1.2 kB`, `35 MB`, in powers of 1000.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return counted(bytes, "byte");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // What would be rounded to 1000 is 1.0 of the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$} {}", UNITS[unit])
}

/// As [`counted`], with a word for nothing: `no picture`.
pub(crate) fn counted_or_no(count: usize, thing: &str) -> String {
    match count {
        0 => format!("no {thing}"),
        count => counted(count, thing),
    }
}

/// Prints the result of a command: the JSON object, or the text.
pub(crate) fn print_result(
    as_json: bool,
    object: &impl Serialize,
    text: &str,
) -> anyhow::Result<()> {
    if as_json {
        print_json(object)
    } else {
        print_line(text)
    }
}

/// Reports a picture that cannot be used; the others are not affected.
pub(crate) fn reject_picture(
    schema: &'static str,
    path: &Path,
    reason: &str,
    as_json: bool,
) -> anyhow::Result<Outcome> {
    let name = path.to_string_lossy();
    let reason = &report::in_words(reason);
    message(&format!("{}: {reason}", shown(&name)));
    if as_json {
        print_json(&PictureLine {
            schema,
            picture: name.into_owned(),
            width: None,
            height: None,
            faces: Vec::new(),
            error: Some(reason.to_owned()),
        })?;
    }
    Ok(Outcome::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_whoever_reads_the_output_is_no_error() {
        let broken = || std::io::Error::from(ErrorKind::BrokenPipe);
        assert!(unwritten(broken()).is::<ReaderGone>());
        assert!(unwritten(broken()).context("a line").is::<ReaderGone>());
        assert!(!anyhow::Error::from(broken()).is::<ReaderGone>());
        assert!(!unwritten(ErrorKind::StorageFull.into()).is::<ReaderGone>());
    }

    #[test]
    fn sizes_have_two_or_three_digits() {
        let of = [0, 1, 999, 1000, 9_949, 9_951, 999_499, 999_500, 35_123_456].map(size);
        assert_eq!(
            of,
            [
                "0 bytes",
                "1 byte",
                "999 bytes",
                "1.0 kB",
                "9.9 kB",
                "10 kB",
                "999 kB",
                "1.0 MB",
                "35 MB"
            ]
        );
    }

    #[test]
    fn one_thing_has_no_plural() {
        assert_eq!(counted(1, "face"), "1 face");
        assert_eq!(counted(0, "face"), "0 faces");
        assert_eq!(counted(2_u64, "match"), "2 matches");
        assert_eq!(counted(3, "gallery"), "3 galleries");
        assert_eq!(counted(3, "day"), "3 days");
        assert_eq!(
            (counted_or_no(0, "face"), counted_or_no(1, "face")),
            ("no face".into(), "1 face".into())
        );
    }
}
