//! Graphs in the manner of MediaPipe since 2021: options that nodes take from the graph around
//! them, inputs of subgraphs that are left out, settings of GPUs and executors.

#[path = "../../moue/tests/common/mod.rs"]
mod common;

use common::peer;
use moue::Frame;
use moue_graph::{
    Detection, Graph, GraphConfig, Image, Library, NormRect, Packet, Registry, Resources,
    RunBuilder, Timestamp,
};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A detector whose sizes are options of the graph that uses it.
const DETECTOR: &str = r#"
type: "Detector"
input_stream: "IMAGE:image"
input_stream: "ROI:roi"
output_stream: "DETECTIONS:detections"
graph_options { [type.googleapis.com/mediapipe.FaceDetectionOptions] { min_score_thresh: 0.5 } }
node { calculator: "ToImageCalculator" input_stream: "IMAGE:image" output_stream: "IMAGE:any" }
node {
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:any" input_stream: "NORM_RECT:roi"
  output_stream: "TENSORS:input" output_stream: "MATRIX:matrix"
  options { [mediapipe.ImageToTensorCalculatorOptions.ext] {
    keep_aspect_ratio: true
    output_tensor_float_range { min: -1.0 max: 1.0 }
    border_mode: BORDER_ZERO
  } }
  option_value: "gpu_origin:options/gpu_origin"
  option_value: "output_tensor_width:options/tensor_width"
  option_value: "output_tensor_height:options/tensor_height"
}
node {
  calculator: "InferenceCalculator"
  input_stream: "TENSORS:input" output_stream: "TENSORS:output"
  options { [mediapipe.InferenceCalculatorOptions.ext] {} }
  option_value: "delegate:options/delegate"
  option_value: "model_path:options/model_path"
}
node {
  calculator: "SsdAnchorsCalculator"
  output_side_packet: "anchors"
  options { [mediapipe.SsdAnchorsCalculatorOptions.ext] {
    min_scale: 0.1484375 max_scale: 0.75 anchor_offset_x: 0.5 anchor_offset_y: 0.5
    aspect_ratios: 1.0 fixed_anchor_size: true
  } }
  option_value: "input_size_width:tensor_width"
  option_value: "input_size_height:tensor_height"
  option_value: "num_layers:num_layers"
  option_value: "strides:strides"
  option_value: "interpolated_scale_aspect_ratio:interpolated_scale_aspect_ratio"
}
node {
  calculator: "TensorsToDetectionsCalculator"
  input_stream: "TENSORS:output" input_side_packet: "ANCHORS:anchors"
  output_stream: "DETECTIONS:all"
  options { [mediapipe.TensorsToDetectionsCalculatorOptions.ext] {
    num_classes: 1 num_coords: 16 keypoint_coord_offset: 4 num_keypoints: 6
    sigmoid_score: true score_clipping_thresh: 100.0 reverse_output_order: true
  } }
  option_value: "num_boxes:num_boxes"
  option_value: "x_scale:x_scale" option_value: "y_scale:y_scale"
  option_value: "h_scale:h_scale" option_value: "w_scale:w_scale"
  option_value: "min_score_thresh:min_score_thresh"
}
node {
  calculator: "NonMaxSuppressionCalculator"
  input_stream: "all" output_stream: "kept"
  options { [mediapipe.NonMaxSuppressionCalculatorOptions.ext] {
    min_suppression_threshold: 0.3 overlap_type: INTERSECTION_OVER_UNION algorithm: WEIGHTED
  } }
}
node {
  calculator: "DetectionProjectionCalculator"
  input_stream: "DETECTIONS:kept" input_stream: "PROJECTION_MATRIX:matrix"
  output_stream: "DETECTIONS:detections"
}
"#;

/// A graph that hands its own options to the detector, without or with a region.
const OUTER: &str = r#"
type: "Outer"
input_stream: "IMAGE:image"
output_stream: "DETECTIONS:found"
graph_options { [type.googleapis.com/mediapipe.FaceDetectionOptions] {} }
node {
  calculator: "Detector"
  input_stream: "IMAGE:image"
  output_stream: "DETECTIONS:found"
  node_options { [type.googleapis.com/mediapipe.FaceDetectionOptions] {
    tensor_width: 128 tensor_height: 128
    num_layers: 4 strides: 8 strides: 16 strides: 16 strides: 16
    num_boxes: 896 x_scale: 128.0 y_scale: 128.0 h_scale: 128.0 w_scale: 128.0
    gpu_origin: TOP_LEFT
    delegate { gpu { use_advanced_gpu_api: true } }
  } }
  option_value: "OPTIONS:options"
}
"#;

fn library() -> Library {
    let mut library = Library::default();
    for text in [DETECTOR, OUTER] {
        library.insert(GraphConfig::parse(text).unwrap());
    }
    library
}

fn outer(options: &str) -> String {
    format!(
        "\u{feff}input_stream: 'image' output_stream: 'faces'\n\
         executor {{ name: '' type: 'ThreadPoolExecutor' options {{ [mediapipe.ThreadPoolExecutorOptions.ext] {{ num_threads: 4 }} }} }}\n\
         node {{ calculator: 'Outer' input_stream: 'IMAGE:image' output_stream: 'DETECTIONS:faces'\n\
         node_options {{ [type.googleapis.com/mediapipe.FaceDetectionOptions] {{ {options} }} }} }}"
    )
}

