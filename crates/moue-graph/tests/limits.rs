//! Graphs of a few lines that would take all memory, all time or the stack: each is an error that
//! names the limit. And messages that a terminal shows and does not obey.

use moue_graph::{Graph, GraphConfig, Library, Registry, RunBuilder};
use std::sync::Arc;

fn graph(text: &str, library: &Library) -> Result<Graph, String> {
    let config = GraphConfig::parse(text).map_err(|e| e.to_string())?;
    Graph::new(&config, library, &Registry::standard()).map_err(|e| e.to_string())
}

fn message(text: &str, library: &Library) -> String {
    match graph(text, library) {
        Ok(graph) => match RunBuilder::new(Arc::new(graph)).start() {
            Ok(_) => "runs".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error,
    }
}

/// Subgraphs `Level0` to `Level29`, each of which holds the next one `uses` times; the last one
/// holds `innermost`.
fn levels(uses: usize, depth: usize, innermost: &str) -> Library {
    let mut library = Library::default();
    for level in 0..depth {
        let next = format!("node {{ calculator: 'Level{}' }}\n", level + 1);
        let nodes = match level + 1 {
            next if next == depth => innermost.to_owned(),
            _ => next.repeat(uses),
        };
        let text = format!("type: 'Level{level}'\n{nodes}");
        library.insert(GraphConfig::parse(&text).unwrap());
    }
    library
}

const USE: &str = "node { calculator: 'Level0' }";

#[test]
fn nodes_after_expansion_have_a_limit() {
    let calculator = "node { calculator: 'SsdAnchorsCalculator' output_side_packet: 'a' }";
    for innermost in [calculator, ""] {
        let error = message(USE, &levels(2, 30, innermost));
        assert!(error.contains("more than 5000 nodes"), "{error}");
        assert_eq!(message(USE, &levels(1, 30, "")), "runs");
    }
}

#[test]
fn subgraphs_inside_one_another_have_a_limit() {
    let error = message(USE, &levels(1, 1_000, ""));
    assert!(error.contains("more than 64 subgraphs inside"), "{error}");
}

#[test]
fn what_subgraphs_repeat_has_a_limit() {
    // 100 kB of options, 2,000 times.
    let labels = "label: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' ".repeat(2_000);
    let node = format!(
        "node {{ calculator: 'DetectionLabelIdToTextCalculator' options {{ \
         [mediapipe.DetectionLabelIdToTextCalculatorOptions.ext] {{ {labels} }} }} }}"
    );
    let mut library = Library::default();
    library.insert(GraphConfig::parse(&format!("type: 'Level0' {node}")).unwrap());
    let error = message(&USE.repeat(2_000), &library);
    assert!(error.contains("bytes of names and options"), "{error}");
}

#[test]
fn nesting_has_a_limit_wherever_it_is() {
    let deep = |open: &str, close: &str| {
        let text = format!(
            "node {{\n{}{}\n}}",
            open.repeat(50_000),
            close.repeat(50_000)
        );
        message(&text, &Library::default())
    };
    for (open, close) in [
        ("options {", "}"),
        ("options <", ">"),
        ("a: {", "}"),
        ("a: [{", "}]"),
        ("[x.y/a.B] {", "}"),
    ] {
        let error = deep(open, close);
        assert!(
            error.starts_with("line 2: column ") && error.contains("64 deep"),
            "{error}"
        );
    }
}

#[test]
fn anchors_have_a_limit() {
    let text = "node { calculator: 'SsdAnchorsCalculator' output_side_packet: 'a' options { \
                [mediapipe.SsdAnchorsCalculatorOptions.ext] { input_size_width: 2147483647 \
                input_size_height: 2147483647 num_layers: 1 strides: 1 aspect_ratios: 1 \
                aspect_ratios: 2 aspect_ratios: 0.5 } } }";
    let error = message(text, &Library::default());
    assert!(
        error.contains("SsdAnchorsCalculator (line 1)") && error.contains("input_size_width"),
        "{error}"
    );
}

#[test]
fn thousands_of_ports_are_no_error() {
    // Once quadratic: the numbering of ports, and the search for equal ones and for their types.
    let ports = |direction: &str, name: &str| -> String {
        let port = |i| format!("{direction}_stream: '{name}{i}'\n");
        (0..10_000).map(port).collect()
    };
    let text = format!(
        "{} node {{ calculator: 'PassThroughCalculator' {} {} }}",
        ports("input", "s"),
        ports("input", "s"),
        ports("output", "o")
    );
    assert_eq!(message(&text, &Library::default()), "runs");
}

#[test]
fn all_that_is_missing_is_named_at_once_calculators_first() {
    let error = message(
        "node { calculator: 'GateCalculator' options { [mediapipe.GateCalculatorOptions.ext] { alow: true } } }\n\
         node { calculator: 'NoCalculator' options { [mediapipe.NoCalculatorOptions.ext] { a: 1 } } }\n\
         node { calculator: 'FlowLimitterCalculator' }\n\
         node { calculator: 'NoCalculator' }",
        &Library::default(),
    );
    assert_eq!(
        error,
        "node FlowLimitterCalculator (line 3): there is no calculator or subgraph called \
         FlowLimitterCalculator; did you mean FlowLimiterCalculator?; \
         node NoCalculator (line 2): there is no calculator or subgraph called NoCalculator; \
         did you mean ToImageCalculator?; \
         node GateCalculator (line 1): line 1: field 'alow' not found for message \
         'mediapipe.GateCalculatorOptions'; did you mean allow?; \
         node NoCalculator (line 2): line 2: extension 'mediapipe.NoCalculatorOptions.ext' not \
         found; did you mean mediapipe.GateCalculatorOptions.ext?"
    );
}

#[test]
fn messages_have_no_control_characters() {
    let escape = r"\033]0;PWN\007\033[31mRED";
    for text in [
        format!("node {{ calculator: '{escape}' }}"),
        format!("node {{ name: '{escape}' calculator: 'SsdAnchorsCalculator' }}"),
        format!("node {{ calculator: 'A' input_stream: '{escape}' }}"),
        format!("type: '{escape}' node {{ calculator: '{escape}' }}"),
        "node { calculator: 'A' options { [\u{1b}] {} } }".to_owned(),
        "node { \u{1b}[31m: 1 }".to_owned(),
        "node { calculator: 'A' options { [mediapipe.GateCalculatorOptions.ext] { allow: \u{9b} } } }"
            .to_owned(),
    ] {
        let error = message(&text, &Library::default());
        assert!(!error.contains(char::is_control), "{error:?}");
    }
    let named = format!("node {{ name: '{escape}' calculator: 'FlowLimiterCalculator' }}");
    let config = GraphConfig::parse(&format!(
        "input_stream: 'a' {}",
        named.replace("' }", "' input_stream: 'a' output_stream: 'b' input_stream: 'FINISHED:b' input_stream_info { tag_index: 'FINISHED' back_edge: true } }")
    ))
    .unwrap();
    let graph = Graph::new(&config, &Library::default(), &Registry::standard()).unwrap();
    let title = graph.nodes().next().unwrap();
    assert!(!title.contains(char::is_control), "{title:?}");
}

/// A node without inputs is a source, which is called until it stops; a calculator that only passes
/// on what it is given never would.
#[test]
fn no_calculator_without_inputs_runs_for_ever() {
    let registry = Registry::standard();
    let ports = [
        "",
        "output_stream: 'a'",
        "output_side_packet: 'a'",
        "output_stream: 'a' output_side_packet: 'b'",
        "output_stream: 'STATE_CHANGE:a'",
        "output_stream: 'NORM_RECTS:a'",
    ];
    for name in registry.names() {
        for ports in ports {
            let text = format!("node {{ calculator: '{name}' {ports} }}");
            let config = GraphConfig::parse(&text).unwrap();
            let Ok(graph) = Graph::new(&config, &Library::default(), &registry) else {
                continue;
            };
            if let Ok(run) = RunBuilder::new(Arc::new(graph)).start() {
                let _ = run.finish();
            }
        }
    }
}
