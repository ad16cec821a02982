//! Names of streams at the ports of a node: `name`, `TAG:name`, `TAG:index:name`.

use crate::printable::printable;
use std::collections::HashMap;
use std::fmt;

/// A port of a node, and the stream or side packet that is connected to it.
///
/// ```
/// use moue_graph::NodeConfig;
/// let node = NodeConfig::new("AnnotationOverlayCalculator").input("IMAGE:frame").input("boxes");
/// assert_eq!(node.inputs[0].to_string(), "IMAGE:frame");
/// assert_eq!((node.inputs[1].tag.as_str(), node.inputs[1].index), ("", 0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Port {
    /// The tag; empty for untagged ports.
    pub tag: String,
    /// The index among the ports with this tag.
    pub index: usize,
    /// The stream's name.
    pub name: String,
}

/// A text that names no stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{}' is no stream: write name, TAG:name or TAG:index:name, the name in small letters",
    printable(text)
)]
pub struct PortError {
    text: String,
}

impl Port {
    /// Reads a port that is one of several; one without a number takes the next free one of its
    /// tag.
    pub(crate) fn parse_next(text: &str, before: &[Port]) -> Result<Self, PortError> {
        let error = || PortError {
            text: text.to_owned(),
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (tag, index, name) = match parts[..] {
            [name] => ("", next_index("", before), name),
            [tag, name] if is_tag(tag) => (tag, next_index(tag, before), name),
            [tag, index, name] if tag.is_empty() || is_tag(tag) => {
                (tag, index.parse().map_err(|_| error())?, name)
            }
            _ => return Err(error()),
        };
        if !is_name(name) {
            return Err(error());
        }
        Ok(Self {
            tag: tag.to_owned(),
            index,
            name: name.to_owned(),
        })
    }

    /// All the ports of a list, in its order.
    pub(crate) fn parse_all<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, PortError> {
        // The next free index of each tag, as a list may have thousands.
        let mut next = HashMap::new();
        let mut ports = Vec::new();
        for text in texts {
            let mut port = Self::parse_next(text, &[])?;
            let free = next.entry(port.tag.clone()).or_insert(0usize);
            if !Self::has_index(text) {
                port.index = *free;
            }
            *free = port.index.saturating_add(1).max(*free);
            ports.push(port);
        }
        Ok(ports)
    }

    /// Whether a text that is a port states its index.
    fn has_index(text: &str) -> bool {
        text.bytes().filter(|b| *b == b':').count() == 2
    }

    /// Reads `TAG`, `TAG:index` or `:index`.
    pub(crate) fn parse_tag_index(text: &str) -> Result<(String, usize), PortError> {
        let error = || PortError {
            text: text.to_owned(),
        };
        let (tag, index) = text.split_once(':').unwrap_or((text, "0"));
        if !tag.is_empty() && !is_tag(tag) {
            return Err(error());
        }
        Ok((tag.to_owned(), index.parse().map_err(|_| error())?))
    }

    /// Tag and index, which only one port of a list has.
    pub(crate) fn key(&self) -> (&str, usize) {
        (&self.tag, self.index)
    }

    /// `TAG:index`, as messages call the port.
    pub(crate) fn place(&self) -> String {
        match (self.tag.as_str(), self.index) {
            ("", index) => format!("{index}"),
            (tag, 0) => tag.to_owned(),
            (tag, index) => format!("{tag}:{index}"),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tag.as_str(), self.index) {
            ("", _) => f.write_str(&self.name),
            (tag, 0) => write!(f, "{tag}:{}", self.name),
            (tag, index) => write!(f, "{tag}:{index}:{}", self.name),
        }
    }
}

/// The number after the highest one that `tag` has so far.
fn next_index(tag: &str, before: &[Port]) -> usize {
    let same_tag = before.iter().filter(|p| p.tag == tag);
    same_tag
        .map(|p| p.index.saturating_add(1))
        .max()
        .unwrap_or(0)
}

// Tags are written in capitals and names in small letters, as MediaPipe's validation of names asks
// for. That also distinguishes `TAG:name` from a mistyped `name:name`.
fn is_tag(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        let ports = Port::parse_all(["a", "b", "IMAGE:c", "IMAGE:1:d", ":5:e"]).unwrap();
        let places: Vec<String> = ports.iter().map(Port::place).collect();
        assert_eq!(places, ["0", "1", "IMAGE", "IMAGE:1", "5"]);
        assert_eq!(ports[3].to_string(), "IMAGE:1:d");
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        for text in [
            "", "A:", "image:x", "A:b:c", "A:1:2:x", "Name", "A:1:X", "a b",
        ] {
            assert!(Port::parse_next(text, &[]).is_err(), "{text}");
        }
    }
}
