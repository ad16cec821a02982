//! Draws the pictures, camera frames and broken files of the conformance file.

use super::file::{Case, Layout, folder};
use std::path::Path;

/// A picture in red, green, blue.
struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

const SIDE: usize = 192;

/// Size of the camera's frames.
const WIDTH: usize = 192;
const HEIGHT: usize = 144;

/// Single drawings, of characters that differ in outline, hair and glasses.
const SINGLE: [&str; 6] = [
    "vik-calm",
    "gus-smirk",
    "mina-grin",
    "vik-laugh",
    "pip-sob",
    "sunny-wink",
];

impl Picture {
    fn drawing(name: &str, side: usize) -> Self {
        let drawing = moue_drawings::find(name).unwrap_or_else(|| panic!("no drawing {name}"));
        Self {
            width: side,
            height: side,
            pixels: drawing.render(side as u32),
        }
    }

    fn blank(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![235; 3 * width * height],
        }
    }

    /// Lays another picture on this one.
    fn with(mut self, other: &Self, x: usize, y: usize) -> Self {
        for row in 0..other.height {
            let from = &other.pixels[3 * row * other.width..][..3 * other.width];
            let at = 3 * ((y + row) * self.width + x);
            self.pixels[at..at + from.len()].copy_from_slice(from);
        }
        self
    }

    /// Turned by 90 degrees counterclockwise, so that a camera's rotation of 90 turns it upright.
    fn turned(&self) -> Self {
        let at = |x: usize, y: usize| {
            let from = 3 * (x * self.width + self.width - 1 - y);
            self.pixels[from..from + 3].to_vec()
        };
        let rows = 0..self.width;
        Self {
            width: self.height,
            height: self.width,
            pixels: rows
                .flat_map(|y| (0..self.height).flat_map(move |x| at(x, y)))
                .collect(),
        }
    }

    fn mirrored(&self) -> Self {
        let rows = self.pixels.chunks(3 * self.width);
        let pixels = rows.flat_map(|row| row.chunks(3).rev().flatten().copied());
        Self {
            width: self.width,
            height: self.height,
            pixels: pixels.collect(),
        }
    }

    fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&self.pixels).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn packed(&self, order: [usize; 3], gap: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for row in self.pixels.chunks(3 * self.width) {
            for pixel in row.chunks(3) {
                bytes.extend(order.map(|i| pixel[i]));
                bytes.push(255);
            }
            bytes.extend(std::iter::repeat_n(7, gap));
        }
        bytes
    }

    /// Luma and the two chroma planes, of the mean of each 2 × 2 pixels, by BT.601 in full range.
    fn yuv(&self) -> [Vec<u8>; 3] {
        let pixel = |x: usize, y: usize| {
            let at = 3 * (y * self.width + x);
            [0, 1, 2].map(|i| f64::from(self.pixels[at + i]))
        };
        let luma_of = |[r, g, b]: [f64; 3]| 0.299 * r + 0.587 * g + 0.114 * b;
        let [mut luma, mut u, mut v] = [const { Vec::new() }; 3];
        for y in 0..self.height {
            for x in 0..self.width {
                luma.push(luma_of(pixel(x, y)).round() as u8);
            }
        }
        for y in (0..self.height).step_by(2) {
            for x in (0..self.width).step_by(2) {
                let four = [
                    pixel(x, y),
                    pixel(x + 1, y),
                    pixel(x, y + 1),
                    pixel(x + 1, y + 1),
                ];
                let mean = [0, 1, 2].map(|i| four.iter().map(|p| p[i]).sum::<f64>() / 4.0);
                let y = luma_of(mean);
                u.push((128.0 + (mean[2] - y) / 1.772).round().clamp(0.0, 255.0) as u8);
                v.push((128.0 + (mean[0] - y) / 1.402).round().clamp(0.0, 255.0) as u8);
            }
        }
        [luma, u, v]
    }
}

fn pairs(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).flat_map(|(a, b)| [*a, *b]).collect()
}

/// Writes every file.
pub(crate) fn draw() {
    for sub in ["pictures", "frames", "hostile"] {
        std::fs::create_dir_all(folder().join(sub)).unwrap();
    }
    for name in SINGLE {
        let picture = Picture::drawing(name, SIDE).png();
        write(&format!("pictures/{name}.png"), &picture);
    }
    let left = Picture::drawing("vik-surprised", 160);
    let right = Picture::drawing("gus-cheer", 128);
    let two = Picture::blank(400, 240).with(&left, 20, 40);
    write("pictures/two.png", &two.with(&right, 230, 70).png());
    write("pictures/blank.png", &Picture::blank(160, 120).png());
    draw_frames();
    draw_hostile();
}

