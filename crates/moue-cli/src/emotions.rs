//! How emotions are shown: words, colors and a bar.

use crate::palette::{self, BLUE, Color, GREEN, ORANGE, PURPLE, SKY_BLUE, VERMILION, YELLOW};
use moue::embed::{Emotion, EmotionFilter, Emotions};
use moue::gallery::GalleryError;
use moue::{Expression, Gallery};
use std::collections::HashMap;

const GRAY: Color = [140, 145, 162];

/// A color for each emotion, in the order of [`Emotion::ALL`]; neutral is gray.
const COLORS: [Color; Emotion::ALL.len()] = [
    GRAY, YELLOW, SKY_BLUE, BLUE, VERMILION, GREEN, PURPLE, ORANGE,
];

/// The color that stands for an emotion.
pub(crate) fn color(emotion: Emotion) -> Color {
    COLORS[emotion as usize]
}

/// The color as HTML has it.
pub(crate) fn html_color(emotion: Emotion) -> String {
    palette::html(color(emotion))
}

/// The leading emotion and its share: `happiness 0.92`.
pub(crate) fn leading(emotions: &Emotions) -> String {
    let top = emotions.top();
    format!("{top} {:.2}", emotions.share(top))
}

/// The parts of a bar of so many pixels: for each emotion its color, its first pixel and the one
/// after its last. The parts fill the bar.
pub(crate) fn bar(emotions: &Emotions, length: i64) -> impl Iterator<Item = ([u8; 3], [i64; 2])> {
    let mut before = 0.0;
    let parts = emotions.iter().map(|(emotion, share)| {
        let start = (before * length as f32).round() as i64;
        before += share;
        let end = (before * length as f32).round() as i64;
        (color(emotion), [start, end.min(length)])
    });
    parts.collect::<Vec<_>>().into_iter()
}

/// The emotions of the gallery's faces that meet the conditions, by id. Computed from the stored
/// expressions, which takes 48 bytes a face.
pub(crate) fn of_gallery(
    gallery: &Gallery,
    conditions: &[EmotionFilter],
) -> Result<HashMap<u64, Emotions>, GalleryError> {
    let mut all = HashMap::new();
    gallery.for_each_expression(|id, expression| {
        let emotions = expression.emotions();
        if conditions.iter().all(|c| c.matches(&emotions)) {
            all.insert(id, emotions);
        }
        Ok::<(), GalleryError>(())
    })?;
    Ok(all)
}

/// The columns of a table for the emotions of an expression, then for its numbers on request.
pub(crate) fn csv_header(with_numbers: bool) -> String {
    let mut names: Vec<String> = Emotion::ALL.map(|e| e.to_string()).into();
    if with_numbers {
        let count = moue::embed::EXPRESSION_LEN;
        names.extend((0..count).map(|i| format!("e{i}")));
    }
    names.join(",")
}

/// The cells of these columns; empty ones without an expression.
pub(crate) fn csv_cells(expression: Option<&Expression>, with_numbers: bool) -> String {
    let Some(expression) = expression else {
        let separators = csv_header(with_numbers).matches(',').count();
        return ",".repeat(separators);
    };
    let emotions = expression.emotions();
    let mut cells: Vec<String> = emotions.iter().map(|(_, s)| format!("{s:.4}")).collect();
    if with_numbers {
        // As many digits as a float has, so that reading them gives the same numbers.
        cells.extend(expression.0.iter().map(ToString::to_string));
    }
    cells.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression() -> Expression {
        Expression(std::array::from_fn(|i| if i == 3 { 1.0 } else { 0.0 }))
    }

    #[test]
    fn a_bar_is_filled_without_gaps() {
        for length in [1, 7, 640] {
            let parts: Vec<_> = bar(&expression().emotions(), length).collect();
            assert_eq!(parts[0].1[0], 0);
            assert!(parts.windows(2).all(|p| p[0].1[1] == p[1].1[0]));
            assert_eq!(parts[Emotion::ALL.len() - 1].1[1], length);
        }
    }

    #[test]
    fn every_row_has_the_columns_of_the_header() {
        for with_numbers in [false, true] {
            let columns = csv_header(with_numbers).split(',').count();
            for cells in [Some(&expression()), None].map(|e| csv_cells(e, with_numbers)) {
                assert_eq!(cells.split(',').count(), columns);
            }
        }
    }
}
