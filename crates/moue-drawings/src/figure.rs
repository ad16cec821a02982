//! What does not move, or hardly: head, ears, clothes, backdrop.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::Character;
use crate::face::{CENTER, EYE_Y, jaw_drop};
use crate::features::{Backdrop, Ears, Head};
use crate::sketch::{Paint, Sketch, outlined, shade};
use std::f32::consts::TAU;

/// Top of the head, under the hair.
const TOP: f32 = 50.0;

/// Bottom of a ghost, which has no body.
const GHOST_BOTTOM: f32 = 248.0;

/// Skin that gets no shadow and no red cheeks: that of ghosts.
const WHITE: &str = "#ffffff";

pub(crate) fn backdrop(sketch: &mut Sketch, c: &Character) {
    let [light, dark] = c.background;
    let dark = Paint::fill(dark);
    sketch.rect(0.0, 0.0, 256.0, 256.0, 0.0, Paint::fill(light));
    // Patterns reach over the edges, which cut them off.
    match c.backdrop {
        Backdrop::Plain => sketch.circle(128.0, 140.0, 116.0, dark),
        Backdrop::Disc => sketch.circle(128.0, 132.0, 112.0, dark),
        Backdrop::Stripes => (0..6).for_each(|i| sketch.path(&stripe(i), dark)),
        Backdrop::Dots => (0..49).for_each(|i| polka_dot(sketch, i, dark)),
        Backdrop::Rays => (0..12).for_each(|i| sketch.path(&ray(i), dark)),
    }
}

fn stripe(number: u32) -> String {
    let x = number as f32 * 64.0 - 64.0;
    format!("M{x:.0} 256L{:.0} 0h32L{:.0} 256Z", x + 90.0, x + 32.0)
}

/// One of seven times seven, every other row shifted.
fn polka_dot(sketch: &mut Sketch, number: u32, paint: Paint<'_>) {
    let shift = if (number / 7).is_multiple_of(2) {
        4.0
    } else {
        25.0
    };
    let x = (number % 7) as f32 * 42.0 + shift;
    let y = (number / 7) as f32 * 42.0 + 4.0;
    sketch.circle(x, y, 8.0, paint);
}

fn ray(number: u32) -> String {
    let at = |angle: f32| [128.0 + 210.0 * angle.cos(), 128.0 + 210.0 * angle.sin()];
    let start = number as f32 * TAU / 12.0;
    let [ax, ay] = at(start);
    let [bx, by] = at(start + TAU / 24.0);
    format!("M128 128L{ax:.1} {ay:.1}L{bx:.1} {by:.1}Z")
}

pub(crate) fn body(sketch: &mut Sketch, c: &Character) {
    if c.head == Head::Ghost {
        return;
    }
    let neck = shade(c.skin, 0.86);
    sketch.path("M106 186h44v40q-22 16 -44 0Z", outlined(c, &neck));
    sketch.path(
        "M28 262q4 -46 74 -50q26 20 52 0q70 4 74 50Z",
        outlined(c, c.shirt),
    );
    sketch.path(
        "M102 212q26 24 52 0",
        Paint::line(&shade(c.shirt, 0.7), 4.0),
    );
}

pub(crate) fn ears(sketch: &mut Sketch, c: &Character) {
    for side in Side::BOTH {
        let s = side.sign();
        let edge = CENTER + s * (c.half_width - 2.0);
        match c.ears {
            Ears::Human => {
                sketch.ellipse(edge, EYE_Y + 8.0, 13.0, 17.0, outlined(c, c.skin));
                let inner = shade(c.skin, 0.8);
                sketch.ellipse(edge + s * 2.0, EYE_Y + 9.0, 6.0, 9.0, Paint::fill(&inner));
            }
            Ears::Cat => pointed_ear(sketch, c, s, 34.0, "#f7b8a8"),
            Ears::Fox => pointed_ear(sketch, c, s, 22.0, "#3a2320"),
            Ears::Bolts => {
                let paint = outlined(c, "#7d8b99");
                sketch.rect(edge - 8.0, EYE_Y - 6.0, 16.0, 30.0, 5.0, paint);
            }
            Ears::None => {}
        }
    }
}

/// An ear with its tip at the height `top`, and a smaller triangle inside.
fn pointed_ear(sketch: &mut Sketch, c: &Character, s: f32, top: f32, inside: &str) {
    let triangle = |inset: f32| {
        format!(
            "M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z",
            CENTER + s * (62.0 - 14.0 * inset),
            92.0 - 6.0 * inset,
            CENTER + s * (62.0 - 5.0 * inset),
            top + 14.0 * inset,
            CENTER + s * (20.0 + 12.0 * inset),
            60.0 - 2.0 * inset
        )
    };
    sketch.path(&triangle(0.0), outlined(c, c.skin));
    sketch.path(&triangle(1.0), Paint::fill(inside));
}

