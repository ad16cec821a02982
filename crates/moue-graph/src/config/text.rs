//! Graphs in protobuf's text format, as MediaPipe's `.pbtxt` files are.

use super::descriptors;
use super::error::{ConfigError, located};
use super::model::{GraphConfig, NodeConfig};
use super::option_values::OptionValue;
use super::port::{Port, PortError};
use super::scan::{self, Lines, Stop};
use super::unknown::{self, Cleaned};
use crate::options::{Message, Options};
use prost_reflect::{DynamicMessage, Value};

impl GraphConfig {
    /// Reads a `CalculatorGraphConfig` in protobuf's text format.
    ///
    /// ```
    /// let graph = moue_graph::GraphConfig::parse(
    ///     "input_stream: 'in' node { calculator: 'PassThroughCalculator' input_stream: 'in' output_stream: 'out' }",
    /// )?;
    /// assert_eq!(graph.nodes[0].calculator, "PassThroughCalculator");
    /// # Ok::<(), moue_graph::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] with the line of what could not be read.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        parse(text)
    }
}

impl NodeConfig {
    /// Adds options, given as the name of their message and the message in text format.
    ///
    /// ```
    /// use moue_graph::NodeConfig;
    /// let limiter = NodeConfig::new("FlowLimiterCalculator")
    ///     .options("mediapipe.FlowLimiterCalculatorOptions", "max_in_flight: 2")?;
    /// # Ok::<(), moue_graph::ConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigError`] if there are no such options or fields.
    pub fn options(mut self, message: &str, text: &str) -> Result<Self, ConfigError> {
        self.options.add(options(message, text)?);
        Ok(self)
    }
}

/// Longest text of a graph, in bytes.
// MediaPipe's longest has 30 kB. What is parsed takes some two hundred times the text's memory, if
// it consists of the shortest fields.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// An options message of type `name`, read from text.
fn options(name: &str, text: &str) -> Result<Message, ConfigError> {
    let descriptor = descriptors::message(name).ok_or_else(|| unknown_options(name, 1))?;
    scan(text)?;
    DynamicMessage::parse_text_format(descriptor, text).map_err(|e| located(&e, text))
}

fn unknown_options(name: &str, line: usize) -> ConfigError {
    let reason = descriptors::unknown_message(name);
    ConfigError::Text { line, reason }
}

/// The fields of a text; `None` where it is not well-formed, which the parser says.
///
/// # Errors
/// [`ConfigError`] if the text is too long or too deep for the parser.
fn scan(text: &str) -> Result<Option<Vec<scan::Field<'_>>>, ConfigError> {
    if text.len() > MAX_TEXT {
        let length = text.len();
        let reason = format!("the text has {length} bytes, and {MAX_TEXT} is the most");
        return Err(ConfigError::Text { line: 1, reason });
    }
    match scan::fields(text) {
        Ok(fields) => Ok(Some(fields)),
        Err(Stop::Syntax) => Ok(None),
        Err(Stop::Depth(at)) => {
            let lines = Lines::of(text);
            let column = lines.column(at);
            let most = scan::MAX_DEPTH;
            let reason = format!("column {column}: messages are nested more than {most} deep");
            let line = lines.line(at);
            Err(ConfigError::Text { line, reason })
        }
    }
}

fn parse(text: &str) -> Result<GraphConfig, ConfigError> {
    // Editors on Windows write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cleaned = match scan(text)? {
        Some(fields) => unknown::clean(text, &fields),
        None => Cleaned::unchanged(text),
    };
    let descriptor =
        descriptors::message("mediapipe.CalculatorGraphConfig").expect("the build compiled it");
    let config = DynamicMessage::parse_text_format(descriptor, &cleaned.text)
        .map_err(|e| located(&e, text))?;
    let outside = |source| ConfigError::Port { line: 0, source };
    Ok(GraphConfig {
        graph_type: string(&config, "type"),
        nodes: nodes(&config, cleaned)?,
        inputs: ports(&config, "input_stream").map_err(outside)?,
        outputs: ports(&config, "output_stream").map_err(outside)?,
        input_side_packets: ports(&config, "input_side_packet").map_err(outside)?,
        output_side_packets: ports(&config, "output_side_packet").map_err(outside)?,
        max_queue_size: positive(&config, "max_queue_size"),
        num_threads: positive(&config, "num_threads"),
        options: all_options(&config, "graph_options", 0)?,
    })
}

