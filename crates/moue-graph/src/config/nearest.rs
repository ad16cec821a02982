//! "Did you mean": the known name nearest to an unknown one.

/// Similarity below which no name is suggested.
// Chosen by hand. A lower limit suggests names that share nothing but an ending such as
// `Calculator`; a higher one misses short names with one wrong letter.
const MIN_SIMILARITY: f64 = 0.75;

/// Longest name in bytes that is compared, several times that of MediaPipe's longest calculator.
const MAX_COMPARED: usize = 200;

/// The known name most similar to `name` by Jaro-Winkler similarity (Winkler 1990), if any is
/// similar enough.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Jaro-Winkler weighs a common prefix: people get the beginning of a long name right.
    // The comparison takes the product of both lengths; nobody mistypes a name of a kilobyte.
    let short = |name: &str| name.len() <= MAX_COMPARED;
    if !short(name) {
        return None;
    }
    let lower = name.to_lowercase();
    let scored = known
        .into_iter()
        .filter(|other| short(other))
        .map(|other| (strsim::jaro_winkler(&lower, &other.to_lowercase()), other));
    scored
        .filter(|(score, _)| *score > MIN_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}

/// The end of a message about an unknown name: `; did you mean …?`, or nothing.
pub(crate) fn hint<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, known)
        .map(|n| format!("; did you mean {n}?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typing_errors_are_seen_through() {
        let known = ["FlowLimiterCalculator", "GateCalculator"];
        assert_eq!(
            nearest("FlowLimitterCalculator", known),
            Some("FlowLimiterCalculator")
        );
        assert_eq!(nearest("zzz", known), None);
    }
}
