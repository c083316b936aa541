//! Where an attribute stands in a start tag.

use core::ops::Range;

use crate::xml_name::is_name;

/// The places of an attribute's name and of its value between the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttributePlace {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// The end of an element's name, with which its tag starts.
#[cfg(feature = "xml")]
pub(crate) fn name_end(tag: &str) -> usize {
    let end = find(tag.as_bytes(), 0, is_space);
    end.unwrap_or(tag.len())
}

/// Where the next attribute starts, from a place between two on.
pub(crate) fn attribute_start(tag: &str, from: usize) -> Option<usize> {
    find(tag.as_bytes(), from, |b| !is_space(b))
}

/// The end of the name that starts here; none where what stands there is no name.
// Bytes, since all that is looked for is ASCII; of short stretches, one by one.
fn attribute_name_end(tag: &str, start: usize) -> Option<usize> {
    let bytes = tag.as_bytes();
    let letters_end = |from| find(bytes, from, |b| !b.is_ascii_alphabetic());
    // Nearly all are letters, with or without a prefix of letters.
    let mut part = start;
    let mut end = letters_end(part)?;
    if end > start && bytes.get(end) == Some(&b':') {
        part = end + 1;
        end = letters_end(part)?;
    }
    if end > part && ends_name(*bytes.get(end)?) {
        return Some(end);
    }
    let end = find(bytes, end, ends_name)?;
    is_name(tag.get(start..end)?).then_some(end)
}

impl AttributePlace {
    /// The attribute that starts here; none where it has no name or no value in quotes.
    pub(crate) fn at(tag: &str, start: usize) -> Option<Self> {
        let name = start..attribute_name_end(tag, start)?;
        Self::behind_name(tag, name)
    }

    /// The attribute whose name stands here.
    pub(crate) fn behind_name(tag: &str, name: Range<usize>) -> Option<Self> {
        let bytes = tag.as_bytes();
        let (quote, value) = if bytes.get(name.end..)?.starts_with(b"=\"") {
            (b'"', name.end + 2)
        } else {
            let equals = find(bytes, name.end, |b| !is_space(b))?;
            let quote_at = find(bytes, equals + 1, |b| !is_space(b))?;
            let quote = *bytes.get(quote_at)?;
            if bytes.get(equals) != Some(&b'=') || !matches!(quote, b'"' | b'\'') {
                return None;
            }
            (quote, quote_at + 1)
        };
        let end = find_byte(bytes, value, quote)?;
        Some(Self {
            name,
            value: value..end,
        })
    }

    /// Behind the closing quote.
    pub(crate) fn end(&self) -> usize {
        self.value.end + 1
    }
}

#[cfg(feature = "xml")]
fn find_byte(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let found = memchr::memchr(wanted, bytes.get(from..)?);
    found.map(|length| from + length)
}

/// Without the library, byte by byte.
#[cfg(not(feature = "xml"))]
fn find_byte(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    find(bytes, from, |b| b == wanted)
}

/// The first byte from `from` on that `is_it` takes.
fn find(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let found = bytes.get(from..)?.iter().position(|&b| is_it(b));
    found.map(|length| from + length)
}

// Letters are decided by the first comparison.
fn ends_name(b: u8) -> bool {
    b <= b'=' && (b == b'=' || is_space(b))
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}
