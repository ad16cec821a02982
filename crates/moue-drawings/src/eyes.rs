//! Eyes and brows.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::Character;
use crate::face::{CENTER, EYE_Y};
use crate::features::{Eyes, Head};
use crate::sketch::{Paint, Sketch, shade};

/// Height of the brows at rest.
const BROW_Y: f32 = 99.0;

/// Brows that sink further leave a wrinkle between them.
const FROWNING: f32 = 0.6;

/// Cheeks that rise further bend a closed eye upward, as laughing does.
const LAUGHING: f32 = 0.3;

/// An eye whose upper lid is lower is drawn as a line; an almond would be thinner than its outline.
const SHUT: f32 = 2.0;

/// The eye of one side: an almond between two lids.
struct Eye {
    side: Side,
    x: f32,
    y: f32,
    rx: f32,
    /// From the corners to the middle of the upper lid.
    upper: f32,
    /// From the corners to the middle of the lower lid.
    lower: f32,
}

impl Eye {
    fn new(c: &Character, b: &Blendshapes, side: Side) -> Self {
        let blink = side.of((b.eye_blink_left, b.eye_blink_right));
        let wide = side.of((b.eye_wide_left, b.eye_wide_right));
        let squint = side.of((b.eye_squint_left, b.eye_squint_right));
        let cheek = cheek(b, side);
        let [rx, height] = if c.eyes == Eyes::Big {
            [17.0, 19.0]
        } else {
            [16.0, 14.5]
        };
        let height = c.eye_size * height;
        // Cheeks and squinting push up the lower lid; blinking moves mostly the upper one.
        let lower =
            height * (0.95 + 0.15 * wide - 0.45 * squint - 0.45 * cheek) * (1.0 - 0.8 * blink);
        Self {
            side,
            x: CENTER + side.sign() * c.eye_gap,
            y: EYE_Y,
            rx: c.eye_size * rx,
            upper: height * (1.0 + 0.42 * wide - 0.3 * squint) * (1.0 - blink),
            lower: lower.max(0.0),
        }
    }

    fn is_shut(&self) -> bool {
        self.upper < SHUT
    }

    /// Both lids. A cubic reaches three quarters of the way to its control points, hence 1.33.
    fn outline(&self) -> String {
        let y = self.y;
        let bottom = y + self.lower * 1.33;
        let [left, inner_left, inner_right, right] = self.across();
        format!(
            "{}C{inner_right:.1} {bottom:.1} {inner_left:.1} {bottom:.1} {left:.1} {y:.1}Z",
            self.upper_lid_to(right)
        )
    }

    fn upper_lid(&self) -> String {
        let [.., right] = self.across();
        self.upper_lid_to(right)
    }

    fn upper_lid_to(&self, right: f32) -> String {
        let y = self.y;
        let top = y - self.upper * 1.33;
        let [left, inner_left, inner_right, _] = self.across();
        format!(
            "M{left:.1} {y:.1}C{inner_left:.1} {top:.1} {inner_right:.1} {top:.1} {right:.1} {y:.1}"
        )
    }

    /// Left corner, control points of the lids, right corner.
    fn across(&self) -> [f32; 4] {
        let inner = self.rx * 0.72;
        [
            self.x - self.rx,
            self.x - inner,
            self.x + inner,
            self.x + self.rx,
        ]
    }
}

/// How far the cheek of a side is raised.
fn cheek(b: &Blendshapes, side: Side) -> f32 {
    side.of((b.cheek_squint_left, b.cheek_squint_right))
}

/// How far the brow of a side is lowered.
fn brow_down(b: &Blendshapes, side: Side) -> f32 {
    side.of((b.brow_down_left, b.brow_down_right))
}

pub(crate) fn eyes(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    for side in Side::BOTH {
        let eye = Eye::new(c, b, side);
        match c.eyes {
            _ if eye.is_shut() => shut(sketch, c, b, &eye),
            Eyes::Dot => dot(sketch, c, b, &eye),
            Eyes::Screen => screen(sketch, c, b, &eye),
            Eyes::White | Eyes::Big => open(sketch, c, b, &eye),
        }
    }
}

/// A line: bent up by a laughing cheek, down in sleep, straight and hard where the brow presses on
/// it.
fn shut(sketch: &mut Sketch, c: &Character, b: &Blendshapes, eye: &Eye) {
    let Eye { x, y, rx, .. } = *eye;
    let [base, bend] = if cheek(b, eye.side) > LAUGHING {
        [y + 4.0, -11.0]
    } else {
        [y + 1.0, 8.0 * (1.0 - brow_down(b, eye.side))]
    };
    let mut color = c.line;
    if c.eyes == Eyes::Screen {
        color = c.iris;
        dark_screen(sketch, eye, 34.0);
    }
    let d = format!(
        "M{:.1} {base:.1}Q{x:.1} {:.1} {:.1} {base:.1}",
        x - rx,
        base + bend,
        x + rx
    );
    sketch.path(&d, Paint::line(color, c.weight + 1.5));
}

