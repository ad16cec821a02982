//! The mouth.

use crate::blendshapes::{Blendshapes, Side};
use crate::characters::Character;
use crate::face::CENTER;
use crate::sketch::{Paint, Sketch, shade};

/// Height of the closed mouth at rest.
const MOUTH_Y: f32 = 173.0;

/// Lips further apart show the inside of the mouth; closer ones are a line.
const OPEN: f32 = 4.0;

/// Lips rounder than this are drawn as lips instead of as a line.
const PURSED: f32 = 0.45;

/// A corner that smiles more has a dimple.
const DIMPLED: f32 = 0.5;

/// A mouth whose jaw and lips open less shows clenched teeth.
const CLENCHED: f32 = 0.3;

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
        let open = 40.0 * b.jaw_open
            + 9.0 * b.mouth_upper_up
            + 10.0 * b.mouth_lower_down
            + 8.0 * b.mouth_funnel;
        let smile = (b.mouth_smile_left + b.mouth_smile_right) / 2.0;
        let frown = (b.mouth_frown_left + b.mouth_frown_right) / 2.0;
        let line = MOUTH_Y + 4.0 * smile - 7.0 * frown - 3.0 * b.mouth_shrug_lower;
        let upper = line - 7.0 * b.mouth_upper_up - 4.0 * b.mouth_funnel - 3.0 * b.jaw_open;
        Self {
            left: corner(b, Side::PictureLeft),
            right: corner(b, Side::PictureRight),
            upper,
            lower: upper + open,
            middle: middle(b),
            open,
            round: b.mouth_pucker.max(b.mouth_funnel),
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

    fn width(&self) -> f32 {
        self.right.0 - self.left.0
    }

    fn outline(&self) -> String {
        let (lx, ly) = self.left;
        let (rx, ry) = self.right;
        let reach = (rx - lx) * (0.22 + 0.06 * self.round);
        // A cubic reaches three quarters of the way to its control points.
        let control = |lip: f32| (lip - 0.125 * (ly + ry)) / 0.75;
        let u = control(self.upper);
        let l = control(self.lower);
        format!(
            "M{lx:.1} {ly:.1}C{:.1} {u:.1} {:.1} {u:.1} {rx:.1} {ry:.1}C{:.1} {l:.1} {:.1} {l:.1} {lx:.1} {ly:.1}Z",
            lx + reach,
            rx - reach,
            rx - reach * 0.75,
            lx + reach * 0.75
        )
    }

    fn line(&self) -> String {
        let (lx, ly) = self.left;
        let (rx, ry) = self.right;
        let bend = 2.0 * self.upper - 0.5 * (ly + ry);
        format!(
            "M{lx:.1} {ly:.1}Q{:.1} {bend:.1} {rx:.1} {ry:.1}",
            self.middle
        )
    }
}

fn middle(b: &Blendshapes) -> f32 {
    CENTER + 12.0 * b.mouth_left + 8.0 * b.jaw_left
}

fn corner(b: &Blendshapes, side: Side) -> (f32, f32) {
    let smile = side.of((b.mouth_smile_left, b.mouth_smile_right));
    let frown = side.of((b.mouth_frown_left, b.mouth_frown_right));
    let stretch = side.of((b.mouth_stretch_left, b.mouth_stretch_right));
    let round = b.mouth_pucker.max(b.mouth_funnel);
    // Round lips draw the corners together, and so does, a little, a dropped jaw.
    let width = (25.0 + 10.0 * smile + 9.0 * stretch + 1.0 * frown)
        * (1.0 - 0.62 * round)
        * (1.0 - 0.12 * b.jaw_open);
    // A dropped jaw pulls the corners down, less so in a laugh.
    let y = MOUTH_Y - 13.0 * smile + 11.0 * frown + 9.0 * b.jaw_open * (1.0 - 0.7 * smile);
    (middle(b) + side.sign() * width, y)
}

pub(crate) fn mouth(sketch: &mut Sketch, c: &Character, b: &Blendshapes) {
    let m = Mouth::new(b);
    if m.open > OPEN {
        open_mouth(sketch, c, b, &m);
    } else if m.round > PURSED {
        lips(sketch, c, &m);
    } else {
        let weight = c.weight + 1.2 - 1.5 * b.mouth_press;
        sketch.path(&m.line(), Paint::line(c.line, weight.max(2.4)));
    }
    shrug(sketch, c, b, &m);
    dimples(sketch, c, b, &m);
    if b.tongue_out > 0.3 {
        tongue(sketch, c, &m);
    }
}

/// A fold below the lower lip where it pushes out.
fn shrug(sketch: &mut Sketch, c: &Character, b: &Blendshapes, m: &Mouth) {
    if b.mouth_shrug_lower > 0.3 {
        let (x, y) = m.center();
        let d = format!("M{:.1} {:.1}q9 4 18 0", x - 9.0, y + 10.0);
        sketch.path(&d, Paint::line(&shade(c.skin, 0.7), 3.0));
    }
}

