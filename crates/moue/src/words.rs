//! The words that are written in a picture, such as a meme's caption, read by the program
//! [tesseract](https://github.com/tesseract-ocr/tesseract).
//!
//! A picture is read twice: its light letters with a dark rim alone, as most captions of
//! memes are, and as it is, which finds dark letters on a light ground. Of the second reading only
//! surer words count: it takes folds and leaves for letters.
//!
//! ```no_run
//! use moue::Frame;
//! use moue::cancel::CancelToken;
//! use moue::words::WordReader;
//! let reader = WordReader::new("eng", &CancelToken::default())?;
//! println!("{}", reader.read(&Frame::open("meme.jpg")?, &CancelToken::default())?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod letters;
mod table;

use crate::cancel::CancelToken;
use crate::frame::Frame;
use crate::program::{Patience, ProgramError, Tool, last_line, run};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TESSERACT: Tool = Tool {
    name: "tesseract",
    missing: "words are read by the program tesseract, which is not installed: \
              apt install tesseract-ocr, brew install tesseract or winget install UB-Mannheim.TesseractOCR",
};

/// The longest time for a picture: a page full of print takes some seconds.
const MAX_STALL: Duration = Duration::from_secs(60);

/// Pictures are enlarged to this longer side, threefold at most. Captions of pictures of 512 pixels
/// have letters of 20 to 50 pixels with rims of one or two, and tesseract reads best from some 30
/// pixels on.
const LONGER_SIDE: usize = 1536;
const MAX_ENLARGEMENT: usize = 3;

/// Larger pictures are reduced to this longer side, for the sake of time.
const MAX_LONGER_SIDE: usize = 2560;

/// Least confidence, in percent, of a word of each reading; chosen on made-up memes
/// (`bench/words.py`).
const RIMMED_CONFIDENCE: f32 = 70.0;
const PLAIN_CONFIDENCE: f32 = 88.0;

/// Characters that are kept: a caption, not a page.
const MAX_CHARS: usize = 1000;

/// How tesseract divides a picture: `--psm`.
#[derive(Clone, Copy)]
enum Layout {
    /// Columns and paragraphs are looked for.
    Page,
    /// All is one block of text.
    Block,
}

/// Reads words in pictures. It starts a process for each reading, so threads may share it.
#[derive(Debug, Clone)]
pub struct WordReader {
    languages: String,
}

impl WordReader {
    /// A reader of these languages, as tesseract names them: `eng`, or `eng+deu` for two.
    ///
    /// # Errors
    /// [`ProgramError`] if tesseract is not installed or lacks one of the languages.
    pub fn new(languages: &str, cancel: &CancelToken) -> Result<Self, ProgramError> {
        let mut command = Command::new(TESSERACT.name);
        command.arg("--list-langs");
        // On standard output, or with the messages in versions before 5: here are both.
        let (_, output) = run(TESSERACT, &mut command, patience(cancel))?;
        let installed: Vec<_> = output.lines().map(str::trim).collect();
        let missing = languages.split('+').find(|name| !installed.contains(name));
        if let Some(name) = missing {
            return Err(failed(&format!(
                "the language {name:?} is not installed: tesseract --list-langs shows those that are, \
                 and apt install tesseract-ocr-NAME installs one"
            )));
        }
        Ok(Self {
            languages: languages.to_owned(),
        })
    }

    /// The words of a picture between spaces, in reading order, at most 1,000 characters; empty if
    /// there are none.
    ///
    /// # Errors
    /// [`ProgramError`] if tesseract fails, takes longer than a minute, or the call is canceled.
    pub fn read(&self, frame: &Frame<'_>, cancel: &CancelToken) -> Result<String, ProgramError> {
        let frame = enlarged(frame);
        let size = (frame.width(), frame.height());
        let mut words = Vec::new();
        // First, as it has the caption in one piece: words of both readings stay where they are here.
        if let Some(gray) = letters::rimmed(&frame) {
            let table = self.table(&gray, size, Layout::Block, cancel)?;
            words = table::words(&table, RIMMED_CONFIDENCE);
        }
        let rimmed = words.len();
        let gray: Vec<_> = frame.pixels().chunks_exact(3).map(luma).collect();
        let table = self.table(&gray, size, Layout::Page, cancel)?;
        for word in table::words(&table, PLAIN_CONFIDENCE) {
            // A rimmed letter is read in both. Words of one reading may be equal: "no no no".
            if !words[..rimmed].iter().any(|known| same(known, &word)) {
                words.push(word);
            }
        }
        Ok(joined(&words))
    }

