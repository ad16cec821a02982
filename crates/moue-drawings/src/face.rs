//! The moving parts of a face: eyes, brows, nose, mouth.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::{Character, Eyes, Nose};
use crate::svg::{Paint, Svg, shade};

/// The middle of the picture and of every face.
pub(crate) const CENTER: f32 = 128.0;
/// Height of the eyes.
pub(crate) const EYE_Y: f32 = 124.0;
const BROW_Y: f32 = 99.0;
const NOSE_Y: f32 = 150.0;
const MOUTH_Y: f32 = 173.0;

/// How far the chin sinks when the jaw opens.
pub(crate) fn jaw_drop(b: &Blendshapes) -> f32 {
    20.0 * b.jaw_open
}

/// Tip of the nose.
pub(crate) fn nose_tip(b: &Blendshapes) -> (f32, f32) {
    (
        CENTER,
        NOSE_Y - 2.0 * (b.nose_sneer_left + b.nose_sneer_right),
    )
}

/// The eye of one side: an almond between two lids.
struct Eye {
    x: f32,
    y: f32,
    rx: f32,
    top: f32,
    bottom: f32,
}

impl Eye {
    fn new(c: &Character, b: &Blendshapes, side: Side) -> Self {
        let (blink, wide) = (
            side.of((b.eye_blink_left, b.eye_blink_right)),
            side.of((b.eye_wide_left, b.eye_wide_right)),
        );
        let squint = side.of((b.eye_squint_left, b.eye_squint_right));
        let cheek = side.of((b.cheek_squint_left, b.cheek_squint_right));
        let height = c.eye_size * if c.eyes == Eyes::Big { 19.0 } else { 14.5 };
        let rx = c.eye_size * if c.eyes == Eyes::Big { 17.0 } else { 16.0 };
        let top = height * (1.0 + 0.42 * wide - 0.3 * squint) * (1.0 - blink);
        let bottom =
            height * (0.95 + 0.15 * wide - 0.45 * squint - 0.45 * cheek) * (1.0 - 0.8 * blink);
        Self {
            x: CENTER + side.sign() * c.eye_gap,
            y: EYE_Y,
            rx,
            top,
            bottom: bottom.max(0.0),
        }
    }

    fn is_shut(&self) -> bool {
        self.top < 2.0
    }

    fn outline(&self) -> String {
        let Self {
            x,
            y,
            rx,
            top,
            bottom,
        } = *self;
        let (l, r, s, t, u) = (x - rx, x + rx, rx * 0.72, y - top * 1.33, y + bottom * 1.33);
        format!(
            "M{l:.1} {y:.1}C{:.1} {t:.1} {:.1} {t:.1} {r:.1} {y:.1}C{:.1} {u:.1} {:.1} {u:.1} {l:.1} {y:.1}Z",
            x - s,
            x + s,
            x + s,
            x - s
        )
    }

    fn upper_lid(&self) -> String {
        let Self { x, y, rx, top, .. } = *self;
        let t = y - top * 1.33;
        format!(
            "M{:.1} {y:.1}C{:.1} {t:.1} {:.1} {t:.1} {:.1} {y:.1}",
            x - rx,
            x - rx * 0.72,
            x + rx * 0.72,
            x + rx
        )
    }
}

pub(crate) fn eyes(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    for side in Side::BOTH {
        let eye = Eye::new(c, b, side);
        let cheek = side.of((b.cheek_squint_left, b.cheek_squint_right));
        match (eye.is_shut(), c.eyes) {
            (true, _) => shut(
                svg,
                c,
                &eye,
                cheek,
                side.of((b.brow_down_left, b.brow_down_right)),
            ),
            (_, Eyes::Dot) => dot(svg, c, b, &eye),
            (_, Eyes::Screen) => screen(svg, c, b, &eye),
            _ => open(svg, c, b, &eye),
        }
    }
}

