//! The tutorial's graphs as they are written, against what MediaPipe and LiteRT made of the same
//! pictures.

#[path = "../../moue/tests/common/mod.rs"]
mod common;

use common::{data, peer, python};
use moue::gallery::SearchOptions;
use moue::{Effort, Finder, Frame, Gallery};
use moue_graph::{
    Classification, Collection, Detection, Executor, Graph, GraphConfig, Image, Library, Packet,
    Registry, Resources, Run, RunBuilder, Timestamp, Variant,
};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

fn original(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/original")
        .join(file)
}

fn graph(file: &str, variant: Variant) -> Arc<Graph> {
    let config = GraphConfig::parse(&std::fs::read_to_string(original(file)).unwrap()).unwrap();
    let mut library = Library::new(variant);
    library.add(original("")).unwrap();
    Arc::new(Graph::new(&config, &library, &Registry::standard()).unwrap())
}

/// A folder that has the tutorial's model files at their paths, or `None` where BlazeFace is
/// absent.
fn models(embedding: Option<&[u8]>) -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mediapipe/models");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::copy(
        peer("face_detection_short_range.tflite")?,
        path.join("face_detection_front.tflite"),
    )
    .unwrap();
    std::fs::write(path.join("face_detection_front_labelmap.txt"), "Face\n").unwrap();
    std::fs::write(
        path.join("face_embeddings.tflite"),
        embedding.unwrap_or_default(),
    )
    .unwrap();
    Some(folder)
}

/// Packets of a stream, filled while the graph runs.
type Kept = Arc<Mutex<Vec<Packet>>>;

fn keep(builder: RunBuilder, stream: &str) -> (RunBuilder, Kept) {
    let kept = Kept::default();
    let into = kept.clone();
    (
        builder
            .observe(stream, move |p| into.lock().unwrap().push(p.clone()))
            .unwrap(),
        kept,
    )
}

fn last<T: Clone + 'static>(kept: &Kept) -> Option<T> {
    kept.lock()
        .unwrap()
        .pop()
        .map(|p| p.get::<T>().unwrap().clone())
}

fn send(run: &mut Run, stream: &str, frame: Frame<'static>, number: usize) {
    let at = Timestamp::new(number as i64 * 33_333).unwrap();
    run.send(stream, Packet::new(frame).at(at)).unwrap();
    run.wait_until_idle();
}

/// The pixels that the reference was computed from, where they are kept.
fn decoded(name: &str) -> Option<Frame<'static>> {
    let stem = Path::new(name).file_stem()?.to_str()?;
    let png = data("reference/decoded")?.join(format!("{stem}.png"));
    let path = if png.exists() {
        png
    } else {
        data("photos")?.join(name)
    };
    (path.extension()? == "png").then(|| Frame::open(&path).unwrap())
}

fn reference() -> Option<serde_json::Map<String, Value>> {
    let json = std::fs::read(data("reference/photos.detections.json")?).unwrap();
    let Value::Object(images) = serde_json::from_slice::<Value>(&json).unwrap()["images"].take()
    else {
        panic!()
    };
    Some(images)
}

/// Box and key points as one list.
fn coordinates(value: &Value) -> Vec<f32> {
    let number = |v: &Value| v.as_f64().unwrap() as f32;
    let edges = ["xmin", "ymin", "width", "height"].map(|k| number(&value["box"][k]));
    let points = value["keypoints"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|p| [number(&p[0]), number(&p[1])]);
    edges.into_iter().chain(points).collect()
}

fn check_detection(name: &str, found: &[Detection], expected: &[Value]) -> f32 {
    assert_eq!(found.len(), expected.len(), "{name}");
    let mut worst = 0f32;
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.label, ["Face"], "{name}");
        let b = found.bounding_box;
        let ours = [b.xmin, b.ymin, b.width, b.height]
            .into_iter()
            .chain(found.key_points.iter().flatten().copied());
        let score = (found.score - expected["score"].as_f64().unwrap() as f32).abs();
        worst = ours
            .zip(coordinates(expected))
            .map(|(a, b)| (a - b).abs())
            .fold(worst.max(score), f32::max);
    }
    worst
}

