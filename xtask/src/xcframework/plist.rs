//! The list of a framework's libraries, `Info.plist`.

use super::slices::{ALL, LIBRARY, Slice};
use anyhow::{Context, Result, bail};
use roxmltree::{Document, Node};
use std::fmt::Write;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>AvailableLibraries</key>
	<array>
"#;

const TAIL: &str = "	</array>
	<key>CFBundlePackageType</key>
	<string>XFWK</string>
	<key>XCFrameworkFormatVersion</key>
	<string>1.0</string>
</dict>
</plist>
";

/// The list of all slices.
pub(super) fn write() -> String {
    let mut text = HEAD.to_owned();
    for slice in &ALL {
        text.push_str("\t\t<dict>\n");
        for (key, value) in entry(slice) {
            entry_line(&mut text, key, &value);
        }
        text.push_str("\t\t</dict>\n");
    }
    text + TAIL
}

fn entry_line(text: &mut String, key: &str, value: &Value) {
    // Writing into a string cannot fail.
    let _ = match value {
        Value::Text(value) => writeln!(
            text,
            "\t\t\t<key>{key}</key>\n\t\t\t<string>{value}</string>"
        ),
        Value::List(values) => {
            let items: String = values
                .iter()
                .map(|v| format!("<string>{v}</string>"))
                .collect();
            writeln!(text, "\t\t\t<key>{key}</key>\n\t\t\t<array>{items}</array>")
        }
    };
}

/// A value of a dictionary, as far as they occur here.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    List(Vec<String>),
}

/// What the list has to say of a slice, its keys in order.
pub(super) fn entry(slice: &Slice) -> Vec<(&'static str, Value)> {
    let text = |value: &str| Value::Text(value.to_owned());
    let processors = slice.targets.iter().map(|t| t.processor.to_owned());
    let mut entry = vec![
        ("BinaryPath", text(LIBRARY)),
        ("HeadersPath", text("Headers")),
        ("LibraryIdentifier", text(slice.identifier)),
        ("LibraryPath", text(LIBRARY)),
        ("SupportedArchitectures", Value::List(processors.collect())),
        ("SupportedPlatform", text(slice.platform)),
    ];
    entry.extend(
        slice
            .variant
            .map(|variant| ("SupportedPlatformVariant", text(variant))),
    );
    entry
}

/// A list that was read: the keys of the framework itself, and each library's.
pub(super) struct List {
    pub(super) own: Vec<(String, Value)>,
    pub(super) libraries: Vec<Vec<(String, Value)>>,
}

/// Reads a list; keys of each dictionary are sorted.
pub(super) fn read(text: &str) -> Result<List> {
    let options = roxmltree::ParsingOptions {
        // Every list of Apple's begins with the name of a DTD, which is not read.
        allow_dtd: true,
        ..Default::default()
    };
    let document = Document::parse_with_options(text, options)?;
    let root = document.root_element();
    let dictionary = root.first_element_child().context("it is empty")?;
    let mut list = List {
        own: Vec::new(),
        libraries: Vec::new(),
    };
    for (key, node) in pairs(dictionary)? {
        if key == "AvailableLibraries" {
            for library in node.children().filter(Node::is_element) {
                list.libraries.push(values(library)?);
            }
        } else {
            list.own.push((key, value(node)?));
        }
    }
    list.own.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(list)
}

fn values(dictionary: Node) -> Result<Vec<(String, Value)>> {
    let mut values = Vec::new();
    for (key, node) in pairs(dictionary)? {
        values.push((key, value(node)?));
    }
    values.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(values)
}

/// Keys and the elements after them.
fn pairs<'a, 'b>(dictionary: Node<'a, 'b>) -> Result<Vec<(String, Node<'a, 'b>)>> {
    let elements: Vec<_> = dictionary.children().filter(Node::is_element).collect();
    let mut pairs = Vec::new();
    for pair in elements.chunks(2) {
        let [key, value] = pair else {
            bail!("a key has no value");
        };
        pairs.push((key.text().unwrap_or_default().to_owned(), *value));
    }
    Ok(pairs)
}

fn value(node: Node) -> Result<Value> {
    let text = |node: Node| node.text().unwrap_or_default().to_owned();
    match node.tag_name().name() {
        "string" => Ok(Value::Text(text(node))),
        "array" => {
            let items = node.children().filter(Node::is_element);
            Ok(Value::List(items.map(text).collect()))
        }
        other => bail!("a value of kind {other}"),
    }
}
