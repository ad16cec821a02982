//! A small line plot as SVG: CPU time to the right, shares from 0.5 to 1 upwards.

use std::fmt::Write as _;

/// Pixels of the picture, and of the margins for numbers.
const SIZE: [f32; 2] = [640.0, 400.0];
const LEFT: f32 = 50.0;
const BOTTOM: f32 = 45.0;
const TOP: f32 = 15.0;
/// Room for the names of the lines.
const RIGHT: f32 = 140.0;

/// The lowest share that is drawn: all that is plotted is above it.
const LOWEST: f32 = 0.5;

/// Okabe and Ito's colors, which color-blind people can tell apart.
const COLORS: [&str; 4] = ["#0072b2", "#56b4e9", "#d55e00", "#e69f00"];

/// A named line through points of milliseconds and shares.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<[f32; 2]>,
}

/// The plot.
pub(crate) fn svg(lines: &[Line]) -> String {
    let all = lines.iter().flat_map(|line| &line.points);
    let longest = all.map(|p| p[0]).fold(0.1, f32::max).ceil();
    let [width, height] = SIZE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    grid(&mut out, longest);
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        draw(&mut out, line, color, longest);
    }
    legend(&mut out, lines);
    out.push_str("</svg>\n");
    out
}

/// Where a point is drawn.
fn place([x, y]: [f32; 2], longest: f32) -> [f32; 2] {
    let across = SIZE[0] - LEFT - RIGHT;
    let down = SIZE[1] - TOP - BOTTOM;
    [
        LEFT + x / longest * across,
        TOP + (1.0 - y) / (1.0 - LOWEST) * down,
    ]
}

fn grid(out: &mut String, longest: f32) {
    for tenth in 5..=10 {
        let share = tenth as f32 / 10.0;
        let [left, y] = place([0.0, share], longest);
        let right = SIZE[0] - RIGHT;
        let _ = writeln!(
            out,
            "<path d=\"M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{share:.1}</text>",
            left - 6.0,
            y + 4.0
        );
    }
    for step in 0..=(2.0 * longest) as usize {
        let [x, y] = place([step as f32 / 2.0, LOWEST], longest);
        let _ = writeln!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.1}</text>",
            y + 16.0,
            step as f32 / 2.0
        );
    }
    let [x, y] = place([longest / 2.0, LOWEST], longest);
    let _ = writeln!(
        out,
        "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">CPU ms a picture</text>",
        y + 36.0
    );
}

fn draw(out: &mut String, line: &Line, color: &str, longest: f32) {
    let places: Vec<[f32; 2]> = line.points.iter().map(|p| place(*p, longest)).collect();
    let path: Vec<String> = places
        .iter()
        .map(|[x, y]| format!("{x:.1},{y:.1}"))
        .collect();
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
        path.join(" ")
    );
    for [x, y] in places {
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>"
        );
    }
}

fn legend(out: &mut String, lines: &[Line]) {
    let x = SIZE[0] - RIGHT + 12.0;
    for (i, (line, color)) in lines.iter().zip(COLORS.iter().cycle()).enumerate() {
        let y = TOP + 20.0 * (i + 1) as f32;
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" fill=\"{color}\">{}</text>",
            line.name
        );
    }
}
