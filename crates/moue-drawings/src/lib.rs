//! Draws moue's built-in gallery: a cast of characters, each pulling the same set of faces.
//!
//! A picture is a [`Character`] and a [`Pose`]; it is drawn from parameters each time, at any size,
//! so that nothing is stored. The parameters and the places of eyes, nose and mouth are known
//! exactly, which makes the drawings ground truth for tests and training.
//!
//! ```
//! let drawing = moue_drawings::find("gus-smirk").unwrap();
//! let picture = drawing.render(128);
//! assert_eq!(picture.len(), 128 * 128 * 3);
//! ```

// The example of the README is compiled and run with the other examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod blendshapes;
mod characters;
#[cfg(feature = "commands")]
mod commands;
pub mod emoji;
mod extras;
mod eyes;
mod face;
mod features;
mod figure;
mod hair;
mod headwear;
mod mouth;
mod nose;
mod path;
mod pose;
mod poses;
#[cfg(feature = "render")]
mod render;
mod sketch;
mod svg;

pub use blendshapes::Blendshapes;
pub use characters::{CHARACTERS, Character};
#[cfg(feature = "commands")]
pub use commands::{Command, Segment};
pub use path::by_path;
pub use pose::{Extra, Pose};
pub use poses::POSES;

use sketch::{Part, Sketch};

/// Units along a side of every drawing.
const SIDE: f32 = 256.0;

/// One picture of the gallery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawing {
    /// Who it shows.
    pub character: &'static Character,
    /// What they do with their face.
    pub pose: &'static Pose,
}

/// Where the face of a drawing is, relative to the picture's side, 0..1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaceTruth {
    /// Left, top, width and height: square, from the brows to the chin.
    pub bounding_box: [f32; 4],
    /// Right eye, left eye, nose tip, mouth center, right ear, left ear (the subject's right): x,
    /// y.
    pub key_points: [[f32; 2]; 6],
}

/// All drawings, character after character.
pub fn all() -> impl Iterator<Item = Drawing> {
    CHARACTERS
        .iter()
        .flat_map(|character| POSES.iter().map(move |pose| Drawing { character, pose }))
}

/// The drawing of that name, such as `gus-smirk`.
pub fn find(name: &str) -> Option<Drawing> {
    let (character, pose) = name.split_once('-')?;
    let character = CHARACTERS.iter().find(|c| c.name == character)?;
    let pose = POSES.iter().find(|p| p.name == pose)?;
    Some(Drawing { character, pose })
}

impl Drawing {
    /// Character and pose, joined by a dash.
    pub fn name(&self) -> String {
        format!("{}-{}", self.character.name, self.pose.name)
    }

    /// What the picture is made of, from back to front.
    fn parts(&self) -> Vec<Part> {
        let c = self.character;
        let roll = self.pose.roll;
        let mut sketch = Sketch::default();
        figure::backdrop(&mut sketch, c);
        // The body leans less than the head.
        sketch.turned(roll * 0.4, SIDE / 2.0, SIDE, |s| figure::body(s, c));
        sketch.turned(roll, SIDE / 2.0, PIVOT_Y, |s| self.draw_head(s));
        extras::around(&mut sketch, self.pose.extras);
        sketch.finish()
    }

    /// All that turns with the head, from back to front.
    fn draw_head(&self, sketch: &mut Sketch) {
        let c = self.character;
        let b = &self.pose.shapes;
        headwear::headwear_behind(sketch, c);
        hair::hair_behind(sketch, c);
        figure::ears(sketch, c);
        figure::head(sketch, c, b);
        hair::beard(sketch, c, b);
        nose::nose(sketch, c, b);
        mouth::mouth(sketch, c, b);
        hair::moustache(sketch, c, b);
        figure::whiskers(sketch, c);
        eyes::eyes(sketch, c, b);
        hair::hair_front(sketch, c);
        headwear::headwear(sketch, c);
        eyes::brows(sketch, c, b);
        headwear::glasses(sketch, c);
        extras::on_face(sketch, c, self.pose.extras);
    }

    /// Where the face is.
    pub fn face(&self) -> FaceTruth {
        let b = &self.pose.shapes;
        let key_points = self.key_points().map(|p| self.turned(p));
        let side = FACE_SIDE + 0.4 * face::jaw_drop(b);
        let [x, y] = self.turned((face::CENTER, face::EYE_Y + 0.21 * side));
        let side = side / SIDE;
        FaceTruth {
            bounding_box: [x - side / 2.0, y - side / 2.0, side, side],
            key_points,
        }
    }

    /// The key points of the upright face, in units of the drawing.
    fn key_points(&self) -> [(f32, f32); 6] {
        let c = self.character;
        let b = &self.pose.shapes;
        let eye = |s: f32| (face::CENTER + s * c.eye_gap, face::EYE_Y);
        // A little inside of the outline, where the ear begins.
        let ear = |s: f32| {
            let out = s * (c.half_width - 4.0);
            (face::CENTER + out, face::EYE_Y + 8.0)
        };
        let mouth = mouth::Mouth::new(b).center();
        [
            eye(-1.0),
            eye(1.0),
            nose::nose_tip(b),
            mouth,
            ear(-1.0),
            ear(1.0),
        ]
    }

    /// A point of the upright face after the head has leaned, relative to the picture.
    fn turned(&self, (x, y): (f32, f32)) -> [f32; 2] {
        let (sin, cos) = self.pose.roll.to_radians().sin_cos();
        let dx = x - SIDE / 2.0;
        let dy = y - PIVOT_Y;
        [
            (SIDE / 2.0 + dx * cos - dy * sin) / SIDE,
            (PIVOT_Y + dx * sin + dy * cos) / SIDE,
        ]
    }
}

/// The head leans around this height, the neck.
const PIVOT_Y: f32 = 190.0;

/// Side of a face's box: from the brows to the chin.
const FACE_SIDE: f32 = 118.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_enough_of_all() {
        assert!(CHARACTERS.len() >= 12 && POSES.len() >= 25 && all().count() >= 300);
        let names: std::collections::HashSet<String> = all().map(|d| d.name()).collect();
        assert_eq!(names.len(), all().count(), "names are unique");
        assert!(all().all(|d| find(&d.name()) == Some(d)));
        assert_eq!(find("nobody-smile"), None);
    }

    #[test]
    fn every_drawing_has_its_face_inside() {
        for drawing in all() {
            let truth = drawing.face();
            let [x, y, w, h] = truth.bounding_box;
            assert!(
                x > 0.0 && y > 0.0 && x + w < 1.0 && y + h < 1.0,
                "{}",
                drawing.name()
            );
            for [px, py] in &truth.key_points[..4] {
                assert!(
                    (x..x + w).contains(px) && (y..y + h).contains(py),
                    "{}",
                    drawing.name()
                );
            }
        }
    }

    #[test]
    fn parameters_are_in_range_and_named() {
        for pose in POSES {
            let values = pose.shapes.values();
            assert_eq!(values.len(), Blendshapes::NAMES.len());
            assert!(
                values.iter().all(|v| (-1.0..=1.0).contains(v)),
                "{}",
                pose.name
            );
            assert!(pose.caption.len() < 40);
        }
    }
}
