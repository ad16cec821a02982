//! Pictures as half blocks: two pixels in each cell, the upper one as the color of the block, the lower
//! one behind it.

use super::cells::shade;
use super::palette::Palette;
use image::RgbaImage;

/// Pictures beside each other as half blocks.
pub(super) fn draw(out: &mut String, canvases: &[RgbaImage], gap: usize, palette: Palette) {
    let height = canvases.first().map_or(0, RgbaImage::height);
    for y in (0..height).step_by(2) {
        let mut line = String::new();
        for (number, canvas) in canvases.iter().enumerate() {
            if number > 0 {
                line.push_str(&" ".repeat(gap));
            }
            block_row(&mut line, canvas, y, palette);
        }
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
    }
}

fn block_row(line: &mut String, canvas: &RgbaImage, y: u32, palette: Palette) {
    let mut last = None;
    for x in 0..canvas.width() {
        let [upper, lower] = [y, y + 1].map(|y| canvas.get_pixel(x, y).0);
        let is_drawn = upper[3] > 0;
        let [upper, lower] = [upper, lower].map(|[r, g, b, _]| [r, g, b]);
        let colors = is_drawn.then_some([upper, lower]);
        if colors != last {
            match colors {
                Some([upper, lower]) => palette.write(line, upper, lower),
                None => line.push_str(palette.reset()),
            }
            last = colors;
        }
        line.push(match palette {
            _ if !is_drawn => ' ',
            Palette::None => shade(upper, lower),
            _ => '▀',
        });
    }
    if last.is_some() {
        line.push_str(palette.reset());
    }
}
