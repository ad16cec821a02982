//! Tesseract's table of what it has read: TSV with twelve columns.

/// The column `level` of a word.
const WORD: &str = "5";

/// Columns, from 0.
const CONFIDENCE: usize = 10;
const TEXT: usize = 11;

/// The words of at least this confidence, in percent, without the marks around them.
pub(super) fn words(table: &str, confidence: f32) -> Vec<String> {
    table
        .lines()
        .filter_map(|line| word(line, confidence))
        .collect()
}

fn word(line: &str, least: f32) -> Option<String> {
    // By hand rather than by a CSV reader: tesseract quotes nothing, not even quotes.
    let columns: Vec<_> = line.split('\t').collect();
    let confidence: f32 = columns.get(CONFIDENCE)?.parse().ok()?;
    let is_sure = columns[0] == WORD && confidence >= least;
    let text = columns.get(TEXT)?;
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    (is_sure && is_word(text)).then(|| text.to_owned())
}

/// A single Latin letter is a speck more often than a word; a single Chinese character is a word.
/// More marks than letters are a texture, and a letter repeated is a pair of eyes.
fn is_word(text: &str) -> bool {
    let characters = text.chars().count();
    let letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let is_long = (characters > 1 && !is_repeated(text)) || !text.is_ascii();
    is_long && letters > 0 && 3 * letters >= 2 * characters
}

fn is_repeated(text: &str) -> bool {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    letters
        .next()
        .is_some_and(|first| letters.all(|letter| letter == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
        4\t1\t1\t1\t1\t0\t36\t92\t582\t269\t-1\t\n\
        5\t1\t1\t1\t1\t1\t36\t92\t582\t269\t96.5\t\"MONDAY,\n\
        5\t1\t1\t1\t1\t2\t36\t92\t582\t269\t59.9\tmaybe\n\
        5\t1\t1\t1\t1\t3\t36\t92\t582\t269\t90\tI\n\
        5\t1\t1\t1\t1\t4\t36\t92\t582\t269\t90\ta/~_b\n\
        5\t1\t1\t1\t1\t5\t36\t92\t582\t269\t90\t月\n\
        5\t1\t1\t1\t1\t6\t36\t92\t582\t269\t90\toO\n\
        5\tcut off";

    #[test]
    fn sure_words_are_taken_and_marks_are_not() {
        assert_eq!(words(TABLE, 60.0), ["MONDAY", "月"]);
        assert_eq!(words(TABLE, 59.0), ["MONDAY", "maybe", "月"]);
    }
}