#[test]
fn the_detection_subgraph_equals_mediapipe_node_by_node() {
    let (Some(models), Some(images)) = (models(None), reference()) else {
        return;
    };
    for (file, variant) in [
        ("face_detection_cpu.pbtxt", Variant::Cpu),
        ("face_detection_gpu.pbtxt", Variant::Gpu),
    ] {
        let builder = RunBuilder::new(graph(file, variant))
            .resources(Resources::new(Some(models.path().to_owned())));
        let (builder, fitted) = keep(builder, "transformed_input_video");
        let (builder, raw) = keep(builder, "detections");
        let (builder, found) = keep(builder, "output_detections");
        let mut run = builder.start().unwrap();
        let mut worst = 0f32;
        let mut inputs = 0;
        let mut count = 0;
        for (number, (name, image)) in images.iter().enumerate() {
            let stem = Path::new(name).file_stem().unwrap().to_str().unwrap();
            let input = data("reference/fit128")
                .unwrap()
                .join(format!("{stem}.fit128.png"));
            let (Some(frame), true) = (decoded(name), input.exists()) else {
                continue;
            };
            send(&mut run, "input_video", frame, number);
            let fitted: Image = last(&fitted).unwrap();
            assert!(
                fitted.pixels() == Frame::open(&input).unwrap().pixels(),
                "{name}: the network's input differs"
            );
            let candidates: Vec<Detection> = last(&raw).unwrap();
            let expected = image["raw_detections_before_nms_letterboxed"]
                .as_array()
                .unwrap();
            assert_eq!(
                candidates.len(),
                expected.len(),
                "{name}: boxes before suppression"
            );
            let detections: Vec<Detection> = last(&found).unwrap();
            worst = worst.max(check_detection(
                name,
                &detections,
                image["detections"].as_array().unwrap(),
            ));
            (inputs, count) = (inputs + 1, count + detections.len());
        }
        run.finish().unwrap();
        assert_eq!(inputs, 8, "pictures compared");
        assert!(worst < 1e-5, "largest difference {worst:.1e}");
        eprintln!(
            "{file}: {inputs} inputs equal to the pixel, {count} detections, largest difference {worst:.1e}"
        );
    }
}

/// The tutorial's embedding network is lost, so one with random weights replaces it.
#[test]
fn the_whole_search_equals_litert() {
    let Some(python) = python() else {
        return;
    };
    let Some(crops) = data("reference/crop140") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut raws = Vec::new();
    for crop in std::fs::read_dir(crops).unwrap().map(|e| e.unwrap().path()) {
        let stem = crop
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .split('.')
            .next()
            .unwrap()
            .to_owned();
        let raw = folder.path().join(format!("{stem}.raw"));
        std::fs::write(&raw, Frame::open(&crop).unwrap().pixels()).unwrap();
        raws.push((stem, crop, raw));
    }
    let network = folder.path().join("embedding.tflite");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/embedding.py");
    let made = Command::new(python)
        .arg(script)
        .arg(&network)
        .args(raws.iter().map(|r| &r.2))
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let Some(models) = models(Some(&std::fs::read(network).unwrap())) else {
        return;
    };

    let vectors: Vec<Vec<f32>> = raws
        .iter()
        .map(|(_, _, raw)| floats(&raw.with_extension("embedding")))
        .collect();
    let labels: Vec<String> = raws.iter().map(|(stem, _, _)| stem.clone()).collect();
    let builder = RunBuilder::new(graph("main.pbtxt", Variant::Cpu))
        .resources(Resources::new(Some(models.path().to_owned())))
        .side_packet(
            "embeddings_collection",
            Packet::new(Collection::new(64, vectors.concat()).unwrap()),
        )
        .side_packet("collection_labels", Packet::new(labels));
    let (builder, heads) = keep(builder, "faceembeddingssubgraph_2__transformed_head");
    let (builder, embeddings) = keep(builder, "embeddings");
    let (builder, memes) = keep(builder, "memes");
    let mut run = builder.executor(Executor::Threads(2)).start().unwrap();
    for (number, ((stem, crop, _), expected)) in raws.iter().zip(&vectors).enumerate() {
        let images = reference().unwrap();
        let name = images
            .keys()
            .find(|n| n.starts_with(&format!("{stem}.")))
            .unwrap();
        send(&mut run, "input_frame", decoded(name).unwrap(), number);
        let head: Image = last(&heads).unwrap();
        let crop = Frame::open(crop).unwrap();
        let wrong = head
            .pixels()
            .iter()
            .zip(crop.pixels())
            .filter(|(a, b)| a != b)
            .count();
        let found: Vec<f32> = last(&embeddings).unwrap();
        let size = expected.iter().fold(0f32, |a, v| a.max(v.abs()));
        let error = found
            .iter()
            .zip(expected)
            .map(|(a, b)| (a - b).abs())
            .fold(0f32, f32::max)
            / size;
        eprintln!(
            "{stem}: {wrong} of {} values of the crop differ, embedding off by {error:.1e}",
            crop.pixels().len()
        );
        // OpenCV rounds positions in between two pixels its own way; that is all that may differ.
        assert!(
            wrong * 50 < crop.pixels().len(),
            "{stem}: {wrong} values differ"
        );
        assert!(
            error < if wrong == 0 { 1e-5 } else { 0.05 },
            "{stem}: {error}"
        );
        let memes: Vec<Classification> = last(&memes).unwrap();
        assert_eq!((memes.len(), &memes[0].label), (3, stem));
        assert!(memes[0].score <= memes[1].score && memes[1].score <= memes[2].score);
    }
    run.finish().unwrap();
}