/// The screen behind a robot's eye.
fn dark_screen(sketch: &mut Sketch, eye: &Eye, height: f32) {
    let left = eye.x - eye.rx * 1.25;
    let top = eye.y - height / 2.0;
    let paint = Paint::fill("#1b2630");
    sketch.rect(left, top, eye.rx * 2.5, height, 8.0, paint);
}

/// Where the eye looks, as the center of the iris.
fn gaze(b: &Blendshapes, eye: &Eye) -> (f32, f32) {
    (
        eye.x + b.eye_look_left * eye.rx * 0.42,
        eye.y - b.eye_look_up * eye.rx * 0.36,
    )
}

fn dot(sketch: &mut Sketch, c: &Character, b: &Blendshapes, eye: &Eye) {
    let x = eye.x + b.eye_look_left * 5.0;
    let y = eye.y - b.eye_look_up * 5.0;
    let rx = 9.5 * c.eye_size;
    let ry = (eye.upper + eye.lower) * 0.5;
    sketch.ellipse(x, y, rx, ry.max(1.8), Paint::fill(c.iris));
    if ry > 6.0 {
        sketch.circle(x + 3.0, y - ry * 0.4, 2.8, Paint::fill("#ffffff"));
    }
    // A lid that is half down cuts the oval off straight.
    if eye.upper < 11.0 {
        let d = format!("M{:.1} {:.1}h{:.1}", x - rx - 3.0, y - ry, 2.0 * rx + 6.0);
        sketch.path(&d, Paint::line(c.line, c.weight));
    }
}

fn screen(sketch: &mut Sketch, c: &Character, b: &Blendshapes, eye: &Eye) {
    let (x, y) = gaze(b, eye);
    dark_screen(sketch, eye, 38.0);
    // The bar stays inside of the screen.
    // Even a shut robot keeps a thin line of light.
    let height = (eye.upper + eye.lower).clamp(3.0, 34.0);
    let top = (y - eye.upper).max(eye.y - 17.0);
    sketch.rect(x - 9.0, top, 18.0, height, 6.0, Paint::fill(c.iris));
}

fn open(sketch: &mut Sketch, c: &Character, b: &Blendshapes, eye: &Eye) {
    let outline = eye.outline();
    let lid = if c.eyes == Eyes::Big { 1.7 } else { 1.2 };
    sketch.path(&outline, Paint::fill("#ffffff"));
    sketch.clipped(&outline, |sketch| iris(sketch, c, b, eye));
    sketch.path(&outline, Paint::line(c.line, c.weight * 0.6));
    sketch.path(&eye.upper_lid(), Paint::line(c.line, c.weight * lid));
}

/// Iris, pupil and highlights; a big eye has a second highlight.
fn iris(sketch: &mut Sketch, c: &Character, b: &Blendshapes, eye: &Eye) {
    let is_big = c.eyes == Eyes::Big;
    let [size, highlight] = if is_big { [0.78, 0.34] } else { [0.62, 0.26] };
    let (x, y) = gaze(b, eye);
    let r = eye.rx * size;
    let white = Paint::fill("#ffffff");
    sketch.circle(x, y, r, Paint::both(c.iris, c.line, 1.5));
    sketch.circle(x, y, r * 0.55, Paint::fill("#14100e"));
    sketch.circle(x + r * 0.38, y - r * 0.42, r * highlight, white);
    if is_big {
        sketch.circle(x - r * 0.4, y + r * 0.4, r * 0.17, white);
    }
}

pub(crate) fn brows(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    for side in Side::BOTH {
        sketch.path(&brow(c, b, side), Paint::line(c.brow, c.brow_weight));
        if brow_down(b, side) > FROWNING && c.head != Head::Square {
            let s = side.sign();
            let d = format!(
                "M{:.1} {:.1}l{:.1} 11",
                CENTER + s * 5.0,
                BROW_Y - 2.0,
                s * 1.5
            );
            sketch.path(&d, Paint::line(&shade(c.skin, 0.72), 2.2));
        }
    }
}

/// A brow from its inner to its outer end.
fn brow(c: &Character, b: &Blendshapes, side: Side) -> String {
    let down = brow_down(b, side);
    let outer = side.of((b.brow_outer_up_left, b.brow_outer_up_right));
    let x = |from: f32| CENTER + side.sign() * (c.eye_gap + from);
    let inner_y = BROW_Y - 12.0 * b.brow_inner_up + 13.0 * down;
    let outer_y = BROW_Y + 4.0 - 13.0 * outer + 3.0 * down + 3.0 * b.brow_inner_up;
    let arch = (inner_y + outer_y) / 2.0 - 6.0 - 5.0 * outer + 3.0 * down;
    // Lowered brows also move toward each other.
    let squeeze = 5.0 * down;
    format!(
        "M{:.1} {inner_y:.1}Q{:.1} {arch:.1} {:.1} {outer_y:.1}",
        x(-17.0 - squeeze),
        x(2.0),
        x(20.0)
    )
}