    /// What tesseract makes of gray pixels, as a table with a line for each word.
    fn table(
        &self,
        gray: &[u8],
        size: (usize, usize),
        layout: Layout,
        cancel: &CancelToken,
    ) -> Result<String, ProgramError> {
        let folder = tempfile::tempdir().map_err(|error| TESSERACT.io(error))?;
        write_pgm(&folder.path().join("in.pgm"), gray, size)
            .map_err(|error| TESSERACT.io(error))?;
        let mut command = Command::new(TESSERACT.name);
        command
            .args(["in.pgm", "out", "--psm", layout.mode()])
            .args(["-l", &self.languages, "tsv"])
            // A picture a core: several threads for one would wait for each other.
            .env("OMP_THREAD_LIMIT", "1")
            // Names in the folder need no quoting, whatever the folder is called.
            .current_dir(folder.path());
        let (success, messages) = run(TESSERACT, &mut command, patience(cancel))?;
        if !success {
            return Err(failed(last_line(&messages).unwrap_or("it failed")));
        }
        // A file: of what a program prints only the end is kept.
        let table = std::fs::read(folder.path().join("out.tsv"));
        let table = table.map_err(|error| TESSERACT.io(error))?;
        Ok(String::from_utf8_lossy(&table).into_owned())
    }
}

/// The program that reads words for moue, and whether it starts.
pub fn word_program() -> (&'static str, bool) {
    let mut command = Command::new(TESSERACT.name);
    let started = run(
        TESSERACT,
        command.arg("--version"),
        patience(&CancelToken::default()),
    );
    (TESSERACT.name, started.is_ok())
}

impl Layout {
    fn mode(self) -> &'static str {
        match self {
            Self::Page => "3",
            Self::Block => "6",
        }
    }
}

fn patience(cancel: &CancelToken) -> Patience {
    Patience {
        stall: MAX_STALL,
        cancel: cancel.clone(),
    }
}

fn failed(message: &str) -> ProgramError {
    ProgramError::Failed {
        program: TESSERACT.name,
        message: message.to_owned(),
    }
}

/// The picture at the size at which it is read.
fn enlarged(frame: &Frame<'_>) -> Frame<'static> {
    let (width, height) = (frame.width(), frame.height());
    let longer = width.max(height);
    let target = LONGER_SIDE
        .min(longer * MAX_ENLARGEMENT)
        .max(longer.min(MAX_LONGER_SIDE));
    let side = |pixels: usize| (pixels * target / longer).max(1);
    frame.resized(side(width), side(height))
}

/// Rec. 601.
fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    ((299 * r + 587 * g + 114 * b + 500) / 1000) as u8
}

fn write_pgm(path: &Path, gray: &[u8], (width, height): (usize, usize)) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    write!(file, "P5\n{width} {height}\n255\n")?;
    file.write_all(gray)
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// The words between spaces; the last ones are left out if they are too many.
fn joined(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if text.chars().count() + word.chars().count() >= MAX_CHARS {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_read_at_a_size_that_tesseract_likes() {
        let read_at = |width, height| {
            let frame = Frame::from_pixels(vec![0; 3 * width * height], width, height).unwrap();
            let frame = enlarged(&frame);
            (frame.width(), frame.height())
        };
        assert_eq!(read_at(512, 256), (1536, 768));
        assert_eq!(read_at(100, 50), (300, 150));
        assert_eq!(read_at(2000, 1), (2000, 1));
        assert_eq!(read_at(100, 5000), (51, 2560));
    }

    #[test]
    fn long_texts_end_at_a_word() {
        let words = vec!["four".to_owned(); 1000];
        let text = joined(&words);
        assert!(text.len() <= MAX_CHARS && text.len() > MAX_CHARS - 6 && text.ends_with("four"));
    }
}
