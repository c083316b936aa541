//! A text file as its lines.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, ErrorKind, Position, Quoted, Result};
use crate::size_limits::MOST_PIECES;
use crate::text::{Encoding, LineEnd, Text, lines};

/// A text file: its lines, each with its own end, its encoding and byte order mark.
///
/// Formats made of lines stand on it. Lines are counted from 1. At most [`MOST_PIECES`] lines are read.
///
/// ```
/// use gpo_core::TextDocument;
///
/// let mut text = TextDocument::parse(b"one\r\ntwo\n")?;
/// text.push_line("three")?;
/// assert_eq!(text.to_bytes()?, b"one\r\ntwo\nthree\r\n");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct TextDocument {
    encoding: Encoding,
    bom: bool,
    lines: Vec<DocumentLine>,
    /// Where each line starts in the file, until an edit: a file may have as many errors as lines,
    /// and each of them has a place.
    starts: Vec<usize>,
}

impl PartialEq for TextDocument {
    fn eq(&self, other: &Self) -> bool {
        (self.encoding, self.bom, &self.lines) == (other.encoding, other.bom, &other.lines)
    }
}

impl Eq for TextDocument {}

/// A line of a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLine {
    text: String,
    end: LineEnd,
}

impl DocumentLine {
    /// The line without its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How the line ends.
    pub fn end(&self) -> LineEnd {
        self.end
    }
}

impl TextDocument {
    /// An empty file.
    pub fn new(encoding: Encoding, bom: bool) -> Self {
        Self {
            encoding,
            bom,
            lines: Vec::new(),
            starts: Vec::new(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] where the bytes are no text; [`ErrorKind::Limit`] for more than
    /// [`MOST_PIECES`] lines.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let (this, rest) = Self::from_text(&Text::decode(bytes)?);
        if rest > 0 {
            let message = format!("the file has more than {MOST_PIECES} lines");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        Ok(this)
    }

    /// Reads a file with U+FFFD for what is no text, and lists the byte ranges that were replaced
    /// or, behind [`MOST_PIECES`] lines, left out.
    pub fn parse_lossy(bytes: &[u8]) -> (Self, Vec<Range<usize>>) {
        let (text, mut replaced) = Text::decode_lossy(bytes);
        let (this, rest) = Self::from_text(&text);
        if rest > 0 {
            let from = text.position(text.as_str().len() - rest).offset;
            let from = usize::try_from(from)
                .unwrap_or(bytes.len())
                .min(bytes.len());
            replaced.retain(|range| range.start < from);
            replaced.push(from..bytes.len());
        }
        (this, replaced)
    }

    /// The document, and how many bytes of the text do not fit into it.
    fn from_text(text: &Text<'_>) -> (Self, usize) {
        let mut rest = text.as_str().len();
        let lines = lines(text.as_str()).take(MOST_PIECES).map(|line| {
            rest -= line.text.len() + line.end.as_str().len();
            DocumentLine {
                text: line.text.to_owned(),
                end: line.end,
            }
        });
        let mut this = Self::new(text.encoding(), text.has_bom());
        this.lines = lines.collect();
        let mut start = this.start();
        // All characters of ASCII take as many bytes: no line of them has to be measured.
        let ascii = text.as_str().is_ascii();
        let width = ascii.then(|| this.encoding.encoded_len("a"));
        let starts = this.lines.iter().map(|line| {
            let own = start;
            start += match width {
                Some(width) => width * (line.text.len() + line.end.as_str().len()),
                None => this.length(line),
            };
            own
        });
        this.starts = starts.collect();
        (this, rest)
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] where an edit brought in a character that the encoding of the file
    /// does not have.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encoding.start(self.bom, &mut bytes);
        for (number, line) in (1..).zip(&self.lines) {
            self.encoding
                .append(&line.text, &mut bytes)
                .map_err(|error| error.at(self.position(number, 0)))?;
            self.encoding.append(line.end.as_str(), &mut bytes)?;
        }
        Ok(bytes)
    }

    /// The encoding of the file.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the file starts with a byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The lines.
    pub fn lines(&self) -> &[DocumentLine] {
        &self.lines
    }

    /// The text of a line; nothing where there is none.
    pub fn line(&self, line: usize) -> &str {
        let line = line.checked_sub(1).and_then(|index| self.lines.get(index));
        line.map_or("", |line| &line.text)
    }

    /// Appends a line with the line end of the file.
    ///
    /// # Errors
    ///
    /// As [`insert_line`](Self::insert_line).
    pub fn push_line(&mut self, text: &str) -> Result<()> {
        self.insert_line(self.lines.len(), text)
    }

    /// Puts a line behind line `after`; 0 is the start. It gets the line end of the first line,
    /// CRLF if there is none; a file whose last line has no end stays so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a line break in the line.
    pub fn insert_line(&mut self, after: usize, text: &str) -> Result<()> {
        check_one_line(text)?;
        self.starts.clear();
        let mut ends = self.lines.iter().map(|line| line.end);
        let mut end = ends
            .find(|&end| end != LineEnd::Missing)
            .unwrap_or_default();
        let before = after
            .checked_sub(1)
            .and_then(|index| self.lines.get_mut(index));
        if let Some(before) = before
            && before.end == LineEnd::Missing
        {
            core::mem::swap(&mut before.end, &mut end);
        }
        let text = text.to_owned();
        self.lines
            .insert(after.min(self.lines.len()), DocumentLine { text, end });
        Ok(())
    }

    /// Removes a line; nothing happens where there is none.
    pub fn remove_line(&mut self, line: usize) {
        if (1..=self.lines.len()).contains(&line) {
            self.starts.clear();
            self.lines.remove(line - 1);
        }
    }

    /// Takes lines away, by their numbers from 1.
    pub(crate) fn remove_lines(&mut self, lines: &BTreeSet<usize>) {
        self.starts.clear();
        let mut number = 0;
        self.lines.retain(|_| {
            number += 1;
            !lines.contains(&number)
        });
    }

    /// Puts other text in the place of some bytes of a line; nothing happens where there are none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a line break in the text.
    pub fn replace(&mut self, line: usize, place: Range<usize>, new: &str) -> Result<()> {
        check_one_line(new)?;
        let line = line
            .checked_sub(1)
            .and_then(|index| self.lines.get_mut(index));
        if let Some(DocumentLine { text, .. }) = line
            && text.get(place.clone()).is_some()
        {
            self.starts.clear();
            text.replace_range(place, new);
        }
        Ok(())
    }

    /// The place in the file of byte `column`, from 0, of a line.
    ///
    /// Lines that were added or changed since the file was read move the places behind them.
    pub fn position(&self, line: usize, column: usize) -> Position {
        let index = line.saturating_sub(1);
        let (before, rest) = self
            .lines
            .split_at_checked(index)
            .unwrap_or((&self.lines, &[]));
        let start = self.starts.get(index).copied();
        let start = start.unwrap_or_else(|| {
            let before = before.iter().map(|line| self.length(line));
            self.start() + before.sum::<usize>()
        });
        let head = rest
            .first()
            .map_or("", |line| line.text.get(..column).unwrap_or(&line.text));
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            offset: (start + self.encoding.encoded_len(head)) as u64,
            line_column: Some((clamp(index + 1), clamp(head.chars().count() + 1))),
        }
    }

