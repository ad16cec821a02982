//! Proposed faces confirmed and located again in close-ups.

use super::ports::{declare_image_input, image_input};
use crate::calculator::{Calculator, CalculatorError, Context, Contract, Flow};
use crate::config::NodeConfig;
use crate::options::Options;
use crate::packet::Packet;
use crate::types::Detection;
use moue::Face;
use moue::detect::{LiveRefinement, ProposalRefiner};
use moue::network::Loaded;

/// Most runs for a proposal.
const MAX_RUNS: usize = 10;

/// The second stage of a two-stage detector: a network sees a close-up of each of the best
/// detections at `DETECTIONS`, cut out of `IMAGE` with the eyes level. It keeps those that are
/// faces, with their exact boxes and key points, and writes them at `DETECTIONS`.
///
/// The eyes are leveled by the first two of six key points; detections without them are cut out
/// upright. Labels are those of the detection that the refined one overlaps most.
#[derive(Default)]
pub(super) struct FaceRefinementCalculator {
    refiner: Option<ProposalRefiner>,
}

impl Calculator for FaceRefinementCalculator {
    fn contract(contract: &mut Contract, node: &NodeConfig) {
        declare_image_input(contract, node);
        contract.inputs.one::<Vec<Detection>>("DETECTIONS");
        contract.outputs.one::<Vec<Detection>>("DETECTIONS");
    }

    fn open(&mut self, cx: &mut Context<'_>) -> Result<(), CalculatorError> {
        let options = refinement(cx.options())?;
        let path: String = cx
            .options()
            .get_or("model_path", "builtin:refine.tflite".to_owned());
        let bytes = cx.resources().read(&path)?;
        let runner = Loaded::load(&bytes).and_then(|loaded| loaded.runner());
        let refiner = runner.and_then(|r| ProposalRefiner::with_network(Box::new(r), options));
        self.refiner = Some(refiner.map_err(|e| format!("{path}: {e}"))?);
        Ok(())
    }

    fn process(&mut self, cx: &mut Context<'_>) -> Result<Flow, CalculatorError> {
        if let (Some(image), Some(refiner)) = (image_input(cx), &mut self.refiner)
            && let Some(detections) = cx.input::<Vec<Detection>>("DETECTIONS")
        {
            let faces = refiner.refine(image, &proposals(detections))?;
            let refined = faces.iter().map(|face| labeled(face, detections));
            cx.output("DETECTIONS", Packet::new(refined.collect::<Vec<_>>()));
        }
        Ok(Flow::Continue)
    }
}

/// The options, those that are not set as in moue's own detector.
fn refinement(options: &Options) -> Result<LiveRefinement, CalculatorError> {
    let default = LiveRefinement::default();
    let count = |name: &str, value: usize| usize::try_from(options.get_or(name, value as i64));
    let refinement = LiveRefinement {
        max_proposals: count("max_proposals", default.max_proposals)?,
        runs: count("runs", default.runs)?,
        min_score: options.get_or("min_score", default.min_score),
        suppression: options.get_or("min_suppression_threshold", default.suppression),
        ..default
    };
    // Ten runs have settled every face; more would only take time.
    if (1..=MAX_RUNS).contains(&refinement.runs) {
        Ok(refinement)
    } else {
        Err(format!("runs goes from 1 to {MAX_RUNS}").into())
    }
}

/// The detections as faces, the highest score first.
fn proposals(detections: &[Detection]) -> Vec<Face> {
    let mut faces: Vec<Face> = detections
        .iter()
        .map(|detection| Face {
            bounding_box: detection.bounding_box,
            score: detection.score,
            key_points: detection.key_points.as_slice().try_into().ok(),
        })
        .collect();
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    faces
}

