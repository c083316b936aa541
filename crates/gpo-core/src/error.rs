//! The one error of this crate: what is wrong, and where.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::size_limits::MOST_PROBLEMS;

/// A result of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What is wrong with an input, in which file, and at which place.
///
/// The kind tells a program what happened; the message tells a person what stood there and what
/// was expected.
///
/// ```
/// use gpo_core::{ErrorKind, Guid};
///
/// let error = "31B2F340".parse::<Guid>().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Value);
/// assert_eq!(error.in_file("bkupInfo.xml").to_string(),
///     "bkupInfo.xml: \"31B2F340\" is not a GUID in braces like {31B2F340-016D-11D2-945F-00C04FB984F9}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    // Boxed, so that a `Result` of a small value stays small.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    file: Option<String>,
    position: Option<Position>,
}

/// What kind of thing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are no text in the encoding that they claim or that the format has.
    Encoding,
    /// The text is no well-formed XML, or uses XML that a backup never needs (a DTD).
    Xml,
    /// The structure is not the one of the format.
    Syntax,
    /// A single value is not of its type.
    Value,
    /// The input ends too early.
    Truncated,
    /// A limit on size, depth or count was passed.
    Limit,
    /// A path that must not be used.
    Path,
    /// Something that has to be there is missing.
    Missing,
    /// A value cannot be written in the format.
    Unwritable,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// Byte offset from the start of the file, from 0.
    pub offset: u64,
    /// Line and column, both from 1, the column counted in characters; for text only.
    pub line_column: Option<(u32, u32)>,
}

impl Error {
    /// An error without a place.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self {
            inner: Box::new(Inner {
                kind,
                message,
                file: None,
                position: None,
            }),
        }
    }

    /// The error at a byte offset, unless it already knows its place.
    #[must_use]
    pub fn at_offset(mut self, offset: usize) -> Self {
        self.inner.position.get_or_insert(Position {
            offset: offset as u64,
            line_column: None,
        });
        self
    }

    /// The error at a position, unless it already knows its place.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.inner.position.get_or_insert(position);
        self
    }

    /// The error in a file, unless it already knows its file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        if self.inner.file.is_none() {
            self.inner.file = Some(file.into());
        }
        self
    }

    /// Puts another offset in the place of its own.
    #[cfg(feature = "xml")]
    pub(crate) fn move_offset(&mut self, moved: impl FnOnce(usize) -> usize) {
        if let Some(position) = &mut self.inner.position {
            let offset = usize::try_from(position.offset).unwrap_or(usize::MAX);
            position.offset = moved(offset) as u64;
        }
    }

    /// Errors at single values of a file, in file order; of more than [`MOST_PROBLEMS`] the first
    /// that were found, and that there are more.
    pub(crate) fn of_file(errors: impl Iterator<Item = Self>) -> Vec<Self> {
        let mut first: Vec<Self> = errors.take(MOST_PROBLEMS + 1).collect();
        let has_more = first.len() > MOST_PROBLEMS;
        first.truncate(MOST_PROBLEMS);
        first.sort_by_key(|error| error.inner.position.map(|position| position.offset));
        if has_more {
            let message =
                format!("more than {MOST_PROBLEMS} values are wrong, the others are not listed");
            first.push(Self::new(ErrorKind::Limit, message));
        }
        first
    }

    /// What kind of thing is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// What stood there and what was expected.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// The file, where it is known.
    pub fn file(&self) -> Option<&str> {
        self.inner.file.as_deref()
    }

    /// The place in the file, where it is known.
    pub fn position(&self) -> Option<Position> {
        self.inner.position
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.inner.file {
            write!(f, "{}: ", Quoted::bare(file))?;
        }
        if let Some(position) = self.inner.position {
            write!(f, "{position}: ")?;
        }
        f.write_str(&self.inner.message)
    }
}

impl core::error::Error for Error {}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line_column {
            Some((line, column)) => {
                write!(f, "line {line}, column {column} (byte {})", self.offset)
            }
            None => write!(f, "byte {}", self.offset),
        }
    }
}

impl Position {
    /// The position of byte `offset` of `text`, which starts at byte `text_start` of the file.
    pub fn in_text(text: &str, offset: usize, text_start: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            offset: (before.len() + text_start) as u64,
            line_column: Some((clamp(line), clamp(column))),
        }
    }
}

/// A hostile value made fit for a message: control characters escaped, cut at 120 characters.
///
/// Terminals obey escape sequences; a display name or a path must not be able to send one.
pub struct Quoted<'a> {
    text: &'a str,
    quotes: bool,
}

impl<'a> Quoted<'a> {
    /// The value in double quotes.
    pub fn new(text: &'a str) -> Self {
        Self { text, quotes: true }
    }

    /// The value without quotes, in full length.
    pub fn bare(text: &'a str) -> Self {
        Self {
            text,
            quotes: false,
        }
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = if self.quotes { 120 } else { usize::MAX };
        if self.quotes {
            f.write_str("\"")?;
        }
        for (n, c) in self.text.chars().enumerate() {
            if n == limit {
                f.write_str("…")?;
                break;
            }
            if is_unprintable(c) {
                write!(f, "\\u{{{:x}}}", u32::from(c))?;
            } else {
                fmt::Write::write_char(f, c)?;
            }
        }
        if self.quotes {
            f.write_str("\"")?;
        }
        Ok(())
    }
}

/// Control characters, and the characters that turn the direction of writing: either can make a
/// terminal show something else than what is there. [`Quoted`] escapes them.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_message_names_file_and_place() {
        let text = "a\nbc\u{e9}d";
        let error = Error::new(ErrorKind::Syntax, "x").at(Position::in_text(text, 6, 3));
        assert_eq!(
            error.in_file("f").to_string(),
            "f: line 2, column 4 (byte 9): x"
        );
    }

    #[test]
    fn the_innermost_place_wins() {
        let error = Error::new(ErrorKind::Syntax, "x")
            .at_offset(5)
            .at_offset(9)
            .in_file("a")
            .in_file("b");
        assert_eq!(error.to_string(), "a: byte 5: x");
    }

    #[test]
    fn escapes_cannot_reach_a_terminal() {
        assert_eq!(
            Quoted::new("a\x1b[31m\u{202e}").to_string(),
            "\"a\\u{1b}[31m\\u{202e}\""
        );
    }
}
