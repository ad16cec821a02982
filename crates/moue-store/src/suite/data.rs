//! Pictures with the properties that searches look at, from a generator of pseudo-random numbers.

use moue::gallery::{NewFace, NewPicture, PictureHash};
use moue::{BoundingBox, Expression, Face};
use std::time::Duration;

/// The generator xorshift64* (Vigna 2016): the same numbers on every machine.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 33) % bound
    }

    /// From -1 to 1.
    pub(super) fn signed(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// A direction.
    pub(super) fn expression(&mut self) -> Expression {
        unit(std::array::from_fn(|_| self.signed()))
    }

    /// An expression about `spread` from another one.
    pub(super) fn near(&mut self, center: &Expression, spread: f32) -> Expression {
        let offset = self.expression().0;
        unit(std::array::from_fn(|i| center.0[i] + spread * offset[i]))
    }
}

fn unit(values: [f32; 64]) -> Expression {
    let length = values.iter().map(|v| v * v).sum::<f32>().sqrt();
    Expression(values.map(|v| v / length.max(f32::MIN_POSITIVE)))
}

/// A picture without a face.
pub(super) fn picture(number: u64) -> NewPicture {
    NewPicture {
        hash: moue::digest::sha256(&number.to_le_bytes()),
        path: format!("/pictures/{number}.jpg"),
        label: format!("picture {number}"),
        source: "folder".into(),
        added: 1_700_000_000 + number,
        ..NewPicture::default()
    }
}

pub(super) fn face(expression: Expression, random: &mut Random) -> NewFace {
    let mut place = || (random.below(1000) as f32) / 1000.0;
    NewFace {
        face: Face {
            bounding_box: BoundingBox {
                xmin: place(),
                ymin: place(),
                width: place(),
                height: place(),
            },
            score: place(),
            key_points: Some(std::array::from_fn(|_| [place(), place()])),
        },
        expression,
        time: None,
        thumbnail: None,
    }
}

/// A picture that has everything a picture can have.
pub(super) fn full(number: u64, random: &mut Random) -> NewPicture {
    let count = 1 + random.below(4);
    let faces = (0..count).map(|i| NewFace {
        time: number
            .is_multiple_of(3)
            .then(|| Duration::from_micros(i * 1_234_567)),
        thumbnail: number
            .is_multiple_of(2)
            .then(|| vec![0xff, 0xd8, i as u8, 0]),
        ..face(random.expression(), random)
    });
    let faces = faces.collect();
    let tags = ["cat", "dog", "Ärger"].iter().take(number as usize % 4);
    NewPicture {
        caption: number
            .is_multiple_of(4)
            .then(|| format!("caption of {number}")),
        words: number.is_multiple_of(5).then(|| format!("MONDAY {number}")),
        tags: tags.map(|tag| (*tag).into()).collect(),
        source: ["zip", "folder", "folder"][number as usize % 3].into(),
        perceptual_hash: (number % 2 == 1).then_some(PictureHash([number as u8; 32])),
        hidden: number % 11 == 10,
        faces,
        ..picture(number)
    }
}

/// Pictures for searches: clusters of expressions, as poses of characters are, some with several
/// faces, copies of others in another size, equal expressions, tags of different frequency.
pub(super) fn searched(faces: usize, random: &mut Random) -> Vec<NewPicture> {
    let centers: Vec<Expression> = (0..40).map(|_| random.expression()).collect();
    let mut pictures: Vec<NewPicture> = Vec::new();
    let mut count = 0;
    for number in 0.. {
        if count >= faces {
            break;
        }
        let before = pictures.last().filter(|_| number % 17 == 3);
        let faces = match before {
            Some(original) => copies(original, random),
            None => clustered(number, &centers, random),
        };
        let hash = match before {
            Some(original) => original.perceptual_hash,
            None => Some(PictureHash(std::array::from_fn(|_| random.next() as u8))),
        };
        count += faces.len();
        pictures.push(NewPicture {
            perceptual_hash: hash,
            faces,
            ..described(number)
        });
    }
    pictures
}

/// The text of a picture for searches.
fn described(number: u64) -> NewPicture {
    NewPicture {
        tags: tags(number),
        label: format!(
            "{} {number}",
            ["smile", "Über", "100% _a"][number as usize % 3]
        ),
        caption: number.is_multiple_of(7).then(|| "A Fist".into()),
        words: number.is_multiple_of(8).then(|| "FINALLY FRIDAY".into()),
        source: ["folder", "zip", "imgflip"][number as usize % 3].into(),
        hidden: number % 29 == 5,
        ..picture(number)
    }
}

/// Tags of half, a tenth, and a hundredth of the pictures.
fn tags(number: u64) -> Vec<String> {
    let tags = [("half", 2), ("tenth", 10), ("rare", 100)];
    let has = tags
        .iter()
        .filter(|(_, every)| number.is_multiple_of(*every));
    has.map(|(tag, _)| (*tag).into()).collect()
}

fn clustered(number: u64, centers: &[Expression], random: &mut Random) -> Vec<NewFace> {
    let count = if number % 9 == 4 { 3 } else { 1 };
    let faces = (0..count).map(|_| {
        let center = &centers[random.below(centers.len() as u64) as usize];
        // Every 13th exactly the center: equal distances are ordered by id.
        let spread = if number % 13 == 6 { 0.0 } else { 0.4 };
        face(random.near(center, spread), random)
    });
    faces.collect()
}

/// The faces of a picture as another compression has them.
fn copies(original: &NewPicture, random: &mut Random) -> Vec<NewFace> {
    let faces = original.faces.iter();
    let copies = faces.map(|f| NewFace {
        expression: random.near(&f.expression, 0.05),
        ..f.clone()
    });
    copies.collect()
}
