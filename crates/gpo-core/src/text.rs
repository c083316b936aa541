//! Text as it lies in a file: what it says, its encoding, its byte order mark, its line ends.
//!
//! The files of a GPO come in UTF-16LE (GptTmpl.inf, scripts.ini, registry.pol, GPO.cmt), UTF-8
//! (Backup.xml, preferences) and the 8-bit code page of the machine that wrote them (GPT.INI,
//! audit.csv), with and without a byte order mark, and people have re-encoded many of them since.
//! Decoding is strict, so that what was decoded is encoded to the same bytes; the lossy form says
//! what it replaced. Offsets in errors count bytes of the file, not of the decoded text.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, ErrorKind, Position, Result};

mod line;
mod utf16;
mod windows_1252;

pub use line::{LineEnd, TextLine, lines};
pub(crate) use line::{NumberedLine, NumberedLines};

/// How characters are written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// UTF-8; ASCII is a part of it.
    #[default]
    Utf8,
    /// UTF-16, the low byte first. What Windows calls Unicode.
    Utf16Le,
    /// UTF-16, the high byte first.
    Utf16Be,
    /// The Western European code page of Windows, a superset of printable Latin-1. Stands for any
    /// 8-bit code page, since every byte is a character of it.
    Windows1252,
}

impl Encoding {
    /// The byte order mark of the encoding; empty where it has none.
    pub const fn bom(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Utf16Le => b"\xff\xfe",
            Self::Utf16Be => b"\xfe\xff",
            Self::Windows1252 => b"",
        }
    }

    /// What the first bytes say: a byte order mark, or a zero byte beside the first character.
    ///
    /// `None` where they leave UTF-8 and 8-bit code pages open.
    fn of_start(bytes: &[u8]) -> Option<Self> {
        match *bytes {
            [0xef, 0xbb, 0xbf, ..] => Some(Self::Utf8),
            [0xff, 0xfe, ..] | [1..=255, 0, ..] => Some(Self::Utf16Le),
            [0xfe, 0xff, ..] | [0, 1..=255, ..] => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// How many bytes the character takes.
    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16Le | Self::Utf16Be => 2 * c.len_utf16(),
            Self::Windows1252 => 1,
        }
    }
}

/// A decoded text that knows how it was stored.
///
/// ```
/// use gpo_core::{Encoding, Text};
///
/// let text = Text::decode(b"\xff\xfeV\0=\x001\0")?;
/// assert_eq!(text.as_str(), "V=1");
/// assert_eq!((text.encoding(), text.has_bom()), (Encoding::Utf16Le, true));
/// assert_eq!(text.encode()?, b"\xff\xfeV\0=\x001\0");
///
/// let error = Text::decode(b"\xff\xfeV\0\x00\xd8=\0").unwrap_err();
/// assert_eq!(error.position().unwrap().offset, 4);
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    content: Cow<'a, str>,
    encoding: Encoding,
    bom: bool,
}

impl<'a> Text<'a> {
    /// A text to be stored in this encoding.
    ///
    /// A byte order mark is asked for in vain with [`Encoding::Windows1252`], which has none.
    pub fn new(text: impl Into<Cow<'a, str>>, encoding: Encoding, bom: bool) -> Self {
        Self {
            content: text.into(),
            encoding,
            bom: bom && !encoding.bom().is_empty(),
        }
    }

    /// Decodes a file of text.
    ///
    /// A byte order mark decides, then a zero byte beside the first character (UTF-16); what is
    /// left is UTF-8 if it can be, else Windows-1252.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] at the byte where UTF-16, or UTF-8 after a byte order mark, ends to
    /// be right.
    pub fn decode(bytes: &'a [u8]) -> Result<Self> {
        let encoding = Encoding::of_start(bytes).unwrap_or_else(|| match str::from_utf8(bytes) {
            Ok(_) => Encoding::Utf8,
            Err(_) => Encoding::Windows1252,
        });
        Self::decode_as(bytes, encoding)
    }

    /// Decodes an XML file by its bytes, whatever encoding it declares: reports that say UTF-16 and
    /// are UTF-8 are common (census: 224).
    ///
    /// As [`decode`](Self::decode), but without the last resort: bytes that are not UTF-8 are an
    /// error rather than another name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] at the first byte that is wrong.
    pub fn decode_xml(bytes: &'a [u8]) -> Result<Self> {
        Self::decode_as(bytes, Encoding::of_start(bytes).unwrap_or_default())
    }

    /// Decodes bytes whose encoding the format fixes, with or without a byte order mark.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] at the first byte that is wrong.
    pub fn decode_as(bytes: &'a [u8], encoding: Encoding) -> Result<Self> {
        let (body, bom) = strip_bom(bytes, encoding);
        let start = bytes.len() - body.len();
        let content = encoding.decode(body, start)?;
        Ok(Self {
            content,
            encoding,
            bom,
        })
    }

    /// Decodes what can be decoded: each run of wrong bytes becomes one U+FFFD, and its place in
    /// the file is in the list.
    pub fn decode_lossy(bytes: &'a [u8]) -> (Self, Vec<Range<usize>>) {
        match Self::decode(bytes) {
            Ok(text) => (text, Vec::new()),
            Err(_) => Self::replace_wrong(bytes),
        }
    }

    /// As [`decode_lossy`](Self::decode_lossy), for a file of XML.
    #[cfg(feature = "xml")]
    pub(crate) fn decode_xml_lossy(bytes: &'a [u8]) -> (Self, Vec<Range<usize>>) {
        match Self::decode_xml(bytes) {
            Ok(text) => (text, Vec::new()),
            Err(_) => Self::replace_wrong(bytes),
        }
    }

