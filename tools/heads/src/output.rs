//! Files: sets with labels, sheets to look at, single pictures.

use crate::expression::NAMES;
use crate::film::jpeg;
use crate::head::{Head, Request, Style, render, shows_mouth};
use crate::model::FaceModel;
use crate::npz::Writer;
use crate::sets::Selection;
use crate::truth::MARK;
use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use std::path::Path;

/// Heads that are rendered before they are encoded and forgotten: bounds the memory.
const BATCH: usize = 64;
/// Where the file with the JPEG keeps the license of the face model.
const NOTICE: &str = "Rendered with ICT FaceKit, Copyright (c) 2020 USC Institute for Creative \
                      Technologies, MIT License";

/// What is written of each head.
#[derive(Default)]
struct Table {
    data: Vec<u8>,
    starts: Vec<i64>,
    marks: Vec<f32>,
    blendshapes: Vec<f32>,
    pose: Vec<f32>,
    style: Vec<i64>,
    prototype: Vec<i64>,
    group: Vec<i64>,
    covered: Vec<i64>,
    index: Vec<i64>,
}

impl Table {
    fn add(&mut self, png: &[u8], head: &Head, request: &Request) {
        self.starts.push(self.data.len() as i64);
        self.data.extend(png);
        self.marks.extend(head.truth.mark);
        self.blendshapes.extend(request.expression.values);
        let pose = &request.pose;
        self.pose.extend([pose.yaw, pose.pitch, pose.roll]);
        let style = Style::ALL.iter().position(|s| *s == request.style);
        self.style.push(style.map_or(-1, |i| i as i64));
        let prototype = request.expression.prototype;
        self.prototype.push(prototype.map_or(-1, |i| i as i64));
        self.covered.push(i64::from(!shows_mouth(&request.person)));
    }

    fn write(mut self, path: &Path) -> Result<()> {
        let count = self.starts.len();
        self.starts.push(self.data.len() as i64);
        let mut writer = Writer::create(path)?;
        writer.add("data", "|u1", &[self.data.len()], &self.data)?;
        writer.add_integers("starts", &self.starts)?;
        writer.add_floats("marks", &[count, MARK], &self.marks)?;
        writer.add_floats("blendshapes", &[count, NAMES.len()], &self.blendshapes)?;
        writer.add_floats("pose", &[count, 3], &self.pose)?;
        for (name, values) in [
            ("style", &self.style),
            ("prototype", &self.prototype),
            ("group", &self.group),
            ("covered", &self.covered),
            ("index", &self.index),
        ] {
            writer.add_integers(name, values)?;
        }
        writer.finish()
    }
}

/// Writes a set with its labels.
pub(crate) fn write(model: &Path, out: &Path, selection: &Selection) -> Result<()> {
    let model = FaceModel::open(model)?;
    let mut table = Table::default();
    let end = selection.skip + selection.len();
    for first in (selection.skip..end).step_by(BATCH) {
        let batch: Vec<u64> = (first..(first + BATCH as u64).min(end)).collect();
        let heads = batch
            .par_iter()
            .map(|index| encoded(&model, selection, *index));
        let heads: Vec<Result<Encoded>> = heads.collect();
        for (index, rendered) in batch.iter().zip(heads) {
            let (png, head, request) = rendered?;
            table.add(&png, &head, &request);
            table.group.push(selection.group(*index) as i64);
            table.index.push(*index as i64);
        }
    }
    println!("{} heads in {}", table.index.len(), out.display());
    table.write(out)
}

/// A PNG, and what it shows.
type Encoded = (Vec<u8>, Head, Request);

fn encoded(model: &FaceModel, selection: &Selection, index: u64) -> Result<Encoded> {
    let request = selection.request(index);
    let head = render(model, &request)?;
    Ok((png(&head.pixels, request.size)?, head, request))
}

/// Writes heads side by side.
pub(crate) fn sheet(
    model: &Path,
    out: &Path,
    columns: usize,
    marks: bool,
    selection: &Selection,
) -> Result<()> {
    ensure!(columns > 0, "a sheet needs at least one column");
    let model = FaceModel::open(model)?;
    let size = selection.size as usize;
    let indices: Vec<u64> = (selection.skip..selection.skip + selection.len()).collect();
    let tile = |index: &u64| {
        let head = render(&model, &selection.request(*index))?;
        let mut pixels = opaque(head.pixels, size);
        if marks {
            draw_mark(&mut pixels, size, &head.truth.mark);
        }
        Ok(pixels)
    };
    let tiles: Result<Vec<Vec<u8>>> = indices.par_iter().map(tile).collect();
    let [width, height] = [columns * size, indices.len().div_ceil(columns) * size];
    let pixels = side_by_side(&tiles?, columns, size);
    let encoded = encode(&pixels, width, height, png::ColorType::Rgb)?;
    std::fs::write(out, encoded).with_context(|| format!("cannot write {}", out.display()))
}

