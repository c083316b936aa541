//! Lines and their ends.

use alloc::string::String;

use crate::error::{Error, ErrorKind, Position};

/// How a line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LineEnd {
    /// Carriage return and line feed, as Windows writes.
    #[default]
    CrLf,
    /// A line feed.
    Lf,
    /// A carriage return that no line feed follows.
    Cr,
    /// The text ends here.
    Missing,
}

impl LineEnd {
    /// The characters of the line end.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CrLf => "\r\n",
            Self::Lf => "\n",
            Self::Cr => "\r",
            Self::Missing => "",
        }
    }
}

/// A line of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLine<'a> {
    /// The line without its end.
    pub text: &'a str,
    /// How it ends.
    pub end: LineEnd,
}

/// The lines of a text, each with its own end. An empty text has none, and a line end at the end of
/// the text begins no further line.
pub fn lines(mut text: &str) -> impl Iterator<Item = TextLine<'_>> {
    core::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let length = text
            .bytes()
            .position(|b| matches!(b, b'\r' | b'\n'))
            .unwrap_or(text.len());
        let (line, rest) = text.split_at_checked(length)?;
        let end = match rest.as_bytes() {
            [b'\r', b'\n', ..] => LineEnd::CrLf,
            [b'\n', ..] => LineEnd::Lf,
            [_, ..] => LineEnd::Cr,
            [] => LineEnd::Missing,
        };
        text = rest.get(end.as_str().len()..)?;
        Some(TextLine { text: line, end })
    })
}

/// The lines of a text with their numbers and places.
#[derive(Clone)]
pub(crate) struct NumberedLines<'a> {
    rest: &'a str,
    offset: usize,
    number: usize,
}

/// A line with its number, from 1, and its place.
pub(crate) struct NumberedLine<'a> {
    pub(crate) text: &'a str,
    pub(crate) number: usize,
    /// The first byte, counted from the start of the text.
    pub(crate) offset: usize,
}

impl<'a> NumberedLines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            offset: 0,
            number: 1,
        }
    }

    /// The first byte of the next line.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }
}

impl<'a> Iterator for NumberedLines<'a> {
    type Item = NumberedLine<'a>;

    fn next(&mut self) -> Option<NumberedLine<'a>> {
        let line = lines(self.rest).next()?;
        let length = line.text.len() + line.end.as_str().len();
        let numbered = NumberedLine {
            text: line.text,
            number: self.number,
            offset: self.offset,
        };
        self.rest = self.rest.get(length..)?;
        self.offset += length;
        self.number += 1;
        Some(numbered)
    }
}

impl NumberedLine<'_> {
    /// An error at the start of the line.
    pub(crate) fn error(&self, kind: ErrorKind, message: String) -> Error {
        let line = u32::try_from(self.number).unwrap_or(u32::MAX);
        Error::new(kind, message).at(Position {
            offset: self.offset as u64,
            line_column: Some((line, 1)),
        })
    }
}
