//! `moue doctor`.

use super::open_gallery;
use crate::args::DoctorArgs;
use crate::output::{print_json, print_line};
use crate::report::Outcome;
use anyhow::Result;
use moue::frame::PixelFormat;
use moue::network::{Isa, Model};
use moue::{Finder, Frame, Gallery};
use serde_json::{Value, json};

pub(crate) fn run(args: &DoctorArgs) -> Result<Outcome> {
    let models = [
        model("face", moue::weights::FACE_MODEL)?,
        model("refine", moue::weights::REFINE_MODEL)?,
        model("expression", moue::weights::EXPRESSION_MODEL)?,
    ];
    let path = args.gallery.gallery.to_string_lossy();
    let gallery = open_gallery(&args.gallery.gallery);
    let (faces, error) = match gallery.as_ref().map(Gallery::len) {
        Ok(Ok(faces)) => (Some(faces), None),
        Ok(Err(e)) => (None, Some(e.to_string())),
        Err(e) => (None, Some(e.to_string())),
    };
    let check = self_check();
    let well = error.is_none() && check.is_ok();
    if args.json {
        print_json(&json!({
            "schema": "moue.doctor/1",
            "version": env!("CARGO_PKG_VERSION"),
            "isa": Isa::best().name(),
            "available": Isa::available().into_iter().map(Isa::name).collect::<Vec<_>>(),
            "models": models,
            "gallery": { "path": path, "faces": faces, "error": error },
            "self_check": check.as_ref().map_or_else(ToString::to_string, |()| "ok".into()),
        }))?;
    } else {
        print_line(&format!("moue {}", env!("CARGO_PKG_VERSION")))?;
        let available: Vec<&str> = Isa::available().into_iter().map(Isa::name).collect();
        print_line(&format!(
            "processor   {} (of {})",
            Isa::best().name(),
            available.join(", ")
        ))?;
        for m in &models {
            let (name, sha256) = (
                m["name"].as_str().unwrap_or_default(),
                m["sha256"].as_str().unwrap_or_default(),
            );
            print_line(&format!(
                "model       {name:<10} {} M multiply-adds, SHA-256 {sha256}",
                m["multiply_adds"].as_u64().unwrap_or(0) / 1_000_000
            ))?;
        }
        let state = error.unwrap_or_else(|| format!("{} faces", faces.unwrap_or(0)));
        print_line(&format!("gallery     {path}: {state}"))?;
        print_line(&format!(
            "self-check  {}",
            check.map_or_else(|e| e.to_string(), |()| "a drawing finds itself".into())
        ))?;
    }
    Ok(if well { Outcome::Found } else { Outcome::Error })
}

fn model(name: &str, bytes: &[u8]) -> Result<Value> {
    let multiply_adds = Model::load(bytes)?.multiply_adds();
    Ok(
        json!({ "name": name, "sha256": moue::digest::sha256_hex(bytes), "bytes": bytes.len(), "multiply_adds": multiply_adds }),
    )
}

/// The whole way on a built-in drawing: the face must be found and its nearest picture be close.
fn self_check() -> Result<()> {
    const SIZE: usize = 256;
    let drawing = moue_drawings::all()
        .nth(2)
        .ok_or_else(|| anyhow::anyhow!("there are no drawings"))?;
    let pixels = drawing.render(SIZE as u32);
    let frame = Frame::from_raw(&pixels, SIZE, SIZE, SIZE * 3, PixelFormat::Rgb)?;
    let found = Finder::new(Gallery::builtin()?)?.find(&frame)?;
    let nearest = found.first().and_then(|f| f.matches.first());
    match nearest {
        Some(m) if m.distance < 0.5 => Ok(()),
        Some(m) => anyhow::bail!(
            "the drawing {} is {:.2} away from its nearest",
            drawing.name(),
            m.distance
        ),
        None => anyhow::bail!("no face was found in the drawing {}", drawing.name()),
    }
}
