//! Graphs in protobuf's text format, as MediaPipe's `.pbtxt` files are.

use super::{GraphConfig, Message, NodeConfig, Port, PortError, hint, nearest};
use crate::options::Options;
use miette::Diagnostic;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, Value};
use std::sync::OnceLock;

/// Why a text is no graph.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The text is not well formed, or names an unknown field, option or message.
    #[error("line {line}: {reason}")]
    Text {
        /// The line, from 1.
        line: usize,
        /// What is wrong, with the nearest known name where there is one.
        reason: String,
    },
    /// A stream, side packet or tag is not written as one.
    #[error("line {line}: {source}")]
    Port {
        /// The line of the node, or 0.
        line: usize,
        /// What is wrong.
        source: PortError,
    },
}

/// Descriptors of everything that a graph may contain.
fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    let compiled = include_bytes!(concat!(env!("OUT_DIR"), "/graph.bin"));
    POOL.get_or_init(|| {
        DescriptorPool::decode(compiled.as_slice()).expect("the build wrote valid descriptors")
    })
}

fn message(name: &str) -> Option<MessageDescriptor> {
    pool().get_message_by_name(name)
}

/// An options message of type `name`, read from text.
pub(super) fn options(name: &str, text: &str) -> Result<Message, ConfigError> {
    let unknown = || ConfigError::Text {
        line: 1,
        reason: unknown_message(name),
    };
    DynamicMessage::parse_text_format(message(name).ok_or_else(unknown)?, text)
        .map_err(|e| located(&e, text))
}

pub(super) fn parse(text: &str) -> Result<GraphConfig, ConfigError> {
    let descriptor = message("mediapipe.CalculatorGraphConfig").expect("the build compiled it");
    let config =
        DynamicMessage::parse_text_format(descriptor, text).map_err(|e| located(&e, text))?;
    let positive = |name: &str| {
        Options::from(config.clone())
            .get::<i64>(name)
            .filter(|n| *n > 0)
            .map(|n| n as usize)
    };
    let lines = Lines::of(text);
    let mut nodes = Vec::new();
    for value in list(&config, "node") {
        let Some(message) = value.as_message() else {
            continue;
        };
        nodes.push(node(message, &lines, &nodes)?);
    }
    let outside = |source| ConfigError::Port { line: 0, source };
    Ok(GraphConfig {
        kind: string(&config, "type"),
        nodes,
        inputs: ports(&config, "input_stream").map_err(outside)?,
        outputs: ports(&config, "output_stream").map_err(outside)?,
        input_sides: ports(&config, "input_side_packet").map_err(outside)?,
        output_sides: ports(&config, "output_side_packet").map_err(outside)?,
        max_queue_size: positive("max_queue_size"),
        num_threads: positive("num_threads"),
    })
}

impl From<DynamicMessage> for Options {
    fn from(message: DynamicMessage) -> Self {
        let mut options = Self::default();
        options.add(message);
        options
    }
}

fn node(
    message: &DynamicMessage,
    lines: &Lines,
    before: &[NodeConfig],
) -> Result<NodeConfig, ConfigError> {
    let calculator = string(message, "calculator");
    let earlier = before.iter().filter(|n| n.calculator == calculator).count();
    let line = lines.of_calculator(&calculator, earlier);
    let wrong = |source| ConfigError::Port { line, source };
    let mut back_edges = Vec::new();
    for info in list(message, "input_stream_info")
        .iter()
        .filter_map(Value::as_message)
    {
        if Options::from(info.clone()).get_or("back_edge", false) {
            back_edges.push(Port::parse_tag_index(&string(info, "tag_index")).map_err(wrong)?);
        }
    }
    Ok(NodeConfig {
        name: string(message, "name"),
        inputs: ports(message, "input_stream").map_err(wrong)?,
        outputs: ports(message, "output_stream").map_err(wrong)?,
        input_sides: ports(message, "input_side_packet").map_err(wrong)?,
        output_sides: ports(message, "output_side_packet").map_err(wrong)?,
        back_edges,
        options: node_options(message, line)?,
        calculator,
        line,
    })
}

