//! Telling the people of a video apart by where they are, and never by who they are.

use super::cuts::Cuts;
use super::tracker::FaceTracker;
use crate::Frame;
use crate::detect::Face;
use crate::network::NetworkError;
use std::time::Duration;

/// How long a face may be out of sight and still be the same person at the same place: somebody
/// who turns away or is passed by takes a second or two, and to change places takes longer.
const MAX_ABSENCE: Duration = Duration::from_secs(3);

/// A face that comes back is the same if its center is within this many of its widths, and its
/// width within this factor.
const MAX_SHIFT: f32 = 1.0;
const MAX_GROWTH: f32 = 1.6;

/// A face of a frame with the person whose it is.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonFace {
    /// The number of the person in this video, from 0 in the order in which they come.
    pub person: usize,
    /// The face.
    pub face: Face,
}

/// Follows faces through a video and says which of them are of one person.
///
/// A person is a face that is followed from frame to frame within one shot; one that is lost is
/// taken up again where it was for three seconds. After a cut to another picture everybody is new,
/// as moue recognizes nobody.
///
/// ```no_run
/// use moue::FaceDetector;
/// use moue::video::{FaceTracker, FrameSource, People, TrackerOptions, open_source};
/// let tracker = FaceTracker::new(FaceDetector::new()?, TrackerOptions::default());
/// let mut people = People::new(tracker);
/// let mut video = open_source("friends.mp4")?;
/// while let Some(timed) = video.next_frame()? {
///     for seen in people.update(&timed.frame, timed.time)? {
///         println!("person {} at {:?}", seen.person, seen.face.bounding_box.center());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct People {
    tracker: FaceTracker,
    cuts: Cuts,
    /// The people of this shot.
    seen: Vec<Known>,
    /// How many people there were.
    count: usize,
}

/// Where a person was last.
#[derive(Clone)]
struct Known {
    person: usize,
    track: u64,
    face: Face,
    time: Duration,
}

impl People {
    /// Nobody yet; the faces are those that `tracker` finds.
    pub fn new(tracker: FaceTracker) -> Self {
        Self {
            tracker,
            cuts: Cuts::default(),
            seen: Vec::new(),
            count: 0,
        }
    }

    /// The faces of the next frame, the highest score first. Times must grow.
    ///
    /// # Errors
    /// [`NetworkError`] if the network fails.
    pub fn update(
        &mut self,
        frame: &Frame<'_>,
        time: Duration,
    ) -> Result<Vec<PersonFace>, NetworkError> {
        if self.cuts.is_cut(frame) {
            self.tracker.reset();
            self.seen.clear();
        }
        let faces = self.tracker.update(frame, time)?;
        let tracks = self.tracker.ids();
        Ok(self.named(faces.into_iter().zip(tracks).collect(), time))
    }

    /// The faces of tracks with their people.
    fn named(&mut self, faces: Vec<(Face, u64)>, time: Duration) -> Vec<PersonFace> {
        self.seen
            .retain(|s| time.saturating_sub(s.time) <= MAX_ABSENCE);
        // Those who are still followed come first, so that nobody else is taken for them.
        for (face, track) in &faces {
            if let Some(seen) = self.seen.iter_mut().find(|s| s.track == *track) {
                seen.face = face.clone();
                seen.time = time;
            }
        }
        let people = faces.into_iter().map(|(face, track)| PersonFace {
            person: self.person(&face, track, time),
            face,
        });
        people.collect()
    }

    /// The person of a track: the one who is followed, who was lost here, or a new one.
    fn person(&mut self, face: &Face, track: u64, time: Duration) -> usize {
        if let Some(seen) = self.seen.iter().find(|s| s.track == track) {
            return seen.person;
        }
        let now = |person| Known {
            person,
            track,
            face: face.clone(),
            time,
        };
        let lost = self.seen.iter_mut().filter(|s| s.time < time);
        let near = lost.filter(|s| is_near(&s.face, face));
        if let Some(seen) =
            near.min_by(|a, b| shift(&a.face, face).total_cmp(&shift(&b.face, face)))
        {
            *seen = now(seen.person);
            return seen.person;
        }
        self.count += 1;
        self.seen.push(now(self.count - 1));
        self.count - 1
    }
}

/// How far apart two faces are, in widths of the wider one. Sides of a frame count the same, as
/// both are shares of it.
fn shift(a: &Face, b: &Face) -> f32 {
    let [from, to] = [a, b].map(|face| face.bounding_box.center());
    let [x, y] = [from[0] - to[0], from[1] - to[1]];
    let size = |face: &Face| [face.bounding_box.width, face.bounding_box.height];
    let [w, h] = [0, 1].map(|i| size(a)[i].max(size(b)[i]).max(f32::MIN_POSITIVE));
    (x / w).hypot(y / h)
}

fn is_near(a: &Face, b: &Face) -> bool {
    let [old, new] = [a, b].map(|face| face.bounding_box.width.max(f32::MIN_POSITIVE));
    shift(a, b) <= MAX_SHIFT && (old / new).max(new / old) <= MAX_GROWTH
}

#[cfg(test)]
#[cfg(feature = "compiled-weights")]
mod tests {
    use super::*;
    use crate::FaceDetector;
    use crate::geometry::BoundingBox;
    use crate::video::TrackerOptions;

    fn people() -> People {
        let detector = FaceDetector::new().unwrap();
        People::new(FaceTracker::new(detector, TrackerOptions::default()))
    }

    fn face(x: f32, width: f32) -> Face {
        Face {
            bounding_box: BoundingBox::centered([x, 0.5], [width, width]),
            score: 0.9,
            key_points: None,
        }
    }

    fn numbers(people: &mut People, millis: u64, faces: &[(f32, f32, u64)]) -> Vec<usize> {
        let faces = faces
            .iter()
            .map(|(x, width, track)| (face(*x, *width), *track));
        let named = people.named(faces.collect(), Duration::from_millis(millis));
        named.iter().map(|face| face.person).collect()
    }

    #[test]
    fn people_are_their_tracks() {
        let mut people = people();
        let both = [(0.2, 0.2, 0), (0.7, 0.2, 1)];
        assert_eq!(numbers(&mut people, 0, &both), [0, 1]);
        assert_eq!(numbers(&mut people, 40, &[both[1], both[0]]), [1, 0]);
        // Followed, however far.
        assert_eq!(numbers(&mut people, 80, &[(0.5, 0.2, 0)]), [0]);
    }

    #[test]
    fn who_is_lost_is_taken_up_at_the_same_place() {
        let mut people = people();
        numbers(&mut people, 0, &[(0.2, 0.2, 0), (0.7, 0.2, 1)]);
        assert_eq!(numbers(&mut people, 1000, &[(0.72, 0.22, 2)]), [1]);
        // At another place, or of another size, it is somebody else.
        assert_eq!(numbers(&mut people, 1040, &[(0.45, 0.2, 3)]), [2]);
        assert_eq!(numbers(&mut people, 1080, &[(0.2, 0.4, 4)]), [3]);
        // Too late.
        assert_eq!(numbers(&mut people, 9000, &[(0.7, 0.2, 5)]), [4]);
    }

    #[test]
    fn nobody_is_taken_for_somebody_who_is_there() {
        let mut people = people();
        numbers(&mut people, 0, &[(0.4, 0.2, 0)]);
        assert_eq!(
            numbers(&mut people, 40, &[(0.45, 0.2, 7), (0.4, 0.2, 0)]),
            [1, 0]
        );
    }
}
