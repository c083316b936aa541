//! One logical line of LDIF: an attribute with its value, folded or not, or a comment.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gpo_core::{Error, ErrorKind, LineEnd, Quoted};

/// A logical line with all its line ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    /// The length of the attribute's name; 0 for comments and empty lines.
    name: usize,
}

impl Line {
    /// Reads a logical line: a physical line and the lines behind it that continue it.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let syntax = |message: String| Err(Error::new(ErrorKind::Syntax, message));
        if text.starts_with('#') || text.trim_end_matches(['\r', '\n']).is_empty() {
            return Ok(Self {
                text: text.to_owned(),
                name: 0,
            });
        }
        let unfolded = unfold(text);
        let Some((name, value)) = unfolded.split_once(':') else {
            return syntax(format!(
                "{} is no line of LDIF, \"attribute: value\"",
                Quoted::new(&unfolded)
            ));
        };
        if !is_attribute_name(name) {
            return syntax(format!("{} is no name of an attribute", Quoted::new(name)));
        }
        if !text.starts_with(name) {
            return syntax(format!("the name of the attribute {name} is folded"));
        }
        if value.starts_with('<') {
            return syntax(format!(
                "the value of {name} is given by URL, which is not read"
            ));
        }
        if let Some(encoded) = value.strip_prefix(':') {
            decode(encoded).ok_or_else(|| {
                let value = Quoted::new(encoded);
                let message = format!("the value of {name} is no base64: {value}");
                Error::new(ErrorKind::Value, message)
            })?;
        }
        Ok(Self {
            text: text.to_owned(),
            name: name.len(),
        })
    }

    /// A line that is written new.
    pub(super) fn new(name: &str, value: &[u8], end: LineEnd) -> Self {
        let end = end.as_str();
        let text = match str::from_utf8(value) {
            Ok("") => format!("{name}:{end}"),
            Ok(value) if is_safe(value) => format!("{name}: {value}{end}"),
            _ => format!("{name}:: {}{end}", STANDARD.encode(value)),
        };
        Self {
            text,
            name: name.len(),
        }
    }

    /// An empty line.
    pub(super) fn blank(end: &str) -> Self {
        Self {
            text: end.to_owned(),
            name: 0,
        }
    }

    /// The name of the attribute; none for comments and empty lines.
    pub(super) fn name(&self) -> Option<&str> {
        self.text.get(..self.name).filter(|name| !name.is_empty())
    }

    /// The value, decoded.
    pub(super) fn value(&self) -> Cow<'_, [u8]> {
        let after = self.text.get(self.name + 1..).unwrap_or_default();
        let value = match unfold(after) {
            Cow::Borrowed(value) => value,
            Cow::Owned(value) => return Cow::Owned(decode_value(&value).into_owned()),
        };
        decode_value(value)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Gives the line an end, if it has none: it was the last of the file.
    pub(super) fn end(&mut self, end: &str) {
        if !self.text.ends_with('\n') {
            self.text.push_str(end);
        }
    }
}

/// Whether this can be the name of an attribute, with its options (`member;range=0-*`).
pub(super) fn is_attribute_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-.;_=*".contains(&b);
    !name.is_empty() && name.bytes().all(allowed)
}

/// The value behind the first colon.
fn decode_value(value: &str) -> Cow<'_, [u8]> {
    match value.strip_prefix(':') {
        // It was decoded when it was read.
        Some(encoded) => Cow::Owned(decode(encoded).unwrap_or_default()),
        None => Cow::Borrowed(value.trim_start_matches(' ').as_bytes()),
    }
}

fn decode(encoded: &str) -> Option<Vec<u8>> {
    STANDARD.decode(encoded.trim_matches(' ')).ok()
}

/// A logical line without its line ends, and without the blank that starts each further line.
fn unfold(text: &str) -> Cow<'_, str> {
    let without_end = |line: &str| line.strip_suffix('\r').unwrap_or(line).len();
    let Some((first, rest)) = text.split_once('\n') else {
        return Cow::Borrowed(text.get(..without_end(text)).unwrap_or_default());
    };
    let first = first.get(..without_end(first)).unwrap_or_default();
    if rest.is_empty() {
        return Cow::Borrowed(first);
    }
    let mut unfolded = String::with_capacity(text.len());
    unfolded.push_str(first);
    for line in rest.split_terminator('\n') {
        let line = line.get(..without_end(line)).unwrap_or_default();
        unfolded.push_str(line.strip_prefix(' ').unwrap_or(line));
    }
    Cow::Owned(unfolded)
}

/// Whether a value may stand as it is (RFC 2849, SAFE-STRING; a blank at the end is allowed there,
/// but note 8 wants base64 for it).
fn is_safe(value: &str) -> bool {
    !value.starts_with([' ', ':', '<'])
        && !value.ends_with(' ')
        && value
            .bytes()
            .all(|b| b.is_ascii() && !matches!(b, 0 | b'\r' | b'\n'))
}