/// A number that counts only above 0: MediaPipe's files write 0 and -1 for "unset".
fn positive(message: &DynamicMessage, field: &str) -> Option<usize> {
    let value = Options::from(message.clone()).get::<i64>(field)?;
    usize::try_from(value).ok().filter(|n| *n > 0)
}

fn nodes(config: &DynamicMessage, cleaned: Cleaned) -> Result<Vec<NodeConfig>, ConfigError> {
    let messages = messages(config, "node");
    let lines = cleaned.lines.into_iter().chain(std::iter::repeat(0));
    let nodes = messages.iter().zip(lines);
    let mut nodes: Vec<NodeConfig> = nodes
        .map(|(message, line)| node(message, line))
        .collect::<Result<_, _>>()?;
    for (number, reason) in cleaned.unknown {
        // The parser found the same nodes in the same order, or none at all.
        if let Some(node) = nodes.get_mut(number) {
            node.unknown_options.push(reason);
        }
    }
    Ok(nodes)
}

fn node(message: &DynamicMessage, line: usize) -> Result<NodeConfig, ConfigError> {
    let wrong = |source| ConfigError::Port { line, source };
    Ok(NodeConfig {
        name: string(message, "name"),
        inputs: ports(message, "input_stream").map_err(wrong)?,
        outputs: ports(message, "output_stream").map_err(wrong)?,
        input_side_packets: ports(message, "input_side_packet").map_err(wrong)?,
        output_side_packets: ports(message, "output_side_packet").map_err(wrong)?,
        back_edges: back_edges(message).map_err(wrong)?,
        options: all_options(message, "node_options", line)?,
        option_values: option_values(message, line)?,
        unknown_options: Vec::new(),
        calculator: string(message, "calculator"),
        line,
    })
}

fn option_values(node: &DynamicMessage, line: usize) -> Result<Vec<OptionValue>, ConfigError> {
    let values = list(node, "option_value");
    let texts = values.iter().filter_map(Value::as_str);
    let read = |text| OptionValue::parse(text).map_err(|reason| ConfigError::Text { line, reason });
    texts.map(read).collect()
}

/// The inputs that `input_stream_info` marks as back edges.
fn back_edges(node: &DynamicMessage) -> Result<Vec<(String, usize)>, PortError> {
    let marked = messages(node, "input_stream_info")
        .into_iter()
        .filter(|info| Options::from(info.clone()).get_or("back_edge", false));
    marked
        .map(|info| Port::parse_tag_index(&string(&info, "tag_index")))
        .collect()
}

/// The options in both styles: extensions of `options`, then the messages of the field `newer`.
// The order matters: where both set a field, the last message counts.
fn all_options(node: &DynamicMessage, newer: &str, line: usize) -> Result<Options, ConfigError> {
    let mut options = Options::default();
    if let Some(base) = node.get_field_by_name("options")
        && let Some(base) = base.as_message()
    {
        for (_, extension) in base.extensions() {
            if let Some(message) = extension.as_message() {
                options.add(message.clone());
            }
        }
    }
    for any in messages(node, newer) {
        // Of unknown options, which were taken out, an empty message is left.
        if any.has_field_by_name("type_url") {
            options.add(unpack(&any, line)?);
        }
    }
    Ok(options)
}

/// The message inside a `google.protobuf.Any`.
fn unpack(any: &DynamicMessage, line: usize) -> Result<Message, ConfigError> {
    let url = string(any, "type_url");
    let name = url.rsplit('/').next().unwrap_or_default();
    let descriptor = descriptors::message(name).ok_or_else(|| unknown_options(name, line))?;
    let value = any.get_field_by_name("value");
    let bytes = value.as_deref().and_then(Value::as_bytes).cloned();
    DynamicMessage::decode(descriptor, bytes.unwrap_or_default()).map_err(|error| {
        let reason = error.to_string();
        ConfigError::Text { line, reason }
    })
}

fn list(message: &DynamicMessage, field: &str) -> Vec<Value> {
    message
        .get_field_by_name(field)
        .and_then(|v| v.as_list().map(<[Value]>::to_vec))
        .unwrap_or_default()
}

fn messages(message: &DynamicMessage, field: &str) -> Vec<DynamicMessage> {
    let values = list(message, field);
    values
        .iter()
        .filter_map(Value::as_message)
        .cloned()
        .collect()
}

