use super::*;
use tiny_skia::{
    FillRule, LineCap, LineJoin, Mask, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Stroke,
    Transform,
};

const SIDE: u32 = 128;

/// A canvas as phones have one: it clips each shape by itself.
struct Canvas {
    /// The pixmap that is drawn to, with what opened it, from the paper to the last layer.
    layers: Vec<(Pixmap, f32)>,
    states: Vec<State>,
}

#[derive(Clone)]
struct State {
    transform: Transform,
    mask: Option<Mask>,
    is_layer: bool,
}

impl Canvas {
    fn new() -> Self {
        let mut paper = Pixmap::new(SIDE, SIDE).unwrap();
        paper.fill(tiny_skia::Color::WHITE);
        let scale = SIDE as f32 / 256.0;
        Self {
            layers: vec![(paper, 1.0)],
            states: vec![State {
                transform: Transform::from_scale(scale, scale),
                mask: None,
                is_layer: false,
            }],
        }
    }

    fn draw(&mut self, command: &DrawCommand) {
        let state = self.states.last().unwrap().clone();
        let target = &mut self.layers.last_mut().unwrap().0;
        let paint = |color: u32| {
            let [a, r, g, b] = color.to_be_bytes();
            let mut paint = Paint::default();
            paint.set_color_rgba8(r, g, b, a);
            paint
        };
        match command {
            DrawCommand::Fill { path, color } => target.fill_path(
                &built(path),
                &paint(*color),
                FillRule::Winding,
                state.transform,
                state.mask.as_ref(),
            ),
            DrawCommand::Stroke { path, color, width } => target.stroke_path(
                &built(path),
                &paint(*color),
                &Stroke {
                    width: *width,
                    line_cap: LineCap::Round,
                    line_join: LineJoin::Round,
                    ..Stroke::default()
                },
                state.transform,
                state.mask.as_ref(),
            ),
            DrawCommand::End => self.end(),
            opening => self.open(opening, state),
        }
    }

    fn open(&mut self, command: &DrawCommand, mut state: State) {
        state.is_layer = false;
        match command {
            DrawCommand::Rotate { degrees, x, y } => {
                let turn = Transform::from_rotate_at(*degrees, *x, *y);
                state.transform = state.transform.pre_concat(turn);
            }
            DrawCommand::Clip { path } => {
                let mut mask = Mask::new(SIDE, SIDE).unwrap();
                mask.fill_path(&built(path), FillRule::Winding, true, state.transform);
                state.mask = Some(mask);
            }
            DrawCommand::Layer { opacity } => {
                self.layers
                    .push((Pixmap::new(SIDE, SIDE).unwrap(), *opacity));
                state.is_layer = true;
            }
            other => unreachable!("{other:?} opens nothing"),
        }
        self.states.push(state);
    }

    fn end(&mut self) {
        if self.states.pop().unwrap().is_layer {
            let (layer, opacity) = self.layers.pop().unwrap();
            let paint = PixmapPaint {
                opacity,
                ..PixmapPaint::default()
            };
            let below = &mut self.layers.last_mut().unwrap().0;
            below.draw_pixmap(0, 0, layer.as_ref(), &paint, Transform::identity(), None);
        }
    }
}

fn built(path: &[PathElement]) -> Path {
    let mut builder = PathBuilder::new();
    for element in path {
        match *element {
            PathElement::Move { x, y } => builder.move_to(x, y),
            PathElement::Line { x, y } => builder.line_to(x, y),
            PathElement::Quad { x1, y1, x, y } => builder.quad_to(x1, y1, x, y),
            PathElement::Cubic {
                x1,
                y1,
                x2,
                y2,
                x,
                y,
            } => builder.cubic_to(x1, y1, x2, y2, x, y),
            PathElement::Close => builder.close(),
        }
    }
    builder.finish().unwrap()
}

/// Greatest and mean difference of two pictures' levels.
fn difference(a: &[u8], b: &[u8]) -> (u8, f64) {
    let differences = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    let sum: u64 = differences.clone().map(u64::from).sum();
    (differences.max().unwrap(), sum as f64 / a.len() as f64)
}

#[test]
fn a_phone_draws_what_the_program_renders() {
    let drawings = moue_drawings::all()
        .chain(moue_drawings::emoji::all().map(moue_drawings::emoji::Emoji::drawing));
    // One of seven: each costs two renderings.
    for drawing in drawings.step_by(7) {
        let mut canvas = Canvas::new();
        for command in commands(&drawing) {
            canvas.draw(&command);
        }
        assert_eq!((canvas.layers.len(), canvas.states.len()), (1, 1));
        let pixels = canvas.layers[0].0.data().as_chunks::<4>().0;
        let drawn: Vec<u8> = pixels
            .iter()
            .flat_map(|[r, g, b, _]| [*r, *g, *b])
            .collect();
        let (most, mean) = difference(&drawn, &drawing.render(SIDE));
        // Single pixels at the edges of what is clipped differ.
        let name = drawing.name();
        assert!(
            mean < 0.1 && most < 90,
            "{name}: {most} at most, {mean:.3} on average"
        );
    }
}

#[test]
fn every_drawing_has_commands() {
    let drawings = moue_drawings::all()
        .chain(moue_drawings::emoji::all().map(moue_drawings::emoji::Emoji::drawing));
    for drawing in drawings {
        let commands = commands(&drawing);
        let opened = |c: &&DrawCommand| {
            use DrawCommand::{Clip, Layer, Rotate};
            matches!(c, Rotate { .. } | Layer { .. } | Clip { .. })
        };
        let ends = commands.iter().filter(|c| **c == DrawCommand::End);
        assert_eq!(commands.iter().filter(opened).count(), ends.count());
    }
    assert!(draw_commands("builtin:gus-smirk".into()).is_some());
    assert!(draw_commands("emoji:😮".into()).is_some());
    assert!(draw_commands("builtin:nobody".into()).is_none());
    assert!(draw_commands("/etc/passwd".into()).is_none());
}
