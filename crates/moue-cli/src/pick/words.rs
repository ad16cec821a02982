//! The search for a face and words together.

use crate::live_search::Lookup;
use anyhow::Result;
use moue::gallery::SearchOptions;
use moue::{Expression, Match};

/// Of the pictures that have a word so many are looked at, the nearest first, before those without the
/// other words are left out.
const LOOKED_AT: usize = 512;

/// The matches of an expression that have all of these words in label, caption, tags or the picture
/// itself. Without an expression they are those that are nearest to an average face.
pub(crate) fn matches(
    lookup: &mut Lookup,
    expression: Option<&Expression>,
    words: &str,
    shown: &[Match],
) -> Result<Vec<Match>> {
    let asked = lookup.options().clone();
    if words.trim().is_empty() {
        return expression.map_or(Ok(Vec::new()), |face| lookup.matches(face, shown));
    }
    let average = average_face(&asked);
    let expression = expression.unwrap_or(&average);
    let mut with_all: Option<Vec<Match>> = None;
    for word in terms(&asked, words) {
        let mut found = Vec::new();
        for options in [with_text(&asked, word), with_tag(&asked, word)] {
            found.extend(lookup.matches_by(expression, shown, &options)?);
        }
        with_all = Some(match with_all {
            Some(others) => in_both(others, &found),
            None => found,
        });
    }
    let found = nearest(with_all.unwrap_or_default(), asked.limit);
    lookup.remember(&found)?;
    Ok(found)
}

/// The typed words and the text of `--text`, whose place in the filter each of them takes.
fn terms<'a>(asked: &'a SearchOptions, words: &'a str) -> impl Iterator<Item = &'a str> {
    let typed = words.split_whitespace();
    let label = asked.filter.text.as_deref();
    typed.map(|word| word.trim_start_matches('#')).chain(label)
}

/// Pictures that have a word. Limits of nearness stay, but what is typed is asked for, so equal
/// expressions are shown too.
fn with_text(asked: &SearchOptions, word: &str) -> SearchOptions {
    let mut options = SearchOptions {
        limit: LOOKED_AT,
        variety: None,
        ..asked.clone()
    };
    options.filter.text = Some(word.to_owned());
    options
}

fn with_tag(asked: &SearchOptions, word: &str) -> SearchOptions {
    let mut options = with_text(asked, word);
    options.filter.text = None;
    options.filter.tags.push(word.to_owned());
    options
}

fn in_both(mut some: Vec<Match>, others: &[Match]) -> Vec<Match> {
    some.retain(|m| others.iter().any(|other| other.id == m.id));
    some
}

/// The best of these, each once.
fn nearest(mut all: Vec<Match>, limit: usize) -> Vec<Match> {
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

    fn found(id: u64, score: f32) -> Match {
        Match {
            id,
            score,
            ..Match::default()
        }
    }

    #[test]
    fn the_nearest_that_have_both_words_are_there_once() {
        let some = vec![found(1, 0.5), found(2, 0.2), found(3, 0.3), found(1, 0.5)];
        let others = [found(3, 0.3), found(1, 0.5), found(7, 0.1)];
        let ids = |limit| {
            let both = nearest(in_both(some.clone(), &others), limit);
            both.iter().map(|m| m.id).collect::<Vec<_>>()
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
    fn a_tag_may_be_typed_with_its_sign_and_the_label_stays_asked_for() {
        let mut asked = SearchOptions::varied();
        asked.filter.text = Some("grumpy cat".into());
        let all: Vec<&str> = terms(&asked, " #monday now").collect();
        assert_eq!(all, ["monday", "now", "grumpy cat"]);
    }
}
