//! The words below a picture of a sheet.

use super::measures::{TILE, WHITE};
use crate::raster;
use image::RgbImage;
use moue_graph::Canvas;

/// Letters are drawn so many times larger and then reduced: sizes of letters are whole dots, and
/// those between them are the usual ones of captions.
const SHARPNESS: u32 = 2;
/// Pixels of a dot of the letters before that: they are 14 pixels high, of which 26 to 40 fit.
const DOT: i64 = 3;
/// Pixels from one line to the next.
const LINE: u32 = 20;
/// Pixels above the first line and below the last.
const MARGIN: u32 = 7;
/// Lines of a description; what does not fit ends in an ellipsis.
const TEXT_LINES: usize = 3;

const TITLE_COLOR: [u8; 3] = [24, 26, 34];
const TEXT_COLOR: [u8; 3] = [78, 82, 98];
const TAG_COLOR: [u8; 3] = [38, 104, 178];

/// What a picture is called, what is written about it, and its tags.
#[derive(Debug, Default)]
pub(crate) struct Caption {
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) tags: String,
}

impl Caption {
    /// The lines, each with its color.
    fn lines(&self) -> Vec<(String, [u8; 3])> {
        let mut lines = vec![(fitted(&one_line(&self.title)), TITLE_COLOR)];
        let text = wrapped(&one_line(&self.text));
        lines.extend(text.into_iter().map(|line| (line, TEXT_COLOR)));
        if !self.tags.is_empty() {
            lines.push((fitted(&one_line(&self.tags)), TAG_COLOR));
        }
        lines
    }

    /// The caption as wide as a picture.
    pub(super) fn image(&self) -> RgbImage {
        let lines = self.lines();
        let height = 2 * MARGIN + LINE * lines.len() as u32;
        let [width, tall] = [TILE, height].map(|length| (length * SHARPNESS) as usize);
        let mut canvas = Canvas::new(width, tall, WHITE.0);
        for (i, (line, color)) in lines.iter().enumerate() {
            let top = (MARGIN + LINE * i as u32) * SHARPNESS;
            canvas.text([0, i64::from(top)], line, DOT, *color);
        }
        let large = raster::image_of(&canvas.into_image());
        raster::resized(&large, TILE, height)
    }
}

/// A line break within a text would have no place.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn width() -> i64 {
    i64::from(TILE * SHARPNESS)
}

fn fitted(text: &str) -> String {
    Canvas::fitted(text, DOT, width())
}

fn fits(text: &str) -> bool {
    Canvas::fitted(text, DOT, width()) == text
}

/// The text in lines that break between words; the last one ends in an ellipsis if there is more.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && lines.len() + 1 < TEXT_LINES {
        let line = first_line(rest);
        lines.push(line.trim_end().to_owned());
        rest = rest[line.len()..].trim_start();
    }
    if !rest.is_empty() {
        lines.push(fitted(rest));
    }
    lines
}

/// As many words as fit into a line; of a word that does not, as many letters.
fn first_line(text: &str) -> &str {
    let mut line = "";
    let spaces = text.match_indices(' ').map(|(at, _)| at);
    for end in spaces.chain([text.len()]) {
        if !fits(&text[..end]) {
            break;
        }
        line = &text[..end];
    }
    if !line.is_empty() {
        return line;
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends = ends.take_while(|end| fits(&text[..*end]));
    // At least one letter, so that the text comes to its end.
    let end = ends
        .last()
        .or_else(|| Some(text.chars().next()?.len_utf8()));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caption(text: &str) -> Caption {
        Caption {
            title: "a title\nof two lines".into(),
            text: text.into(),
            tags: String::new(),
        }
    }

    #[test]
    fn captions_break_between_words_and_end_in_an_ellipsis() {
        let short = caption("when it works").lines();
        assert_eq!(short[0].0, "a title of two lines");
        assert_eq!(short[1].0, "when it works");
        let long = "when the build is red again and nobody has changed anything ".repeat(9);
        let lines = caption(&long).lines();
        assert_eq!(lines.len(), 1 + TEXT_LINES);
        assert!(lines.iter().all(|(line, _)| fits(line)));
        assert!(lines[TEXT_LINES].0.ends_with('…'));
        // No word is lost before the end.
        let shown: Vec<&str> = lines[1..].iter().map(|(line, _)| line.as_str()).collect();
        let shown = shown.join(" ");
        assert!(long.starts_with(shown.trim_end_matches('…')), "{shown}");
    }

    #[test]
    fn texts_without_spaces_come_to_their_end() {
        let lines = wrapped(&"日本".repeat(60));
        assert!(lines.len() == TEXT_LINES && lines.iter().all(|line| fits(line)));
        assert_eq!(wrapped(""), Vec::<String>::new());
    }

    #[test]
    fn a_caption_is_drawn() {
        let dark = |caption: Caption| {
            let image = caption.image();
            image.pixels().filter(|pixel| pixel.0[0] < 128).count()
        };
        assert_eq!(dark(Caption::default()), 0);
        assert!(dark(caption("and a description")) > 100);
    }
}
