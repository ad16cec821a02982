//! Forms with files (`multipart/form-data`, RFC 7578).

use crate::moue::Picture;

/// What separates the parts of a form; no file contains it by chance.
const BOUNDARY: &str = "moue-6f1d2b8c4a9e4d7f";

/// A form.
#[derive(Debug, Default)]
pub(crate) struct Form {
    bytes: Vec<u8>,
}

impl Form {
    /// Its type, for the header `content-type`.
    pub(crate) fn media() -> String {
        format!("multipart/form-data; boundary={BOUNDARY}")
    }

    /// With a field.
    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        self.bytes.extend(part.bytes());
        self
    }

    /// With a file.
    pub(crate) fn file(mut self, name: &str, file: &str, picture: &Picture) -> Self {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
             Content-Type: {}\r\n\r\n",
            picture.media
        );
        self.bytes.extend(head.bytes());
        self.bytes.extend(&picture.bytes);
        self.bytes.extend(b"\r\n");
        self
    }

    /// Its bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend(format!("--{BOUNDARY}--\r\n").bytes());
        self.bytes
    }
}
