//! Drawings as SVG.

use crate::sketch::{Color, Ink, Part, hex};
use crate::{Drawing, SIDE};
use std::fmt::Write;

impl Drawing {
    /// The picture as SVG.
    pub fn svg(&self) -> String {
        let mut text = Text::default();
        for part in self.parts() {
            text.push(&part);
        }
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}">{}</svg>"#,
            text.text
        )
    }
}

#[derive(Default)]
struct Text {
    text: String,
    clips: usize,
}

impl Text {
    fn push(&mut self, part: &Part) {
        match part {
            Part::Path { d, ink } => self.write(format_args!(
                r#"<path d="{d}" {} stroke-linecap="round" stroke-linejoin="round"/>"#,
                attributes(ink)
            )),
            Part::Ellipse { place, ink } => self.ellipse(*place, ink),
            Part::Rect { place, ink } => self.rect(*place, ink),
            Part::Faded(opacity) => self.write(format_args!(r#"<g opacity="{opacity:.2}">"#)),
            Part::Turned([degrees, x, y]) => self.write(format_args!(
                r#"<g transform="rotate({degrees:.1} {x:.1} {y:.1})">"#
            )),
            Part::Clipped { d } => self.clip(d),
            Part::End => self.write(format_args!("</g>")),
        }
    }

    /// Text from a format that cannot fail.
    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text);
    }

    fn ellipse(&mut self, [x, y, rx, ry]: [f32; 4], ink: &Ink) {
        self.write(format_args!(
            r#"<ellipse cx="{x:.1}" cy="{y:.1}" rx="{rx:.1}" ry="{ry:.1}" {}/>"#,
            attributes(ink)
        ));
    }

    fn rect(&mut self, [x, y, w, h, round]: [f32; 5], ink: &Ink) {
        self.write(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="{round:.1}" {}/>"#,
            attributes(ink)
        ));
    }

    fn clip(&mut self, d: &str) {
        // Clip paths are named within the whole document, so each needs a number of its own.
        let id = self.clips;
        self.clips += 1;
        self.write(format_args!(
            r##"<clipPath id="c{id}"><path d="{d}"/></clipPath><g clip-path="url(#c{id})">"##
        ));
    }
}

fn attributes(ink: &Ink) -> String {
    let color = |color: Option<Color>| color.map_or_else(|| "none".to_owned(), hex);
    let [fill, stroke] = [ink.fill, ink.stroke].map(color);
    format!(
        r#"fill="{fill}" stroke="{stroke}" stroke-width="{:.1}""#,
        ink.width
    )
}
