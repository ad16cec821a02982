//! Drawn heads: flat shades with outlines, lines on paper, pencil.

use crate::math::{V3, dot, mix, noise, scale};
use crate::paint::{Paint, Region, paint};
use crate::person::{Person, any_color};
use crate::photo::{Light, tone};
use crate::random::Random;
use crate::raster::{Picture, Surface, View};

/// How a head is drawn. Widths are in samples, of which two make a pixel.
#[derive(Clone, Debug)]
pub(crate) struct Pen {
    /// How many samples a line is wide; 0 for none.
    pub(crate) width: f32,
    pub(crate) ink: V3,
    /// How much darker shaded places are; 1 where there is no shade.
    pub(crate) shade: f32,
    /// More than 1 makes colors stronger.
    pub(crate) saturation: f32,
    /// The paper of a line drawing, in place of colors.
    pub(crate) paper: Option<V3>,
    /// Whether hair and brows are filled in a line drawing.
    pub(crate) filled_hair: bool,
    /// Strokes of a pencil where it is dark.
    pub(crate) hatched: bool,
}

impl Pen {
    pub(crate) fn toon(random: &mut Random) -> Self {
        let width = if random.chance(0.2) {
            0.0
        } else {
            random.range(1.0, 4.0)
        };
        Self {
            width,
            ink: ink(random),
            shade: if random.chance(0.25) {
                1.0
            } else {
                random.range(0.55, 0.85)
            },
            saturation: random.range(0.9, 1.7),
            paper: None,
            filled_hair: true,
            hatched: false,
        }
    }

    pub(crate) fn line(random: &mut Random) -> Self {
        let light = random.range(0.8, 1.0);
        let paper = if random.chance(0.75) {
            [light; 3]
        } else {
            mix([1.0; 3], any_color(random), 0.3)
        };
        Self {
            width: random.range(1.0, 4.5),
            ink: ink(random),
            shade: 1.0,
            saturation: 1.0,
            paper: Some(paper),
            filled_hair: random.chance(0.5),
            hatched: random.chance(0.35),
        }
    }
}

/// Black, or a dark color.
fn ink(random: &mut Random) -> V3 {
    if random.chance(0.75) {
        [0.025; 3]
    } else {
        scale(any_color(random), 0.3)
    }
}

/// A drawn head, and how far each sample of it hides what is behind: lines reach half their width
/// beyond the head.
pub(crate) struct Drawn {
    pub(crate) picture: Picture,
    pub(crate) cover: Vec<f32>,
}

/// Draws a view with a pen.
pub(crate) fn drawn(view: &View, person: &Person, light: &Light, pen: &Pen) -> Drawn {
    let paint_of = |s: &Option<Surface>| s.as_ref().map(|s| paint(s, person));
    let paints: Vec<Option<Paint>> = view.surfaces.iter().map(paint_of).collect();
    let lines = lines(view, &paints, pen.width);
    let filled = |at: usize| {
        let toward = dot(view.surfaces[at].as_ref()?.normal, light.direction);
        let place = [at % view.size, at / view.size];
        let paint = paints[at].as_ref()?;
        Some(match pen.paper {
            Some(paper) => on_paper(paint, person, pen, paper, toward, place),
            None => toon(paint, person, pen, toward),
        })
    };
    let picture = Picture::new(view.size, |x, y| {
        let at = y * view.size + x;
        filled(at).map_or(pen.ink, |color| mix(color, pen.ink, lines[at]))
    });
    let cover = view.surfaces.iter().zip(lines);
    let cover = cover.map(|(s, line)| if s.is_some() { 1.0 } else { line });
    let cover = cover.collect();
    Drawn { picture, cover }
}

/// The one color that a drawing has for a region.
fn flat_color(paint: &Paint, person: &Person) -> V3 {
    match paint.region {
        Region::Skin => person.skin,
        Region::Lips => mix(person.skin, person.lips, 0.4 + 0.6 * person.lip_share),
        Region::Brow => person.brow_color,
        Region::EyeWhite | Region::Teeth => [0.9; 3],
        Region::Iris => scale(person.iris, 1.3),
        Region::Pupil | Region::Lash => [0.01; 3],
        Region::Mouth => [0.10, 0.015, 0.02],
        Region::Tongue => [0.6, 0.14, 0.14],
        Region::Hair => person.hair,
        Region::Cloth | Region::Mask | Region::Rim | Region::Lens => paint.color,
    }
}