/// A line: bent up by a laughing cheek, down in sleep, straight and hard where the brow presses on
/// it.
fn shut(svg: &mut Svg, c: &Character, eye: &Eye, cheek: f32, pressed: f32) {
    let Eye { x, y, rx, .. } = *eye;
    let bend = if cheek > 0.3 {
        -11.0
    } else {
        8.0 * (1.0 - pressed)
    };
    let base = if cheek > 0.3 { y + 4.0 } else { y + 1.0 };
    let color = if c.eyes == Eyes::Screen {
        c.iris
    } else {
        c.line
    };
    if c.eyes == Eyes::Screen {
        svg.rect(
            x - rx * 1.25,
            y - 17.0,
            rx * 2.5,
            34.0,
            8.0,
            Paint::fill("#1b2630"),
        );
    }
    let d = format!(
        "M{:.1} {base:.1}Q{x:.1} {:.1} {:.1} {base:.1}",
        x - rx,
        base + bend,
        x + rx
    );
    svg.path(&d, Paint::line(color, c.weight + 1.5));
}

/// Where the eye looks, as an offset of the iris.
fn gaze(b: &Blendshapes, eye: &Eye) -> (f32, f32) {
    (
        eye.x + b.eye_look_left * eye.rx * 0.42,
        eye.y - b.eye_look_up * eye.rx * 0.36,
    )
}

fn dot(svg: &mut Svg, c: &Character, b: &Blendshapes, eye: &Eye) {
    let (x, y) = (eye.x + b.eye_look_left * 5.0, eye.y - b.eye_look_up * 5.0);
    let (rx, ry) = (9.5 * c.eye_size, (eye.top + eye.bottom) * 0.5);
    svg.ellipse(x, y, rx, ry.max(1.8), Paint::fill(c.iris));
    if ry > 6.0 {
        svg.circle(x + 3.0, y - ry * 0.4, 2.8, Paint::fill("#ffffff"));
    }
    // A lid that is half down cuts the oval off straight.
    if eye.top < 11.0 {
        let d = format!("M{:.1} {:.1}h{:.1}", x - rx - 3.0, y - ry, 2.0 * rx + 6.0);
        svg.path(&d, Paint::line(c.line, c.weight));
    }
}

fn screen(svg: &mut Svg, c: &Character, b: &Blendshapes, eye: &Eye) {
    let (x, y) = gaze(b, eye);
    svg.rect(
        eye.x - eye.rx * 1.25,
        eye.y - 19.0,
        eye.rx * 2.5,
        38.0,
        8.0,
        Paint::fill("#1b2630"),
    );
    let height = (eye.top + eye.bottom).max(3.0);
    let top = (y - eye.top).max(eye.y - 17.0);
    svg.rect(
        x - 9.0,
        top,
        18.0,
        height.min(34.0),
        6.0,
        Paint::fill(c.iris),
    );
}

fn open(svg: &mut Svg, c: &Character, b: &Blendshapes, eye: &Eye) {
    let outline = eye.outline();
    let big = c.eyes == Eyes::Big;
    svg.path(&outline, Paint::fill("#ffffff"));
    let (x, y) = gaze(b, eye);
    let r = eye.rx * if big { 0.78 } else { 0.62 };
    svg.clipped(&outline, |svg| {
        svg.circle(x, y, r, Paint::both(c.iris, c.line, 1.5));
        svg.circle(x, y, r * 0.55, Paint::fill("#14100e"));
        svg.circle(
            x + r * 0.38,
            y - r * 0.42,
            r * if big { 0.34 } else { 0.26 },
            Paint::fill("#ffffff"),
        );
        if big {
            svg.circle(x - r * 0.4, y + r * 0.4, r * 0.17, Paint::fill("#ffffff"));
        }
    });
    svg.path(&outline, Paint::line(c.line, c.weight * 0.6));
    svg.path(
        &eye.upper_lid(),
        Paint::line(c.line, c.weight * if big { 1.7 } else { 1.2 }),
    );
}

