//! One head: what is asked for, the picture, and what is known of it.

use crate::background::background;
use crate::expression::Expression;
use crate::extras::add_extras;
use crate::film::{Film, posterized};
use crate::hair::add_hair;
use crate::math::{V3, rotation};
use crate::mesh::Material;
use crate::model::{FaceModel, enlarge_eyes};
use crate::pens::{Drawn, Pen, drawn};
use crate::person::{Cover, Person};
use crate::photo::{Light, photo, tone};
use crate::random::Random;
use crate::raster::{Camera, Picture, View};
use crate::shadow::ShadowMap;
use crate::truth::Truth;
use anyhow::Result;

/// Samples along a side of a pixel.
const SAMPLES: usize = 2;

/// What a head looks like it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Photo,
    Gray,
    Toon,
    Line,
    Pixel,
}

impl Style {
    /// All styles, in the order of their numbers in files.
    pub(crate) const ALL: [Self; 5] =
        [Self::Photo, Self::Gray, Self::Toon, Self::Line, Self::Pixel];

    pub(crate) fn sample(random: &mut Random) -> Self {
        match random.unit() {
            u if u < 0.48 => Self::Photo,
            u if u < 0.60 => Self::Gray,
            u if u < 0.82 => Self::Toon,
            u if u < 0.93 => Self::Line,
            _ => Self::Pixel,
        }
    }

    pub(crate) fn is_drawn(self) -> bool {
        !matches!(self, Self::Photo | Self::Gray)
    }
}

/// How the head is turned, in degrees: to the subject's left, up, and to the picture's left.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pose {
    pub(crate) yaw: f32,
    pub(crate) pitch: f32,
    pub(crate) roll: f32,
}

impl Pose {
    /// Two in five look ahead, one in four is a profile or nearly.
    pub(crate) fn sample(random: &mut Random) -> Self {
        let turn = match random.unit() {
            u if u < 0.42 => random.normal(10.0).abs(),
            u if u < 0.75 => random.range(15.0, 55.0),
            _ => random.range(55.0, 95.0),
        };
        let lean = if random.chance(0.1) { 30.0 } else { 8.0 };
        Self {
            yaw: turn * random.sign(),
            pitch: random.normal(11.0),
            roll: random.normal(lean),
        }
    }

    /// A person who looks about into the camera.
    pub(crate) fn facing(random: &mut Random) -> Self {
        Self {
            yaw: random.normal(9.0),
            pitch: random.normal(6.0),
            roll: random.normal(4.0),
        }
    }
}

/// What to render.
pub(crate) struct Request {
    pub(crate) person: Person,
    pub(crate) expression: Expression,
    pub(crate) pose: Pose,
    pub(crate) style: Style,
    /// Pixels along a side.
    pub(crate) size: usize,
    /// The height of the head as a share of the picture's.
    pub(crate) fill: f32,
    /// Whether the picture is as a camera makes it, or clean.
    pub(crate) is_damaged: bool,
    /// Without background: the picture has a fourth channel.
    pub(crate) is_cut_out: bool,
    /// Names the generator of light, pen, background and noise.
    pub(crate) seed: u64,
}

/// A picture with its labels.
pub(crate) struct Head {
    /// RGB, or RGBA where it is cut out.
    pub(crate) pixels: Vec<u8>,
    pub(crate) truth: Truth,
}

/// The height of the head of the neutral model, in its units.
const HEAD_HEIGHT: f32 = 23.0;
/// The head turns around a point behind the nose.
const PIVOT: V3 = [0.0, 1.6, 2.5];

/// Renders a head.
pub(crate) fn render(model: &FaceModel, request: &Request) -> Result<Head> {
    let mut random = Random::new(request.seed, 0, 7);
    let vertices = deformed(model, request, &mut random);
    let skin = model.mesh(vertices);
    let camera = camera(request, &mut random);
    let truth = Truth::of(model, &skin, &camera, request.size * SAMPLES);
    let mut mesh = model.mesh(skin.vertices.clone());
    if !request.person.has_lashes {
        mesh.triangles.retain(|t| t.material != Material::Lashes);
    }
    add_hair(&mut mesh, &skin, &request.person);
    add_extras(&mut mesh, &skin, &request.person, &mut random);
    let view = View::new(&mesh, &camera, request.size * SAMPLES);
    let light = Light::sample(&mut random);
    let large = if request.style.is_drawn() {
        drawn_head(&view, request, &light, &mut random)
    } else {
        let shadow = ShadowMap::new(&view.places, &mesh.triangles, light.direction);
        lit_head(&view, &shadow, request, &light, &mut random)
    };
    let pixels = finished(&large, request, &mut random)?;
    Ok(Head { pixels, truth })
}