fn string(message: &DynamicMessage, field: &str) -> String {
    message
        .get_field_by_name(field)
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

fn ports(message: &DynamicMessage, field: &str) -> Result<Vec<Port>, PortError> {
    Port::parse_all(list(message, field).iter().filter_map(Value::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn both_styles_of_options_are_read() {
        let graph = parse(
            "node: { calculator: 'A'\n options: { [mediapipe.GateCalculatorOptions.ext] { allow: true } } }\n\
             # a comment\n\
             node { calculator: \"A\" node_options: { [type.googleapis.com/mediapipe.GateCalculatorOptions] { allow: true } } }",
        )
        .unwrap();
        assert_eq!(graph.nodes.len(), 2);
        assert_eq!(
            graph.nodes.iter().map(|n| n.line).collect::<Vec<_>>(),
            [1, 4]
        );
        for node in graph.nodes {
            assert_eq!(node.options.get::<bool>("allow"), Some(true));
        }
    }

    #[test]
    fn unknown_names_get_line_and_nearest() {
        assert_eq!(
            reason("input_stream: 'a'\nnode {\n calculater: 'X' }"),
            "line 3: field 'calculater' not found for message 'mediapipe.CalculatorGraphConfig.Node'; did you mean calculator?"
        );
        let unknown = |text: &str| parse(text).unwrap().nodes[0].unknown_options.join("; ");
        let options = unknown(
            "node { calculator: 'X'\n node_options { [type.googleapis.com/mediapipe.GateCalculatorOption] {} } }",
        );
        assert!(
            options.starts_with("line 2: ")
                && options.contains("did you mean mediapipe.GateCalculatorOptions?"),
            "{options}"
        );
        let extension =
            unknown("node { calculator: 'X' options { [mediapipe.GateCalculatorOption.ext] {} } }");
        assert!(
            extension.contains("did you mean mediapipe.GateCalculatorOptions.ext?"),
            "{extension}"
        );
        let value = reason(
            "node { node_options { [type.googleapis.com/mediapipe.NonMaxSuppressionCalculatorOptions] { algorithm: WIGHTED } } }",
        );
        assert!(value.contains("did you mean WEIGHTED?"), "{value}");
        assert!(
            reason("node {\n\n").starts_with("line 3: expected"),
            "{}",
            reason("node {\n\n")
        );
        assert_eq!(
            reason("node { calculator: 'X' input_stream: 'A:B' }")
                .split(':')
                .next(),
            Some("line 1")
        );
    }

    #[test]
    fn all_unknown_options_are_kept_with_their_nodes() {
        let graph = parse(
            "\u{feff}node { calculator: 'A'\n options { [mediapipe.GateCalculatorOptions.ext] \
             { alow: 1; allow: true, depth { x: 1 } } [a.b.ext] { c: 1 } } }\n\
             node { calculator: 'B' node_options: [ { [x.y/a.B] { c: 'ä' } } ] }",
        )
        .unwrap();
        assert_eq!(
            graph.nodes[0].unknown_options,
            [
                "line 2: field 'alow' not found for message 'mediapipe.GateCalculatorOptions'; did you mean allow?",
                "line 2: field 'depth' not found for message 'mediapipe.GateCalculatorOptions'",
                "line 2: extension 'a.b.ext' not found",
            ]
        );
        assert_eq!(graph.nodes[0].options.get::<bool>("allow"), Some(true));
        assert_eq!(
            graph.nodes[1].unknown_options,
            ["line 3: message type 'a.B' not found"]
        );
    }

    #[test]
    fn settings_without_a_meaning_are_passed_over() {
        let graph = parse(
            "executor { name: '' type: 'ThreadPoolExecutor' options { [mediapipe.ThreadPoolExecutorOptions.ext] { num_threads: 4 } } }\n\
             input_stream_handler { input_stream_handler: 'FixedSizeInputStreamHandler' options { [a.b.ext] { c: 1 } } }\n\
             graph_options { [type.googleapis.com/a.B] { c: 1 } }\n\
             node { calculator: 'A' input_stream_handler { options { [a.b.ext] { c: 1 } } } executor: 'x' }",
        )
        .unwrap();
        assert_eq!(graph.nodes[0].unknown_options, [""; 0]);
    }

    #[test]
    fn a_text_has_limits() {
        let deep = format!(
            "node {{ {}{} }}",
            "options {\n".repeat(100),
            "}".repeat(100)
        );
        assert_eq!(
            reason(&deep),
            "line 64: column 9: messages are nested more than 64 deep"
        );
        let nested = NodeConfig::new("A").options("mediapipe.GateCalculatorOptions", &deep);
        assert!(nested.unwrap_err().to_string().contains("64 deep"));
        assert!(reason(&" ".repeat(MAX_TEXT + 1)).contains("the most"));
    }
}
