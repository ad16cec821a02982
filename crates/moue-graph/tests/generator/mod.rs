//! Makes texts of graphs out of bytes: subgraphs that use each other, nodes with options and
//! streams, some well-formed, some not. Random bytes as a text hardly get past its first word.

use std::fmt::Write;

/// Numbers out of a fuzzer's bytes; zeros when these are used up.
pub(crate) struct Source<'a>(&'a [u8]);

impl<'a> Source<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn byte(&mut self) -> u8 {
        let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    fn pick<'b>(&mut self, from: &[&'b str]) -> &'b str {
        from[self.below(from.len())]
    }
}

const CALCULATORS: [&str; 14] = [
    "PassThroughCalculator",
    "FlowLimiterCalculator",
    "GateCalculator",
    "PacketThinnerCalculator",
    "PreviousLoopbackCalculator",
    "SsdAnchorsCalculator",
    "TensorsToDetectionsCalculator",
    "NonMaxSuppressionCalculator",
    "ImageToTensorCalculator",
    "DetectionLabelIdToTextCalculator",
    "ToImageCalculator",
    "NoSuchCalculator",
    r"\033[31mCalculator",
    "",
];

const NUMBERS: [&str; 12] = [
    "0",
    "1",
    "-1",
    "2",
    "128",
    "2147483647",
    "-2147483648",
    "4294967295",
    "1e38",
    "-inf",
    "nan",
    "99999999999999999999",
];

const FIELDS: [&str; 18] = [
    "input_size_width",
    "input_size_height",
    "num_layers",
    "strides",
    "aspect_ratios",
    "num_boxes",
    "num_coords",
    "num_classes",
    "num_keypoints",
    "max_in_flight",
    "period",
    "start_time",
    "end_time",
    "output_tensor_width",
    "output_tensor_height",
    "num_detection_streams",
    "label",
    "no_such_field",
];

const TAGS: [&str; 10] = [
    "",
    "IMAGE:",
    "TENSORS:",
    "FINISHED:",
    "ALLOW:",
    "DETECTIONS:",
    "LOOP:",
    "A:1:",
    "A:99999999999:",
    "tag:",
];

/// A graph's text, and those of the subgraphs that it may use.
pub(crate) fn graphs(bytes: &[u8]) -> (String, Vec<String>) {
    let source = &mut Source::new(bytes);
    let count = source.below(40);
    let subgraphs = (0..count).map(|number| {
        let uses = 1 + source.below(4);
        graph(source, number, count, uses)
    });
    let subgraphs: Vec<String> = subgraphs.collect();
    let nodes = 1 + source.below(20);
    let mut top = graph(source, usize::MAX, count, nodes);
    damage(&mut top, source);
    (top, subgraphs)
}

/// The text of subgraph `number`, whose nodes use later ones, or rarely any.
fn graph(source: &mut Source<'_>, number: usize, count: usize, nodes: usize) -> String {
    let mut text = String::new();
    if number < count {
        let _ = write!(text, "type: 'G{number}' ");
    }
    for _ in 0..source.below(3) {
        let _ = writeln!(
            text,
            "input_stream: '{}s{}'",
            source.pick(&TAGS),
            source.below(6)
        );
        let _ = writeln!(
            text,
            "output_stream: '{}s{}'",
            source.pick(&TAGS),
            source.below(6)
        );
    }
    for _ in 0..nodes {
        let later = if source.below(30) == 0 {
            0
        } else {
            number.wrapping_add(1)
        };
        node(&mut text, source, later, count);
    }
    text
}

fn node(text: &mut String, source: &mut Source<'_>, later: usize, count: usize) {
    let calculator = if source.below(2) == 0 && later < count {
        format!("G{}", later + source.below(2))
    } else {
        source.pick(&CALCULATORS).to_owned()
    };
    let _ = writeln!(text, "node {{ calculator: '{calculator}'");
    for field in [
        "input_stream",
        "output_stream",
        "input_side_packet",
        "output_side_packet",
    ] {
        for _ in 0..source.below(3) {
            let _ = writeln!(
                text,
                "{field}: '{}s{}'",
                source.pick(&TAGS),
                source.below(6)
            );
        }
    }
    if source.below(3) == 0 {
        options(text, source, &calculator);
    }
    if source.below(6) == 0 {
        let _ = write!(
            text,
            "option_value: '{}:{}'",
            source.pick(&FIELDS),
            source.pick(&FIELDS)
        );
        text.push_str("input_stream_info { tag_index: 'FINISHED' back_edge: true }\n");
    }
    text.push_str("}\n");
}

fn options(text: &mut String, source: &mut Source<'_>, calculator: &str) {
    let _ = write!(text, "options {{ [mediapipe.{calculator}Options.ext] {{ ");
    for _ in 0..source.below(8) {
        let field = source.pick(&FIELDS);
        let number = source.pick(&NUMBERS);
        for _ in 0..1 + source.below(3) * source.below(60) {
            let _ = writeln!(text, "{field}: {number}");
        }
    }
    text.push_str("} }\n");
}

/// Repeats, cuts or replaces a part of the text.
fn damage(text: &mut String, source: &mut Source<'_>) {
    let at = (source.below(256) << 8 | source.below(256)) % (text.len() + 1);
    let Some((before, after)) = text.split_at_checked(at) else {
        return;
    };
    *text = match source.below(12) {
        0 => before.to_owned(),
        1 => format!(
            "{before}{}{after}",
            source.pick(&["{", "}", "[", "'", "<", "#", "\u{1b}", "ä"])
        ),
        2 => format!(
            "{before}{}{after}",
            "options {".repeat(100 * source.below(100))
        ),
        3 => format!("{before}{}", after.repeat(1 + source.below(50))),
        4 => format!("{before}{}{after}", "x".repeat(400 * source.below(250))),
        _ => return,
    };
}