/// A refined face with the label of the detection that it overlaps most.
fn labeled(face: &Face, detections: &[Detection]) -> Detection {
    let overlap = |d: &&Detection| d.bounding_box.iou(&face.bounding_box);
    let nearest = detections
        .iter()
        .max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
    Detection {
        label: nearest.map(|d| d.label.clone()).unwrap_or_default(),
        label_id: nearest.map(|d| d.label_id.clone()).unwrap_or_default(),
        ..Detection::from(face)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calculators::testing::{run_graph, run_node};
    use crate::config::GraphConfig;
    use crate::types::Image;
    use moue::BoundingBox;

    /// A drawn face of 200 pixels in a gray picture, and its box.
    fn picture() -> (Image, BoundingBox) {
        let drawing = moue_drawings::find("lola-grin").unwrap();
        let mut pixels = vec![120; 400 * 300 * 3];
        for (y, row) in drawing.render(200).chunks_exact(200 * 3).enumerate() {
            pixels[((y + 40) * 400 + 90) * 3..][..row.len()].copy_from_slice(row);
        }
        let [x, y, width, height] = drawing.face().bounding_box;
        let truth = BoundingBox {
            xmin: (90.0 + x * 200.0) / 400.0,
            ymin: (40.0 + y * 200.0) / 300.0,
            width: width * 0.5,
            height: height * 200.0 / 300.0,
        };
        (Image::from_pixels(pixels, 400, 300).unwrap(), truth)
    }

    fn shifted(truth: BoundingBox, by: f32, score: f32, label: &str) -> Detection {
        Detection {
            score,
            label: vec![label.to_owned()],
            bounding_box: BoundingBox {
                xmin: truth.xmin + by * truth.width,
                ..truth
            },
            ..Detection::default()
        }
    }

    fn node(options: &str) -> NodeConfig {
        NodeConfig::new("FaceRefinementCalculator")
            .input("IMAGE:image")
            .input("DETECTIONS:proposed")
            .output("DETECTIONS:out")
            .options("mediapipe.FaceRefinementCalculatorOptions", options)
            .unwrap()
    }

    fn run(options: &str, proposed: Vec<Detection>) -> Vec<Detection> {
        let packets = [
            ("image", Packet::new(picture().0)),
            ("proposed", Packet::new(proposed)),
        ];
        let written = run_node(node(options), &packets).unwrap();
        written[0].get::<Vec<Detection>>().unwrap().clone()
    }

    #[test]
    fn a_face_is_located_again_and_what_is_none_is_dropped() {
        let truth = picture().1;
        let beside = BoundingBox {
            xmin: 0.0,
            ymin: 0.0,
            width: 0.15,
            height: 0.2,
        };
        let wall = shifted(beside, 0.0, 0.9, "Wall");
        let found = run("", vec![wall, shifted(truth, 0.2, 0.6, "Face")]);
        let [face] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(face.label, ["Face"]);
        assert!(face.bounding_box.iou(&truth) > 0.8, "{face:?}");
        assert_eq!(face.key_points.len(), 6);
    }

    #[test]
    fn only_the_best_proposals_count() {
        let truth = picture().1;
        let wall = shifted(truth, -0.9, 0.9, "Wall");
        let proposed = vec![shifted(truth, 0.1, 0.6, "Face"), wall];
        assert_eq!(run("max_proposals: 1", proposed.clone()), []);
        assert_eq!(run("max_proposals: 2", proposed.clone()).len(), 1);
        assert_eq!(run("min_score: 1.1", proposed.clone()), []);
        assert_eq!(run("max_proposals: 0", proposed), []);
    }

    #[test]
    fn options_out_of_range_and_files_that_are_no_refiner_are_errors() {
        for (options, text) in [
            ("runs: 0", "runs goes from 1 to 10"),
            ("runs: 11", "runs goes from 1 to 10"),
            ("max_proposals: -1", "out of range"),
            (r#"model_path: "no.tflite""#, "no.tflite"),
            (r#"model_path: "builtin:face.tflite""#, "a refiner with"),
        ] {
            let error = run_node(node(options), &[]).unwrap_err().to_string();
            assert!(error.contains(text), "{options}: {error}");
        }
    }

    #[test]
    fn an_image_without_detections_has_no_packet() {
        let config = GraphConfig::parse(
            r#"
            input_stream: "image"
            input_stream: "proposed"
            output_stream: "out"
            node {
              calculator: "FaceRefinementCalculator"
              input_stream: "IMAGE:image"
              input_stream: "DETECTIONS:proposed"
              output_stream: "DETECTIONS:out"
            }"#,
        )
        .unwrap();
        let image = Packet::new(picture().0);
        assert!(
            run_graph(&config, &[], &[("image", image)])
                .unwrap()
                .is_empty()
        );
    }
}
