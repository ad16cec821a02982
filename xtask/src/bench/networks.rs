//! The networks that all engines run, and their files in each engine's format.

use crate::{paths, peers};
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A network, as all engines' rows call it.
pub(super) struct Network {
    pub(super) name: &'static str,
    file: File,
}

enum File {
    /// Of the weights that the project ships.
    Own(&'static str),
    /// Fetched or made below the folder of peers.
    Peer(&'static str),
}

pub(super) const NETWORKS: [Network; 9] = [
    peer("blazeface_short", "face_detection_short_range.tflite"),
    peer("blazeface_full", "face_detection_full_range.tflite"),
    peer("mobilenetv2_140", "bench/mobilenetv2_140.tflite"),
    peer("mobilenetv2_224", "bench/mobilenetv2_224.tflite"),
    own("face", "face.tflite"),
    own("refine", "refine.tflite"),
    own("expression", "expression.tflite"),
    own("face_int8", "face_int8.tflite"),
    own("expression_int8", "expression_int8.tflite"),
];

const fn own(name: &'static str, file: &'static str) -> Network {
    Network {
        name,
        file: File::Own(file),
    }
}

const fn peer(name: &'static str, file: &'static str) -> Network {
    Network {
        name,
        file: File::Peer(file),
    }
}

impl Network {
    pub(super) fn tflite(&self) -> PathBuf {
        match self.file {
            File::Own(file) => paths::project().join("crates/moue/models").join(file),
            File::Peer(file) => paths::peers().join(file),
        }
    }

    /// Where its ONNX file is; there is none of a network with 8-bit numbers.
    pub(super) fn onnx(&self) -> Option<PathBuf> {
        let has_onnx = !self.name.ends_with("_int8");
        has_onnx.then(|| assets().join(format!("{}.onnx", self.name)))
    }

    fn make_onnx(&self) -> Result<()> {
        let Some(onnx) = self.onnx() else {
            return Ok(());
        };
        // Our own weights change from time to time, and converting them takes a second.
        if matches!(self.file, File::Own(_)) || !onnx.exists() {
            python(&["bench/onnx_of.py", text(&self.tflite())?, text(&onnx)?])?;
        }
        Ok(())
    }
}

/// Where networks of other formats, and frames, are.
pub(super) fn assets() -> PathBuf {
    paths::peers().join("bench")
}

/// Makes a MobileNetV2 of either size, the tutorial's folder of models, and every network as ONNX.
pub(super) fn make_all() -> Result<()> {
    std::fs::create_dir_all(assets())?;
    for size in ["140", "224"] {
        make_mobilenet(size)?;
    }
    make_tutorial_models()?;
    NETWORKS.iter().try_for_each(Network::make_onnx)
}

fn make_mobilenet(size: &str) -> Result<()> {
    let path = assets().join(format!("mobilenetv2_{size}.tflite"));
    if path.exists() {
        return Ok(());
    }
    let script = "crates/moue-graph/tests/embedding.py";
    python(&[script, text(&path)?, "--size", size])
}

/// The files that MediaPipe's tutorial graph names, at the paths that it names.
fn make_tutorial_models() -> Result<()> {
    let models = assets().join("mediapipe/models");
    std::fs::create_dir_all(&models)?;
    std::fs::copy(
        paths::peers().join("face_detection_short_range.tflite"),
        models.join("face_detection_front.tflite"),
    )?;
    std::fs::copy(
        assets().join("mobilenetv2_140.tflite"),
        models.join("face_embeddings.tflite"),
    )?;
    std::fs::write(models.join("face_detection_front_labelmap.txt"), "Face\n")?;
    Ok(())
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("paths are Unicode")
}

fn python(args: &[&str]) -> Result<()> {
    let ran = Command::new(peers::python())
        .args(args)
        .current_dir(paths::project())
        .output()?;
    let complaint = String::from_utf8_lossy(&ran.stderr);
    ensure!(ran.status.success(), "{}: {complaint}", args.join(" "));
    Ok(())
}
