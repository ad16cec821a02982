//! Drawings as pixels.

mod extent;
mod terms;

use crate::commands::{Command, Segment};
use crate::{Drawing, SIDE};
use terms::{built, pen, turn};
use tiny_skia::{
    BlendMode, Color, FillRule, FilterQuality, IntRect, Mask, MaskType, Paint, Path, Pattern,
    Pixmap, Rect, SpreadMode, Stroke, Transform,
};

impl Drawing {
    /// The picture as `size × size × 3` bytes: red, green, blue.
    pub fn render(&self, size: u32) -> Vec<u8> {
        let Some(mut paper) = Pixmap::new(size, size) else {
            return Vec::new();
        };
        paper.fill(Color::WHITE);
        let scale = size as f32 / SIDE;
        let mut canvas = Canvas {
            target: paper,
            transform: Transform::from_scale(scale, scale),
            groups: Vec::new(),
        };
        let commands = self.commands();
        for (number, command) in commands.iter().enumerate() {
            canvas.draw(command, &commands[number + 1..]);
        }
        let rgba = canvas.target.data().as_chunks::<4>().0;
        rgba.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect()
    }
}

/// What is drawn to, and how.
struct Canvas {
    target: Pixmap,
    transform: Transform,
    /// From the outermost to the innermost.
    groups: Vec<Group>,
}

/// What the end of a group takes back.
struct Group {
    transform: Transform,
    layer: Option<Layer>,
}

/// How a layer gets to what was drawn before it.
struct Layer {
    below: Pixmap,
    /// `None` if nothing of it can be seen.
    place: Option<IntRect>,
    opacity: f32,
    clip: Option<Path>,
}

impl Canvas {
    /// `rest` is what comes behind the command.
    fn draw(&mut self, command: &Command, rest: &[Command]) {
        match command {
            Command::Fill { path, color } => self.fill(path, *color),
            Command::Stroke {
                path,
                color,
                width,
                is_round,
            } => self.stroke(path, *color, &pen(*width, *is_round)),
            Command::Turn { degrees, around } => {
                self.open(None);
                self.transform = self.transform.pre_concat(turn(*degrees, *around));
            }
            Command::Layer { opacity } => self.open_layer(extent::of_group(rest), *opacity, None),
            Command::Clip { path } => {
                let clip = built(path);
                let extent = extent::clipped(extent::of_group(rest), clip.as_ref());
                self.open_layer(extent, 1.0, clip);
            }
            Command::End => self.close(),
        }
    }

    fn fill(&mut self, path: &[Segment], color: [u8; 3]) {
        // A straight line has no inside.
        let path = built(path).filter(|p| p.bounds().width() > 0.0 && p.bounds().height() > 0.0);
        if let Some(path) = path {
            let rule = FillRule::Winding;
            self.target
                .fill_path(&path, &paint(color), rule, self.transform, None);
        }
    }

    fn stroke(&mut self, path: &[Segment], color: [u8; 3], pen: &Stroke) {
        if let Some(path) = built(path) {
            self.target
                .stroke_path(&path, &paint(color), pen, self.transform, None);
        }
    }

    fn open(&mut self, layer: Option<Layer>) {
        self.groups.push(Group {
            transform: self.transform,
            layer,
        });
    }

    /// Draws on a layer from now on, which has only the part of the picture that it needs.
    fn open_layer(&mut self, extent: Option<Rect>, opacity: f32, clip: Option<Path>) {
        let place = extent.and_then(|extent| pixels(extent.transform(self.transform)?));
        let layer = place.and_then(|place| Pixmap::new(place.width(), place.height()));
        // Where nothing can be seen, one pixel takes what is drawn.
        let Some(layer) = layer.or_else(|| Pixmap::new(1, 1)) else {
            return self.open(None);
        };
        let below = std::mem::replace(&mut self.target, layer);
        self.open(Some(Layer {
            below,
            place,
            opacity,
            clip,
        }));
        let [x, y] = place.map_or([0, 0], |place| [place.x(), place.y()]);
        let shift = Transform::from_translate(-x as f32, -y as f32);
        self.transform = shift.pre_concat(self.transform);
    }

    fn close(&mut self) {
        let Some(group) = self.groups.pop() else {
            return;
        };
        if let Some(layer) = group.layer {
            self.close_layer(layer);
        }
        self.transform = group.transform;
    }

    /// Draws the layer onto what is below it.
    fn close_layer(&mut self, layer: Layer) {
        let mut drawn = std::mem::replace(&mut self.target, layer.below);
        let Some(place) = layer.place else {
            return;
        };
        if let Some(clip) = layer.clip {
            drawn.apply_mask(&inside(&clip, &drawn, self.transform));
        }
        let paint = Paint {
            shader: Pattern::new(
                drawn.as_ref(),
                SpreadMode::Pad,
                // The layer lies on whole pixels.
                FilterQuality::Nearest,
                layer.opacity,
                Transform::from_translate(place.x() as f32, place.y() as f32),
            ),
            ..Paint::default()
        };
        self.target
            .fill_rect(place.to_rect(), &paint, Transform::identity(), None);
    }
}

/// The pixels that an extent touches, with two around them for their soft edges.
fn pixels(extent: Rect) -> Option<IntRect> {
    const EDGE: u32 = 2;
    let [x, y] = [extent.x(), extent.y()].map(|v| v.floor() as i32 - EDGE as i32);
    let [width, height] = [extent.width(), extent.height()].map(|v| v.ceil() as u32 + 2 * EDGE);
    IntRect::from_xywh(x, y, width, height)
}

/// The inside of a path as a mask of the layer's size.
fn inside(path: &Path, layer: &Pixmap, transform: Transform) -> Mask {
    // As resvg cuts: what is left around the hole, inverted. Filling the inside would round edges otherwise.
    let mut hole = layer.clone();
    hole.fill(Color::BLACK);
    let clear = Paint {
        blend_mode: BlendMode::Clear,
        ..Paint::default()
    };
    hole.fill_path(path, &clear, FillRule::Winding, transform, None);
    let mut mask = Mask::from_pixmap(hole.as_ref(), MaskType::Alpha);
    mask.invert();
    mask
}

fn paint([r, g, b]: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(r, g, b, u8::MAX);
    paint
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    // `cargo test -p xtask --features references` compares them all with what resvg shows of their SVG.
    #[test]
    fn pictures_are_colorful() {
        let picture = crate::find("mina-grin").unwrap().render(64);
        let colors: HashSet<&[u8]> = picture.chunks(3).collect();
        assert!(colors.len() > 50);
    }
}
