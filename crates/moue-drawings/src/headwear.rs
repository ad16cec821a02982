//! Hats, scarves, headphones and glasses.

use crate::blendshapes::Side;
use crate::characters::Character;
use crate::face::{CENTER, EYE_Y};
use crate::features::Headwear;
use crate::sketch::{Paint, Sketch, outlined, shade};

/// Color of all glasses.
const FRAME: &str = "#3b3344";

pub(crate) fn glasses(sketch: &mut Sketch, c: &Character) {
    if !c.glasses {
        return;
    }
    for side in Side::BOTH {
        let s = side.sign();
        let x = CENTER + s * (c.eye_gap + 1.0);
        sketch.faded(0.18, |sketch| {
            sketch.circle(x, EYE_Y, 25.0, Paint::fill("#bfe3ff"));
        });
        sketch.circle(x, EYE_Y, 25.0, Paint::line(FRAME, 3.6));
        let temple = format!("M{:.1} {EYE_Y}l{:.1} -4", x + s * 25.0, s * 12.0);
        sketch.path(&temple, Paint::line(FRAME, 3.2));
    }
    let bridge = format!("M{:.1} {:.1}q5.0 -8 10.0 0", CENTER - 5.0, EYE_Y - 3.0);
    sketch.path(&bridge, Paint::line(FRAME, 3.2));
}

pub(crate) fn headwear_behind(sketch: &mut Sketch, c: &Character) {
    if c.headwear == Headwear::Scarf {
        sketch.path(
            "M128 24C40 26 36 120 46 200Q60 246 128 252Q196 246 210 200C220 120 216 26 128 24Z",
            outlined(c, &shade(c.wear, 0.85)),
        );
    }
}

pub(crate) fn headwear(sketch: &mut Sketch, c: &Character) {
    let dark = shade(c.wear, 0.78);
    match c.headwear {
        Headwear::None => {}
        Headwear::Cap => cap(sketch, c, &dark),
        Headwear::Helmet => helmet(sketch, c, &dark),
        Headwear::Scarf => scarf(sketch, c, &dark),
        Headwear::Turban => turban(sketch, c, &dark),
        Headwear::Antenna => antenna(sketch, c),
        Headwear::Beanie => beanie(sketch, c, &dark),
        Headwear::Crown => crown(sketch, c),
        Headwear::Headphones => headphones(sketch, c),
    }
}

fn cap(sketch: &mut Sketch, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    sketch.path("M58 92Q56 30 128 28Q200 30 198 92Q128 68 58 92Z", paint);
    sketch.path(
        "M60 90Q128 60 200 88Q236 96 240 108Q176 92 128 92Q92 92 60 90Z",
        outlined(c, dark),
    );
    sketch.circle(128.0, 29.0, 5.0, Paint::fill(dark));
}

fn helmet(sketch: &mut Sketch, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    Side::BOTH
        .into_iter()
        .for_each(|side| horn(sketch, c, side));
    sketch.path("M56 96Q54 26 128 24Q202 26 200 96Q128 76 56 96Z", paint);
    sketch.path("M56 96Q128 74 200 96v-13Q128 60 56 83Z", outlined(c, dark));
}

fn horn(sketch: &mut Sketch, c: &Character, side: Side) {
    let x = |from_center: f32| CENTER + side.sign() * from_center;
    let d = format!(
        "M{:.1} 78Q{:.1} 70 {:.1} 18Q{:.1} 50 {:.1} 58Z",
        x(62.0),
        x(112.0),
        x(104.0),
        x(84.0),
        x(48.0)
    );
    sketch.path(&d, outlined(c, "#f3ead2"));
}

fn scarf(sketch: &mut Sketch, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    sketch.path("M128 26C56 28 50 100 56 150Q62 208 128 226Q194 208 200 150C206 100 200 28 128 26ZM128 62C174 62 186 92 186 124C186 176 166 208 128 210C90 208 70 176 70 124C70 92 82 62 128 62Z", paint);
    sketch.path("M74 196Q100 244 176 236", Paint::line(dark, 4.0));
}

fn turban(sketch: &mut Sketch, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    sketch.path(
        "M54 104Q34 30 128 20Q222 30 202 104Q176 74 128 72Q80 74 54 104Z",
        paint,
    );
    for d in [
        "M58 94Q90 40 150 28",
        "M66 84Q120 40 190 60",
        "M198 94Q166 52 108 34",
    ] {
        sketch.path(d, Paint::line(dark, 4.0));
    }
    sketch.circle(128.0, 58.0, 8.0, outlined(c, "#f7e08a"));
}

fn antenna(sketch: &mut Sketch, c: &Character) {
    let paint = outlined(c, c.wear);
    sketch.path("M128 60V30", Paint::line(c.line, 4.5));
    sketch.circle(128.0, 24.0, 10.0, paint);
}

fn beanie(sketch: &mut Sketch, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    sketch.path("M60 92Q58 26 128 24Q198 26 196 92Z", paint);
    sketch.rect(54.0, 76.0, 148.0, 24.0, 10.0, outlined(c, dark));
    for x in (68..=188).step_by(20) {
        sketch.path(&format!("M{x} 80v16"), Paint::line(c.wear, 2.5));
    }
    sketch.circle(128.0, 22.0, 13.0, outlined(c, "#fff6dd"));
}

fn crown(sketch: &mut Sketch, c: &Character) {
    let paint = outlined(c, c.wear);
    sketch.path(
        "M84 62L78 16L104 38L128 8L152 38L178 16L172 62Q128 50 84 62Z",
        paint,
    );
    sketch.circle(128.0, 42.0, 6.0, outlined(c, "#e0433f"));
}

fn headphones(sketch: &mut Sketch, c: &Character) {
    sketch.path(
        "M58 118Q54 22 128 22Q202 22 198 118",
        Paint::line(c.wear, 11.0),
    );
    for side in Side::BOTH {
        sketch.rect(
            CENTER + side.sign() * 70.0 - 12.0,
            104.0,
            24.0,
            44.0,
            11.0,
            outlined(c, "#f04f78"),
        );
    }
}
