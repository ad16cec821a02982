//! The bounds that the code keeps, as `docs/development.md` states them.

/// Lines of a file: about what a reader keeps in mind of one subject.
pub(super) const FILE_LINES: usize = 450;

/// Lines of a function, from the signature to the closing brace: one screen.
pub(super) const FUNCTION_LINES: usize = 55;

/// Nine of ten functions are at most this long.
pub(super) const FUNCTION_P90: usize = 20;

/// `let (a, b) = (x, y)` in the whole project; a few exchange two values or read well.
pub(super) const TUPLE_LETS: usize = 30;

/// Why-comments for 100 lines of code, where numbers and algorithms need a source.
pub(super) const WHY_PER_100: [(&str, f64); 3] =
    [("moue", 3.0), ("moue-nn", 3.0), ("moue-graph", 3.0)];

/// Why-comments for 100 lines of code of every other crate.
pub(super) const WHY_ELSEWHERE: f64 = 1.0;