/// The outline of the head; a dropped jaw makes it longer, puffed cheeks wider.
fn outline(c: &Character, b: &Blendshapes) -> String {
    // How wide the jaw is, relative to the head, and how far up it starts.
    match c.head {
        Head::Round => oval_head(c, b, [0.62, 150.0]),
        Head::Long => oval_head(c, b, [0.66, 152.0]),
        Head::Wide => oval_head(c, b, [0.78, 150.0]),
        Head::Drop => oval_head(c, b, [0.38, 140.0]),
        Head::Square => square_head(c.half_width, c.chin + jaw_drop(b)),
        Head::Ghost => ghost(c.half_width),
    }
}

fn oval_head(c: &Character, b: &Blendshapes, [jaw, cheek_y]: [f32; 2]) -> String {
    let chin = c.chin + jaw_drop(b);
    let jaw_x = CENTER + 5.0 * b.jaw_left;
    let w = c.half_width;
    let puff = 9.0 * b.cheek_puff;
    // Down the right side to the chin, and up the left.
    let down = format!(
        "C{:.1} {TOP} {:.1} 82 {:.1} 118C{:.1} {cheek_y:.1} {:.1} {chin:.1} {jaw_x:.1} {chin:.1}",
        CENTER + w * 0.62,
        CENTER + w,
        CENTER + w,
        CENTER + w + puff,
        jaw_x + w * jaw
    );
    let up = format!(
        "C{:.1} {chin:.1} {:.1} {cheek_y:.1} {:.1} 118C{:.1} 82 {:.1} {TOP} {CENTER} {TOP}Z",
        jaw_x - w * jaw,
        CENTER - w - puff,
        CENTER - w,
        CENTER - w,
        CENTER - w * 0.62
    );
    format!("M{CENTER} {TOP}{down}{up}")
}

fn square_head(w: f32, chin: f32) -> String {
    format!(
        "M{:.1} 62h{:.1}q14 0 14 14V{:.1}q0 16 -16 16h-{:.1}q-16 0 -16 -16V76q0 -14 14 -14Z",
        CENTER - w + 12.0,
        2.0 * w - 24.0,
        chin - 16.0,
        2.0 * w - 28.0 + 8.0
    )
}

fn ghost(w: f32) -> String {
    format!(
        "M{:.1} {GHOST_BOTTOM}V124A{w} 74 0 0 1 {:.1} 124V{GHOST_BOTTOM}q-11 -16 -22.7 0q-11 -16 -22.7 0q-11 -16 -22.6 0q-11 -16 -22.7 0q-11 -16 -22.7 0q-11 -16 -22.6 0Z",
        CENTER - w,
        CENTER + w
    )
}

pub(crate) fn head(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    let d = outline(c, b);
    sketch.path(&d, outlined(c, c.skin));
    sketch.clipped(&d, |sketch| {
        shadow(sketch, c);
        cheeks(sketch, c, b);
        muzzle(sketch, c);
    });
    if c.freckles {
        freckles(sketch, c);
    }
}

fn shadow(sketch: &mut Sketch, c: &Character) {
    if c.skin != WHITE {
        sketch.path(
            "M128 40Q226 50 214 150Q200 230 128 240Q190 200 192 130Q190 70 128 40Z",
            Paint::fill(&shade(c.skin, 0.9)),
        );
    }
}

fn freckles(sketch: &mut Sketch, c: &Character) {
    const PLACES: [[f32; 2]; 6] = [
        [84.0, 148.0],
        [93.0, 153.0],
        [82.0, 157.0],
        [172.0, 148.0],
        [163.0, 153.0],
        [174.0, 157.0],
    ];
    for [x, y] in PLACES {
        sketch.circle(x, y, 2.0, Paint::fill(&shade(c.skin, 0.7)));
    }
}

fn cheeks(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    let soft = if c.skin == WHITE { 0.0 } else { 0.28 };
    for side in Side::BOTH {
        let raised = side.of((b.cheek_squint_left, b.cheek_squint_right));
        let size = 13.0 + 9.0 * b.cheek_puff + 3.0 * raised;
        sketch.faded(soft + 0.2 * b.cheek_puff, |sketch| {
            sketch.ellipse(
                CENTER + side.sign() * 46.0,
                156.0 - 5.0 * raised,
                size,
                size * 0.72,
                Paint::fill("#f0605a"),
            );
        });
    }
}

/// Cats and foxes have a light muzzle.
fn muzzle(sketch: &mut Sketch, c: &Character) {
    if matches!(c.ears, Ears::Cat | Ears::Fox) {
        sketch.ellipse(CENTER, 182.0, 46.0, 38.0, Paint::fill("#fff1e2"));
    }
}

/// Whiskers lie over the cheeks.
pub(crate) fn whiskers(sketch: &mut Sketch, c: &Character) {
    if c.ears != Ears::Cat {
        return;
    }
    for side in Side::BOTH {
        for (y, lift) in [(160.0, -6.0), (168.0, 3.0)] {
            let d = format!(
                "M{:.1} {y}l{:.1} {lift}",
                CENTER + side.sign() * 48.0,
                side.sign() * 34.0
            );
            sketch.path(&d, Paint::line(c.line, 1.8));
        }
    }
}
