//! `moue doctor`.

mod card;
mod system;

use crate::address;
use crate::args::DoctorArgs;
use crate::output::{counted, print_json, print_line, shown};
use crate::report::Outcome;
use crate::stores;
use anyhow::{Context, Result, bail};
use card::Card;
use moue::frame::{PixelFormat, picture_programs};
use moue::network::{Isa, Model};
use moue::video::{Camera, cameras};
use moue::weights::{EXPRESSION_MODEL, FACE_MODEL, REFINE_MODEL};
use moue::words::word_program;
use moue::{Finder, Frame, Gallery};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use system::System;

/// Pixels along a side of the drawing that checks the program.
const CHECK_SIZE: usize = 256;

/// The largest distance of the drawing from the nearest of the gallery, which is usually itself at
/// another size. Chosen by hand: wide enough for what scaling changes, and far below 1.41, the
/// distance of two expressions that have nothing in common.
const MAX_CHECK_DISTANCE: f32 = 0.5;

/// A compiled-in network.
#[derive(Serialize)]
struct ModelInfo {
    name: &'static str,
    sha256: String,
    bytes: usize,
    /// Multiply-adds of one run.
    multiply_adds: u64,
}

impl ModelInfo {
    fn of(name: &'static str, bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            name,
            sha256: moue::digest::sha256_hex(bytes),
            bytes: bytes.len(),
            multiply_adds: Model::load(bytes)?.multiply_adds(),
        })
    }
}

/// The results of the checks.
struct Diagnosis {
    models: [ModelInfo; 3],
    gallery: String,
    faces: Result<u64>,
    /// The programs that decode and read for moue, and whether they start.
    programs: Vec<(&'static str, bool)>,
    cameras: Vec<Camera>,
    card: Result<Card>,
    self_check: Result<()>,
    system: System,
}

impl Diagnosis {
    fn of(gallery: &Path) -> Result<Self> {
        Ok(Self {
            models: [
                ModelInfo::of("face", FACE_MODEL)?,
                ModelInfo::of("refine", REFINE_MODEL)?,
                ModelInfo::of("expression", EXPRESSION_MODEL)?,
            ],
            gallery: address::shown(gallery),
            faces: count_faces(gallery),
            programs: picture_programs()
                .into_iter()
                .chain([word_program()])
                .collect(),
            // Without ffmpeg there are none; that it is missing is reported above.
            cameras: cameras().unwrap_or_default(),
            card: Card::look(),
            self_check: self_check(),
            system: System::look(),
        })
    }

    fn print_object(&self) -> Result<()> {
        print_json(&json!({
            "schema": "moue.doctor/1",
            "version": env!("CARGO_PKG_VERSION"),
            "isa": Isa::best().name(),
            "available": available(),
            "models": self.models,
            "gallery": {
                "path": self.gallery,
                "faces": self.faces.as_ref().ok(),
                "error": self.faces.as_ref().err().map(ToString::to_string),
            },
            "programs": self.programs.iter().map(|(name, starts)| (*name, *starts)).collect::<BTreeMap<_, _>>(),
            "cameras": self.cameras.iter().map(|camera| json!({"number": camera.number, "name": camera.name})).collect::<Vec<_>>(),
            "gpu": self.card.as_ref().ok(),
            "system": self.system,
            "self_check": self.self_check.as_ref().map_or_else(ToString::to_string, |()| "ok".into()),
        }))
    }

    fn print_text(&self) -> Result<()> {
        print_line(&format!("moue {}", env!("CARGO_PKG_VERSION")))?;
        let available = available().join(", ");
        print_line(&format!(
            "processor   {} (of {available})",
            Isa::best().name()
        ))?;
        self.models.iter().try_for_each(print_model)?;
        let state = match &self.faces {
            Ok(faces) => counted(faces, "face"),
            Err(error) => crate::report::chain(error),
        };
        print_line(&format!("gallery     {}: {state}", self.gallery))?;
        for &(name, starts) in &self.programs {
            let what = program_use(name);
            let state = if starts { "installed" } else { "not installed" };
            print_line(&format!("program     {name}: {state} ({what})"))?;
        }
        if self.cameras.is_empty() {
            print_line("camera      none found")?;
        }
        for camera in &self.cameras {
            let name = shown(&camera.name);
            print_line(&format!("camera      {} {name}", camera.number))?;
        }
        let card = match &self.card {
            Ok(card) => card.line(),
            Err(error) => crate::report::chain(error),
        };
        print_line(&format!("gpu         {card}"))?;
        for (title, state) in self.system.lines() {
            print_line(&format!("{title:<11} {state}"))?;
        }
        let check = match &self.self_check {
            Ok(()) => "a drawing finds itself".to_owned(),
            Err(error) => error.to_string(),
        };
        print_line(&format!("self-check  {check}"))
    }
}

pub(crate) fn run(args: &DoctorArgs) -> Result<Outcome> {
    let diagnosis = Diagnosis::of(&args.gallery.gallery)?;
    if args.json {
        diagnosis.print_object()?;
    } else {
        diagnosis.print_text()?;
    }
    Ok(if diagnosis.faces.is_ok() && diagnosis.self_check.is_ok() {
        Outcome::Found
    } else {
        Outcome::Error
    })
}

fn available() -> Vec<&'static str> {
    Isa::available().into_iter().map(Isa::name).collect()
}

fn print_model(model: &ModelInfo) -> Result<()> {
    print_line(&format!(
        "model       {:<10} {} M multiply-adds, SHA-256 {}",
        model.name,
        model.multiply_adds / 1_000_000,
        model.sha256
    ))
}

/// What a program is for.
fn program_use(name: &str) -> &'static str {
    match name {
        "tesseract" => "words in pictures; Debian: tesseract-ocr",
        "heif-convert" => "HEIC and AVIF pictures; Debian: libheif-examples",
        _ => "videos, cameras, AVIF and JPEG XL pictures; Debian: ffmpeg",
    }
}

fn count_faces(gallery: &Path) -> Result<u64> {
    stores::count_faces(stores::open(gallery)?.as_ref())
}

/// The whole pipeline on a built-in drawing: it must detect the face and find a near picture for
/// it.
fn self_check() -> Result<()> {
    let drawing = moue_drawings::all()
        .nth(2)
        .context("there are no drawings")?;
    let pixels = drawing.render(CHECK_SIZE as u32);
    let frame = Frame::from_raw(
        &pixels,
        CHECK_SIZE,
        CHECK_SIZE,
        CHECK_SIZE * 3,
        PixelFormat::Rgb,
    )?;
    let found = Finder::new(Gallery::builtin()?)?.find(&frame)?;
    let name = drawing.name();
    match found.first().and_then(|face| face.matches.first()) {
        Some(best) if best.distance < MAX_CHECK_DISTANCE => Ok(()),
        Some(best) => bail!(
            "the drawing {name} is {:.2} away from its nearest",
            best.distance
        ),
        None => bail!("no face was found in the drawing {name}"),
    }
}
