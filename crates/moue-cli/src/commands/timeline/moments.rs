//! The moments of a clip: when somebody in it has a strong expression.

use super::clip::{Clip, Person};
use crate::stores::Store;
use anyhow::{Result, ensure};
use moue::embed::{Emotion, Emotions};
use moue::gallery::SearchOptions;
use moue::geometry::BoundingBox;
use moue::video::{self, Timeline, TimelineOptions};
use moue::{Expression, Match};
use std::time::Duration;

/// A moment with its matches, best first.
pub(super) struct Row {
    /// From 1, in the order of the times.
    pub(super) number: usize,
    /// Whose it is, from 1.
    pub(super) person: usize,
    pub(super) place: BoundingBox,
    pub(super) time: Duration,
    pub(super) expression: Expression,
    pub(super) strength: f32,
    pub(super) emotions: Emotions,
    pub(super) matches: Vec<Match>,
}

impl Row {
    /// The label of the best picture.
    pub(super) fn label(&self) -> Option<&str> {
        self.matches.first().map(|best| best.label.as_str())
    }

    /// That label; without a match, what people would call the expression.
    fn words(&self) -> &str {
        self.label().unwrap_or(self.emotions.top().name())
    }
}

/// The moments of a clip in the order of their times.
pub(super) struct Moments<'a> {
    pub(super) clip: &'a Clip,
    pub(super) rows: Vec<Row>,
    /// For each person and sample, the strength of the expression, 0 to 1.
    pub(super) curves: Vec<Vec<f32>>,
}

impl<'a> Moments<'a> {
    /// Finds the moments, at most `limit`, and their matches.
    pub(super) fn of(
        clip: &'a Clip,
        gallery: &Store,
        search: &SearchOptions,
        limit: usize,
    ) -> Result<Self> {
        let options = TimelineOptions {
            limit,
            ..TimelineOptions::default()
        };
        let mut rows = Vec::new();
        let mut curves = Vec::new();
        for (i, person) in clip.people.iter().enumerate() {
            let timeline = Timeline::of(&person.samples, &options);
            rows.extend(timeline.moments.iter().map(|m| row(i + 1, person, m)));
            curves.push(timeline.curve);
        }
        let mut rows = strongest(rows, limit);
        for row in &mut rows {
            let search = SearchOptions {
                emotions: video::agreeing(&row.emotions),
                ..search.clone()
            };
            // The best one is shown, the JSON has the others to choose from.
            row.matches = gallery.search(&[row.expression], &search)?;
        }
        Ok(Self { clip, rows, curves })
    }

    /// Only the moments of these numbers.
    pub(super) fn only(mut self, numbers: &[usize]) -> Result<Self> {
        let count = self.rows.len();
        let unknown = numbers.iter().find(|n| !(1..=count).contains(n));
        ensure!(
            unknown.is_none(),
            "--only {}: the moments are numbered from 1 to {count}",
            unknown.unwrap_or(&0)
        );
        self.rows.retain(|row| numbers.contains(&row.number));
        Ok(self)
    }

    /// What to call a moment, and whose it is where that is not clear.
    pub(super) fn words(&self, row: &Row) -> String {
        match self.person(row) {
            Some(person) => format!("{person}: {}", row.words()),
            None => row.words().to_owned(),
        }
    }

    /// `person 2`, where people have to be told apart.
    pub(super) fn person(&self, row: &Row) -> Option<String> {
        let is_told = self.clip.has_several();
        is_told.then(|| format!("person {}", row.person))
    }

    /// Whether somebody else is seen at a moment, so that it has to be marked whose it is.
    pub(super) fn is_among_others(&self, row: &Row) -> bool {
        const AROUND: Duration = Duration::from_millis(500);
        let people = &self.clip.people;
        // Not those of the next shot.
        let [first, last] = people[row.person - 1].presence().unwrap_or_default();
        let from = row.time.saturating_sub(AROUND).max(first);
        let to = (row.time + AROUND).min(last);
        let mut others = people
            .iter()
            .enumerate()
            .filter(|(i, _)| i + 1 != row.person);
        others.any(|(_, other)| other.places(from, to).next().is_some())
    }

    /// Why there is no moment; `None` if there are some.
    pub(super) fn note(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        let strengths = self.curves.iter().flatten();
        let strongest = strengths.copied().fold(0.0, f32::max);
        if strongest < TimelineOptions::default().min_strength {
            return Some("the face stays neutral".into());
        }
        Some(match self.lasting_emotion() {
            Some(emotion) => {
                format!("the face shows {emotion} all the time, so no moment stands out")
            }
            None => "no expression is held that stands out; a mouth that speaks is none".into(),
        })
    }

    /// What most of the faces would be called, other than neutral.
    fn lasting_emotion(&self) -> Option<Emotion> {
        let samples = || self.clip.people.iter().flat_map(|p| &p.samples);
        let count = |emotion: &Emotion| {
            let is_top = |(_, e): &&(Duration, Expression)| e.emotions().top() == *emotion;
            samples().filter(is_top).count()
        };
        let mut expressive = Emotion::ALL.into_iter().filter(|e| *e != Emotion::Neutral);
        expressive.find(|emotion| 2 * count(emotion) > samples().count())
    }
}

fn row(person: usize, seen: &Person, moment: &video::Moment) -> Row {
    let (time, expression) = seen.samples[moment.index];
    Row {
        number: 0,
        person,
        place: seen.boxes[moment.index],
        time,
        expression,
        strength: moment.strength,
        emotions: expression.emotions(),
        matches: Vec::new(),
    }
}

/// The strongest moments of all people, by time and numbered.
fn strongest(mut rows: Vec<Row>, limit: usize) -> Vec<Row> {
    rows.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    rows.truncate(limit);
    rows.sort_by_key(|row| (row.time, row.person));
    for (i, row) in rows.iter_mut().enumerate() {
        row.number = i + 1;
    }
    rows
}
