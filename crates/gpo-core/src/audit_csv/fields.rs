//! A row of comma-separated values, with the places of its fields ([RFC 4180]).
//!
//! [RFC 4180]: https://www.rfc-editor.org/rfc/rfc4180

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::COLUMNS;

/// A field of a row.
#[derive(Debug)]
pub(super) struct Field<'a> {
    /// Where it stands in the line, with its quotes.
    pub(super) place: Range<usize>,
    /// What it says.
    pub(super) text: Cow<'a, str>,
}

/// The fields of a line; `None` where they are not seven.
pub(super) fn split(line: &str) -> Option<[Field<'_>; COLUMNS]> {
    let mut fields = Vec::with_capacity(COLUMNS);
    let mut start = 0;
    while fields.len() < COLUMNS {
        let rest = line.get(start..)?;
        let length = length(rest);
        let raw = rest.get(..length)?;
        let place = start..start + length;
        let text = unquoted(raw);
        fields.push(Field { place, text });
        start += length + 1;
        if start > line.len() {
            break;
        }
    }
    if start <= line.len() {
        return None;
    }
    fields.try_into().ok()
}

/// The bytes of the first field of `text`.
fn length(text: &str) -> usize {
    if let Some(inner) = text.strip_prefix('"') {
        // A quote within the field is doubled, so the pieces between quotes are empty there.
        let mut end = 1;
        let mut pieces = inner.split('"').peekable();
        while let Some(piece) = pieces.next() {
            end += piece.len() + 1;
            match pieces.peek() {
                Some(&"") if text.get(end..).is_some_and(|rest| rest.starts_with('"')) => {
                    pieces.next();
                    end += 1;
                }
                Some(next) if next.is_empty() || next.starts_with(',') => return end,
                // Not quoted after all.
                _ => break,
            }
        }
    }
    text.find(',').unwrap_or(text.len())
}

fn unquoted(raw: &str) -> Cow<'_, str> {
    let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match inner {
        Some(inner) if inner.contains('"') => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(raw),
    }
}

/// The field as it is written.
pub(super) fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

/// A row as it is written.
pub(super) fn row_of(columns: [&str; COLUMNS]) -> String {
    columns.map(quoted).join(",")
}
