//! Finds the fields of a text in protobuf's text format, with their places.
//!
//! The parser of `prost-reflect` calls itself for each level of nesting, stops at the first name
//! that it does not know, and keeps no positions. So a text is scanned before it is parsed: for its
//! depth, for the options that moue does not have, and for the lines of nodes.

use std::borrow::Cow;
use std::ops::Range;

/// Most messages inside one another.
// MediaPipe's deepest graphs have seven levels; a stack of 2 MB, the default of threads, holds some
// thousands.
pub(super) const MAX_DEPTH: usize = 64;

/// A field as it is written.
pub(super) struct Field<'a> {
    /// Its name; that of an extension or of a type in an `Any` is in brackets, without blanks.
    pub(super) name: Cow<'a, str>,
    /// The bytes of name and value, and of a separator behind them.
    pub(super) span: Range<usize>,
    /// The fields of its value, if that is a message.
    pub(super) fields: Vec<Field<'a>>,
}

/// Why a text was not scanned to its end.
#[derive(Debug, PartialEq)]
pub(super) enum Stop {
    /// A message at this byte is nested too deeply.
    Depth(usize),
    /// It is no text of the format, which the parser says better.
    Syntax,
}

/// The fields of a text.
pub(super) fn fields(text: &str) -> Result<Vec<Field<'_>>, Stop> {
    let mut scanner = Scanner {
        text,
        at: 0,
        depth: 0,
    };
    scanner.fields(None)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes the byte if it is the next one.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Takes all bytes up to the first that is not `wanted`.
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let start = self.at;
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
        // A piece that ends inside a character is none of the format.
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        loop {
            self.take_while(|b| b.is_ascii_whitespace());
            if self.peek() != Some(b'#') {
                return;
            }
            self.take_while(|b| b != b'\n');
        }
    }

    /// The fields up to `closing`, or to the end of the text.
    fn fields(&mut self, closing: Option<u8>) -> Result<Vec<Field<'a>>, Stop> {
        let mut fields = Vec::new();
        loop {
            self.skip_blanks();
            match (self.peek(), closing) {
                (None, None) => return Ok(fields),
                (None, Some(_)) => return Err(Stop::Syntax),
                (found, closing) if found == closing => {
                    self.at += 1;
                    return Ok(fields);
                }
                _ => self.field(&mut fields)?,
            }
        }
    }

    /// Adds a field; one for each message of a list.
    fn field(&mut self, fields: &mut Vec<Field<'a>>) -> Result<(), Stop> {
        let start = self.at;
        let name = self.name()?;
        self.skip_blanks();
        self.take(b':');
        self.skip_blanks();
        let messages = self.value()?;
        self.skip_blanks();
        if !self.take(b';') {
            self.take(b',');
        }
        let span = start..self.at;
        fields.extend(messages.into_iter().map(|fields| Field {
            name: name.clone(),
            span: span.clone(),
            fields,
        }));
        Ok(())
    }

    fn name(&mut self) -> Result<Cow<'a, str>, Stop> {
        if self.peek() != Some(b'[') {
            let name = self.take_while(|b| b.is_ascii_alphanumeric() || b == b'_');
            return match name {
                "" => Err(Stop::Syntax),
                name => Ok(name.into()),
            };
        }
        self.at += 1;
        let inner = self.take_while(|b| b != b']');
        if !self.take(b']') {
            return Err(Stop::Syntax);
        }
        let inner: String = inner.split_whitespace().collect();
        Ok(format!("[{inner}]").into())
    }

    /// The fields of each message of a value; a scalar counts as a message without fields.
    fn value(&mut self) -> Result<Vec<Vec<Field<'a>>>, Stop> {
        if !self.take(b'[') {
            return Ok(vec![self.single()?]);
        }
        let mut all = Vec::new();
        loop {
            self.skip_blanks();
            if self.take(b']') {
                return Ok(all);
            }
            all.push(self.single()?);
            self.skip_blanks();
            self.take(b',');
        }
    }

    fn single(&mut self) -> Result<Vec<Field<'a>>, Stop> {
        match self.peek() {
            Some(b'{') => self.message(b'}'),
            Some(b'<') => self.message(b'>'),
            Some(b'"' | b'\'') => self.strings().map(|()| Vec::new()),
            _ => match self.take_while(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)) {
                "" => Err(Stop::Syntax),
                _ => Ok(Vec::new()),
            },
        }
    }

    fn message(&mut self, closing: u8) -> Result<Vec<Field<'a>>, Stop> {
        if self.depth == MAX_DEPTH {
            return Err(Stop::Depth(self.at));
        }
        self.at += 1;
        self.depth += 1;
        let fields = self.fields(Some(closing))?;
        self.depth -= 1;
        Ok(fields)
    }

    /// Strings that follow each other are one.
    fn strings(&mut self) -> Result<(), Stop> {
        while let Some(quote @ (b'"' | b'\'')) = self.peek() {
            self.at += 1;
            loop {
                self.take_while(|b| b != quote && b != b'\\');
                if self.take(quote) {
                    break;
                }
                // A backslash and what it escapes, or the end of the text.
                if self.at + 2 > self.text.len() {
                    return Err(Stop::Syntax);
                }
                self.at += 2;
            }
            self.skip_blanks();
        }
        Ok(())
    }
}

/// The lines of a text.
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    /// The line, from 1, that byte `at` lies in.
    pub(super) fn line(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }

    /// The column, from 1, counted in bytes.
    pub(super) fn column(&self, at: usize) -> usize {
        let before = self.0.partition_point(|end| *end < at).checked_sub(1);
        before.map_or(at + 1, |line| at - self.0[line])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: &[Field<'_>]) -> Vec<String> {
        let name = |f: &Field<'_>| format!("{}({})", f.name, names(&f.fields).join(" "));
        fields.iter().map(name).collect()
    }

    #[test]
    fn every_form_is_found() {
        let text = "a: 'x}' \"y\" # {\n b { c: -1.5; d < e: [1, 2] >, } n: [{ c: 1 }, {}] \
                    o { [type.googleapis.com / m.X]: { s: 'it\\'s' } }";
        assert_eq!(
            names(&fields(text).unwrap()),
            [
                "a()",
                "b(c() d(e() e()))",
                "n(c())",
                "n()",
                "o([type.googleapis.com/m.X](s()))"
            ]
        );
    }

    #[test]
    fn what_is_no_text_is_left_to_the_parser() {
        for text in [
            "a", "a {", "}", "a: '", "a: '\\", "[", "a: [1", "ä: 1", "a: ä",
        ] {
            assert_eq!(fields(text).err(), Some(Stop::Syntax), "{text}");
        }
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |depth| "a {".repeat(depth) + &"}".repeat(depth);
        assert!(fields(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(
            fields(&nested(1_000_000)).err(),
            Some(Stop::Depth(3 * MAX_DEPTH + 2))
        );
    }

    #[test]
    fn lines_and_columns_start_at_one() {
        let lines = Lines::of("ab\ncd\n");
        assert_eq!([0, 1, 3, 4].map(|at| lines.line(at)), [1, 1, 2, 2]);
        assert_eq!([0, 1, 3, 4].map(|at| lines.column(at)), [1, 2, 1, 2]);
    }
}
