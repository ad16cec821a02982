//! `moue run` and `moue graph`.

mod common;

use common::{World, numbers};
use serde_json::Value;

#[test]
fn run_prints_the_packets_of_every_output() {
    let w = World::new();
    let picture = w.drawing("gus-smirk");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        &format!("input_frame={picture}"),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines = ran.json();
    let streams: Vec<&str> = lines
        .iter()
        .map(|l| l["stream"].as_str().unwrap())
        .collect();
    assert_eq!(streams, ["detections", "embeddings", "memes"]);
    assert!(lines.iter().all(|l| l["timestamp"] == 0));
    let face = &w
        .run(&["detect", &picture, "--json", "--effort", "live"])
        .json()[0]["faces"][0];
    assert_eq!(
        &lines[0]["value"][0], face,
        "a detection is what `detect` prints"
    );
    let embedding = &w
        .run(&["embed", &picture, "--json", "--effort", "live"])
        .json()[0]["faces"][0]["embedding"];
    assert_eq!(&lines[1]["value"], embedding);
    let found = w
        .run(&["find", &picture, "--pure", "--json", "--effort", "live"])
        .json();
    for (rank, m) in found[0]["faces"][0]["matches"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        assert_eq!(
            (
                &lines[2]["value"][rank]["label"],
                &lines[2]["value"][rank]["score"]
            ),
            (&m["label"], &m["distance"])
        );
    }
}

#[test]
fn a_graph_without_a_detection_ends_cleanly() {
    let w = World::new();
    w.blank("blank.png");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        "input_frame=blank.png",
    ]);
    assert_eq!(ran.code, Some(0));
    let lines = ran.json();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["value"], Value::Array(Vec::new()));
}

#[test]
fn side_packets_come_from_galleries_tables_and_lists() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    w.drawing_as("gus-furious", "folder/angry.png");
    w.drawing_as("lola-grin", "folder/happy.png");
    assert_eq!(
        w.run(&["gallery", "add", "my.moue", "folder"]).code,
        Some(0)
    );
    let input = format!("input_frame={picture}");
    let search = |vectors: &str, labels: &str| {
        let vectors = format!("embeddings_collection={vectors}");
        let labels = format!("collection_labels={labels}");
        w.run(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--output",
            "memes",
            "--side",
            &vectors,
            "--side",
            &labels,
        ])
    };
    let best = |ran: &common::Ran| ran.json()[0]["value"][0]["label"].clone();
    assert_eq!(best(&search("my.moue", "my.moue")), "happy");
    let table: Vec<f32> = ["angry", "happy"]
        .iter()
        .flat_map(|name| {
            let picture = format!("folder/{name}.png");
            let faces = w.run(&["embed", &picture, "--json"]).json();
            numbers(&faces[0]["faces"][0]["embedding"])
                .into_iter()
                .map(|v| v as f32)
                .collect::<Vec<_>>()
        })
        .collect();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 64), }";
    let mut npy = b"\x93NUMPY\x01\x00".to_vec();
    npy.extend(118u16.to_le_bytes());
    npy.extend(format!("{header:<117}\n").bytes());
    npy.extend(table.iter().flat_map(|v| v.to_le_bytes()));
    w.write("vectors.npy", &npy);
    w.write("labels.txt", b"cross\nglad\n");
    assert_eq!(best(&search("vectors.npy", "labels.txt")), "glad");
    w.write("labels.txt", b"cross\n");
    let ran = search("vectors.npy", "labels.txt");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .contains("COLLECTION has 2 vectors, and LABELS 1 labels"),
        "{}",
        ran.stderr
    );
}

#[test]
fn subgraphs_are_found_beside_the_graph_and_in_folders() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    std::fs::create_dir(w.path("parts")).unwrap();
    let inner = "type: 'Faces' input_stream: 'IMAGE:picture' output_stream: 'DETECTIONS:faces'
        node { calculator: 'MoueFaceDetectionSubgraph' input_stream: 'IMAGE:picture' output_stream: 'DETECTIONS:faces' }";
    w.write("parts/faces.pbtxt", inner.as_bytes());
    let main = "input_stream: 'a' output_stream: 'b' node { calculator: 'Faces' input_stream: 'IMAGE:a' output_stream: 'DETECTIONS:b' }";
    w.write("main.pbtxt", main.as_bytes());
    let input = format!("a={picture}");
    let missing = w.run(&["run", "main.pbtxt", "--input", &input]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing
            .stderr
            .contains("there is no calculator or subgraph called Faces"),
        "{}",
        missing.stderr
    );
    let found = w.run(&["run", "main.pbtxt", "--graphs", "parts", "--input", &input]);
    assert_eq!(
        found.json()[0]["value"].as_array().unwrap().len(),
        1,
        "{}",
        found.stderr
    );
    w.write("faces.pbtxt", inner.as_bytes());
    assert_eq!(
        w.run(&["run", "main.pbtxt", "--input", &input]).code,
        Some(0),
        "beside the graph"
    );
    let top = w.run(&[
        "run",
        "parts/faces.pbtxt",
        "--input",
        &format!("picture={picture}"),
    ]);
    assert_eq!(
        top.json()[0]["stream"],
        "faces",
        "a subgraph can be run by itself"
    );
}

