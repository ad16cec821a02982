//! Options of a node whose values are those of options of the graph around it.

use super::descriptors;
use crate::options::{Message, Options};
use prost_reflect::ReflectMessage;
use std::fmt;

/// An option of a node that takes the value of an option of the graph: `target:source`, as in
/// `output_tensor_width:options/tensor_width`. The target `OPTIONS` with the source `options` takes
/// all of them, for a node that is a subgraph itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionValue {
    /// The option that is set; `None` for all.
    target: Option<String>,
    /// The graph's option; `None` for all.
    source: Option<String>,
}

impl OptionValue {
    /// Reads `target:source`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is no option value: write target:source");
        let (target, source) = text.split_once(':').ok_or_else(wrong)?;
        // MediaPipe writes the graph's options as a message of that name, or leaves it out.
        let source = match source {
            "options" => None,
            source => Some(source.strip_prefix("options/").unwrap_or(source)),
        };
        let target = Some(target).filter(|t| *t != "OPTIONS");
        let is_field = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if target.is_some() != source.is_some()
            || !target.iter().chain(&source).all(|n| is_field(n))
        {
            return Err(wrong());
        }
        Ok(Self {
            target: target.map(str::to_owned),
            source: source.map(str::to_owned),
        })
    }

    /// Sets the option of a node, whose calculator and options these are, to its value in the
    /// options of the graph around it. One that these do not set stays as it is.
    pub(crate) fn apply(
        &self,
        calculator: &str,
        options: &mut Options,
        graph: &Options,
    ) -> Result<(), String> {
        let (Some(target), Some(source)) = (&self.target, &self.source) else {
            options.extend(graph);
            return Ok(());
        };
        let Some(value) = graph.value(source) else {
            return Ok(());
        };
        let name = format!("mediapipe.{calculator}Options");
        let own = descriptors::message(&name).map(Message::new);
        let messages = options.messages().iter().rev().cloned().chain(own);
        let mut fitting = messages.filter(|m| m.descriptor().get_field_by_name(target).is_some());
        let Some(message) = fitting.next() else {
            return Err(format!(
                "option_value sets {target}, an option that it does not have"
            ));
        };
        let mut message = Message::new(message.descriptor());
        match message.try_set_field_by_name(target, value) {
            Ok(()) => options.add(message),
            Err(_) => {
                return Err(format!(
                    "option_value sets {target} to a value of another type"
                ));
            }
        }
        Ok(())
    }
}

impl fmt::Display for OptionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.as_deref().unwrap_or("OPTIONS");
        match &self.source {
            Some(source) => write!(f, "{target}:options/{source}"),
            None => write!(f, "{target}:options"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_mediapipe_are_read() {
        for (text, shown) in [
            ("OPTIONS:options", "OPTIONS:options"),
            ("num_boxes:num_boxes", "num_boxes:options/num_boxes"),
            ("a:options/b", "a:options/b"),
        ] {
            assert_eq!(OptionValue::parse(text).unwrap().to_string(), shown);
        }
        for text in [
            "",
            "a",
            "a:",
            ":b",
            "OPTIONS:a",
            "a:options",
            "a:b/c",
            "a:b:c",
        ] {
            assert!(OptionValue::parse(text).is_err(), "{text}");
        }
    }
}
