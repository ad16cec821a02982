//! Names and texts of files in messages.

/// A name or text as a part of one line, which a terminal shows and does not obey: control
/// characters are escaped. Calculators, types and options are of a file's choice.
pub(crate) fn printable(text: &str) -> String {
    /// Characters that are shown; names of honest files have at most a hundred.
    const MAX_SHOWN: usize = 400;
    let mut shown = String::new();
    for c in text.chars().take(MAX_SHOWN) {
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_as_such() {
        assert_eq!(
            printable("a\u{1b}[31m\u{7}\u{9b}ä"),
            "a\\u{1b}[31m\\u{7}\\u{9b}ä"
        );
        assert!(printable(&"x".repeat(1_000)).ends_with("x…"));
    }
}
