//! Shared code of the benchmarks.

pub mod timing;

use anyhow::{Context, Result, ensure};
use moue::embed::EXPRESSION_LEN;
use moue::gallery::NewPicture;
use moue::{BoundingBox, Expression, Face, Frame};
use std::path::PathBuf;
use std::process::Command;

/// Directions in which the faces differ, the later the less, as real expressions do.
const DIRECTIONS: usize = 24;

// How the synthetic faces are distributed decides how much of a search the bounds can skip: spread
// evenly over all 64 numbers, they would make every bound useless and the benchmark a worst case.

/// Pseudo-random faces in a few directions, with some noise in all.
pub struct Faces {
    state: u64,
    directions: Vec<[f32; EXPRESSION_LEN]>,
}

impl Faces {
    /// Faces that depend on `seed` alone, in directions that are always the same.
    pub fn new(seed: u64) -> Self {
        let mut faces = Self {
            state: 1,
            directions: Vec::new(),
        };
        faces.directions = (0..DIRECTIONS)
            .map(|_| std::array::from_fn(|_| faces.normal()))
            .collect();
        faces.state = seed;
        faces
    }

    /// About normally distributed: the sum of four uniform numbers.
    fn normal(&mut self) -> f32 {
        let mut uniform = || {
            // A linear congruential generator with the constants of Knuth's MMIX: the same faces on
            // every machine, without a dependency.
            self.state = self
                .state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.state >> 40) as f32 / (1u64 << 24) as f32 - 0.5
        };
        // The sum of four has a variance of 4 / 12; √3 makes it 1.
        (uniform() + uniform() + uniform() + uniform()) * 1.732
    }

    /// The next face.
    pub fn draw(&mut self) -> Expression {
        let mut values: [f32; EXPRESSION_LEN] = std::array::from_fn(|_| 0.05 * self.normal());
        for i in 0..DIRECTIONS {
            let amount = self.normal() / (1.0 + i as f32 * 0.5);
            values
                .iter_mut()
                .zip(&self.directions[i])
                .for_each(|(v, d)| *v += amount * d);
        }
        let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        Expression(values.map(|v| v / length))
    }
}

/// A picture with one face, as a gallery takes it.
pub fn picture(number: u64, expression: Expression) -> NewPicture {
    let bounding_box = BoundingBox {
        xmin: 0.25,
        ymin: 0.25,
        width: 0.5,
        height: 0.5,
    };
    let face = Face {
        bounding_box,
        score: 0.9,
        key_points: Some([[0.5; 2]; 6]),
    };
    // Distinct pictures need distinct content; the factor (2^64 divided by the golden ratio)
    // spreads consecutive numbers over the whole range.
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
    NewPicture {
        hash,
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        added: 1,
        faces: vec![(face, expression).into()],
        ..NewPicture::default()
    }
}

/// A drawing in the middle of a frame, two thirds as high.
///
/// # Errors
/// If the drawing does not exist.
pub fn frame(width: usize, height: usize) -> Result<Frame<'static>> {
    let size = height * 2 / 3;
    let drawing = moue_drawings::find("lola-grin")
        .context("the drawing exists")?
        .render(size as u32);
    let mut pixels = vec![96; width * height * 3];
    for (y, line) in drawing.chunks_exact(size * 3).enumerate() {
        pixels[((y + height / 6) * width + (width - size) / 2) * 3..][..line.len()]
            .copy_from_slice(line);
    }
    Ok(Frame::from_pixels(pixels, width, height)?)
}

/// A file of another project that `cargo xtask peers` fetched into the target directory; `None`,
/// with a message, where it is absent.
///
/// # Errors
/// If it is absent and `MOUE_REQUIRE` is set, or cargo does not answer.
pub fn peer(name: &str) -> Result<Option<PathBuf>> {
    let path = target_directory()?.join("peers").join(name);
    if path.exists() {
        return Ok(Some(path));
    }
    let reason = format!(
        "{} is absent; `cargo xtask peers` fetches it",
        path.display()
    );
    let is_required = std::env::var_os("MOUE_REQUIRE").is_some_and(|v| v != "0" && !v.is_empty());
    ensure!(!is_required, "$MOUE_REQUIRE is set, but {reason}");
    eprintln!("SKIPPED: {reason}");
    Ok(None)
}

/// Where cargo builds to, which `CARGO_TARGET_DIR` or a configuration file may set.
fn target_directory() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let answer = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version=1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&answer.stdout)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo names its target directory")?.into())
}
