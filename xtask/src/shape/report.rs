//! The figures as text.

use super::figures::Shape;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A table of all crates, then the longest functions and all that a bound is set on.
pub(super) fn text(shapes: &BTreeMap<String, Shape>, longest: usize) -> String {
    let mut out = String::from(
        "                files  code  fn median p90 max  why/100  tuple lets  bool matches  old words  circles\n",
    );
    for (group, shape) in shapes {
        let _ = writeln!(out, "{}", row(group, shape));
    }
    // The table first, as it is what one compares; details follow.
    for (group, shape) in shapes {
        let _ = write!(out, "{}", details(group, shape, longest));
    }
    out
}

fn row(group: &str, shape: &Shape) -> String {
    format!(
        "{group:15} {:6} {:5}  {:9} {:3} {:3}  {:7.2}  {:10}  {:12}  {:9}  {:7}",
        shape.files,
        shape.code_lines,
        shape.function_median,
        shape.function_p90,
        shape.function_max,
        shape.why_per_100,
        shape.tuple_lets.len(),
        shape.bool_matches.len(),
        shape.old_words.len(),
        shape.circles.len(),
    )
}

fn details(group: &str, shape: &Shape, longest: usize) -> String {
    let mut out = format!("\n{group}\n");
    for function in shape.functions.iter().take(longest) {
        let _ = writeln!(
            out,
            "  {:4} lines  {} {}",
            function.lines, function.place, function.name
        );
    }
    for place in &shape.tuple_lets {
        let _ = writeln!(out, "  tuple let   {place}");
    }
    for circle in &shape.circles {
        let _ = writeln!(out, "  circle      {}", circle.modules.join(" ↔ "));
        for import in &circle.imports {
            let _ = writeln!(out, "              {import}");
        }
    }
    out
}