fn draw_frames() {
    let camera = Picture::blank(WIDTH, HEIGHT).with(&Picture::drawing("mina-laugh", 120), 30, 12);
    write("frames/camera.rgba", &camera.packed([0, 1, 2], 0));
    write(
        "frames/camera.bgra",
        &camera.mirrored().packed([2, 1, 0], 64),
    );
    let [luma, u, v] = camera.yuv();
    write(
        "frames/camera.nv12",
        &[luma.clone(), pairs(&u, &v)].concat(),
    );
    write("frames/camera.i420", &[luma, u, v].concat());
    let [luma, u, v] = camera.turned().yuv();
    write("frames/turned.nv21", &[luma, pairs(&v, &u)].concat());
}

fn draw_hostile() {
    let picture = Picture::drawing("gus-smirk", 96).png();
    write("hostile/empty.bin", &[]);
    write("hostile/text.txt", b"This is no picture.\n");
    write("hostile/cut-off.png", &picture[..picture.len() / 2]);
    // A byte of the compressed pixels.
    let mut flipped = picture.clone();
    flipped[picture.len() / 2] ^= 0xFF;
    write("hostile/flipped.png", &flipped);
    // A header that claims 60,000 × 60,000 pixels; its checksum is right.
    let mut huge = Vec::new();
    let mut encoder = png::Encoder::new(&mut huge, 60_000, 60_000);
    encoder.set_color(png::ColorType::Rgb);
    drop(encoder.write_header().unwrap());
    write("hostile/huge.png", &huge);
    let noise = (0..4096_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    let jpeg = [0xFF, 0xD8, 0xFF, 0xE0].into_iter().chain(noise);
    write("hostile/noise.jpg", &jpeg.collect::<Vec<u8>>());
    write("hostile/short.nv12", &[0; 100]);
}

fn write(path: &str, bytes: &[u8]) {
    std::fs::write(folder().join(Path::new(path)), bytes).unwrap();
}

/// Every case, without its results.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = SINGLE
        .iter()
        .map(|name| still(&format!("pictures/{name}.png")))
        .collect();
    cases.push(still("pictures/two.png"));
    cases.push(still("pictures/blank.png"));
    cases.push(Case {
        nearest: false,
        ..still("pictures/two.png")
    });
    cases.extend(frames());
    let hostile = [
        "empty.bin",
        "text.txt",
        "cut-off.png",
        "flipped.png",
        "huge.png",
        "noise.jpg",
    ];
    cases.extend(hostile.map(|name| still(&format!("hostile/{name}"))));
    cases.push(live("hostile/short.nv12", camera("nv12", 1)));
    cases
}

fn frames() -> [Case; 5] {
    let mirrored = Layout {
        stride: 4 * WIDTH as u32 + 64,
        mirrored: true,
        ..camera("bgra", 4)
    };
    let turned = Layout {
        width: HEIGHT as u32,
        height: WIDTH as u32,
        stride: HEIGHT as u32,
        chroma_stride: HEIGHT as u32,
        rotation: 90,
        ..camera("nv21", 1)
    };
    let planar = Layout {
        chroma_stride: WIDTH as u32 / 2,
        ..camera("i420", 1)
    };
    [
        live("frames/camera.rgba", camera("rgba", 4)),
        live("frames/camera.bgra", mirrored),
        live("frames/camera.nv12", camera("nv12", 1)),
        live("frames/turned.nv21", turned),
        live("frames/camera.i420", planar),
    ]
}

fn still(file: &str) -> Case {
    Case {
        file: file.into(),
        effort: "thorough".into(),
        nearest: true,
        ..Case::default()
    }
}

fn live(file: &str, layout: Layout) -> Case {
    Case {
        layout: Some(layout),
        effort: "live".into(),
        ..still(file)
    }
}

/// The frame of a camera with rows without gaps, of so many bytes for each pixel.
fn camera(format: &str, bytes: u32) -> Layout {
    Layout {
        format: format.into(),
        width: WIDTH as u32,
        height: HEIGHT as u32,
        stride: bytes * WIDTH as u32,
        chroma_stride: WIDTH as u32,
        range: "full".into(),
        matrix: "bt601".into(),
        ..Layout::default()
    }
}