/// The face of the person in the expression; drawings exaggerate both.
fn deformed(model: &FaceModel, request: &Request, random: &mut Random) -> Vec<V3> {
    let mut identity = request.person.identity;
    let mut expression = request.expression.clone();
    let is_drawn = request.style.is_drawn();
    if is_drawn {
        let more = random.range(0.9, 1.5);
        identity = identity.map(|w| w * more);
        let stronger = random.range(1.0, 1.25);
        expression.values = expression.values.map(|v| (v * stronger).min(1.15));
    }
    let mut vertices = model.person(&identity);
    model.express(&mut vertices, &expression);
    if is_drawn {
        enlarge_eyes(&mut vertices, random.range(1.0, 1.55));
    }
    vertices
}

fn camera(request: &Request, random: &mut Random) -> Camera {
    let side = (request.size * SAMPLES) as f32;
    let [yaw, pitch, roll] =
        [request.pose.yaw, request.pose.pitch, request.pose.roll].map(f32::to_radians);
    Camera {
        rotation: rotation(yaw, pitch, roll),
        pivot: PIVOT,
        // From an arm's length to a telephoto lens.
        distance: random.range(55.0, 220.0),
        zoom: request.fill * side / HEAD_HEIGHT,
        center: [0, 1].map(|_| side * (0.5 + random.range(-0.04, 0.04))),
    }
}

fn lit_head(
    view: &View,
    shadow: &ShadowMap,
    request: &Request,
    light: &Light,
    random: &mut Random,
) -> Drawn {
    let exposure = random.range(0.8, 1.5);
    let mut picture = photo(view, shadow, &request.person, light);
    for color in &mut picture.pixels {
        *color = tone(*color, exposure);
    }
    let cover = view.surfaces.iter();
    let cover = cover.map(|s| f32::from(u8::from(s.is_some()))).collect();
    Drawn { picture, cover }
}

fn drawn_head(view: &View, request: &Request, light: &Light, random: &mut Random) -> Drawn {
    let pen = match request.style {
        Style::Line => Pen::line(random),
        _ => Pen::toon(random),
    };
    // Lines are as wide in a larger picture.
    let width = pen.width * request.size as f32 / 144.0;
    let pen = Pen { width, ..pen };
    let mut large = drawn(view, &request.person, light, &pen);
    if let Some(paper) = pen.paper {
        // Most line drawings are on their own paper, all of it.
        if random.chance(0.8) {
            let blank = Picture::new(view.size, |_, _| paper);
            large.picture = blank.covered(&large.picture, &large.cover);
            large.cover.fill(1.0);
        }
    }
    large
}

fn finished(large: &Drawn, request: &Request, random: &mut Random) -> Result<Vec<u8>> {
    let cover = reduced_cover(large, request.size);
    let mut picture = over_background(large, &cover, random);
    if request.style == Style::Pixel {
        picture = of_pixels(&picture, random);
    }
    let gray = request.style == Style::Gray;
    let film = if request.is_damaged {
        Film::sample(random, gray)
    } else {
        Film::clean()
    };
    let rgb = film.develop(picture, random)?;
    if !request.is_cut_out {
        return Ok(rgb);
    }
    let pixels = rgb.as_chunks::<3>().0.iter().zip(&cover);
    let with_cover = |([r, g, b], c): (&[u8; 3], &f32)| [*r, *g, *b, (c * 255.0).round() as u8];
    Ok(pixels.flat_map(with_cover).collect())
}

/// How much of each pixel the head covers.
fn reduced_cover(large: &Drawn, size: usize) -> Vec<f32> {
    let cover = Picture {
        size: large.picture.size,
        pixels: large.cover.iter().map(|c| [*c; 3]).collect(),
    };
    cover.reduced(size).pixels.iter().map(|c| c[0]).collect()
}