pub(crate) fn brows(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    for side in Side::BOTH {
        let s = side.sign();
        let down = side.of((b.brow_down_left, b.brow_down_right));
        let outer = side.of((b.brow_outer_up_left, b.brow_outer_up_right));
        let x = |from: f32| CENTER + s * (c.eye_gap + from);
        let inner_y = BROW_Y - 12.0 * b.brow_inner_up + 13.0 * down;
        let outer_y = BROW_Y + 4.0 - 13.0 * outer + 3.0 * down + 3.0 * b.brow_inner_up;
        let arch = (inner_y + outer_y) / 2.0 - 6.0 - 5.0 * outer + 3.0 * down;
        let squeeze = 5.0 * down;
        let d = format!(
            "M{:.1} {inner_y:.1}Q{:.1} {arch:.1} {:.1} {outer_y:.1}",
            x(-17.0 - squeeze),
            x(2.0),
            x(20.0)
        );
        svg.path(&d, Paint::line(c.brow, c.brow_weight));
        if down > 0.6 && c.head != crate::characters::Head::Square {
            let d = format!(
                "M{:.1} {:.1}l{:.1} 11",
                CENTER + s * 5.0,
                BROW_Y - 2.0,
                s * 1.5
            );
            svg.path(&d, Paint::line(&shade(c.skin, 0.72), 2.2));
        }
    }
}

pub(crate) fn nose(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    let (x, y) = nose_tip(b);
    let dark = shade(c.skin, 0.72);
    match c.nose {
        Nose::Button => svg.path(
            &format!("M{:.1} {:.1}q8 8 16 0", x - 8.0, y),
            Paint::line(&dark, 3.5),
        ),
        Nose::Bulb => {
            svg.ellipse(x, y - 2.0, 14.0, 11.0, Paint::fill(&shade(c.skin, 0.9)));
            svg.path(
                &format!("M{:.1} {:.1}q14 10 28 0", x - 14.0, y + 3.0),
                Paint::line(&dark, 3.0),
            );
        }
        Nose::Long => svg.path(
            &format!("M{x:.1} {:.1}q-13 20 -8 25q6 5 12 1", y - 24.0),
            Paint::line(&dark, 3.2),
        ),
        Nose::Holes => {
            svg.ellipse(x - 6.0, y, 2.6, 3.6, Paint::fill(&dark));
            svg.ellipse(x + 6.0, y, 2.6, 3.6, Paint::fill(&dark));
        }
        Nose::Cat => {
            let d = format!("M{:.1} {:.1}h18q-2 9 -9 11q-7 -2 -9 -11Z", x - 9.0, y - 7.0);
            svg.path(&d, Paint::both("#3a2320", c.line, 1.5));
        }
        Nose::None => {}
    }
    sneer(svg, b, &dark, (x, y));
}

/// Wrinkles beside the nose.
fn sneer(svg: &mut Svg, b: &Blendshapes, dark: &str, (x, y): (f32, f32)) {
    for side in Side::BOTH {
        let strength = side.of((b.nose_sneer_left, b.nose_sneer_right));
        for i in 0..2 {
            if strength > 0.3 {
                let at = 13.0 + 4.0 * i as f32;
                let d = format!(
                    "M{:.1} {:.1}l{:.1} -7",
                    x + side.sign() * at,
                    y - 6.0 * i as f32 - 4.0,
                    side.sign() * -5.0
                );
                svg.path(&d, Paint::line(dark, 2.4));
            }
        }
    }
}

/// The mouth: two corners and the middles of both lips.
pub(crate) struct Mouth {
    left: (f32, f32),
    right: (f32, f32),
    upper: f32,
    lower: f32,
    middle: f32,
    open: f32,
    round: f32,
}