    fn replace_wrong(bytes: &[u8]) -> (Self, Vec<Range<usize>>) {
        let encoding = Encoding::of_start(bytes).unwrap_or_default();
        let (body, bom) = strip_bom(bytes, encoding);
        let start = bytes.len() - body.len();
        let mut replaced = Vec::new();
        let text = match encoding {
            Encoding::Utf16Le => utf16::decode_lossy::<false>(body, start, &mut replaced),
            Encoding::Utf16Be => utf16::decode_lossy::<true>(body, start, &mut replaced),
            Encoding::Utf8 | Encoding::Windows1252 => utf8_lossy(body, start, &mut replaced),
        };
        let text = Self {
            content: Cow::Owned(text),
            encoding,
            bom,
        };
        (text, replaced)
    }

    /// The text without its byte order mark.
    pub fn as_str(&self) -> &str {
        &self.content
    }

    /// The text without its byte order mark, borrowed if the file was UTF-8.
    pub fn into_str(self) -> Cow<'a, str> {
        self.content
    }

    /// The encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the file starts with a byte order mark.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] where the encoding has no such character, which cannot be in a
    /// text that was decoded.
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.encoding.start(self.bom, &mut bytes);
        self.encoding.append(&self.content, &mut bytes)?;
        Ok(bytes)
    }

    /// The place in the file of byte `offset` of the decoded text.
    pub fn position(&self, offset: usize) -> Position {
        self.position_behind(&self.start(), offset)
    }

    /// The place of the first character.
    pub(crate) fn start(&self) -> TextPlace {
        let bom = if self.bom {
            self.encoding.bom().len()
        } else {
            0
        };
        TextPlace {
            offset: 0,
            position: Position {
                offset: bom as u64,
                line_column: Some((1, 1)),
            },
        }
    }

    /// The place of byte `offset` of the decoded text, counted on from a place before it.
    pub(crate) fn position_behind(&self, place: &TextPlace, offset: usize) -> Position {
        let rest = self.content.get(place.offset..).unwrap_or_default();
        let length = offset.saturating_sub(place.offset);
        let between = rest.get(..length).unwrap_or(rest);
        let width: usize = between.chars().map(|c| self.encoding.width(c)).sum();
        let behind = Position::in_text(between, between.len(), 0);
        let line_column = behind.line_column.zip(place.position.line_column);
        Position {
            offset: place.position.offset + width as u64,
            line_column: line_column.map(|((line, column), (before, column_before))| {
                let is_same_line = line == 1;
                let column_before = if is_same_line { column_before - 1 } else { 0 };
                (
                    before.saturating_add(line - 1),
                    column_before.saturating_add(column),
                )
            }),
        }
    }
}

/// A byte of a decoded text, and where it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextPlace {
    pub(crate) offset: usize,
    pub(crate) position: Position,
}

impl Encoding {
    /// Decodes text without a byte order mark that starts at byte `start` of the file.
    pub(crate) fn decode(self, body: &[u8], start: usize) -> Result<Cow<'_, str>> {
        Ok(match self {
            Self::Utf8 => Cow::Borrowed(str::from_utf8(body).map_err(|error| {
                Error::new(ErrorKind::Encoding, "the bytes from here are no UTF-8")
                    .at_offset(start + error.valid_up_to())
            })?),
            Self::Windows1252 => windows_1252::decode(body),
            Self::Utf16Le => Cow::Owned(utf16::decode_strict::<false>(body, start)?),
            Self::Utf16Be => Cow::Owned(utf16::decode_strict::<true>(body, start)?),
        })
    }

    /// Appends the byte order mark, if wanted.
    pub(crate) fn start(self, bom: bool, bytes: &mut Vec<u8>) {
        if bom {
            bytes.extend_from_slice(self.bom());
        }
    }

    /// Appends text.
    pub(crate) fn append(self, text: &str, bytes: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::Utf8 => bytes.extend_from_slice(text.as_bytes()),
            Self::Utf16Le => utf16::encode::<false>(text, bytes),
            Self::Utf16Be => utf16::encode::<true>(text, bytes),
            Self::Windows1252 => windows_1252::encode(text, bytes).map_err(|c| {
                let message = format!(
                    "the file is in an 8-bit encoding, which has no character U+{:04X}",
                    u32::from(c)
                );
                Error::new(ErrorKind::Unwritable, message)
            })?,
        }
        Ok(())
    }

    /// Appends text in UTF-16LE, which has all characters.
    pub(crate) fn append_utf16_le(text: &str, bytes: &mut Vec<u8>) {
        utf16::encode::<false>(text, bytes);
    }

    /// How many bytes text takes.
    pub(crate) fn encoded_len(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            _ if text.is_ascii() => text.len() * self.width('a'),
            _ => text.chars().map(|c| self.width(c)).sum(),
        }
    }
}

fn strip_bom(bytes: &[u8], encoding: Encoding) -> (&[u8], bool) {
    match bytes.strip_prefix(encoding.bom()) {
        Some(body) => (body, !encoding.bom().is_empty()),
        None => (bytes, false),
    }
}

fn utf8_lossy(bytes: &[u8], mut offset: usize, replaced: &mut Vec<Range<usize>>) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        offset += chunk.valid().len();
        let invalid = chunk.invalid().len();
        if invalid > 0 && push_replaced(replaced, offset..offset + invalid) {
            text.push(char::REPLACEMENT_CHARACTER);
        }
        offset += invalid;
    }
    text
}

/// Notes a wrong place; false where it only makes the last one longer.
fn push_replaced(replaced: &mut Vec<Range<usize>>, place: Range<usize>) -> bool {
    match replaced.last_mut() {
        Some(last) if last.end == place.start => {
            last.end = place.end;
            false
        }
        _ => {
            replaced.push(place);
            true
        }
    }
}

#[cfg(test)]
mod tests;