/// The options in both styles: extensions of `options`, and `node_options`.
fn node_options(node: &DynamicMessage, line: usize) -> Result<Options, ConfigError> {
    let mut options = Options::default();
    if let Some(old) = node
        .get_field_by_name("options")
        .as_deref()
        .and_then(Value::as_message)
    {
        for (_, value) in old.extensions() {
            value
                .as_message()
                .into_iter()
                .for_each(|m| options.add(m.clone()));
        }
    }
    for any in list(node, "node_options")
        .iter()
        .filter_map(Value::as_message)
    {
        let name = string(any, "type_url")
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let value = any.get_field_by_name("value");
        let bytes = value
            .as_deref()
            .and_then(Value::as_bytes)
            .cloned()
            .unwrap_or_default();
        let descriptor = message(&name).ok_or_else(|| ConfigError::Text {
            line,
            reason: unknown_message(&name),
        })?;
        let decoded = DynamicMessage::decode(descriptor, bytes);
        options.add(decoded.map_err(|e| ConfigError::Text {
            line,
            reason: e.to_string(),
        })?);
    }
    Ok(options)
}

fn list(message: &DynamicMessage, field: &str) -> Vec<Value> {
    message
        .get_field_by_name(field)
        .and_then(|v| v.as_list().map(<[Value]>::to_vec))
        .unwrap_or_default()
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

/// Turns the parser's error into a line and a reason, with the nearest known name.
fn located(error: &prost_reflect::text_format::ParseError, text: &str) -> ConfigError {
    let label = error.labels().and_then(|mut labels| labels.next());
    let span = label.map(|l| (l.offset(), l.len()));
    let at = span.map_or(text.len(), |(start, _)| start);
    let line = 1 + text.as_bytes()[..at.min(text.len())]
        .iter()
        .filter(|b| **b == b'\n')
        .count();
    let written = span
        .and_then(|(start, len)| text.get(start..start + len))
        .unwrap_or_default();
    let mut reason = error.to_string();
    if let Some(known) = meant(&reason, written) {
        reason += &format!("; did you mean {known}?");
    }
    ConfigError::Text { line, reason }
}

/// The known name nearest to the unknown one that a parser's message is about.
fn meant(reason: &str, written: &str) -> Option<String> {
    let mut quoted = reason.split('\'').skip(1).step_by(2);
    let (unknown, place) = (quoted.next()?, quoted.next().unwrap_or_default());
    let own =
        |names: Vec<String>| nearest(unknown, names.iter().map(String::as_str)).map(str::to_owned);
    if reason.starts_with("field") {
        return own(message(place)?
            .fields()
            .map(|f| f.name().to_owned())
            .collect());
    }
    if reason.starts_with("value") {
        return own(pool()
            .get_enum_by_name(place)?
            .values()
            .map(|v| v.name().to_owned())
            .collect());
    }
    if reason.starts_with("extension") {
        return own(pool()
            .all_extensions()
            .map(|e| e.full_name().to_owned())
            .collect());
    }
    let is_message = reason.starts_with("message type");
    is_message
        .then(|| {
            own(pool()
                .all_messages()
                .map(|m| m.full_name().to_owned())
                .collect())
        })
        .flatten()
        .filter(|k| k != written)
}

fn unknown_message(name: &str) -> String {
    let names: Vec<String> = pool()
        .all_messages()
        .map(|m| m.full_name().to_owned())
        .collect();
    format!(
        "there are no options called '{name}'{}",
        hint(name, names.iter().map(String::as_str))
    )
}

/// Where calculators are named in a text.
struct Lines(Vec<(usize, String)>);

impl Lines {
    fn of(text: &str) -> Self {
        let named = |line: &str| {
            let line = line.split('#').next().unwrap_or_default();
            let rest = &line[line.find("calculator")?..];
            let start = rest.find(['"', '\''])? + 1;
            let end = start + rest[start..].find(['"', '\''])?;
            Some(rest[start..end].to_owned())
        };
        Self(
            text.lines()
                .enumerate()
                .filter_map(|(i, l)| Some((i + 1, named(l)?)))
                .collect(),
        )
    }

    /// The line of the `nth` node that runs `calculator`; 0 if it is written in another way.
    fn of_calculator(&self, calculator: &str, nth: usize) -> usize {
        self.0
            .iter()
            .filter(|(_, name)| name == calculator)
            .nth(nth)
            .map_or(0, |(line, _)| *line)
    }
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
        let options = reason(
            "node { calculator: 'X'\n node_options { [type.googleapis.com/mediapipe.GateCalculatorOption] {} } }",
        );
        assert!(
            options.starts_with("line 2: ")
                && options.contains("did you mean mediapipe.GateCalculatorOptions?"),
            "{options}"
        );
        let extension =
            reason("node { calculator: 'X' options { [mediapipe.GateCalculatorOption.ext] {} } }");
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
}
