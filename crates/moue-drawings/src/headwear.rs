//! Hats, scarves, headphones and glasses.

use crate::blendshapes::Side;
use crate::characters::Character;
use crate::face::{CENTER, EYE_Y};
use crate::features::Headwear;
use crate::svg::{Paint, Svg, outlined, shade};

/// Color of all glasses.
const FRAME: &str = "#3b3344";

pub(crate) fn glasses(svg: &mut Svg, c: &Character) {
    if !c.glasses {
        return;
    }
    for side in Side::BOTH {
        let s = side.sign();
        let x = CENTER + s * (c.eye_gap + 1.0);
        svg.faded(0.18, |svg| {
            svg.circle(x, EYE_Y, 25.0, Paint::fill("#bfe3ff"));
        });
        svg.circle(x, EYE_Y, 25.0, Paint::line(FRAME, 3.6));
        let temple = format!("M{:.1} {EYE_Y}l{:.1} -4", x + s * 25.0, s * 12.0);
        svg.path(&temple, Paint::line(FRAME, 3.2));
    }
    let bridge = format!("M{:.1} {:.1}q5.0 -8 10.0 0", CENTER - 5.0, EYE_Y - 3.0);
    svg.path(&bridge, Paint::line(FRAME, 3.2));
}

pub(crate) fn headwear_behind(svg: &mut Svg, c: &Character) {
    if c.headwear == Headwear::Scarf {
        svg.path(
            "M128 24C40 26 36 120 46 200Q60 246 128 252Q196 246 210 200C220 120 216 26 128 24Z",
            outlined(c, &shade(c.wear, 0.85)),
        );
    }
}

pub(crate) fn headwear(svg: &mut Svg, c: &Character) {
    let dark = shade(c.wear, 0.78);
    match c.headwear {
        Headwear::None => {}
        Headwear::Cap => cap(svg, c, &dark),
        Headwear::Helmet => helmet(svg, c, &dark),
        Headwear::Scarf => scarf(svg, c, &dark),
        Headwear::Turban => turban(svg, c, &dark),
        Headwear::Antenna => antenna(svg, c),
        Headwear::Beanie => beanie(svg, c, &dark),
        Headwear::Crown => crown(svg, c),
        Headwear::Headphones => headphones(svg, c),
    }
}

fn cap(svg: &mut Svg, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    svg.path("M58 92Q56 30 128 28Q200 30 198 92Q128 68 58 92Z", paint);
    svg.path(
        "M60 90Q128 60 200 88Q236 96 240 108Q176 92 128 92Q92 92 60 90Z",
        outlined(c, dark),
    );
    svg.circle(128.0, 29.0, 5.0, Paint::fill(dark));
}

fn helmet(svg: &mut Svg, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    Side::BOTH.into_iter().for_each(|side| horn(svg, c, side));
    svg.path("M56 96Q54 26 128 24Q202 26 200 96Q128 76 56 96Z", paint);
    svg.path("M56 96Q128 74 200 96v-13Q128 60 56 83Z", outlined(c, dark));
}

fn horn(svg: &mut Svg, c: &Character, side: Side) {
    let x = |from_center: f32| CENTER + side.sign() * from_center;
    let d = format!(
        "M{:.1} 78Q{:.1} 70 {:.1} 18Q{:.1} 50 {:.1} 58Z",
        x(62.0),
        x(112.0),
        x(104.0),
        x(84.0),
        x(48.0)
    );
    svg.path(&d, outlined(c, "#f3ead2"));
}

fn scarf(svg: &mut Svg, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    svg.path("M128 26C56 28 50 100 56 150Q62 208 128 226Q194 208 200 150C206 100 200 28 128 26ZM128 62C174 62 186 92 186 124C186 176 166 208 128 210C90 208 70 176 70 124C70 92 82 62 128 62Z", paint);
    svg.path("M74 196Q100 244 176 236", Paint::line(dark, 4.0));
}

fn turban(svg: &mut Svg, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    svg.path(
        "M54 104Q34 30 128 20Q222 30 202 104Q176 74 128 72Q80 74 54 104Z",
        paint,
    );
    for d in [
        "M58 94Q90 40 150 28",
        "M66 84Q120 40 190 60",
        "M198 94Q166 52 108 34",
    ] {
        svg.path(d, Paint::line(dark, 4.0));
    }
    svg.circle(128.0, 58.0, 8.0, outlined(c, "#f7e08a"));
}

fn antenna(svg: &mut Svg, c: &Character) {
    let paint = outlined(c, c.wear);
    svg.path("M128 60V30", Paint::line(c.line, 4.5));
    svg.circle(128.0, 24.0, 10.0, paint);
}

fn beanie(svg: &mut Svg, c: &Character, dark: &str) {
    let paint = outlined(c, c.wear);
    svg.path("M60 92Q58 26 128 24Q198 26 196 92Z", paint);
    svg.rect(54.0, 76.0, 148.0, 24.0, 10.0, outlined(c, dark));
    for x in (68..=188).step_by(20) {
        svg.path(&format!("M{x} 80v16"), Paint::line(c.wear, 2.5));
    }
    svg.circle(128.0, 22.0, 13.0, outlined(c, "#fff6dd"));
}

fn crown(svg: &mut Svg, c: &Character) {
    let paint = outlined(c, c.wear);
    svg.path(
        "M84 62L78 16L104 38L128 8L152 38L178 16L172 62Q128 50 84 62Z",
        paint,
    );
    svg.circle(128.0, 42.0, 6.0, outlined(c, "#e0433f"));
}

fn headphones(svg: &mut Svg, c: &Character) {
    svg.path(
        "M58 118Q54 22 128 22Q202 22 198 118",
        Paint::line(c.wear, 11.0),
    );
    for side in Side::BOTH {
        svg.rect(
            CENTER + side.sign() * 70.0 - 12.0,
            104.0,
            24.0,
            44.0,
            11.0,
            outlined(c, "#f04f78"),
        );
    }
}