fn over_background(large: &Drawn, cover: &[f32], random: &mut Random) -> Picture {
    let size = large.picture.size / SAMPLES;
    // What is behind a sample counts by its cover, so colors are weighted by it.
    let black = Picture::new(large.picture.size, |_, _| [0.0; 3]);
    let weighted = black.covered(&large.picture, &large.cover).reduced(size);
    let behind = background(random, size);
    Picture::new(size, |x, y| {
        let at = y * size + x;
        let behind = behind.pixels[at].map(|c| c * (1.0 - cover[at]));
        crate::math::add(weighted.pixels[at], behind)
    })
}

/// Pixel art: few large pixels of few colors.
fn of_pixels(picture: &Picture, random: &mut Random) -> Picture {
    let few = (random.range(22.0, 52.0) * picture.size as f32 / 144.0) as usize;
    let levels = random.range(3.0, 8.0).round();
    posterized(&picture.reduced(few.max(16)), levels).enlarged(picture.size)
}

/// Whether the mouth of a head can be seen.
pub(crate) fn shows_mouth(person: &Person) -> bool {
    person.cover == Cover::None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sets::{Kind, Selection};
    use std::path::PathBuf;

    /// The face model of the research data; without it a test skips visibly.
    fn model() -> Option<FaceModel> {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
        let data = std::env::var_os("MOUE_DATA").map_or(PathBuf::from(beside), PathBuf::from);
        let path = data.join("heads/ict_facekit.npz");
        if path.exists() {
            return Some(FaceModel::open(&path).unwrap());
        }
        let is_required = std::env::var("MOUE_REQUIRE").is_ok_and(|v| !v.is_empty());
        assert!(!is_required, "{} is absent", path.display());
        eprintln!("SKIPPED: {} is absent", path.display());
        None
    }

    fn selection(set: Kind) -> Selection {
        Selection {
            set,
            seed: 9,
            skip: 0,
            count: 6,
            views: 2,
            size: 96,
            covered: 0.0,
            max_yaw: 95.0,
            cut_out: false,
            style: None,
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_all_styles_are_pictures() {
        let Some(model) = model() else { return };
        for style in Style::ALL {
            let mut request = selection(Kind::Train).request(3);
            request.style = style;
            let [one, two] = [(); 2].map(|()| render(&model, &request).unwrap());
            assert_eq!(one.pixels, two.pixels, "{style:?}");
            let colors: std::collections::HashSet<&[u8]> = one.pixels.chunks(3).collect();
            assert!(colors.len() > 20, "{style:?} has {} colors", colors.len());
        }
    }

    #[test]
    fn key_points_are_where_a_face_has_them() {
        let Some(model) = model() else { return };
        let mut request = selection(Kind::Turned).request(0);
        let seen = |yaw: f32, request: &mut Request| {
            request.pose = Pose {
                yaw,
                ..Pose::default()
            };
            render(&model, request).unwrap().truth.mark
        };
        let [_, x, y, width, height, points @ ..] = seen(0.0, &mut request);
        let [right, left, nose, mouth] = [0, 1, 2, 3].map(|i| [points[2 * i], points[2 * i + 1]]);
        assert!(right[0] < nose[0] && nose[0] < left[0]);
        assert!(right[1] < nose[1] && nose[1] < mouth[1]);
        for [px, py] in [right, left, nose, mouth] {
            assert!((px - x).abs() < width / 2.0 && (py - y).abs() < height / 2.0);
        }
        // A head that looks to its left shows its nose at the box's right edge.
        let [_, x, _, width, _, points @ ..] = seen(90.0, &mut request);
        let from_center = (points[4] - x) / width;
        assert!((0.3..0.6).contains(&from_center), "{from_center}");
    }

    #[test]
    fn a_cut_out_head_is_opaque_inside_and_clear_at_the_corner() {
        let Some(model) = model() else { return };
        let mut request = selection(Kind::Expressions).request(0);
        request.is_cut_out = true;
        let pixels = render(&model, &request).unwrap().pixels;
        assert_eq!(pixels.len(), 96 * 96 * 4);
        let alpha = |x: usize, y: usize| pixels[(y * 96 + x) * 4 + 3];
        assert_eq!([alpha(1, 1), alpha(48, 48)], [0, 255]);
    }
}