fn dimples(sketch: &mut Sketch, c: &Character, b: &Blendshapes, m: &Mouth) {
    for (side, (x, y)) in [(Side::PictureLeft, m.left), (Side::PictureRight, m.right)] {
        if side.of((b.mouth_smile_left, b.mouth_smile_right)) > DIMPLED {
            let s = side.sign();
            let d = format!("M{:.1} {:.1}q{:.1} 5 0 10", x + s * 4.0, y - 6.0, s * 5.0);
            sketch.path(&d, Paint::line(&shade(c.skin, 0.75), 2.4));
        }
    }
}

fn open_mouth(sketch: &mut Sketch, c: &Character, b: &Blendshapes, m: &Mouth) {
    let outline = m.outline();
    sketch.path(&outline, Paint::fill("#5a1420"));
    sketch.clipped(&outline, |sketch| {
        // Lips apart over a shut jaw can only show teeth.
        if b.jaw_open < CLENCHED && b.mouth_funnel < CLENCHED {
            clenched_teeth(sketch, m);
        } else {
            inside(sketch, b, m);
        }
    });
    sketch.path(&outline, Paint::line(c.lip, c.weight + 0.8));
}

/// The tongue, and the teeth that the lips leave free.
fn inside(sketch: &mut Sketch, b: &Blendshapes, m: &Mouth) {
    let (x, _) = m.center();
    let height = (m.open * 0.42).max(4.0);
    let pink = Paint::fill("#e2606a");
    sketch.ellipse(x, m.lower + 3.0, m.width() * 0.34, height, pink);
    let white = Paint::fill("#ffffff");
    if b.mouth_upper_up > 0.2 || b.mouth_smile_left + b.mouth_smile_right > 0.6 {
        let top = teeth_top(m);
        let bottom = m.upper + (m.open * 0.3).clamp(5.0, 12.0);
        sketch.rect(x - 60.0, top, 120.0, bottom - top, 3.0, white);
    }
    if b.mouth_lower_down > 0.5 {
        sketch.rect(x - 40.0, m.lower - 6.0, 80.0, 14.0, 3.0, white);
    }
}

/// Above everything that the mouth shows.
fn teeth_top(m: &Mouth) -> f32 {
    m.upper.min(m.left.1).min(m.right.1) - 6.0
}

/// Clenched teeth: one line across, some down.
fn clenched_teeth(sketch: &mut Sketch, m: &Mouth) {
    let (x, _) = m.center();
    let top = teeth_top(m);
    let bottom = m.lower + 20.0;
    let white = Paint::fill("#ffffff");
    sketch.rect(x - 60.0, top, 120.0, bottom - top, 3.0, white);
    let y = (m.upper + m.lower) / 2.0;
    let edge = (m.left.1 + m.right.1) / 2.0;
    let d = format!(
        "M{:.1} {edge:.1}Q{x:.1} {:.1} {:.1} {edge:.1}",
        m.left.0,
        2.0 * y - edge,
        m.right.0
    );
    sketch.path(&d, Paint::line("#9a8f94", 1.6));
    for i in -3..=3 {
        let at = x + i as f32 * m.width() / 7.0;
        let d = format!("M{at:.1} {:.1}v60", m.upper - 20.0);
        sketch.path(&d, Paint::line("#c9c0c4", 1.3));
    }
}

/// Pursed lips.
fn lips(sketch: &mut Sketch, c: &Character, m: &Mouth) {
    let (x, y) = m.center();
    let half = (m.width() / 2.0).max(8.0);
    let color = if c.lip == c.line { "#ffffff" } else { c.lip };
    let upper = format!(
        "q{:.1} -11 {half:.1} -5q{:.1} -6 {half:.1} 5",
        half * 0.5,
        half * 0.5
    );
    let lower = format!(
        "q{:.1} 12 {:.1} 12q{:.1} 0 {:.1} -12Z",
        -half * 0.4,
        -half,
        -half * 0.6,
        -half
    );
    let d = format!("M{:.1} {y:.1}{upper}{lower}", x - half);
    sketch.path(&d, Paint::both(color, c.line, c.weight * 0.7));
    let between = format!("M{:.1} {y:.1}q{half:.1} 4 {:.1} 0", x - half, 2.0 * half);
    sketch.path(&between, Paint::line(c.line, 2.2));
}

fn tongue(sketch: &mut Sketch, c: &Character, m: &Mouth) {
    /// Half its width.
    const W: f32 = 13.0;
    /// How far it hangs before its tip rounds.
    const H: f32 = 27.0;
    let (x, _) = m.center();
    let top = m.upper + m.open * 0.55;
    let d = format!(
        "M{:.1} {top:.1}v{H:.1}a{W} {W} 0 0 0 {:.1} 0v-{H:.1}Z",
        x - W,
        2.0 * W
    );
    sketch.path(&d, Paint::both("#ee6f7d", c.line, c.weight * 0.7));
    let groove = format!("M{x:.1} {:.1}v{:.1}", top + 4.0, H * 0.7);
    sketch.path(&groove, Paint::line("#c24a5a", 2.2));
}
