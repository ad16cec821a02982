//! Tears, hearts and the other signs of comics.

use crate::characters::Character;
use crate::face::{CENTER, EYE_Y};
use crate::pose::Extra;
use crate::sketch::{Paint, Sketch};

/// Signs that belong on the skin and turn with the head.
pub(crate) fn on_face(sketch: &mut Sketch, c: &Character, extras: &[Extra]) {
    for extra in extras {
        match extra {
            Extra::Tears => both(c, |x, s| drop(sketch, x + s * 17.0, EYE_Y + 12.0, 1.0)),
            Extra::Streams => both(c, |x, _| stream(sketch, x)),
            Extra::Sweat => drop(sketch, CENTER + c.half_width - 8.0, 84.0, 1.35),
            Extra::Blush => both(c, |x, s| blush(sketch, x + s * 12.0)),
            _ => {}
        }
    }
}

fn stream(sketch: &mut Sketch, x: f32) {
    let d = format!(
        "M{:.1} {:.1}h16q6 50 2 96h-20q-4 -46 2 -96Z",
        x - 8.0,
        EYE_Y + 6.0
    );
    sketch.faded(0.85, |sketch| {
        sketch.path(&d, Paint::both("#8fd3ff", "#4aa3df", 2.0));
    });
}

fn blush(sketch: &mut Sketch, x: f32) {
    sketch.faded(0.45, |sketch| {
        sketch.ellipse(x, 156.0, 17.0, 10.0, Paint::fill("#ff4f6d"));
    });
    for i in -1..=1 {
        let d = format!("M{:.1} 152l-4 9", x + 8.0 * i as f32);
        sketch.path(&d, Paint::line("#e23d5b", 2.0));
    }
}

fn both(c: &Character, mut body: impl FnMut(f32, f32)) {
    for s in [-1.0, 1.0] {
        body(CENTER + s * c.eye_gap, s);
    }
}

fn drop(sketch: &mut Sketch, x: f32, y: f32, size: f32) {
    let w = 7.0 * size;
    let h = 20.0 * size;
    let d = format!(
        "M{x:.1} {y:.1}q{w:.1} {:.1} {w:.1} {:.1}a{w:.1} {w:.1} 0 0 1 -{:.1} 0q0 -{:.1} {w:.1} -{:.1}Z",
        h * 0.45,
        h * 0.65,
        2.0 * w,
        h * 0.2,
        h * 0.65
    );
    sketch.path(&d, Paint::both("#8fd3ff", "#3f97d3", 2.0));
}

/// Signs around the head, which stay upright.
pub(crate) fn around(sketch: &mut Sketch, extras: &[Extra]) {
    for extra in extras {
        match extra {
            Extra::Anger => anger(sketch),
            Extra::Sleep => SLEEP.iter().for_each(|at| letter_z(sketch, *at)),
            Extra::Hearts => HEARTS.iter().for_each(|at| heart(sketch, *at)),
            Extra::Sparkles => SPARKLES.iter().for_each(|at| star(sketch, *at)),
            Extra::Question => question(sketch),
            Extra::Alarm => alarm(sketch),
            Extra::Note => note(sketch),
            Extra::Tears | Extra::Streams | Extra::Sweat | Extra::Blush => {}
        }
    }
}

/// Places and sizes of the letters, rising.
const SLEEP: [[f32; 3]; 3] = [
    [196.0, 62.0, 14.0],
    [214.0, 40.0, 19.0],
    [228.0, 12.0, 24.0],
];

/// Places and sizes of the hearts.
const HEARTS: [[f32; 3]; 4] = [
    [34.0, 62.0, 1.2],
    [220.0, 44.0, 1.5],
    [212.0, 110.0, 0.9],
    [22.0, 128.0, 0.8],
];

/// Places and sizes of the stars.
const SPARKLES: [[f32; 3]; 4] = [
    [30.0, 48.0, 17.0],
    [226.0, 40.0, 20.0],
    [220.0, 120.0, 11.0],
    [26.0, 130.0, 12.0],
];

/// The four bent veins of comics.
fn anger(sketch: &mut Sketch) {
    const VEINS: [&str; 4] = [
        "M196 42h12v-14",
        "M216 28v14h12",
        "M228 54h-12v14",
        "M208 68v-14h-12",
    ];
    sketch.turned(12.0, 212.0, 48.0, |sketch| {
        for d in VEINS {
            sketch.path(d, Paint::line("#e0322c", 6.0));
        }
    });
}

fn question(sketch: &mut Sketch) {
    sketch.path(
        "M204 42q0 -22 20 -22q20 0 20 18q0 12 -13 18q-7 4 -7 13",
        Paint::line("#2f6fd0", 9.0),
    );
    sketch.circle(224.0, 86.0, 5.5, Paint::fill("#2f6fd0"));
}

/// An exclamation mark on each side.
fn alarm(sketch: &mut Sketch) {
    let paint = Paint::both("#e0322c", "#ffffff", 2.5);
    for (x, turn) in [(26.0, -14.0), (230.0, 14.0)] {
        sketch.turned(turn, x, 60.0, |sketch| {
            sketch.path(&format!("M{:.1} 22h16l-4 42h-8Z", x - 8.0), paint);
            sketch.circle(x, 78.0, 7.0, paint);
        });
    }
}

fn note(sketch: &mut Sketch) {
    sketch.path("M214 84V40l22 -7v42", Paint::line("#33305c", 5.0));
    sketch.ellipse(206.0, 85.0, 9.0, 7.0, Paint::fill("#33305c"));
    sketch.ellipse(228.0, 77.0, 9.0, 7.0, Paint::fill("#33305c"));
}

fn letter_z(sketch: &mut Sketch, [x, y, s]: [f32; 3]) {
    let d = format!("M{x:.1} {y:.1}h{s:.1}l-{s:.1} {s:.1}h{s:.1}");
    // White behind dark, so that the letter shows on any backdrop.
    sketch.path(&d, Paint::line("#ffffff", s * 0.42));
    sketch.path(&d, Paint::line("#3a53b0", s * 0.24));
}

fn heart(sketch: &mut Sketch, [x, y, s]: [f32; 3]) {
    let p = |v: f32| v * s;
    let d = format!(
        "M{x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}C{:.1} {:.1} {:.1} {:.1} {x:.1} {:.1}Z",
        y + p(16.0),
        x - p(30.0),
        y - p(6.0),
        x - p(10.0),
        y - p(24.0),
        y - p(7.0),
        x + p(10.0),
        y - p(24.0),
        x + p(30.0),
        y - p(6.0),
        y + p(16.0)
    );
    sketch.path(&d, Paint::both("#ff4468", "#ffffff", 2.5));
}

fn star(sketch: &mut Sketch, [x, y, r]: [f32; 3]) {
    let d = format!(
        "M{x:.1} {:.1}Q{x:.1} {y:.1} {:.1} {y:.1}Q{x:.1} {y:.1} {x:.1} {:.1}Q{x:.1} {y:.1} {:.1} {y:.1}Q{x:.1} {y:.1} {x:.1} {:.1}Z",
        y - r,
        x + r,
        y + r,
        x - r,
        y - r
    );
    sketch.path(&d, Paint::both("#fff27a", "#e8a800", 2.0));
}
