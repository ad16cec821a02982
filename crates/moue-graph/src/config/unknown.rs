//! Options that moue does not have: found before a text is parsed, and taken out of it.
//!
//! A graph is often written for calculators that moue does not have either, and it is these that
//! its author wants to know of first. So unknown options are kept with their node, and reported
//! with all others once it is known that all calculators exist.

use super::descriptors;
use super::nearest::hint;
use super::scan::{Field, Lines};
use crate::printable::printable;
use prost_reflect::{Kind, MessageDescriptor};
use std::ops::Range;

/// A text without unknown options, and what was taken out of it.
pub(super) struct Cleaned {
    pub(super) text: String,
    /// What is wrong with each node's options, by the node's number.
    pub(super) unknown: Vec<(usize, String)>,
    /// The line in which each node names its calculator, or else starts.
    pub(super) lines: Vec<usize>,
}

impl Cleaned {
    /// A text that was not searched.
    pub(super) fn unchanged(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            unknown: Vec::new(),
            lines: Vec::new(),
        }
    }
}

/// Takes the unknown options out of a graph's text, whose fields are given.
pub(super) fn clean(text: &str, fields: &[Field<'_>]) -> Cleaned {
    let mut search = Search {
        lines: Lines::of(text),
        found: Vec::new(),
    };
    let mut unknown = Vec::new();
    let mut lines = Vec::new();
    let mut taken = Vec::new();
    for field in fields {
        if field.name == "node" {
            search.node(field);
            let number = lines.len();
            lines.push(search.line_of(field));
            for found in search.found.drain(..) {
                taken.push(found.span);
                unknown.extend(found.reason.map(|reason| (number, reason)));
            }
        } else {
            // Options of the graph, of executors and of queues: what is unknown of them has no
            // effect.
            search.settings(field);
            taken.extend(search.found.drain(..).map(|found| found.span));
        }
    }
    Cleaned {
        text: without(text, &taken),
        unknown,
        lines,
    }
}

/// The text with blanks in place of `spans`, so that all else keeps its line and column.
fn without(text: &str, spans: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        let blank = bytes[span.clone()].iter_mut().filter(|b| **b != b'\n');
        blank.for_each(|b| *b = b' ');
    }
    // Whole fields start and end at ASCII characters.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

struct Found {
    span: Range<usize>,
    /// What to report; `None` for what has no effect.
    reason: Option<String>,
}

struct Search {
    lines: Lines,
    found: Vec<Found>,
}

impl Search {
    fn line_of(&self, node: &Field<'_>) -> usize {
        let named = node.fields.iter().find(|f| f.name == "calculator");
        self.lines.line(named.unwrap_or(node).span.start)
    }

    fn node(&mut self, node: &Field<'_>) {
        for field in &node.fields {
            match &*field.name {
                "options" | "node_options" => self.options(field),
                _ => {
                    // Handlers of streams and profilers: queues here have no kinds.
                    let before = self.found.len();
                    self.settings(field);
                    self.silence(before);
                }
            }
        }
    }

    /// What was found from number `from` on is taken out and not reported.
    fn silence(&mut self, from: usize) {
        self.found[from..].iter_mut().for_each(|f| f.reason = None);
    }

    /// Options inside a setting that is no node.
    fn settings(&mut self, field: &Field<'_>) {
        for inner in &field.fields {
            if inner.name.starts_with('[') {
                self.options_message(inner);
            } else {
                self.settings(inner);
            }
        }
    }

    fn options(&mut self, field: &Field<'_>) {
        for inner in &field.fields {
            if inner.name.starts_with('[') {
                self.options_message(inner);
            }
        }
    }

    /// An extension, or the content of an `Any`.
    fn options_message(&mut self, field: &Field<'_>) {
        let name = field.name.trim_matches(['[', ']']);
        let pool = descriptors::pool();
        let message = match name.rsplit_once('/') {
            Some((_, message)) => match descriptors::message(message) {
                Some(message) => message,
                None => {
                    let names = descriptors::message_names();
                    let hint = hint(message, names.iter().map(String::as_str));
                    return self.add(field, format!("message type '{message}' not found{hint}"));
                }
            },
            None => match pool.get_extension_by_name(name).map(|e| e.kind()) {
                Some(Kind::Message(message)) => message,
                _ => {
                    let names = pool.all_extensions().map(|e| e.full_name().to_owned());
                    let names: Vec<String> = names.collect();
                    let hint = hint(name, names.iter().map(String::as_str));
                    return self.add(field, format!("extension '{name}' not found{hint}"));
                }
            },
        };
        self.message(field, &message);
    }

    /// The fields of a message of options.
    fn message(&mut self, field: &Field<'_>, message: &MessageDescriptor) {
        for inner in &field.fields {
            if inner.name.starts_with('[') {
                self.options_message(inner);
                continue;
            }
            match message.get_field_by_name(&inner.name).map(|f| f.kind()) {
                Some(Kind::Message(message)) => self.message(inner, &message),
                Some(_) => {}
                None => {
                    let names: Vec<String> =
                        message.fields().map(|f| f.name().to_owned()).collect();
                    let hint = hint(&inner.name, names.iter().map(String::as_str));
                    let name = message.full_name();
                    let reason = format!(
                        "field '{}' not found for message '{name}'{hint}",
                        inner.name
                    );
                    self.add(inner, reason);
                }
            }
        }
    }

    fn add(&mut self, field: &Field<'_>, reason: String) {
        let line = self.lines.line(field.span.start);
        self.found.push(Found {
            span: field.span.clone(),
            reason: Some(format!("line {line}: {}", printable(&reason))),
        });
    }
}
