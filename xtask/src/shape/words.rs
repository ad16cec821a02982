//! Words that the project once used in a sense of its own, and the field's words for them.
//!
//! A rare word must not occur at all. An everyday word is fine in a sentence, but must not be the
//! name of an item or a field.

use super::files::{Language, Source};
use super::syntax::Place;
use serde::Serialize;
use std::collections::BTreeSet;

/// An old word and where it still is.
#[derive(Serialize)]
pub(super) struct Found {
    pub(super) word: String,
    /// The words to use instead.
    pub(super) instead: &'static str,
    pub(super) place: Place,
}

/// Old names that nothing else is called, and what to call it.
const RARE: [(&str, &str); 51] = [
    ("Looker", "FaceExtractor"),
    ("LookError", "ExtractError"),
    ("LookOptions", "ExtractOptions"),
    ("look_again", "refine"),
    ("look_everywhere", "detect_views"),
    ("unwanted", "negatives"),
    ("lacking", "mean_square_offset"),
    ("Manner", "ScanMode"),
    ("StoredNumbers", "GalleryStats"),
    ("note_files", "record_files"),
    ("Steadiness", "StabilizerOptions"),
    ("PATIENCE", "SPINS_BEFORE_PARK"),
    ("ByteConvJob", "Int8ConvJob"),
    ("FROM_BOTTOM", "ZERO_POINT_SHIFT"),
    ("Framed", "BorderedInput"),
    ("own_bounds", "sets_bounds"),
    ("session_on", "session_with_threads"),
    ("Isa::multiply_add", "measure_peak"),
    ("HowArgs", "IngestArgs"),
    ("unevenness", "hubness_loss"),
    ("go_on", "advance"),
    ("complain", "report_unmatched"),
    ("framed", "bordered"),
    ("hashes.rs", "perceptual_hash.rs"),
    ("look.rs", "extract.rs"),
    ("on_team", "on_pool"),
    ("multiplies_each", "multiply_adds"),
    ("choices.py", "compare_models.py"),
    ("course.py", "trainer.py"),
    ("steadiness.py", "robustness.py"),
    ("moue_training.choices", "compare_models"),
    ("moue_training.course", "trainer"),
    ("moue_training.steadiness", "robustness"),
    ("colour", "color"),
    ("colours", "colors"),
    ("coloured", "colored"),
    ("grey", "gray"),
    ("centre", "center"),
    ("centres", "centers"),
    ("centred", "centered"),
    ("neighbour", "neighbor"),
    ("neighbours", "neighbors"),
    ("quantise", "quantize"),
    ("quantised", "quantized"),
    ("quantisation", "quantization"),
    ("normalise", "normalize"),
    ("normalised", "normalized"),
    ("recognise", "recognize"),
    ("behaviour", "behavior"),
    ("licence", "license"),
    ("licences", "licenses"),
];

/// Old names that are everyday words, and the paths in which they had the old sense.
const EVERYDAY: [(&str, &str, &str); 58] = [
    ("Seen", "Extracted", ""),
    ("looks", "perceptual_hash", ""),
    ("hashes", "perceptual_hash", "crates/moue/src/gallery/"),
    ("Held", "CachedChunks", ""),
    ("Gate", "RowFilter", ""),
    ("lets", "matches", "crates/moue/src/gallery/"),
    ("wanted", "targets", ""),
    ("top", "limit", "crates/moue/src/gallery/"),
    ("top", "limit", "crates/moue/src/finder"),
    ("top", "limit", "crates/moue-cli/src/args/"),
    ("top", "limit", "crates/moue-graph/"),
    ("apart", "min_separation", "crates/moue/src/"),
    ("said", "dequantized", ""),
    ("Item", "FaceVector", "crates/moue/src/gallery/"),
    ("most", "upper bound", "crates/moue/src/gallery/"),
    ("least", "lower bound", "crates/moue/src/gallery/"),
    ("numbers", "stats", "crates/moue/src/gallery/"),
    ("moved", "relocate", "crates/moue/src/gallery/"),
    ("renewed", "to_new", ""),
    ("Steady", "MatchStabilizer", ""),
    ("Tracking", "TrackerOptions", ""),
    ("Team", "ThreadPool", ""),
    ("members", "threads", "crates/moue-nn/"),
    ("Walk", "Indirection", "crates/moue-nn/"),
    ("Reading", "InputAddressing", "crates/moue-nn/"),
    ("Reading", "ReadTxn", "crates/moue/src/gallery/"),
    ("Writing", "WriteTxn", "crates/moue/src/gallery/"),
    ("Draft", "PendingStep", "crates/moue-nn/"),
    ("settle", "resolve", "crates/moue-nn/"),
    ("Life", "LiveRange", "crates/moue-nn/"),
    ("rest", "idle", "crates/moue-graph/"),
    ("lend", "a name for what is passed", ""),
    ("Function", "UnaryOp", "crates/moue-nn/"),
    ("Arithmetic", "BinaryOp", "crates/moue-nn/"),
    ("sides", "side_packets", ""),
    ("Maker", "CalculatorFactory", ""),
    ("Done", "CallResult", ""),
    ("What", "CandidateKind", ""),
    ("Made", "Processed", ""),
    ("Tally", "AddSummary", ""),
    ("Texts", "Metadata", ""),
    ("Pack", "Archive", ""),
    ("say", "print_result", ""),
    ("what", "selector", ""),
    ("SEEN", "MIN_FACE_SHARE", ""),
    ("LOOK", "REFINE_WIDTHS", ""),
    ("CLOSER", "a name for what it bounds", ""),
    ("SURE", "a name for what it bounds", ""),
    (
        "SAME",
        "a name for what it bounds",
        "crates/moue/src/detect/",
    ),
    ("MOST", "a name for what it bounds", ""),
    ("LARGEST", "a name for what it bounds", ""),
    ("LEVEL", "a name for what it bounds", ""),
    ("Company", "EmbeddingQueue", ""),
    ("told", "cached_predictions", ""),
    ("rarity", "class_weights", ""),
    ("leak", "identity_leakage", "training/"),
    ("steadiness", "robustness", ""),
    ("course", "trainer", "training/"),
];