/// Lays square RGB pictures out in rows; what is left of the last row is white.
fn side_by_side(tiles: &[Vec<u8>], columns: usize, size: usize) -> Vec<u8> {
    let rows = tiles.len().div_ceil(columns);
    let mut pixels = vec![255; rows * size * columns * size * 3];
    for (i, tile) in tiles.iter().enumerate() {
        let corner = (i / columns * size * columns + i % columns) * size;
        for (y, row) in tile.chunks(size * 3).enumerate() {
            let start = (corner + y * columns * size) * 3;
            pixels[start..start + row.len()].copy_from_slice(row);
        }
    }
    pixels
}

/// Writes one head as a JPEG that names the face model and its license.
pub(crate) fn one(model: &Path, out: &Path, selection: &Selection) -> Result<()> {
    let model = FaceModel::open(model)?;
    let request = selection.request(selection.skip);
    let head = render(&model, &request)?;
    let jpeg = jpeg(&opaque(head.pixels, request.size), request.size, 88)?;
    std::fs::write(out, commented(&jpeg, NOTICE))
        .with_context(|| format!("cannot write {}", out.display()))
}

/// A JPEG with a comment after its start.
fn commented(jpeg: &[u8], text: &str) -> Vec<u8> {
    let length = (text.len() as u16 + 2).to_be_bytes();
    let (start, rest) = jpeg.split_at(2);
    [start, &[0xff, 0xfe], &length, text.as_bytes(), rest].concat()
}

fn png(pixels: &[u8], size: usize) -> Result<Vec<u8>> {
    let color = if pixels.len() == size * size * 4 {
        png::ColorType::Rgba
    } else {
        png::ColorType::Rgb
    };
    encode(pixels, size, size, color)
}

fn encode(pixels: &[u8], width: usize, height: usize, color: png::ColorType) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header()?.write_image_data(pixels)?;
    Ok(bytes)
}

/// RGB of a picture; what is transparent becomes gray.
fn opaque(pixels: Vec<u8>, size: usize) -> Vec<u8> {
    if pixels.len() == size * size * 3 {
        return pixels;
    }
    let over_gray = |c: u8, alpha: u8| {
        let share = f32::from(alpha) / 255.0;
        (f32::from(c) * share + 128.0 * (1.0 - share)) as u8
    };
    let all = pixels.as_chunks::<4>().0.iter();
    all.flat_map(|[r, g, b, a]| [r, g, b].map(|c| over_gray(*c, *a)))
        .collect()
}

/// Marks the box's edges and the key points.
fn draw_mark(pixels: &mut [u8], size: usize, mark: &[f32; MARK]) {
    let [_, x, y, width, height] = [0, 1, 2, 3, 4].map(|i| mark[i]);
    for i in 0..=200 {
        let along = i as f32 / 200.0 - 0.5;
        for side in [-0.5, 0.5] {
            let green = [0, 255, 0];
            dot(pixels, size, [x + along * width, y + side * height], green);
            dot(pixels, size, [x + side * width, y + along * height], green);
        }
    }
    for point in mark[5..].chunks(2) {
        for step in 0..9 {
            let by = |i: i32| (i - 1) as f32 / size as f32;
            let place = [point[0] + by(step % 3), point[1] + by(step / 3)];
            dot(pixels, size, place, [255, 0, 0]);
        }
    }
}

/// Colors a pixel at a place in shares of the picture, if it is inside.
fn dot(pixels: &mut [u8], size: usize, place: [f32; 2], color: [u8; 3]) {
    let [x, y] = place.map(|v| (v * size as f32) as usize);
    if x < size && y < size {
        pixels[(y * size + x) * 3..][..3].copy_from_slice(&color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commented_jpeg_is_still_one() {
        let bytes = jpeg(&[128; 16 * 16 * 3], 16, 80).unwrap();
        let whole = commented(&bytes, NOTICE);
        assert!(whole.windows(3).any(|w| w == b"MIT"));
        let mut decoder = jpeg_decoder::Decoder::new(whole.as_slice());
        assert_eq!(decoder.decode().unwrap().len(), 16 * 16 * 3);
    }

    #[test]
    fn a_transparent_picture_is_laid_on_gray() {
        assert_eq!(opaque(vec![255, 0, 7, 0], 1), [128, 128, 128]);
        assert_eq!(opaque(vec![255, 0, 7, 255], 1), [255, 0, 7]);
    }
}
