//! Label, caption and tags of a picture: from texts inside its file, and from a JSON file beside
//! it.

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};
use std::io::Cursor;

/// Characters that are kept of one text: a caption, not a document.
const MAX_TEXT_CHARS: usize = 1000;

/// Tags that are kept. Each is stored with every picture and compared by every filter.
const MAX_TAGS: usize = 64;

/// Bytes of an XMP packet that are read. Cameras write some kilobytes; editors that embed previews
/// or histories write more behind the Dublin Core part.
const MAX_XMP_BYTES: usize = 1 << 20;

/// Memory that the PNG decoder may take for text chunks, which are compressed.
const MAX_PNG_TEXT_BYTES: usize = 16 << 20;

/// What the text of such a chunk may be when it is decompressed; a thousandth of it may be stored.
const MAX_INFLATED_BYTES: usize = 64 << 10;

const XMP_START: &[u8] = b"<x:xmpmeta";
const XMP_END: &[u8] = b"</x:xmpmeta>";

/// Label, caption and tags of a picture. Texts have no control characters.
///
/// ```
/// use moue_index::{Metadata, read_sidecar};
/// let beside = read_sidecar(br#"{"title": "Kid", "tags": ["win"]}"#).unwrap();
/// let inside = Metadata { caption: Some("a fist".into()), ..Metadata::default() };
/// let both = beside.or(inside);
/// assert_eq!((both.label.as_deref(), both.caption.as_deref()), (Some("Kid"), Some("a fist")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    /// Its title.
    pub label: Option<String>,
    /// Its description.
    pub caption: Option<String>,
    /// Words to filter by, each once.
    pub tags: Vec<String>,
}