fn floats(path: &Path) -> Vec<f32> {
    std::fs::read(path)
        .unwrap()
        .as_chunks()
        .0
        .iter()
        .map(|c| f32::from_le_bytes(*c))
        .collect()
}

fn facial_search() -> RunBuilder {
    let config = GraphConfig::parse(Library::BUILTIN[0].1).unwrap();
    let graph = Graph::new(
        &config,
        &Library::builtin(Variant::Cpu),
        &Registry::standard(),
    )
    .unwrap();
    let (collection, labels) = Collection::from_gallery(&Gallery::builtin().unwrap()).unwrap();
    RunBuilder::new(Arc::new(graph))
        .side_packet("embeddings_collection", Packet::new(collection))
        .side_packet("collection_labels", Packet::new(labels))
}

/// Drawings are always there; photos and memes where the data is.
fn pictures() -> Vec<Frame<'static>> {
    let mut frames = Vec::new();
    for folder in ["photos", "memes"] {
        let Some(folder) = data(folder) else { continue };
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.sort();
        frames.extend(files.iter().filter_map(|f| Frame::open(f).ok()));
    }
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sample.png");
    frames.push(Frame::open(&sample).unwrap());
    frames
}

#[test]
fn our_graph_answers_exactly_as_finder_does() {
    let (builder, memes) = keep(facial_search(), "memes");
    let mut run = builder.start().unwrap();
    let mut finder = Finder::new(Gallery::builtin().unwrap()).unwrap();
    finder.options.detect.effort = Effort::Live;
    // The graph's calculator is the tutorial's: the nearest by Euclidean distance.
    finder.options.search = SearchOptions::nearest(3);
    let mut answered = 0;
    let all = pictures();
    for (number, frame) in all.iter().enumerate() {
        send(&mut run, "input_frame", frame.clone(), number);
        let found: Vec<(String, f32)> = last::<Vec<Classification>>(&memes)
            .map(|m| m.into_iter().map(|c| (c.label, c.score)).collect())
            .unwrap_or_default();
        let expected = finder
            .find(frame)
            .unwrap()
            .pop()
            .map(|f| f.matches)
            .unwrap_or_default();
        let expected: Vec<(String, f32)> = expected
            .into_iter()
            .map(|m| (m.label, m.distance))
            .collect();
        assert_eq!(found, expected, "picture {number}");
        answered += usize::from(!found.is_empty());
    }
    run.finish().unwrap();
    eprintln!(
        "{answered} of {} pictures have a face; all answers are the same",
        all.len()
    );
    assert!(answered > 0);
}
