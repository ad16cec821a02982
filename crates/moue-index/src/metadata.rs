//! What a picture says about itself: texts inside the file, and a JSON file beside it.

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use std::io::Cursor;

/// Caption and tags of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// What it is called, if that is said.
    pub label: Option<String>,
    /// What is said about it.
    pub caption: Option<String>,
    /// Words to filter by.
    pub tags: Vec<String>,
}

/// Characters that are kept of one text.
const LONGEST: usize = 1000;
/// Tags that are kept.
const MOST_TAGS: usize = 64;
/// Bytes of an XMP packet that are read.
const LONGEST_XMP: usize = 1 << 20;

impl Metadata {
    /// Takes from `other` what is missing here, and its tags too.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.label = self.label.or(other.label);
        self.caption = self.caption.or(other.caption);
        other.tags.into_iter().for_each(|tag| self.tag(&tag));
        self
    }

    fn tag(&mut self, tag: &str) {
        if let Some(tag) =
            clean(tag).filter(|t| self.tags.len() < MOST_TAGS && !self.tags.contains(t))
        {
            self.tags.push(tag);
        }
    }
}

/// A text without control characters and spaces around it; `None` if nothing is left.
fn clean(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads a side-car: a JSON object with `title`, `name` or `label`, with `caption` or
/// `description`, and with `tags` or `keywords`, which is a list or words between commas. `None` if
/// it is no such object.
pub fn read_sidecar(bytes: &[u8]) -> Option<Metadata> {
    let Value::Object(object) = serde_json::from_slice(bytes).ok()? else {
        return None;
    };
    let text = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| object.get(*key)?.as_str().and_then(clean))
    };
    let mut texts = Metadata {
        label: text(&["title", "name", "label"]),
        caption: text(&["caption", "description", "alt"]),
        tags: Vec::new(),
    };
    for key in ["tags", "keywords"] {
        match object.get(key) {
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(Value::as_str)
                .for_each(|tag| texts.tag(tag)),
            Some(Value::String(list)) => list.split(',').for_each(|tag| texts.tag(tag)),
            _ => {}
        }
    }
    Some(texts)
}

/// The texts inside a picture file: those of PNG, and an XMP packet wherever the format keeps it.
pub fn metadata_of(bytes: &[u8]) -> Metadata {
    let xmp = packet(bytes).map(read_xmp).unwrap_or_default();
    if bytes.starts_with(b"\x89PNG") {
        xmp.or(png_texts(bytes).unwrap_or_default())
    } else {
        xmp
    }
}

/// The XMP packet of a file: the format is made to be found by its first and last tag.
fn packet(bytes: &[u8]) -> Option<&[u8]> {
    let start = memmem::find(bytes, b"<x:xmpmeta")?;
    let rest = &bytes[start..bytes.len().min(start + LONGEST_XMP)];
    let end = memmem::find(rest, b"</x:xmpmeta>")?;
    Some(&rest[..end + b"</x:xmpmeta>".len()])
}

/// Title, description and subjects of Dublin Core.
fn read_xmp(packet: &[u8]) -> Metadata {
    let packet = String::from_utf8_lossy(packet);
    let (mut texts, mut reader) = (Metadata::default(), Reader::from_str(&packet));
    let mut inside: Option<&str> = None;
    let mut said = String::new();
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "title" => inside = Some("title"),
                "description" => inside = Some("description"),
                "subject" => inside = Some("subject"),
                "li" => said.clear(),
                _ => {}
            },
            Event::Text(text) => said.push_str(text.as_ref()),
            Event::GeneralRef(name) => said.push_str(entity(name.as_ref())),
            Event::End(tag) => match (tag.local_name().as_ref(), inside) {
                ("li", Some("title")) => texts.label = texts.label.take().or_else(|| clean(&said)),
                ("li", Some("description")) => {
                    texts.caption = texts.caption.take().or_else(|| clean(&said))
                }
                ("li", Some("subject")) => texts.tag(&said),
                ("title" | "description" | "subject", _) => inside = None,
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    texts
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

/// The chunks tEXt, zTXt and iTXt before the pixels.
fn png_texts(bytes: &[u8]) -> Option<Metadata> {
    let limits = png::Limits { bytes: 16 << 20 };
    let reader = png::Decoder::new_with_limits(Cursor::new(bytes), limits)
        .read_info()
        .ok()?;
    let info = reader.info();
    let plain = info
        .uncompressed_latin1_text
        .iter()
        .map(|c| (c.keyword.clone(), Some(c.text.clone())));
    let packed = info
        .compressed_latin1_text
        .iter()
        .map(|c| (c.keyword.clone(), c.get_text().ok()));
    let wide = info
        .utf8_text
        .iter()
        .map(|c| (c.keyword.clone(), c.get_text().ok()));
    let mut texts = Metadata::default();
    for (keyword, text) in wide.chain(plain).chain(packed) {
        let text = text.as_deref().and_then(clean);
        match keyword.to_lowercase().as_str() {
            "title" => texts.label = texts.label.take().or(text),
            "description" | "caption" | "comment" => texts.caption = texts.caption.take().or(text),
            "keywords" => text
                .iter()
                .flat_map(|t| t.split(','))
                .for_each(|tag| texts.tag(tag)),
            _ => {}
        }
    }
    Some(texts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sidecar_has_several_spellings() {
        let texts = read_sidecar(
            br#"{"name": " Kid\n", "description": "a fist", "keywords": "win, sand,win", "x": 1}"#,
        )
        .unwrap();
        assert_eq!(
            (texts.label.as_deref(), texts.caption.as_deref()),
            (Some("Kid"), Some("a fist"))
        );
        assert_eq!(texts.tags, ["win", "sand"]);
        assert_eq!(
            read_sidecar(br#"{"tags": ["a", 3, "b"]}"#).unwrap().tags,
            ["a", "b"]
        );
        assert!(read_sidecar(b"[1]").is_none() && read_sidecar(b"{").is_none());
    }

    #[test]
    fn xmp_is_found_inside_a_file() {
        let packet = b"junk\xff<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description>\
            <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Me &amp; you</rdf:li></rdf:Alt></dc:title>\
            <dc:description><rdf:Alt><rdf:li>a laugh</rdf:li></rdf:Alt></dc:description>\
            <dc:subject><rdf:Bag><rdf:li>fun</rdf:li><rdf:li>sun</rdf:li></rdf:Bag></dc:subject>\
            </rdf:Description></rdf:RDF></x:xmpmeta>more";
        let texts = metadata_of(packet);
        assert_eq!(
            (texts.label.as_deref(), texts.caption.as_deref()),
            (Some("Me & you"), Some("a laugh"))
        );
        assert_eq!(texts.tags, ["fun", "sun"]);
    }

    #[test]
    fn png_says_what_it_shows() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        encoder
            .add_text_chunk("Title".into(), "Grin".into())
            .unwrap();
        encoder
            .add_itxt_chunk("Comment".into(), "größer".into())
            .unwrap();
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&[7])
            .unwrap();
        let texts = metadata_of(&bytes);
        assert_eq!(
            (texts.label.as_deref(), texts.caption.as_deref()),
            (Some("Grin"), Some("größer"))
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (read_sidecar(&bytes), metadata_of(&bytes));
            let _ = metadata_of(&[b"<x:xmpmeta><dc:title><li>".as_slice(), &bytes, b"</x:xmpmeta>"].concat());
        }
    }
}