impl Mouth {
    pub(crate) fn new(b: &Blendshapes) -> Self {
        let middle = CENTER + 12.0 * b.mouth_left + 8.0 * b.jaw_left;
        let round = b.mouth_pucker.max(b.mouth_funnel);
        let corner = |side: Side| {
            let smile = side.of((b.mouth_smile_left, b.mouth_smile_right));
            let frown = side.of((b.mouth_frown_left, b.mouth_frown_right));
            let stretch = side.of((b.mouth_stretch_left, b.mouth_stretch_right));
            let width = (25.0 + 10.0 * smile + 9.0 * stretch + 1.0 * frown)
                * (1.0 - 0.62 * round)
                * (1.0 - 0.12 * b.jaw_open);
            let y = MOUTH_Y - 13.0 * smile + 11.0 * frown + 9.0 * b.jaw_open * (1.0 - 0.7 * smile);
            (middle + side.sign() * width, y)
        };
        let (left, right) = (corner(Side::PictureLeft), corner(Side::PictureRight));
        let smile = (b.mouth_smile_left + b.mouth_smile_right) / 2.0;
        let frown = (b.mouth_frown_left + b.mouth_frown_right) / 2.0;
        let open = 40.0 * b.jaw_open
            + 9.0 * b.mouth_upper_up
            + 10.0 * b.mouth_lower_down
            + 8.0 * b.mouth_funnel;
        let line = MOUTH_Y + 4.0 * smile - 7.0 * frown - 3.0 * b.mouth_shrug_lower;
        let upper = line - 7.0 * b.mouth_upper_up - 4.0 * b.mouth_funnel - 3.0 * b.jaw_open;
        Self {
            left,
            right,
            upper,
            lower: upper + open,
            middle,
            open,
            round,
        }
    }

    /// Its center, between corners and lips.
    pub(crate) fn center(&self) -> (f32, f32) {
        let corners = (self.left.1 + self.right.1) / 2.0;
        (
            (self.left.0 + self.right.0) / 2.0,
            0.25 * corners + 0.75 * (self.upper + self.lower) / 2.0,
        )
    }

    fn outline(&self) -> String {
        let ((lx, ly), (rx, ry)) = (self.left, self.right);
        let reach = (rx - lx) * (0.22 + 0.06 * self.round);
        // A cubic reaches three quarters of the way to its control points.
        let control = |lip: f32| (lip - 0.125 * (ly + ry)) / 0.75;
        let (u, l) = (control(self.upper), control(self.lower));
        format!(
            "M{lx:.1} {ly:.1}C{:.1} {u:.1} {:.1} {u:.1} {rx:.1} {ry:.1}C{:.1} {l:.1} {:.1} {l:.1} {lx:.1} {ly:.1}Z",
            lx + reach,
            rx - reach,
            rx - reach * 0.75,
            lx + reach * 0.75
        )
    }

    fn line(&self) -> String {
        let ((lx, ly), (rx, ry)) = (self.left, self.right);
        let bend = 2.0 * self.upper - 0.5 * (ly + ry);
        format!(
            "M{lx:.1} {ly:.1}Q{:.1} {bend:.1} {rx:.1} {ry:.1}",
            self.middle
        )
    }
}

pub(crate) fn mouth(svg: &mut Svg, c: &Character, b: &Blendshapes) {
    let m = Mouth::new(b);
    if m.open > 4.0 {
        open_mouth(svg, c, b, &m);
    } else if m.round > 0.45 {
        lips(svg, c, &m);
    } else {
        let weight = c.weight + 1.2 - 1.5 * b.mouth_press;
        svg.path(&m.line(), Paint::line(c.line, weight.max(2.4)));
    }
    if b.mouth_shrug_lower > 0.3 {
        let (x, y) = m.center();
        svg.path(
            &format!("M{:.1} {:.1}q9 4 18 0", x - 9.0, y + 10.0),
            Paint::line(&shade(c.skin, 0.7), 3.0),
        );
    }
    for (side, corner) in [(Side::PictureLeft, m.left), (Side::PictureRight, m.right)] {
        let smile = side.of((b.mouth_smile_left, b.mouth_smile_right));
        if smile > 0.5 {
            let d = format!(
                "M{:.1} {:.1}q{:.1} 5 0 10",
                corner.0 + side.sign() * 4.0,
                corner.1 - 6.0,
                side.sign() * 5.0
            );
            svg.path(&d, Paint::line(&shade(c.skin, 0.75), 2.4));
        }
    }
    if b.tongue_out > 0.3 {
        tongue(svg, c, &m);
    }
}