#[test]
fn graphs_are_drawn_and_traced() {
    let w = World::new();
    let dot = w.run(&["graph", "builtin:facial_search", "--dot"]);
    assert!(
        dot.stdout.starts_with("digraph") && dot.stdout.contains("style=dashed"),
        "the loop is dashed"
    );
    let svg = w.run(&["graph", "builtin:facial_search", "--svg"]);
    assert!(svg.stdout.starts_with("<svg") && svg.stdout.contains("ClosestEmbeddingsCalculator"));
    assert!(
        w.run(&["graph", "builtin:facial_search"])
            .stdout
            .contains("streams in:  input_frame")
    );
    let picture = w.drawing("mina-grin");
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        &format!("input_frame={picture}"),
        "--trace",
        "trace.json",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let trace: Value =
        serde_json::from_slice(&std::fs::read(w.path("trace.json")).unwrap()).unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let inference = events
        .iter()
        .find(|e| e["ph"] == "X" && e["name"].as_str().unwrap().contains("InferenceCalculator"));
    assert!(inference.unwrap()["dur"].as_f64().unwrap() > 0.0);
    assert!(events.iter().any(|e| e["ph"] == "C"), "queue lengths");
}

#[test]
fn mistakes_in_commands_say_what_there_is() {
    let w = World::new();
    let picture = w.drawing("mina-grin");
    let says = |args: &[&str]| {
        let ran = w.run(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        ran.stderr
    };
    let input = format!("input_frame={picture}");
    assert!(
        says(&["run", "builtin:search", "--input", &input])
            .contains("there are facial_search, face_detection")
    );
    assert!(
        says(&["run", "builtin:facial_search", "--input", "frame=x.png"])
            .contains("it has input_frame")
    );
    assert!(
        says(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--output",
            "meme"
        ])
        .contains("did you mean memes?")
    );
    w.blank("blank.png");
    for command in ["graph", "run"] {
        let text = says(&[command, "blank.png"]);
        assert!(text.contains("blank.png: this is no graph file") && !text.contains("UTF-8"));
    }
    assert!(says(&["run", "none.pbtxt"]).contains("cannot read none.pbtxt"));
    assert!(
        says(&[
            "run",
            "builtin:facial_search",
            "--input",
            &input,
            "--side",
            "labels=x"
        ])
        .contains("embeddings_collection")
    );
    assert!(says(&["timeline", "none.gif"]).contains("none.gif"));
    assert!(says(&["live", "--raw", "640", "--json"]).contains("640x480@30"));
}

#[test]
fn an_animation_is_a_stream_with_its_own_times() {
    let w = World::new();
    w.animation("clip.gif", &[("mina-calm", 8), ("mina-laugh", 8)]);
    let ran = w.run(&[
        "run",
        "builtin:facial_search",
        "--input",
        "input_frame=clip.gif",
        "--output",
        "memes",
    ]);
    let times: Vec<i64> = ran
        .json()
        .iter()
        .map(|l| l["timestamp"].as_i64().unwrap())
        .collect();
    assert_eq!(times, (0..16).map(|i| i * 40_000).collect::<Vec<_>>());
}

#[test]
fn calculators_are_listed_with_ports_and_options() {
    let w = World::new();
    let ran = w.run(&["graph", "--calculators"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let gate = ran.stdout.split("GateCalculator\n").nth(1).unwrap();
    let gate = gate.split("\nI").next().unwrap();
    assert!(
        gate.contains("  input ALLOW: anything, at most one"),
        "{gate}"
    );
    assert!(gate.contains("  option allow: bool"), "{gate}");
    assert_eq!(w.run(&["graph"]).code, Some(2));
    assert_eq!(w.run(&["graph", "--calculators", "a.pbtxt"]).code, Some(2));
}
