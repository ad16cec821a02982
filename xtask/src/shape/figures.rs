//! What is measured of one crate, or of one folder of scripts.

use super::circles::Circle;
use super::files::{Language, Source};
use super::syntax::{self, Function, Place};
use super::{limits, words};
use anyhow::Result;
use serde::Serialize;

/// What was measured of one crate, or of one folder of scripts.
#[derive(Default, Serialize)]
pub(super) struct Shape {
    pub(super) files: usize,
    /// Files over the bound, and their lines.
    pub(super) long_files: Vec<(String, usize)>,
    /// All functions outside of tests, longest first.
    #[serde(skip)]
    pub(super) functions: Vec<Function>,
    pub(super) function_median: usize,
    pub(super) function_p90: usize,
    pub(super) function_max: usize,
    /// Functions over the bound.
    pub(super) long_functions: Vec<Function>,
    pub(super) code_lines: usize,
    pub(super) why_comments: usize,
    /// Why-comments for 100 lines of code.
    pub(super) why_per_100: f64,
    pub(super) tuple_lets: Vec<Place>,
    pub(super) bool_matches: Vec<Place>,
    pub(super) old_words: Vec<words::Found>,
    /// Modules that import each other, directly or by way of others.
    pub(super) circles: Vec<Circle>,
}

impl Shape {
    /// Adds what one file holds.
    pub(super) fn add(&mut self, source: &Source) -> Result<()> {
        self.old_words.extend(words::anywhere(source));
        match source.language {
            Language::Rust => self.add_rust(source)?,
            Language::Python => self.old_words.extend(words::in_python(source)),
            Language::Other => return Ok(()),
        }
        self.files += 1;
        let lines = source.text.lines().count();
        if lines > limits::FILE_LINES {
            self.long_files.push((source.path.clone(), lines));
        }
        Ok(())
    }

    fn add_rust(&mut self, source: &Source) -> Result<()> {
        let measured = syntax::measure(source)?;
        self.functions.extend(measured.functions);
        self.tuple_lets.extend(measured.tuple_lets);
        self.bool_matches.extend(measured.bool_matches);
        self.code_lines += measured.code_lines;
        self.why_comments += measured.why_comments;
        self.old_words
            .extend(words::in_rust(source, &measured.names));
        Ok(())
    }

    /// Orders the functions and derives the figures that all files together give.
    pub(super) fn finish(&mut self) {
        self.functions
            .sort_by_key(|f| std::cmp::Reverse((f.lines, f.place.clone())));
        let at = |share: f64| self.functions.len() as f64 * (1.0 - share);
        let length = |index: f64| self.functions.get(index as usize).map_or(0, |f| f.lines);
        self.function_median = length(at(0.5));
        self.function_p90 = length(at(0.9));
        self.function_max = length(0.0);
        self.long_functions = self
            .functions
            .iter()
            .filter(|f| f.lines > limits::FUNCTION_LINES)
            .cloned()
            .collect();
        self.why_per_100 = 100.0 * self.why_comments as f64 / self.code_lines.max(1) as f64;
    }
}
