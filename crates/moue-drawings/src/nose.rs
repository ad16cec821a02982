//! The nose.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::Character;
use crate::face::CENTER;
use crate::features::Nose;
use crate::sketch::{Paint, Sketch, shade};

/// Height of the tip at rest.
const NOSE_Y: f32 = 150.0;

/// A side that wrinkles more shows it.
const SNEERING: f32 = 0.3;

/// Tip of the nose.
pub(crate) fn nose_tip(b: &Blendshapes) -> (f32, f32) {
    (
        CENTER,
        NOSE_Y - 2.0 * (b.nose_sneer_left + b.nose_sneer_right),
    )
}

pub(crate) fn nose(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    let (x, y) = nose_tip(b);
    let dark = shade(c.skin, 0.72);
    let line = |width| Paint::line(&dark, width);
    match c.nose {
        Nose::Button => sketch.path(&format!("M{:.1} {y:.1}q8 8 16 0", x - 8.0), line(3.5)),
        Nose::Bulb => {
            sketch.ellipse(x, y - 2.0, 14.0, 11.0, Paint::fill(&shade(c.skin, 0.9)));
            let d = format!("M{:.1} {:.1}q14 10 28 0", x - 14.0, y + 3.0);
            sketch.path(&d, line(3.0));
        }
        Nose::Long => {
            let d = format!("M{x:.1} {:.1}q-13 20 -8 25q6 5 12 1", y - 24.0);
            sketch.path(&d, line(3.2));
        }
        Nose::Holes => [x - 6.0, x + 6.0]
            .into_iter()
            .for_each(|x| sketch.ellipse(x, y, 2.6, 3.6, Paint::fill(&dark))),
        Nose::Cat => {
            let d = format!("M{:.1} {:.1}h18q-2 9 -9 11q-7 -2 -9 -11Z", x - 9.0, y - 7.0);
            sketch.path(&d, Paint::both("#3a2320", c.line, 1.5));
        }
        Nose::None => {}
    }
    // A wrinkled nose shows beside every kind of nose, and is all that a face without one has.
    sneer(sketch, b, &dark, (x, y));
}

/// Wrinkles beside the nose.
fn sneer(sketch: &mut Sketch, b: &Blendshapes, dark: &str, (x, y): (f32, f32)) {
    for side in Side::BOTH {
        if side.of((b.nose_sneer_left, b.nose_sneer_right)) <= SNEERING {
            continue;
        }
        for i in [0.0, 1.0] {
            let left = x + side.sign() * (13.0 + 4.0 * i);
            let top = y - 6.0 * i - 4.0;
            let d = format!("M{left:.1} {top:.1}l{:.1} -7", side.sign() * -5.0);
            sketch.path(&d, Paint::line(dark, 2.4));
        }
    }
}