fn graph(text: &str) -> Result<Graph, String> {
    let config = GraphConfig::parse(text).map_err(|e| e.to_string())?;
    Graph::new(&config, &library(), &Registry::standard()).map_err(|e| e.to_string())
}

/// The last packet of `faces`, after one image.
fn run(graph: Graph, models: &Path, inputs: &[(&str, Packet)]) -> Result<Vec<Detection>, String> {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = kept.clone();
    let keep = move |packet: &Packet| {
        let found = packet.get::<Vec<Detection>>().cloned();
        *into.lock().unwrap() = found.unwrap_or_default();
    };
    let mut run = RunBuilder::new(Arc::new(graph))
        .resources(Resources::new(Some(models.to_owned())))
        .observe("faces", keep)
        .unwrap()
        .start()
        .map_err(|e| e.to_string())?;
    for (stream, packet) in inputs {
        run.send(stream, packet.clone().at(Timestamp::default()))
            .unwrap();
    }
    run.finish().map_err(|e| e.to_string())?;
    Ok(std::mem::take(&mut *kept.lock().unwrap()))
}

#[test]
fn a_graph_of_options_checks_and_says_what_it_lacks() {
    graph(&outer("")).unwrap();
    let error = run(
        graph(&outer("model_path: 'no.tflite'")).unwrap(),
        Path::new("."),
        &[],
    );
    assert!(error.unwrap_err().contains("no.tflite"));
    let bare = "input_stream: 'image' output_stream: 'faces'\n\
                node { calculator: 'Detector' input_stream: 'IMAGE:image' output_stream: 'DETECTIONS:faces' }";
    let error = run(graph(bare).unwrap(), Path::new("."), &[]).unwrap_err();
    assert!(error.contains("Detector/"), "{error}");
}

#[test]
fn an_input_that_is_left_out_must_be_optional() {
    let text = "input_stream: 'roi' output_stream: 'faces'\n\
                node { calculator: 'Detector' input_stream: 'ROI:roi' output_stream: 'DETECTIONS:faces' }";
    let error = graph(text).err().unwrap();
    assert!(
        error.ends_with("the subgraph's input IMAGE is not joined to a stream"),
        "{error}"
    );
}

#[test]
fn option_values_that_fit_nothing_are_errors() {
    for (value, reason) in [
        (
            "no_such:options/num_boxes",
            "an option that it does not have",
        ),
        (
            "max_in_flight:options/model_path",
            "a value of another type",
        ),
    ] {
        let text = format!(
            "input_stream: 'a'\n\
             graph_options {{ [type.googleapis.com/mediapipe.FaceDetectionOptions] {{ num_boxes: 1 model_path: 'x' }} }}\n\
             node {{ calculator: 'FlowLimiterCalculator' input_stream: 'a' output_stream: 'b'\n\
             option_value: '{value}' }}"
        );
        let error = graph(&text).err().unwrap();
        assert!(error.contains(reason), "{error}");
    }
    let error = graph("node { calculator: 'A' option_value: 'x' }")
        .err()
        .unwrap();
    assert!(error.contains("write target:source"), "{error}");
}

/// The example picture of the documentation, which has one face.
fn sample() -> Image {
    Frame::open(common::project().join("docs/sample.png")).unwrap()
}

#[test]
fn a_detector_of_2021_finds_the_face_with_and_without_a_region() {
    let Some(model) = peer("face_detection_short_range.tflite") else {
        return;
    };
    let image = Packet::new(sample());
    let path = outer("model_path: 'face_detection_short_range.tflite'");
    let folder = model.parent().unwrap();
    let found = run(graph(&path).unwrap(), folder, &[("image", image.clone())]).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let whole = found[0].bounding_box;
    // A region around the face, turned a little: the face is where it was.
    let region = NormRect {
        x_center: whole.xmin + whole.width / 2.0,
        y_center: whole.ymin + whole.height / 2.0,
        width: whole.width * 1.6,
        height: whole.height * 1.6,
        rotation: 0.2,
    };
    let options =
        OUTER[OUTER.find("tensor_width").unwrap()..OUTER.find("gpu_origin").unwrap()].to_owned();
    let text = format!(
        "input_stream: 'image' input_stream: 'roi' output_stream: 'faces'\n\
         node {{ calculator: 'Detector' input_stream: 'IMAGE:image' input_stream: 'ROI:roi' \
         output_stream: 'DETECTIONS:faces' options {{ [mediapipe.FaceDetectionOptions.ext] {{ \
         {options} model_path: 'face_detection_short_range.tflite' }} }} }}"
    );
    let inputs = [("image", image), ("roi", Packet::new(region))];
    let found = run(graph(&text).unwrap(), folder, &inputs).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let turned = found[0].bounding_box;
    let center = |b: moue::BoundingBox| [b.xmin + b.width / 2.0, b.ymin + b.height / 2.0];
    let [a, b] = [center(whole), center(turned)];
    assert!(
        (a[0] - b[0]).abs() < 0.25 * whole.width && (a[1] - b[1]).abs() < 0.25 * whole.height,
        "{whole:?} and {turned:?}"
    );
}