impl Metadata {
    /// Takes from `other` the label and the caption if they are missing here, and appends its tags.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.label = self.label.or(other.label);
        self.caption = self.caption.or(other.caption);
        self.add_tags(other.tags.iter().map(String::as_str));
        self
    }

    fn add_tags<'a>(&mut self, tags: impl IntoIterator<Item = &'a str>) {
        for tag in tags.into_iter().filter_map(clean) {
            if self.tags.len() < MAX_TAGS && !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    /// The first label stays.
    fn set_label(&mut self, label: Option<String>) {
        self.label = self.label.take().or(label);
    }

    /// The first caption stays.
    fn set_caption(&mut self, caption: Option<String>) {
        self.caption = self.caption.take().or(caption);
    }
}

/// A text without control characters and spaces around it; `None` if nothing is left.
fn clean(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_TEXT_CHARS)
        .collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads a side-car file, a JSON object with these keys, all optional:
///
/// - label: `title`, `name` or `label`;
/// - caption: `caption`, `description` or `alt`;
/// - tags: `tags` and `keywords`, each a list, or words between commas.
///
/// Returns `None` if the bytes are no JSON object.
///
/// ```
/// let metadata = moue_index::read_sidecar(br#"{"name": "Kid", "keywords": "win, sand"}"#).unwrap();
/// assert_eq!(metadata.label.as_deref(), Some("Kid"));
/// assert_eq!(metadata.tags, ["win", "sand"]);
/// ```
pub fn read_sidecar(bytes: &[u8]) -> Option<Metadata> {
    let Value::Object(object) = serde_json::from_slice(bytes).ok()? else {
        return None;
    };
    let mut metadata = Metadata {
        label: first_text(&object, &["title", "name", "label"]),
        caption: first_text(&object, &["caption", "description", "alt"]),
        tags: Vec::new(),
    };
    for key in ["tags", "keywords"] {
        match object.get(key) {
            Some(Value::Array(list)) => {
                metadata.add_tags(list.iter().filter_map(Value::as_str));
            }
            Some(Value::String(list)) => metadata.add_tags(list.split(',')),
            _ => {}
        }
    }
    Some(metadata)
}

/// The text of the first key that has one.
fn first_text(object: &Map<String, Value>, keys: &[&str]) -> Option<String> {
    keys.iter()
        .find_map(|key| object.get(*key)?.as_str().and_then(clean))
}

/// Reads the metadata inside a picture file: an XMP packet in any format, and the text chunks of
/// PNG, which complete it. Never fails: broken metadata are empty.
pub fn metadata_of(bytes: &[u8]) -> Metadata {
    let xmp = xmp_packet(bytes).map(read_xmp).unwrap_or_default();
    if bytes.starts_with(b"\x89PNG") {
        xmp.or(read_png_texts(bytes).unwrap_or_default())
    } else {
        xmp
    }
}

/// The XMP packet of a file. The format is made to be found by its first and last tag, wherever a
/// file format keeps it, so that one scan serves JPEG, PNG, GIF, WebP and TIFF.
fn xmp_packet(bytes: &[u8]) -> Option<&[u8]> {
    let start = memmem::find(bytes, XMP_START)?;
    let rest = &bytes[start..bytes.len().min(start + MAX_XMP_BYTES)];
    let end = memmem::find(rest, XMP_END)?;
    Some(&rest[..end + XMP_END.len()])
}

/// Elements of Dublin Core that are read from XMP.
#[derive(Clone, Copy)]
enum Element {
    Title,
    Description,
    Subject,
}

impl Element {
    fn named(local_name: &str) -> Option<Self> {
        match local_name {
            "title" => Some(Self::Title),
            "description" => Some(Self::Description),
            "subject" => Some(Self::Subject),
            _ => None,
        }
    }
}

/// State of reading an XMP packet: each element holds a list, and each item (`li`) a text.
#[derive(Default)]
struct XmpReader {
    metadata: Metadata,
    element: Option<Element>,
    item_text: String,
}

impl XmpReader {
    fn start(&mut self, local_name: &str) {
        if local_name == "li" {
            self.item_text.clear();
        } else if let Some(element) = Element::named(local_name) {
            self.element = Some(element);
        }
    }

    fn end(&mut self, local_name: &str) {
        if local_name == "li" {
            self.end_item();
        } else if Element::named(local_name).is_some() {
            self.element = None;
        }
    }

    fn end_item(&mut self) {
        match self.element {
            Some(Element::Title) => self.metadata.set_label(clean(&self.item_text)),
            Some(Element::Description) => self.metadata.set_caption(clean(&self.item_text)),
            Some(Element::Subject) => self.metadata.add_tags([self.item_text.as_str()]),
            None => {}
        }
    }
}

/// Title, description and subjects of Dublin Core. Reading ends at the first error of the XML.
fn read_xmp(packet: &[u8]) -> Metadata {
    let packet = String::from_utf8_lossy(packet);
    let mut events = Reader::from_str(&packet);
    let mut xmp = XmpReader::default();
    while let Ok(event) = events.read_event() {
        match event {
            Event::Start(tag) => xmp.start(tag.local_name().as_ref()),
            Event::End(tag) => xmp.end(tag.local_name().as_ref()),
            Event::Text(text) => xmp.item_text.push_str(text.as_ref()),
            Event::CData(text) => xmp.item_text.push_str(text.as_ref()),
            Event::GeneralRef(name) => match name.resolve_char_ref() {
                Ok(Some(character)) => xmp.item_text.push(character),
                _ => xmp.item_text.push_str(entity(name.as_ref())),
            },
            Event::Eof => break,
            _ => {}
        }
    }
    xmp.metadata
}

/// The five entities that XML predefines. Others with names need a document type, which XMP does not have.
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

/// The chunks iTXt, tEXt and zTXt before the pixels. iTXt goes first, as it is in UTF-8.
fn read_png_texts(bytes: &[u8]) -> Option<Metadata> {
    let limits = png::Limits {
        bytes: MAX_PNG_TEXT_BYTES,
    };
    let decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    let reader = decoder.read_info().ok()?;
    let info = reader.info();
    let mut metadata = Metadata::default();
    for chunk in &info.utf8_text {
        add_png_text(&mut metadata, &chunk.keyword, || {
            let mut chunk = chunk.clone();
            chunk.decompress_text_with_limit(MAX_INFLATED_BYTES).ok()?;
            chunk.get_text().ok()
        });
    }
    for chunk in &info.uncompressed_latin1_text {
        add_png_text(&mut metadata, &chunk.keyword, || Some(chunk.text.clone()));
    }
    for chunk in &info.compressed_latin1_text {
        add_png_text(&mut metadata, &chunk.keyword, || {
            let mut chunk = chunk.clone();
            chunk.decompress_text_with_limit(MAX_INFLATED_BYTES).ok()?;
            chunk.get_text().ok()
        });
    }
    Some(metadata)
}

/// Takes the text of a chunk whose keyword is known; that of others is not decompressed.
fn add_png_text(metadata: &mut Metadata, keyword: &str, text: impl FnOnce() -> Option<String>) {
    let text = || text().as_deref().and_then(clean);
    match keyword.to_lowercase().as_str() {
        "title" => metadata.set_label(text()),
        "description" | "caption" | "comment" => metadata.set_caption(text()),
        "keywords" => metadata.add_tags(text().iter().flat_map(|text| text.split(','))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sidecar_has_several_spellings() {
        let metadata = read_sidecar(
            br#"{"name": " Kid\n", "description": "a fist", "keywords": "win, sand,win", "x": 1}"#,
        )
        .unwrap();
        assert_eq!(
            (metadata.label.as_deref(), metadata.caption.as_deref()),
            (Some("Kid"), Some("a fist"))
        );
        assert_eq!(metadata.tags, ["win", "sand"]);
        assert_eq!(
            read_sidecar(br#"{"tags": ["a", 3, "b"]}"#).unwrap().tags,
            ["a", "b"]
        );
        assert!(read_sidecar(b"[1]").is_none() && read_sidecar(b"{").is_none());
    }

    #[test]
    fn xmp_is_found_inside_a_file() {
        let packet = b"junk\xff<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description>\
            <dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Me &amp; you&#x2019;re</rdf:li></rdf:Alt></dc:title>\
            <dc:description><rdf:Alt><rdf:li>a laugh</rdf:li></rdf:Alt></dc:description>\
            <dc:subject><rdf:Bag><rdf:li><![CDATA[fun]]></rdf:li><rdf:li>sun</rdf:li></rdf:Bag></dc:subject>\
            </rdf:Description></rdf:RDF></x:xmpmeta>more";
        let metadata = metadata_of(packet);
        assert_eq!(
            (metadata.label.as_deref(), metadata.caption.as_deref()),
            (Some("Me & you’re"), Some("a laugh"))
        );
        assert_eq!(metadata.tags, ["fun", "sun"]);
    }

    #[test]
    fn text_of_a_png_that_grows_a_thousandfold_is_left_out() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
        for (keyword, text) in [("Title", "a grin"), ("Comment", &"a".repeat(8 << 20))] {
            encoder.add_ztxt_chunk(keyword.into(), text.into()).unwrap();
        }
        encoder
            .write_header()
            .unwrap()
            .write_image_data(&[7])
            .unwrap();
        assert!(bytes.len() < 64 << 10, "it is stored in {}", bytes.len());
        let metadata = metadata_of(&bytes);
        assert_eq!(
            (metadata.label.as_deref(), metadata.caption),
            (Some("a grin"), None)
        );
    }

    #[test]
    fn text_chunks_of_png_are_read() {
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
        let metadata = metadata_of(&bytes);
        assert_eq!(
            (metadata.label.as_deref(), metadata.caption.as_deref()),
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
