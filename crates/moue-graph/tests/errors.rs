//! Graphs with one deliberate error each, and its message.

use moue_graph::{Graph, GraphConfig, Library, Packet, Registry, RunBuilder, Timestamp};
use std::sync::Arc;

fn message(text: &str) -> String {
    let config = match GraphConfig::parse(text) {
        Ok(config) => config,
        Err(error) => return error.to_string(),
    };
    match Graph::new(&config, &Library::default(), &Registry::standard()) {
        Ok(graph) => match RunBuilder::new(Arc::new(graph)).start() {
            Ok(_) => "runs".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

const PASS: &str =
    "node { calculator: 'PassThroughCalculator' input_stream: 'a' output_stream: 'b' }";

#[test]
fn each_error_names_node_and_stream() {
    let cases: [(String, &str); 19] = [
        (
            "node { calculator: 'GateCalculator' output_stream: 'a' }".into(),
            "node GateCalculator (line 1): it is connected to none of its inputs (without a tag, ALLOW, DISALLOW)",
        ),
        (
            "input_stream: 'a'\nnode {\n  calculator: 'PassTroughCalculator' input_stream: 'a' output_stream: 'b'\n}".into(),
            "node PassTroughCalculator (line 3): there is no calculator or subgraph called PassTroughCalculator; did you mean PassThroughCalculator?",
        ),
        (
            PASS.into(),
            "node PassThroughCalculator (line 1) reads the stream a, which no node writes and the graph does not take in",
        ),
        (format!("input_stream: 'a' output_stream: 'c'\n{PASS}"), "the graph's output reads the stream c, which no node writes"),
        (
            format!("input_stream: 'a'\n{PASS}\n{PASS}"),
            "the stream b is written twice: by PassThroughCalculator (line 2) and by PassThroughCalculator (line 3)",
        ),
        (format!("input_stream: 'b' input_stream: 'a'\n{PASS}"), "the stream b is written twice: by"),
        (
            "input_stream: 'a'\nnode { calculator: 'PassThroughCalculator' input_stream: 'a' input_stream: 'c' output_stream: 'x' output_stream: 'b' }\n\
             node { calculator: 'PassThroughCalculator' input_stream: 'b' output_stream: 'c' }"
                .into(),
            "the nodes PassThroughCalculator (line 3), PassThroughCalculator (line 2) form a circle; mark the input b of \
             PassThroughCalculator (line 3) with input_stream_info { tag_index: ':0' back_edge: true } if it is meant",
        ),
        (
            "input_stream: 'a' node { calculator: 'ImageCroppingCalculator' input_stream: 'IMAG:a' output_stream: 'IMAGE:b' }".into(),
            "node ImageCroppingCalculator (line 1): it has no input IMAG; did you mean IMAGE?",
        ),
        (
            "input_stream: 'a' node { calculator: 'ImageCroppingCalculator' output_stream: 'IMAGE:b' }".into(),
            "node ImageCroppingCalculator (line 1): its input IMAGE is missing",
        ),
        (
            "input_stream: 'a' node { calculator: 'ImageCroppingCalculator' input_stream: 'IMAGE:a' input_stream: 'IMAGE:1:a' output_stream: 'IMAGE:b' }".into(),
            "node ImageCroppingCalculator (line 1): it has only one input IMAGE",
        ),
        (
            "input_stream: 'a' node { calculator: 'TensorConverterCalculator' input_stream: 'IMAGE:a' output_stream: 'TENSORS:t' }\n\
             node { calculator: 'ImagePropertiesCalculator' input_stream: 'IMAGE:t' output_stream: 'SIZE:s' }"
                .into(),
            "node ImagePropertiesCalculator (line 2) wants Frame on the stream t, which carries Vec<Tensor> from TensorConverterCalculator (line 1)",
        ),
        (
            format!("input_stream: 'a'\n{}", PASS.replace("} ", "").replace(" }", " input_stream_info { tag_index: 'X' back_edge: true } }")),
            "node PassThroughCalculator (line 2): input_stream_info names the input X:0, which it does not have",
        ),
        (
            "node { calculator: 'SsdAnchorsCalculator' output_side_packet: 'x' options { [mediapipe.SsdAnchorsCalculatorOptions.ext] { input_size_width: 1 input_size_height: 1 anchor_offset_x: 0 anchor_offset_y: 0 num_layers: 2 } } }".into(),
            "node SsdAnchorsCalculator (line 1): num_layers is 2, and there are 0 strides above 0",
        ),
        (
            "input_stream: 'a' node { calculator: 'GateCalculator' input_stream: 'a' output_stream: 'b' input_side_packet: 'ALLOW:go' }".into(),
            "node GateCalculator (line 1) needs the side packet go, which was not given",
        ),
        (
            "input_stream: 't' node { calculator: 'InferenceCalculator' input_stream: 'TENSORS:t' output_stream: 'TENSORS:u' \
             node_options { [type.googleapis.com/mediapipe.InferenceCalculatorOptions] { model_path: 'no/such.tflite' } } }"
                .into(),
            "node InferenceCalculator (line 1): cannot read no/such.tflite: ",
        ),
        ("input_stream: 'a'\nnode { calculator: 'X' input_stream: 'A:b:c:d' }".into(), "line 2: 'A:b:c:d' is no stream"),
        ("input_stream: 'a' node { calcula: 'X' }".into(), "did you mean calculator?"),
        ("node { calculator: 'X' node_options { [type.googleapis.com/mediapipe.Nothing] {} } }".into(), "line 1: message type 'mediapipe.Nothing' not found"),
        ("input_stream: 'a' input_stream".into(), "line 1: expected"),
    ];
    for (text, expected) in cases {
        let found = message(&text);
        assert!(
            found.contains(expected),
            "{text}\n  is     {found}\n  not    {expected}"
        );
    }
}

#[test]
fn a_subgraph_must_fit_its_node_and_not_contain_itself() {
    let mut library = Library::default();
    let inner = "type: 'Inner' input_stream: 'IN:x' output_stream: 'OUT:y' node { calculator: 'PassThroughCalculator' input_stream: 'x' output_stream: 'y' }";
    library.insert(GraphConfig::parse(inner).unwrap());
    library.insert(
        GraphConfig::parse(
            "type: 'Loop' input_stream: 'x' node { calculator: 'Loop' input_stream: 'x' }",
        )
        .unwrap(),
    );
    let error_of = |node: &str| {
        let config = GraphConfig::parse(&format!("input_stream: 'a' node {{ {node} }}")).unwrap();
        Graph::new(&config, &library, &Registry::standard())
            .err()
            .map(|e| e.to_string())
            .unwrap_or_default()
    };
    assert_eq!(
        error_of("calculator: 'Inner' input_stream: 'IN:a' output_stream: 'OUT:b'"),
        ""
    );
    assert!(
        error_of("calculator: 'Inner' output_stream: 'OUT:b'")
            .ends_with("the subgraph's input IN is not joined to a stream")
    );
    assert!(
        error_of("calculator: 'Inner' input_stream: 'IN:a' output_stream: 'AUS:b'")
            .ends_with("the subgraph has no port AUS")
    );
    assert!(
        error_of("calculator: 'Loop' input_stream: 'a'").contains("subgraph Loop contains itself")
    );
    assert!(error_of("calculator: 'Iner' input_stream: 'IN:a'").ends_with("did you mean Inner?"));
}

#[test]
fn bad_packets_are_refused_and_the_graph_goes_on() {
    let text = format!(
        "input_stream: 'a' input_stream: 'image' output_stream: 'b'\n{PASS}\n\
        node {{ calculator: 'ImagePropertiesCalculator' input_stream: 'IMAGE:image' output_stream: 'SIZE:s' }}"
    );
    let graph = Graph::new(
        &GraphConfig::parse(&text).unwrap(),
        &Library::default(),
        &Registry::standard(),
    )
    .unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let builder = RunBuilder::new(Arc::new(graph))
        .observe("b", move |p| sender.send(p.timestamp().micros()).unwrap());
    let mut run = builder.unwrap().start().unwrap();
    let at = |micros: i64| Packet::new(0u8).at(Timestamp::new(micros).unwrap());
    run.send("a", at(10)).unwrap();
    for (micros, expected) in [
        (
            10,
            "the stream a was at 10 µs already; a packet at 10 µs comes too late",
        ),
        (3, "a packet at 3 µs comes too late"),
    ] {
        assert!(
            run.send("a", at(micros))
                .unwrap_err()
                .to_string()
                .contains(expected)
        );
    }
    assert!(
        Timestamp::new(-1).is_none() && Timestamp::new(i64::MAX).is_none(),
        "there are no such packets"
    );
    assert_eq!(
        run.send("image", at(11)).unwrap_err().to_string(),
        "the stream image takes Frame, not u8"
    );
    assert_eq!(
        run.send("imag", at(11)).unwrap_err().to_string(),
        "the graph has no input imag; did you mean image?"
    );
    run.send("a", at(11)).unwrap();
    run.close_input("a").unwrap();
    assert_eq!(
        run.send("a", at(12)).unwrap_err().to_string(),
        "the stream a is closed"
    );
    run.finish().unwrap();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [10, 11]);
}
