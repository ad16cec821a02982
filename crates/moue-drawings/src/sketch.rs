//! What a drawing is made of, from back to front.

use crate::characters::Character;

/// Red, green, blue.
pub(crate) type Color = [u8; 3];

/// A part of a drawing. Numbers have the decimals of the SVG text, so that it and the canvas commands show
/// the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// A path in SVG's words.
    Path {
        d: String,
        ink: Ink,
    },
    /// Center and radii.
    Ellipse {
        place: [f32; 4],
        ink: Ink,
    },
    /// Left, top, width, height, and the radius of the corners.
    Rect {
        place: [f32; 5],
        ink: Ink,
    },
    /// Up to `End`, one layer of this opacity.
    Faded(f32),
    /// Up to `End`, turned clockwise: degrees and the point around which.
    Turned([f32; 3]),
    /// Up to `End`, only inside of a path.
    Clipped {
        d: String,
    },
    End,
}

/// Fill and outline of a part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ink {
    pub(crate) fill: Option<Color>,
    pub(crate) stroke: Option<Color>,
    pub(crate) width: f32,
}

/// Fill and outline of a shape, in colors `#rrggbb`.
#[derive(Clone, Copy)]
pub(crate) struct Paint<'a> {
    fill: Option<&'a str>,
    stroke: Option<&'a str>,
    width: f32,
}

impl<'a> Paint<'a> {
    pub(crate) fn fill(fill: &'a str) -> Self {
        Self {
            fill: Some(fill),
            stroke: None,
            width: 0.0,
        }
    }

    pub(crate) fn line(stroke: &'a str, width: f32) -> Self {
        Self {
            fill: None,
            stroke: Some(stroke),
            width,
        }
    }

    pub(crate) fn both(fill: &'a str, stroke: &'a str, width: f32) -> Self {
        Self {
            fill: Some(fill),
            stroke: Some(stroke),
            width,
        }
    }

    fn ink(self) -> Ink {
        Ink {
            fill: self.fill.map(color),
            stroke: self.stroke.map(color),
            width: rounded(self.width, 10.0),
        }
    }
}

/// A fill with the character's own outline.
pub(crate) fn outlined<'a>(c: &'a Character, fill: &'a str) -> Paint<'a> {
    Paint::both(fill, c.line, c.weight)
}

/// A drawing under construction.
#[derive(Default)]
pub(crate) struct Sketch {
    parts: Vec<Part>,
}

impl Sketch {
    pub(crate) fn path(&mut self, d: &str, p: Paint<'_>) {
        self.parts.push(Part::Path {
            d: d.to_owned(),
            ink: p.ink(),
        });
    }

    pub(crate) fn ellipse(&mut self, x: f32, y: f32, rx: f32, ry: f32, p: Paint<'_>) {
        self.parts.push(Part::Ellipse {
            place: [x, y, rx, ry].map(|v| rounded(v, 10.0)),
            ink: p.ink(),
        });
    }

    pub(crate) fn circle(&mut self, x: f32, y: f32, r: f32, p: Paint<'_>) {
        self.ellipse(x, y, r, r, p);
    }

    pub(crate) fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, round: f32, p: Paint<'_>) {
        self.parts.push(Part::Rect {
            place: [x, y, w, h, round].map(|v| rounded(v, 10.0)),
            ink: p.ink(),
        });
    }

    /// Draws `body` with the opacity given.
    pub(crate) fn faded(&mut self, opacity: f32, body: impl FnOnce(&mut Self)) {
        self.grouped(Part::Faded(rounded(opacity, 100.0)), body);
    }

    /// Draws `body` turned by `degrees` around a point.
    pub(crate) fn turned(&mut self, degrees: f32, x: f32, y: f32, body: impl FnOnce(&mut Self)) {
        let turn = [degrees, x, y].map(|v| rounded(v, 10.0));
        self.grouped(Part::Turned(turn), body);
    }

    /// Draws `body` only inside the path `d`.
    pub(crate) fn clipped(&mut self, d: &str, body: impl FnOnce(&mut Self)) {
        self.grouped(Part::Clipped { d: d.to_owned() }, body);
    }

    fn grouped(&mut self, opening: Part, body: impl FnOnce(&mut Self)) {
        self.parts.push(opening);
        body(self);
        self.parts.push(Part::End);
    }

    pub(crate) fn finish(self) -> Vec<Part> {
        self.parts
    }
}

/// A number with one decimal (`scale` 10) or two (100), as formatting rounds it.
fn rounded(number: f32, scale: f64) -> f32 {
    ((f64::from(number) * scale).round_ties_even() / scale) as f32
}

/// A color `#rrggbb`. One that is not six hexadecimal digits becomes gray instead of an error: all are our
/// own.
fn color(text: &str) -> Color {
    let digits = |i: usize| text.get(1 + 2 * i..3 + 2 * i);
    std::array::from_fn(|i| {
        let value = digits(i).and_then(|d| u8::from_str_radix(d, 16).ok());
        value.unwrap_or(128)
    })
}

/// A shade of a color `#rrggbb`: below 1 darker, above 1 lighter.
pub(crate) fn shade(text: &str, factor: f32) -> String {
    let channel = |value: u8| {
        let value = f32::from(value);
        let mixed = if factor <= 1.0 {
            value * factor
        } else {
            value + (255.0 - value) * (factor - 1.0)
        };
        mixed.clamp(0.0, 255.0) as u8
    };
    hex(color(text).map(channel))
}

/// `#rrggbb`.
pub(crate) fn hex([r, g, b]: Color) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}