fn open_mouth(svg: &mut Svg, c: &Character, b: &Blendshapes, m: &Mouth) {
    let outline = m.outline();
    svg.path(&outline, Paint::fill("#5a1420"));
    let (x, _) = m.center();
    let (width, shut) = (
        m.right.0 - m.left.0,
        b.jaw_open < 0.3 && b.mouth_funnel < 0.3,
    );
    svg.clipped(&outline, |svg| {
        if !shut {
            svg.ellipse(
                x,
                m.lower + 3.0,
                width * 0.34,
                (m.open * 0.42).max(4.0),
                Paint::fill("#e2606a"),
            );
        }
        if b.mouth_upper_up > 0.2 || b.mouth_smile_left + b.mouth_smile_right > 0.6 || shut {
            let height = if shut {
                m.open + 30.0
            } else {
                (m.open * 0.3).clamp(5.0, 12.0)
            };
            let top = m.upper.min(m.left.1).min(m.right.1) - 6.0;
            let bottom = if shut {
                m.lower + 20.0
            } else {
                m.upper + height
            };
            svg.rect(
                x - 60.0,
                top,
                120.0,
                bottom - top,
                3.0,
                Paint::fill("#ffffff"),
            );
        }
        if shut {
            teeth(svg, m, x);
        } else if b.mouth_lower_down > 0.5 {
            svg.rect(
                x - 40.0,
                m.lower - 6.0,
                80.0,
                14.0,
                3.0,
                Paint::fill("#ffffff"),
            );
        }
    });
    svg.path(
        &outline,
        Paint::line(if c.lip == c.line { c.line } else { c.lip }, c.weight + 0.8),
    );
}

/// Clenched teeth: one line across, some down.
fn teeth(svg: &mut Svg, m: &Mouth, x: f32) {
    let y = (m.upper + m.lower) / 2.0;
    let edge = (m.left.1 + m.right.1) / 2.0;
    let d = format!(
        "M{:.1} {edge:.1}Q{x:.1} {:.1} {:.1} {edge:.1}",
        m.left.0,
        2.0 * y - edge,
        m.right.0
    );
    svg.path(&d, Paint::line("#9a8f94", 1.6));
    for i in -3..=3 {
        let at = x + i as f32 * (m.right.0 - m.left.0) / 7.0;
        svg.path(
            &format!("M{at:.1} {:.1}v60", m.upper - 20.0),
            Paint::line("#c9c0c4", 1.3),
        );
    }
}

/// Pursed lips.
fn lips(svg: &mut Svg, c: &Character, m: &Mouth) {
    let (x, y) = m.center();
    let half = ((m.right.0 - m.left.0) / 2.0).max(8.0);
    let color = if c.lip == c.line { "#ffffff" } else { c.lip };
    let d = format!(
        "M{:.1} {y:.1}q{:.1} -11 {half:.1} -5q{:.1} -6 {half:.1} 5q{:.1} 12 {:.1} 12q{:.1} 0 {:.1} -12Z",
        x - half,
        half * 0.5,
        half * 0.5,
        -half * 0.4,
        -half,
        -half * 0.6,
        -half
    );
    svg.path(&d, Paint::both(color, c.line, c.weight * 0.7));
    svg.path(
        &format!("M{:.1} {y:.1}q{half:.1} 4 {:.1} 0", x - half, 2.0 * half),
        Paint::line(c.line, 2.2),
    );
}

fn tongue(svg: &mut Svg, c: &Character, m: &Mouth) {
    let (x, _) = m.center();
    let top = m.upper + m.open * 0.55;
    let (w, h) = (13.0, 27.0);
    let d = format!(
        "M{:.1} {top:.1}v{h:.1}a{w} {w} 0 0 0 {:.1} 0v-{h:.1}Z",
        x - w,
        2.0 * w
    );
    svg.path(&d, Paint::both("#ee6f7d", c.line, c.weight * 0.7));
    svg.path(
        &format!("M{x:.1} {:.1}v{:.1}", top + 4.0, h * 0.7),
        Paint::line("#c24a5a", 2.2),
    );
}
