//! Just enough SVG.

use crate::characters::Character;
use std::fmt::Write;

/// An SVG text under construction.
#[derive(Default)]
pub(crate) struct Svg {
    text: String,
    clips: usize,
}

/// Fill and outline of a shape.
#[derive(Clone, Copy)]
pub(crate) struct Paint<'a> {
    pub(crate) fill: &'a str,
    pub(crate) stroke: &'a str,
    pub(crate) width: f32,
}

impl<'a> Paint<'a> {
    pub(crate) fn fill(fill: &'a str) -> Self {
        Self {
            fill,
            stroke: "none",
            width: 0.0,
        }
    }

    pub(crate) fn line(stroke: &'a str, width: f32) -> Self {
        Self {
            fill: "none",
            stroke,
            width,
        }
    }

    pub(crate) fn both(fill: &'a str, stroke: &'a str, width: f32) -> Self {
        Self {
            fill,
            stroke,
            width,
        }
    }
}

/// A fill with the character's own outline.
pub(crate) fn outlined<'a>(c: &'a Character, fill: &'a str) -> Paint<'a> {
    Paint::both(fill, c.line, c.weight)
}

impl Svg {
    /// Text from a format that cannot fail.
    fn push(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
    }

    pub(crate) fn path(&mut self, d: &str, p: Paint<'_>) {
        self.push(format_args!(
            r#"<path d="{d}" fill="{}" stroke="{}" stroke-width="{:.1}" stroke-linecap="round" stroke-linejoin="round"/>"#,
            p.fill, p.stroke, p.width
        ));
    }

    pub(crate) fn ellipse(&mut self, x: f32, y: f32, rx: f32, ry: f32, p: Paint<'_>) {
        self.push(format_args!(
            r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx:.1}" ry="{ry:.1}" fill="{}" stroke="{}" stroke-width="{:.1}"/>"#,
            p.fill, p.stroke, p.width
        ));
    }

    pub(crate) fn circle(&mut self, x: f32, y: f32, r: f32, p: Paint<'_>) {
        self.ellipse(x, y, r, r, p);
    }

    pub(crate) fn rect(&mut self, x: f32, y: f32, w: f32, h: f32, round: f32, p: Paint<'_>) {
        self.push(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="{round:.1}" fill="{}" stroke="{}" stroke-width="{:.1}"/>"#,
            p.fill, p.stroke, p.width
        ));
    }

    /// Draws `body` with the opacity given.
    pub(crate) fn faded(&mut self, opacity: f32, body: impl FnOnce(&mut Self)) {
        self.push(format_args!(r#"<g opacity="{opacity:.2}">"#));
        body(self);
        self.push(format_args!("</g>"));
    }

    /// Draws `body` turned by `degrees` around a point.
    pub(crate) fn turned(&mut self, degrees: f32, x: f32, y: f32, body: impl FnOnce(&mut Self)) {
        self.push(format_args!(
            r#"<g transform="rotate({degrees:.1} {x:.1} {y:.1})">"#
        ));
        body(self);
        self.push(format_args!("</g>"));
    }

    /// Draws `body` only inside the path `d`.
    pub(crate) fn clipped(&mut self, d: &str, body: impl FnOnce(&mut Self)) {
        // Clip paths are named within the whole document, so each needs a number of its own.
        let id = self.clips;
        self.clips += 1;
        self.push(format_args!(
            r##"<clipPath id="c{id}"><path d="{d}"/></clipPath><g clip-path="url(#c{id})">"##
        ));
        body(self);
        self.push(format_args!("</g>"));
    }

    /// The document, `side` units wide and high.
    pub(crate) fn finish(self, side: f32) -> String {
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">{}</svg>"#,
            self.text
        )
    }
}

/// A shade of a color `#rrggbb`: below 1 darker, above 1 lighter.
pub(crate) fn shade(color: &str, factor: f32) -> String {
    // A color that is not six hexadecimal digits becomes gray instead of an error: all are our own.
    let channel = |i: usize| {
        let value = color
            .get(1 + 2 * i..3 + 2 * i)
            .and_then(|h| u8::from_str_radix(h, 16).ok())
            .unwrap_or(128);
        let value = f32::from(value);
        let mixed = if factor <= 1.0 {
            value * factor
        } else {
            value + (255.0 - value) * (factor - 1.0)
        };
        mixed.clamp(0.0, 255.0) as u8
    };
    format!("#{:02x}{:02x}{:02x}", channel(0), channel(1), channel(2))
}
