//! The blocks of an LDIF file: records and comments, with the empty lines behind them.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use gpo_core::{Encoding, Error, ErrorKind, Position, Text};

use super::record::LdifRecord;

/// The largest block, in bytes. The largest value of an attribute in AD is 10 MB by default.
const LARGEST: usize = 64 * 1024 * 1024;

/// Splits a file into blocks, holding one at a time.
pub(crate) struct BlockReader<R> {
    inner: R,
    encoding: Encoding,
    bom: bool,
    /// Where the next block starts.
    place: Place,
    /// The first line of the next block, which was read to see that this one is over.
    ahead: Vec<u8>,
}

/// A place in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// In bytes.
    pub(crate) offset: u64,
    /// From 1.
    pub(crate) line: u32,
}

/// A block as it lies in the file.
pub(crate) struct Block {
    pub(crate) place: Place,
    bytes: Vec<u8>,
    encoding: Encoding,
}

impl<R: BufRead> BlockReader<R> {
    /// Looks at the first bytes for the encoding.
    pub(crate) fn new(mut inner: R) -> io::Result<Self> {
        let start = inner.fill_buf()?;
        // A byte order mark, or a zero byte beside the first character.
        let encoding = match *start {
            [0xff, 0xfe, ..] | [1..=255, 0, ..] => Encoding::Utf16Le,
            [0xfe, 0xff, ..] | [0, 1..=255, ..] => Encoding::Utf16Be,
            _ => Encoding::Utf8,
        };
        let bom = start.starts_with(encoding.bom());
        let offset = if bom { encoding.bom().len() } else { 0 };
        inner.consume(offset);
        Ok(Self {
            inner,
            encoding,
            bom,
            place: Place {
                offset: offset as u64,
                line: 1,
            },
            ahead: Vec::new(),
        })
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    pub(crate) fn has_bom(&self) -> bool {
        self.bom
    }

    /// The next block.
    pub(crate) fn next_block(&mut self) -> io::Result<Option<Block>> {
        let place = self.place;
        let mut bytes = std::mem::take(&mut self.ahead);
        let mut lines = u32::from(!bytes.is_empty());
        let mut blank = self.is_blank(&bytes);
        loop {
            let start = bytes.len();
            self.read_line(&mut bytes)?;
            let line = bytes.get(start..).unwrap_or_default();
            if line.is_empty() {
                break;
            }
            let line_is_blank = self.is_blank(line);
            if blank && !line_is_blank && start > 0 {
                self.ahead = bytes.split_off(start);
                break;
            }
            blank = line_is_blank;
            lines = lines.saturating_add(1);
            if bytes.len() > LARGEST {
                let error = Error::new(
                    ErrorKind::Limit,
                    format!("the record is larger than {LARGEST} bytes"),
                );
                return Err(io::Error::other(error.at(place.position())));
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        self.place.offset += bytes.len() as u64;
        self.place.line = place.line.saturating_add(lines);
        Ok(Some(Block {
            place,
            bytes,
            encoding: self.encoding,
        }))
    }

    /// Appends the next line with its end; nothing at the end of the file.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> io::Result<()> {
        let start = bytes.len();
        loop {
            // One byte over the limit is enough to see that it is passed.
            let room = (LARGEST + 1).saturating_sub(bytes.len()) as u64;
            let read = self.inner.by_ref().take(room).read_until(b'\n', bytes)?;
            if read == 0 || bytes.last() != Some(&b'\n') {
                return Ok(());
            }
            let length = bytes.len() - start;
            match self.encoding {
                // The low byte: the high one follows.
                Encoding::Utf16Le if length % 2 == 1 => {
                    if self.inner.by_ref().take(1).read_to_end(bytes)? == 0
                        || bytes.last() == Some(&0)
                    {
                        return Ok(());
                    }
                }
                Encoding::Utf16Le => {}
                Encoding::Utf16Be => {
                    if length.is_multiple_of(2) && bytes.iter().nth_back(1) == Some(&0) {
                        return Ok(());
                    }
                }
                Encoding::Utf8 | Encoding::Windows1252 => return Ok(()),
            }
        }
    }

    fn is_blank(&self, line: &[u8]) -> bool {
        let wide = matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be);
        line.iter()
            .all(|&b| matches!(b, b'\r' | b'\n') || wide && b == 0)
    }
}

impl Place {
    pub(crate) fn position(self) -> Position {
        Position {
            offset: self.offset,
            line_column: Some((self.line, 1)),
        }
    }
}

impl Block {
    /// Its length in bytes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// A block that was read before, read again.
    pub(crate) fn again(bytes: Vec<u8>, place: Place, encoding: Encoding) -> Self {
        Self {
            place,
            bytes,
            encoding,
        }
    }

    pub(crate) fn text(&self) -> Result<Cow<'_, str>, Error> {
        // No byte order mark is expected here, but one in the middle of a file must stay.
        let decoded = Text::decode_as(&self.bytes, self.encoding);
        let text = decoded.map_err(|error| {
            let within = error.position().map_or(0, |position| position.offset);
            let before = usize::try_from(within).unwrap_or(usize::MAX);
            let before = self.bytes.get(..before).unwrap_or(&self.bytes);
            let lines = before.split(|&b| b == b'\n').count() - 1;
            let place = Place {
                offset: self.place.offset + within,
                line: self
                    .place
                    .line
                    .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
            };
            let message = format!("{}; LDIF is UTF-8 or UTF-16", error.message());
            Error::new(error.kind(), message).at(place.position())
        })?;
        if text.has_bom() {
            return Err(Error::new(
                ErrorKind::Syntax,
                "a byte order mark in the middle of the file: two files put together?",
            )
            .at(self.place.position()));
        }
        Ok(text.into_str())
    }

    /// The record in the text of this block, if there is one.
    pub(crate) fn record(&self, text: &str) -> Result<Option<LdifRecord>, Error> {
        LdifRecord::parse(text, self.place, self.encoding)
    }
}
