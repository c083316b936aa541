//! A place in SDDL text.

use crate::error::{Error, ErrorKind, Part};

/// Reads text byte by byte; everything that SDDL itself is made of is ASCII.
#[derive(Clone)]
pub(crate) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.offset..).unwrap_or_default()
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    pub(crate) fn advance(&mut self, bytes: usize) {
        self.offset = (self.offset + bytes).min(self.text.len());
    }

    /// Goes over `byte` if it stands here.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        self.offset += usize::from(here);
        here
    }

    /// Goes over `word` if it stands here, in any case.
    pub(crate) fn take_word(&mut self, word: &str) -> bool {
        let here = self
            .rest()
            .get(..word.len())
            .is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()));
        if here {
            self.offset += word.len();
        }
        here
    }

    /// Takes what stands in front of the first byte for which `end` holds, or all.
    pub(crate) fn take_until(&mut self, end: impl FnMut(&u8) -> bool) -> &'t [u8] {
        let rest = self.rest();
        let taken = rest.split(end).next().unwrap_or_default();
        self.offset += taken.len();
        taken
    }

    /// Goes over white space ([MS-DTYP] 2.5.1.1: tab to carriage return, space).
    pub(crate) fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t'..=b'\r')) {
            self.offset += 1;
        }
    }

    /// An error here.
    pub(crate) fn error(&self, kind: ErrorKind, part: Part) -> Error {
        self.error_at(self.offset, kind, part)
    }

    pub(crate) fn error_at(&self, offset: usize, kind: ErrorKind, part: Part) -> Error {
        Error::in_text(kind, part, self.text, offset)
    }

    /// Goes over `byte`, or says that `what` was expected.
    pub(crate) fn expect(&mut self, byte: u8, what: &'static str, part: Part) -> Result<(), Error> {
        if self.take(byte) {
            Ok(())
        } else {
            Err(self.error(ErrorKind::Expected(what), part))
        }
    }
}
