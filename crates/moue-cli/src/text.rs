//! Text that others wrote, on its way to a terminal, a table or subtitles: names of files, labels,
//! captions, options, messages of other programs.

/// A text as one line of a terminal. Characters that a terminal obeys instead of showing them are
/// escaped: they could move the cursor, forge lines, change the title or reverse the direction of
/// what follows.
pub(crate) fn shown(text: &str) -> String {
    escaped(text, is_unsafe)
}

/// A text of several lines: as [`shown`], but line breaks stay.
pub(crate) fn shown_lines(text: &str) -> String {
    escaped(text, |c| c != '\n' && is_unsafe(c))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_escaped(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Whether a terminal may obey the character. Besides control characters these are the line
/// separators and the formatting characters of the Unicode Bidirectional Algorithm (UAX #9), with
/// which a name can look like another one.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2066}'..='\u{206f}' | '\u{feff}')
}

/// JSON whose strings hold no character that a terminal obeys. JSON itself demands this only of
/// the characters below U+0020; others, such as the CSI of eight-bit terminals, are escaped too.
pub(crate) fn safe_json(json: String) -> String {
    if !json.contains(is_unsafe) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 32);
    for c in json.chars() {
        if is_unsafe(c) {
            // All unsafe characters are below U+10000, so they are one unit of UTF-16.
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A text as a quoted field of RFC 4180 that spreadsheets take for text. A field that begins with
/// one of these characters would be a formula (OWASP, "CSV Injection"); the apostrophe before it is
/// what spreadsheets use to mark text.
pub(crate) fn csv_cell(text: &str) -> String {
    let begins_formula = |c: char| "=+-@\t\r\n＝＋－＠".contains(c);
    let is_formula =
        text.starts_with(begins_formula) || text.trim_start().starts_with(begins_formula);
    // A dash alone is the name of standard input, and no formula.
    let apostrophe = if is_formula && text != "-" { "'" } else { "" };
    format!("\"{apostrophe}{}\"", shown(text).replace('"', "\"\""))
}

/// A text as a line of a subtitle (SubRip). An empty line would end the subtitle, and an arrow
/// would look like the times of the next one.
pub(crate) fn subtitle(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    shown(&words.join(" ")).replace("-->", "→")
}

/// Things of which one is meant: `a, b or c`.
pub(crate) fn alternatives(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// Whether two words are alike but for one letter that is wrong, missing or too much, or two neighbors
/// that are swapped.
pub(crate) fn is_near(a: &str, b: &str) -> bool {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase()) <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_end_in_or() {
        let of = |things: &[&str]| {
            let things: Vec<String> = things.iter().map(ToString::to_string).collect();
            alternatives(&things)
        };
        assert_eq!(of(&["a"]), "a");
        assert_eq!(of(&["a", "b", "c"]), "a, b or c");
    }

    #[test]
    fn what_terminals_obey_is_escaped() {
        assert_eq!(
            shown("a\x1b[31mb\u{9b}\u{202e}\n"),
            r"a\u{1b}[31mb\u{9b}\u{202e}\n"
        );
        assert_eq!(shown_lines("a\nb\rc"), "a\nb\\rc");
        assert_eq!(shown("Señor 日本 😀"), "Señor 日本 😀");
    }

    #[test]
    fn json_stays_the_same_value() {
        let text = "a\u{9b}31m\u{7f}\u{202e}\x1b";
        let json = safe_json(serde_json::to_string(text).unwrap());
        assert!(!json.contains(is_unsafe));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn cells_are_no_formulas() {
        assert_eq!(csv_cell("-"), "\"-\"");
        assert_eq!(csv_cell("=1+1"), "\"'=1+1\"");
        assert_eq!(csv_cell("\t=1"), "\"'\\t=1\"");
        assert_eq!(csv_cell(" @SUM(A1)"), "\"' @SUM(A1)\"");
        assert_eq!(csv_cell("a \"b\" = c"), "\"a \"\"b\"\" = c\"");
    }

    #[test]
    fn a_subtitle_is_one_line() {
        assert_eq!(subtitle("a\n\n2\n00:00 --> b"), "a 2 00:00 → b");
    }

    #[test]
    fn one_mistake_is_near() {
        for word in ["emojis", "emoj", "emoij", "Emoji", "emojo"] {
            assert!(is_near(word, "emoji"), "{word}");
        }
        for word in ["", "emo", "emoticon", "meoij"] {
            assert!(!is_near(word, "emoji"), "{word}");
        }
    }
}
