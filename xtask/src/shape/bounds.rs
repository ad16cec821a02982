//! Which bounds are broken.

use super::figures::Shape;
use super::limits::{
    FILE_LINES, FUNCTION_LINES, FUNCTION_P90, TUPLE_LETS, WHY_ELSEWHERE, WHY_PER_100,
};
use std::collections::BTreeMap;

/// One line for each bound that is broken.
pub(super) fn broken(shapes: &BTreeMap<String, Shape>) -> Vec<String> {
    let mut broken = Vec::new();
    for (group, shape) in shapes {
        broken.extend(of_lengths(group, shape));
        broken.extend(of_contents(group, shape));
    }
    let tuple_lets: usize = shapes.values().map(|s| s.tuple_lets.len()).sum();
    if tuple_lets >= TUPLE_LETS {
        broken.push(format!("{tuple_lets} tuple lets, not under {TUPLE_LETS}"));
    }
    broken
}

fn of_lengths(group: &str, shape: &Shape) -> Vec<String> {
    let files = shape
        .long_files
        .iter()
        .map(|(file, lines)| format!("{file}: {lines} lines, over {FILE_LINES}"));
    let functions = shape.long_functions.iter().map(|f| {
        format!(
            "{}: {} has {} lines, over {FUNCTION_LINES}",
            f.place, f.name, f.lines
        )
    });
    let mut broken: Vec<_> = files.chain(functions).collect();
    if shape.function_p90 > FUNCTION_P90 {
        broken.push(format!(
            "{group}: nine of ten functions have up to {} lines, over {FUNCTION_P90}",
            shape.function_p90
        ));
    }
    broken
}

fn of_contents(group: &str, shape: &Shape) -> Vec<String> {
    let matches = shape
        .bool_matches
        .iter()
        .map(|place| format!("{place}: a match on a bool"));
    let words = shape.old_words.iter().map(|old| {
        format!(
            "{}: the old word {}, now {}",
            old.place, old.word, old.instead
        )
    });
    let circles = shape
        .circles
        .iter()
        .map(|circle| format!("{group}: import circle {}", circle.modules.join(" ↔ ")));
    let mut broken: Vec<_> = matches.chain(words).chain(circles).collect();
    let least = least_why(group);
    if shape.code_lines > 0 && shape.why_per_100 < least {
        let has = shape.why_per_100;
        broken.push(format!(
            "{group}: {has:.2} why-comments for 100 lines, under {least}"
        ));
    }
    broken
}

fn least_why(group: &str) -> f64 {
    let own = WHY_PER_100.iter().find(|(name, _)| *name == group);
    own.map_or(WHY_ELSEWHERE, |(_, least)| *least)
}