fn toon(paint: &Paint, person: &Person, pen: &Pen, toward: f32) -> V3 {
    let color = flat_color(paint, person);
    let gray = color.iter().sum::<f32>() / 3.0;
    let color = mix([gray; 3], color, pen.saturation).map(|c| c.max(0.0));
    // Photos are seen through an exposure; flat colors are as they are.
    let is_shaded = toward < 0.28 && !matches!(paint.region, Region::EyeWhite | Region::Pupil);
    let shaded = if is_shaded { pen.shade } else { 1.0 };
    tone(scale(color, shaded * 1.15), 1.0)
}

fn on_paper(
    paint: &Paint,
    person: &Person,
    pen: &Pen,
    paper: V3,
    toward: f32,
    at: [usize; 2],
) -> V3 {
    if is_inked(paint.region, person, pen) {
        return pen.ink;
    }
    let light = match paint.region {
        Region::Iris => 0.55,
        Region::Tongue | Region::Lips => 0.85,
        Region::Cloth => 0.92,
        _ => 1.0,
    };
    // Strokes run down to the left, denser where it is darker.
    let [x, y] = at.map(|v| v as f32);
    let stroke = noise([(x + y) * 0.35, (x - y) * 0.03, 2.0]);
    let is_stroke = pen.hatched && stroke > 0.62 + 0.5 * toward;
    mix(pen.ink, paper, if is_stroke { 0.35 } else { light })
}

/// Whether a line drawing fills a region with ink.
fn is_inked(region: Region, person: &Person, pen: &Pen) -> bool {
    match region {
        Region::Pupil | Region::Brow | Region::Lash | Region::Rim | Region::Lens => true,
        Region::Mouth => true,
        Region::Hair => pen.filled_hair && person.hair[1] < 0.2,
        _ => false,
    }
}

/// How much of a line each sample has: where regions meet, and where the surface ends or folds.
fn lines(view: &View, paints: &[Option<Paint>], width: f32) -> Vec<f32> {
    let size = view.size;
    let mut found = vec![0.0; size * size];
    if width <= 0.0 {
        return found;
    }
    let reach = width / 2.0;
    let steps = reach.ceil() as isize;
    for y in 0..size - 1 {
        for x in 0..size - 1 {
            let here = y * size + x;
            let is_edge = |there: usize| differ(view, paints, here, there);
            if is_edge(here + 1) || is_edge(here + size) {
                spread(&mut found, size, [x as isize, y as isize], reach, steps);
            }
        }
    }
    found
}

/// Marks a disk around a place of an edge.
fn spread(found: &mut [f32], size: usize, [x, y]: [isize; 2], reach: f32, steps: isize) {
    for dy in -steps..=steps {
        for dx in -steps..=steps {
            let inside = reach + 0.5 - ((dx * dx + dy * dy) as f32).sqrt();
            let [column, row] = [x + dx, y + dy];
            let limits = 0..size as isize;
            if inside > 0.0 && limits.contains(&column) && limits.contains(&row) {
                let cover = &mut found[row as usize * size + column as usize];
                *cover = cover.max(inside.min(1.0));
            }
        }
    }
}

fn differ(view: &View, paints: &[Option<Paint>], here: usize, there: usize) -> bool {
    let [Some(a), Some(b)] = [&view.surfaces[here], &view.surfaces[there]] else {
        return view.surfaces[here].is_some() != view.surfaces[there].is_some();
    };
    let regions = [here, there].map(|i| paints[i].as_ref().map(|p| p.region));
    // Brows are filled, and what is around a pupil has a line of its own.
    let is_soft = |r: &Option<Region>| matches!(r, Some(Region::Brow | Region::Pupil));
    if regions[0] != regions[1] {
        return !regions.iter().any(is_soft);
    }
    // Teeth and tongue have no lines of their own: they would fill a small mouth with ink.
    let has_folds = matches!(
        regions[0],
        Some(Region::Skin | Region::Hair | Region::Cloth)
    );
    // A step in depth of 5 mm, or a fold.
    let steps = (a.place[2] - b.place[2]).abs() > 0.7;
    has_folds && (steps || dot(a.normal, b.normal) < 0.2)
}
