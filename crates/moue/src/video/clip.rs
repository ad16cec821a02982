//! The people of a clip, each with their expressions over time.

use super::moment::{Moment, TimelineOptions};
use super::people::{People, PersonFace};
use super::timeline::Timeline;
use super::tracker::{FaceTracker, TrackerOptions};
use crate::embed::per_face;
use crate::geometry::BoundingBox;
use crate::network::NetworkError;
use crate::{Expression, ExpressionEmbedder, FaceDetector, Frame};
use std::time::Duration;

/// Faces of a frame that are embedded, the largest: a crowd has no moments of its own.
const MAX_FACES: usize = 8;

/// A face that is narrower than this share of the largest one of its frame belongs to somebody in
/// the background. Chosen by hand: around a table the farthest face is half as wide as the nearest.
const MIN_WIDTH: f32 = 0.4;

/// Who is seen for less than this is a false find or passes by; unless nobody is seen for longer.
const MIN_PRESENCE: Duration = Duration::from_millis(500);

/// Somebody in one shot of a clip: a face that was followed, not somebody who was recognized.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Person {
    /// The expressions with their times, in order.
    pub samples: Vec<(Duration, Expression)>,
    /// Where each of these faces is.
    pub boxes: Vec<BoundingBox>,
}

impl Person {
    /// When the person is seen, from the first face to the last.
    pub fn presence(&self) -> Option<[Duration; 2]> {
        Some([self.samples.first()?.0, self.samples.last()?.0])
    }

    fn lasts(&self) -> Duration {
        let presence = self.presence();
        presence.map_or(Duration::ZERO, |[from, to]| to.saturating_sub(from))
    }

    /// The faces between two times with these.
    pub fn places(
        &self,
        from: Duration,
        to: Duration,
    ) -> impl Iterator<Item = (Duration, BoundingBox)> {
        let start = self.samples.partition_point(|(t, _)| *t < from);
        let times = self.samples.iter().zip(&self.boxes).skip(start);
        times
            .take_while(move |((time, _), _)| *time <= to)
            .map(|((time, _), place)| (*time, *place))
    }
}

/// A clip that has been read. It is all that is kept of the frames.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Clip {
    /// In the order in which they come.
    pub people: Vec<Person>,
    /// Number of all frames.
    pub frames: u64,
    /// Number of frames with a face.
    pub faces: u64,
    /// Width and height of the first frame.
    pub size: [usize; 2],
    /// The time of the last frame.
    pub end: Duration,
}

/// A moment with the person whose it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PersonMoment {
    /// Which of [`Clip::people`].
    pub person: usize,
    /// The moment; its index is that of the person's sample.
    pub moment: Moment,
}

/// The curves of the people of a clip and the strongest moments of all.
#[derive(Debug, Clone, PartialEq)]
pub struct ClipTimeline {
    /// For each person and sample, the smoothed strength of the expression, 0 to 1.
    pub curves: Vec<Vec<f32>>,
    /// In the order of their times.
    pub moments: Vec<PersonMoment>,
}

impl Clip {
    /// Finds the moments of everybody. Those of two people may overlap; of all,
    /// [`TimelineOptions::limit`] remain.
    pub fn timeline(&self, options: &TimelineOptions) -> ClipTimeline {
        let of = |person: &Person| Timeline::of(&person.samples, options);
        let timelines: Vec<_> = self.people.iter().map(of).collect();
        let each = timelines.iter().enumerate();
        let moments = each.flat_map(|(person, timeline)| {
            let moments = timeline.moments.iter();
            moments.map(move |&moment| PersonMoment { person, moment })
        });
        ClipTimeline {
            moments: strongest(moments.collect(), options.limit),
            curves: timelines.into_iter().map(|t| t.curve).collect(),
        }
    }

    /// Leaves out who is hardly seen.
    fn without_passers_by(mut self) -> Self {
        let stays = |person: &Person| person.lasts() >= MIN_PRESENCE;
        if self.people.iter().any(stays) {
            self.people.retain(stays);
        }
        self.people.retain(|person| !person.samples.is_empty());
        self
    }
}

fn strongest(mut moments: Vec<PersonMoment>, limit: usize) -> Vec<PersonMoment> {
    // Stable, so that of equal ones those of the first person remain.
    moments.sort_by(|a, b| b.moment.strength.total_cmp(&a.moment.strength));
    moments.truncate(limit);
    moments.sort_by_key(|m| (m.moment.time, m.person));
    moments
}

/// Reads a clip frame by frame: follows the people in it and embeds their faces.
///
/// ```no_run
/// use moue::video::{ClipReader, FrameSource, TimelineOptions, open_source};
/// use moue::{ExpressionEmbedder, FaceDetector};
/// let mut reader = ClipReader::new(FaceDetector::new()?, ExpressionEmbedder::new()?);
/// let mut video = open_source("friends.mp4")?;
/// while let Some(timed) = video.next_frame()? {
///     reader.update(&timed.frame, timed.time)?;
/// }
/// let clip = reader.finish();
/// for found in clip.timeline(&TimelineOptions::default()).moments {
///     println!("person {} at {:?}", found.person, found.moment.time);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ClipReader {
    people: People,
    embedder: ExpressionEmbedder,
    clip: Clip,
}