/// Only what users meet is held to the list; this list itself is not.
fn is_held_to_it(source: &Source) -> bool {
    ["crates/", "training/", "docs/"]
        .iter()
        .any(|folder| source.path.starts_with(folder))
}

/// Rare old words anywhere in a file.
pub(super) fn anywhere(source: &Source) -> Vec<Found> {
    if !is_held_to_it(source) {
        return Vec::new();
    }
    let lines = source.text.lines().enumerate();
    lines
        .flat_map(|(index, line)| {
            let present = RARE.iter().filter(|(word, _)| has_word(line, word));
            present.map(move |old| found(old, source, index + 1))
        })
        .collect()
}

/// Everyday old words among the names that a Rust file chose.
pub(super) fn in_rust(source: &Source, names: &[(String, usize)]) -> Vec<Found> {
    let named = names.iter().map(|(name, line)| (name.as_str(), *line));
    among(source, named)
}

/// Everyday old words among the functions, classes and attributes of a Python file.
pub(super) fn in_python(source: &Source) -> Vec<Found> {
    debug_assert!(source.language == Language::Python);
    let lines = source.text.lines().enumerate();
    among(
        source,
        lines.filter_map(|(index, line)| Some((python_name(line)?, index + 1))),
    )
}

/// The name that a line of Python defines: a function, a class, or an attribute of `self`.
fn python_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let heads = ["def ", "class ", "async def ", "self."];
    let rest = heads.iter().find_map(|head| line.strip_prefix(head))?;
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    let defined = !line.starts_with("self.") || rest[end..].trim_start().starts_with("= ");
    defined.then_some(&rest[..end])
}

fn among<'a>(source: &Source, names: impl Iterator<Item = (&'a str, usize)>) -> Vec<Found> {
    if !is_held_to_it(source) {
        return Vec::new();
    }
    let distinct: BTreeSet<_> = names.collect();
    let with_old = distinct.into_iter().filter_map(|(name, line)| {
        let old = EVERYDAY
            .iter()
            .find(|(word, _, below)| *word == name && source.path.starts_with(below))?;
        Some(found(&(old.0, old.1), source, line))
    });
    with_old.collect()
}

fn found(old: &(&'static str, &'static str), source: &Source, line: usize) -> Found {
    Found {
        word: old.0.to_owned(),
        instead: old.1,
        place: Place {
            file: source.path.clone(),
            line,
        },
    }
}

/// Whether `word` occurs in `line` as a whole word.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_only() {
        assert!(has_word("let x = Looker::new()", "Looker"));
        assert!(!has_word("Lookers", "Looker"));
        assert!(!has_word("own_bounds_of", "own_bounds"));
    }

    #[test]
    fn names_of_python() {
        assert_eq!(python_name("    def told(self):"), Some("told"));
        assert_eq!(python_name("self.leak = 3"), Some("leak"));
        assert_eq!(python_name("self.leak(3)"), None);
        assert_eq!(python_name("told = 3"), None);
    }
}
