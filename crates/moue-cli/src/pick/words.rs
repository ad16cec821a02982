//! The search for a face and words together.

use super::item::Item;
use crate::live_search::Lookup;
use anyhow::Result;
use moue::gallery::SearchOptions;
use moue::{Expression, Match};

/// Of pictures that have one word so many are looked at for the others: more would not be found by an
/// expression either.
const LOOKED_AT: usize = 256;

/// The matches of an expression that have all of these words in label, caption or tags. Without an
/// expression the pictures with these words are those that are nearest to an average face.
pub(crate) fn matches(
    lookup: &mut Lookup,
    expression: Option<&Expression>,
    words: &str,
    shown: &[Match],
) -> Result<Vec<Match>> {
    let Some(word) = first_word(words) else {
        return expression.map_or(Ok(Vec::new()), |face| lookup.matches(face, shown));
    };
    let average = average_face(lookup.options());
    let expression = expression.unwrap_or(&average);
    let limit = lookup.options().limit;
    let mut all = Vec::new();
    for options in [
        with_text(lookup.options(), word),
        with_tag(lookup.options(), word),
    ] {
        all.extend(lookup.matches_by(expression, shown, &options)?);
    }
    Ok(chosen(all, &all_words(lookup.options(), words), limit))
}

fn first_word(words: &str) -> Option<&str> {
    let word = words.split_whitespace().next()?;
    Some(word.trim_start_matches('#'))
}

/// The typed words and that of `--label`, whose place in the filter the first of them takes.
fn all_words(options: &SearchOptions, words: &str) -> String {
    let label = options.filter.text.as_deref().unwrap_or_default();
    format!("{label} {words}")
}

/// Pictures whose label or caption has the word. Limits of nearness stay, but what is typed is asked
/// for, so equal expressions are shown too.
fn with_text(options: &SearchOptions, word: &str) -> SearchOptions {
    let mut options = SearchOptions {
        limit: LOOKED_AT,
        variety: None,
        ..options.clone()
    };
    options.filter.text = Some(word.to_owned());
    options
}

fn with_tag(options: &SearchOptions, word: &str) -> SearchOptions {
    let mut options = with_text(options, word);
    options.filter.text = None;
    options.filter.tags.push(word.to_owned());
    options
}

/// The best matches with all words, each picture once.
fn chosen(mut all: Vec<Match>, words: &str, limit: usize) -> Vec<Match> {
    all.retain(|m| Item::of(m, "").has_words(words));
    all.sort_by(|a, b| a.score.total_cmp(&b.score).then(a.id.cmp(&b.id)));
    all.dedup_by_key(|m| m.id);
    all.truncate(limit);
    all
}

/// The mean of many people's expressions, of unit length as all are.
pub(super) fn average_face(options: &SearchOptions) -> Expression {
    let mean = options
        .population_mean
        .or(SearchOptions::varied().population_mean);
    let mut mean = mean.unwrap_or([1.0; 64]);
    let length = mean
        .iter()
        .map(|x| x * x)
        .sum::<f32>()
        .sqrt()
        .max(f32::MIN_POSITIVE);
    mean.iter_mut().for_each(|x| *x /= length);
    Expression(mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: u64, score: f32, label: &str) -> Match {
        Match {
            id,
            score,
            label: label.into(),
            ..Match::default()
        }
    }

    #[test]
    fn the_nearest_with_all_words_are_chosen_once() {
        let all = vec![
            found(1, 0.5, "cat monday"),
            found(2, 0.2, "cat"),
            found(3, 0.3, "monday cat"),
            found(1, 0.5, "cat monday"),
        ];
        let ids = |limit| {
            let chosen = chosen(all.clone(), " monday cat", limit);
            chosen.iter().map(|m| m.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(9), [3, 1]);
        assert_eq!(ids(1), [3]);
    }

    #[test]
    fn the_average_face_has_unit_length() {
        for options in [SearchOptions::varied(), SearchOptions::nearest(3)] {
            let Expression(numbers) = average_face(&options);
            let length = numbers.iter().map(|x| x * x).sum::<f32>();
            assert!((length - 1.0).abs() < 1e-4, "{length}");
        }
    }

    #[test]
    fn a_tag_may_be_typed_with_its_sign() {
        assert_eq!(first_word(" #cats now"), Some("cats"));
        assert_eq!(first_word("  "), None);
    }
}