impl ClipReader {
    /// Nothing is read yet. Faces are followed as by a [`FaceTracker`] with its usual options.
    pub fn new(detector: FaceDetector, embedder: ExpressionEmbedder) -> Self {
        let tracker = FaceTracker::new(detector, TrackerOptions::default());
        Self {
            people: People::new(tracker),
            embedder,
            clip: Clip::default(),
        }
    }

    /// How many frames were read.
    pub fn frames(&self) -> u64 {
        self.clip.frames
    }

    /// Reads the next frame. Times must grow. A face that cannot be embedded is left out.
    ///
    /// # Errors
    /// [`NetworkError`] if a network fails.
    pub fn update(&mut self, frame: &Frame<'_>, time: Duration) -> Result<(), NetworkError> {
        if self.clip.frames == 0 {
            self.clip.size = [frame.width(), frame.height()];
        }
        self.clip.frames += 1;
        self.clip.end = time;
        let mut has_face = false;
        for seen in in_front(self.people.update(frame, time)?) {
            if let Ok(expression) = per_face(self.embedder.embed(frame, &seen.face))? {
                self.add(&seen, (time, expression));
                has_face = true;
            }
        }
        self.clip.faces += u64::from(has_face);
        Ok(())
    }

    /// The clip, without those who are seen for less than half a second, if anybody is seen for
    /// longer.
    pub fn finish(self) -> Clip {
        self.clip.without_passers_by()
    }

    fn add(&mut self, seen: &PersonFace, sample: (Duration, Expression)) {
        let people = &mut self.clip.people;
        // Somebody whose face could not be embedded yet has a number already.
        people.resize_with(people.len().max(seen.person + 1), Person::default);
        let person = &mut people[seen.person];
        person.samples.push(sample);
        person.boxes.push(seen.face.bounding_box);
    }
}

/// The faces of a frame that are not in the background.
fn in_front(mut faces: Vec<PersonFace>) -> Vec<PersonFace> {
    let width = |seen: &PersonFace| seen.face.bounding_box.width;
    faces.sort_by(|a, b| width(b).total_cmp(&width(a)));
    faces.truncate(MAX_FACES);
    let largest = faces.first().map_or(0.0, width);
    faces.retain(|seen| width(seen) >= MIN_WIDTH * largest);
    faces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Face;
    use crate::embed::EXPRESSION_LEN;

    const NEUTRAL: Expression = Expression([0.125; EXPRESSION_LEN]);

    fn person(millis: impl Iterator<Item = u64>) -> Person {
        let samples: Vec<_> = millis
            .map(|t| (Duration::from_millis(t), NEUTRAL))
            .collect();
        let boxes = vec![BoundingBox::centered([0.5, 0.5], [0.2, 0.2]); samples.len()];
        Person { samples, boxes }
    }

    fn left(people: Vec<Person>) -> usize {
        let clip = Clip {
            people,
            ..Clip::default()
        };
        clip.without_passers_by().people.len()
    }

    #[test]
    fn who_passes_by_is_left_out_unless_nobody_stays() {
        let passes = || person((0..300).step_by(40));
        let stays = || person((0..900).step_by(40));
        assert_eq!(left(vec![passes(), stays(), Person::default()]), 1);
        assert_eq!(left(vec![passes(), Person::default(), passes()]), 2);
    }

    #[test]
    fn places_are_those_between_two_times() {
        let person = person((0..400).step_by(100));
        let between = |from, to| {
            let [from, to] = [from, to].map(Duration::from_millis);
            person.places(from, to).count()
        };
        assert_eq!(between(100, 200), 2);
        assert_eq!(between(101, 199), 0);
        assert_eq!(between(0, 9000), 4);
    }

    #[test]
    fn the_background_has_no_moments() {
        let face = |person, width| PersonFace {
            person,
            face: Face {
                bounding_box: BoundingBox::centered([0.5, 0.5], [width, width]),
                score: 0.9,
                key_points: None,
            },
        };
        let seen = in_front(vec![face(0, 0.1), face(1, 0.4), face(2, 0.2)]);
        let people: Vec<_> = seen.iter().map(|s| s.person).collect();
        assert_eq!(people, [1, 2]);
    }

    #[test]
    fn the_strongest_moments_of_all_people_remain_by_time() {
        let moment = |person, millis, strength| PersonMoment {
            person,
            moment: Moment {
                index: 0,
                time: Duration::from_millis(millis),
                strength,
                prominence: strength,
            },
        };
        let found = strongest(
            vec![
                moment(0, 900, 0.9),
                moment(0, 100, 0.6),
                moment(1, 300, 0.8),
            ],
            2,
        );
        assert_eq!(found, [moment(1, 300, 0.8), moment(0, 900, 0.9)]);
    }
}
