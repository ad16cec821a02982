//! The moments of a clip: when somebody in it has a strong expression.

use crate::output::shown;
use crate::stores::Store;
use anyhow::{Result, ensure};
use moue::embed::{Emotion, Emotions};
use moue::gallery::SearchOptions;
use moue::geometry::BoundingBox;
use moue::video::{self, Clip, PersonMoment, TimelineOptions};
use moue::{Expression, Match};
use std::path::Path;
use std::time::Duration;

/// A moment with its matches, best first; without repeats, the one that is shown is before them.
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
    /// The label of the picture that is shown.
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
        let timeline = clip.timeline(&options);
        let moments = timeline.moments.iter().enumerate();
        let mut rows = moments
            .map(|(i, moment)| row(i + 1, clip, moment, gallery, search))
            .collect::<Result<Vec<_>>>()?;
        // The pure list is in the order of the distances.
        if search.variety.is_some() {
            video::without_repeats(rows.iter_mut().map(|row| &mut row.matches));
        }
        Ok(Self {
            clip,
            rows,
            curves: timeline.curves,
        })
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
        self.has_several().then(|| format!("person {}", row.person))
    }

    /// Whether people have to be told apart.
    pub(super) fn has_several(&self) -> bool {
        self.clip.people.len() > 1
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

    /// Whether there is a picture to show.
    pub(super) fn have_a_match(&self) -> bool {
        self.rows.iter().any(|row| !row.matches.is_empty())
    }

    /// Why there is no moment; `None` if there are some.
    pub(super) fn note(&self) -> Option<String> {
        if !self.rows.is_empty() {
            return None;
        }
        if self.clip.people.is_empty() {
            return Some(faceless(self.clip));
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

/// What to say of a clip that gives no reel.
pub(super) fn without_a_part(video: &Path) -> String {
    format!(
        "{}: no video is cut, as there is no moment with a picture",
        shown(&video.to_string_lossy())
    )
}

/// What to say of a clip in which there is no face.
pub(super) fn faceless(clip: &Clip) -> String {
    match clip.frames {
        0 => "it has no frame".to_owned(),
        1 => "no face in its only frame".to_owned(),
        frames => format!("no face in any of its {frames} frames"),
    }
}

/// A moment with what the gallery has for it.
fn row(
    number: usize,
    clip: &Clip,
    found: &PersonMoment,
    gallery: &Store,
    search: &SearchOptions,
) -> Result<Row> {
    let person = &clip.people[found.person];
    let (time, expression) = person.samples[found.moment.index];
    let emotions = expression.emotions();
    let search = SearchOptions {
        emotions: video::agreeing(&emotions),
        ..search.clone()
    };
    Ok(Row {
        number,
        person: found.person + 1,
        place: person.boxes[found.moment.index],
        time,
        expression,
        strength: found.moment.strength,
        emotions,
        // The first one is shown, the JSON has the others to choose from.
        matches: gallery.search(&[expression], &search)?,
    })
}