    /// Where the first line starts.
    fn start(&self) -> usize {
        if self.bom {
            self.encoding.bom().len()
        } else {
            0
        }
    }

    /// The bytes of a line in the file.
    fn length(&self, line: &DocumentLine) -> usize {
        self.encoding.encoded_len(&line.text) + self.encoding.encoded_len(line.end.as_str())
    }

    /// Where in a line a piece of that line's text stands. Its address tells, also where the same
    /// text comes twice.
    pub(crate) fn place_of(&self, line: usize, part: &str) -> Option<Range<usize>> {
        let text = self.line(line);
        let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
        let end = start.checked_add(part.len())?;
        (text.get(start..end)? == part).then_some(start..end)
    }

    /// An error at a part of a line: `part` has to be a piece of that line's text.
    pub(crate) fn error_at(&self, line: usize, part: &str, message: String) -> Error {
        let column = self.place_of(line, part).map_or(0, |part| part.start);
        Error::new(ErrorKind::Value, message).at(self.position(line, column))
    }
}

fn check_one_line(text: &str) -> Result<()> {
    if text.contains(['\r', '\n']) {
        let message = format!("{} has a line break, a line cannot", Quoted::new(text));
        return Err(Error::new(ErrorKind::Unwritable, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use proptest::prelude::*;

    #[test]
    fn a_new_line_gets_the_line_end_of_the_file() {
        for (before, after, expected) in [
            ("", 0, "x\r\n"),
            ("a\n", 1, "a\nx\n"),
            ("a\r\nb\n", 2, "a\r\nb\nx\r\n"),
            ("a\nb", 2, "a\nb\nx"),
            ("a\nb", 1, "a\nx\nb"),
            ("a", 1, "a\r\nx"),
            ("a\n", 0, "x\na\n"),
            ("a\n", 9, "a\nx\n"),
        ] {
            let mut text = TextDocument::parse(before.as_bytes()).unwrap();
            text.insert_line(after, "x").unwrap();
            assert_eq!(
                text.to_bytes().unwrap(),
                expected.as_bytes(),
                "{before:?} {after}"
            );
        }
    }

    #[test]
    fn a_character_that_an_8_bit_file_lacks_is_an_error_at_its_line() {
        let mut text = TextDocument::parse(b"a\n\xe9\n").unwrap();
        text.replace(2, 0..2, "\u{416}").unwrap();
        let error = text.to_bytes().unwrap_err().to_string();
        assert!(error.starts_with("line 2, column 1 (byte 2): "), "{error}");
    }

    proptest! {
        #[test]
        fn bytes_survive(bytes in prop::collection::vec(prop::sample::select(alloc::vec![0, b'\r', b'\n', b'a', 0xe9, 0xff, 0xfe]), 0..24)) {
            if let Ok(text) = TextDocument::parse(&bytes) {
                prop_assert_eq!(text.to_bytes().unwrap(), bytes.clone());
                let end = text.position(text.lines().len() + 1, 0);
                prop_assert_eq!(end.offset, bytes.len() as u64);
                // An edit that comes to nothing, after which places are counted anew.
                let mut edited = text.clone();
                edited.replace(1, 0..0, "").unwrap();
                prop_assert_eq!(&edited, &text);
                for line in 1..=text.lines().len() {
                    prop_assert_eq!(edited.position(line, 0), text.position(line, 0));
                }
            }
            let (text, replaced) = TextDocument::parse_lossy(&bytes);
            prop_assert_eq!(replaced.is_empty(), text.to_bytes().unwrap() == bytes);
        }
    }
}
