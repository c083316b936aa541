//! A record of an LDIF file: an object of the directory.

use std::borrow::Cow;

use gpo_core::{Encoding, Error, ErrorKind, LineEnd, Quoted};

use super::block::Place;
use super::line::{Line, is_attribute_name};

/// Attributes of a record that are none of the object.
const OF_THE_RECORD: [&str; 4] = ["version", "dn", "changetype", "control"];

/// With these begin the blocks that ldapsearch writes beside the records: its summary, and
/// references to other domains.
const OF_A_SEARCH: [&str; 7] = [
    "version",
    "search",
    "result",
    "ref",
    "control",
    "matcheddn",
    "text",
];

/// An object, with its attributes in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LdifRecord {
    dn: String,
    lines: Vec<Line>,
    line_end: LineEnd,
}

impl LdifRecord {
    /// A record without attributes.
    pub fn new(dn: &str, line_end: LineEnd) -> Self {
        Self {
            dn: dn.to_owned(),
            lines: vec![Line::new("dn", dn.as_bytes(), line_end)],
            line_end,
        }
    }

    /// Reads a block; `None` where it holds no record.
    pub(super) fn parse(
        text: &str,
        start: Place,
        encoding: Encoding,
    ) -> Result<Option<Self>, Error> {
        let mut record = Self {
            dn: String::new(),
            lines: Vec::new(),
            line_end: super::first_line_end(text),
        };
        if record.line_end == LineEnd::Missing {
            record.line_end = LineEnd::Lf;
        }
        let mut place = start;
        let mut has_dn = false;
        for logical in logical_lines(text) {
            let at = |error: Error| error.at(place.position());
            let line = Line::parse(logical).map_err(at)?;
            if let Some(name) = line.name() {
                let is = |other: &str| name.eq_ignore_ascii_case(other);
                if has_dn {
                    check_attribute(&line).map_err(at)?;
                } else if is("dn") {
                    has_dn = true;
                    record.dn = dn_of(&line).map_err(at)?;
                } else if is("version") {
                    check_version(&line).map_err(at)?;
                } else if OF_A_SEARCH.iter().any(|other| is(other)) {
                    return Ok(None);
                } else {
                    let message =
                        format!("a record begins with \"dn:\", not {}", Quoted::new(name));
                    return Err(at(Error::new(ErrorKind::Syntax, message)));
                }
            } else if logical.starts_with(' ') {
                let message = "a line that continues nothing";
                return Err(at(Error::new(ErrorKind::Syntax, message)));
            }
            record.lines.push(line);
            place.line = place.line.saturating_add(line_count(logical));
            place.offset += encoded_len(logical, encoding);
        }
        Ok(has_dn.then_some(record))
    }

    /// The distinguished name; empty for the root of the directory.
    pub fn dn(&self) -> &str {
        &self.dn
    }

    /// The attributes with their values, in the order of the file. An attribute with several
    /// values comes several times.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, [u8]>)> {
        self.lines.iter().filter_map(|line| {
            let name = line.name()?;
            (!is_of_the_record(name)).then(|| (name, line.value()))
        })
    }

    /// The values of an attribute, whose name has no case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = Cow<'_, [u8]>> {
        self.attributes()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The first value of an attribute.
    pub fn value(&self, name: &str) -> Option<Cow<'_, [u8]>> {
        self.values(name).next()
    }

    /// The first value of an attribute, as text; none where it is no UTF-8.
    pub fn text(&self, name: &str) -> Option<String> {
        String::from_utf8(self.value(name)?.into_owned()).ok()
    }

    /// Whether one of the object classes is this one.
    pub fn has_class(&self, class: &str) -> bool {
        self.values("objectClass")
            .any(|value| value.eq_ignore_ascii_case(class.as_bytes()))
    }

    /// Gives an attribute these values; with none, it is taken out. Values that it has already
    /// change nothing; others change its lines only.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name that no attribute can have, or that the format has for
    /// itself.
    pub fn set<V: AsRef<[u8]>>(&mut self, name: &str, values: &[V]) -> Result<(), Error> {
        if !is_attribute_name(name) || is_of_the_record(name) {
            let message = format!("{} is no name of an attribute", Quoted::new(name));
            return Err(Error::new(ErrorKind::Unwritable, message));
        }
        if self.values(name).eq(values.iter().map(AsRef::as_ref)) {
            return Ok(());
        }
        let is_own = |line: &Line| {
            line.name()
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let spelled = self.lines.iter().find(|line| is_own(line));
        let spelled = spelled.and_then(Line::name).unwrap_or(name).to_owned();
        let place = self.lines.iter().position(is_own);
        // The first place of the attribute, else behind the last attribute.
        let place = place.unwrap_or_else(|| {
            let last = self.lines.iter().rposition(|line| line.name().is_some());
            last.map_or(0, |last| last + 1)
        });
        if let Some(before) = place.checked_sub(1).and_then(|n| self.lines.get_mut(n)) {
            before.end(self.line_end.as_str());
        }
        self.lines.retain(|line| !is_own(line));
        let new = values
            .iter()
            .map(|value| Line::new(&spelled, value.as_ref(), self.line_end));
        self.lines.splice(place..place, new);
        Ok(())
    }

    pub(super) fn write(&self, text: &mut String) {
        for line in &self.lines {
            text.push_str(line.as_str());
        }
    }

    /// Makes the record end with an empty line.
    pub(super) fn close(&mut self, end: &str) {
        let Some(last) = self.lines.last_mut() else {
            return;
        };
        last.end(end);
        let is_blank = last.as_str().trim_end_matches(['\r', '\n']).is_empty();
        if !is_blank {
            self.lines.push(Line::blank(end));
        }
    }
}

fn is_of_the_record(name: &str) -> bool {
    OF_THE_RECORD
        .iter()
        .any(|own| name.eq_ignore_ascii_case(own))
}

/// A line that begins with a blank belongs to the line before it.
fn logical_lines(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let mut length = 0;
        for line in text.split_inclusive('\n') {
            if length > 0 && !line.starts_with(' ') {
                break;
            }
            length += line.len();
        }
        let (line, rest) = text.split_at_checked(length)?;
        text = rest;
        Some(line)
    })
}

fn check_attribute(line: &Line) -> Result<(), Error> {
    let name = line.name().unwrap_or_default();
    if name.eq_ignore_ascii_case("dn") {
        let message = "a second \"dn:\" without an empty line before it";
        return Err(Error::new(ErrorKind::Syntax, message));
    }
    if name.eq_ignore_ascii_case("changetype") && !line.value().eq_ignore_ascii_case(b"add") {
        let value = line.value();
        let message = format!(
            "the record is a change ({}), not an object",
            Quoted::new(&String::from_utf8_lossy(&value))
        );
        return Err(Error::new(ErrorKind::Syntax, message));
    }
    Ok(())
}

fn dn_of(line: &Line) -> Result<String, Error> {
    String::from_utf8(line.value().into_owned())
        .map_err(|_| Error::new(ErrorKind::Encoding, "the distinguished name is no UTF-8"))
}

fn check_version(line: &Line) -> Result<(), Error> {
    let value = line.value();
    if value.trim_ascii() == b"1" {
        return Ok(());
    }
    let value = String::from_utf8_lossy(&value).into_owned();
    let message = format!("LDIF has version 1, not {}", Quoted::new(&value));
    Err(Error::new(ErrorKind::Value, message))
}

fn line_count(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|&b| b == b'\n').count()).unwrap_or(u32::MAX)
}

fn encoded_len(text: &str, encoding: Encoding) -> u64 {
    let units = match encoding {
        Encoding::Utf16Le | Encoding::Utf16Be => 2 * text.encode_utf16().count(),
        Encoding::Utf8 | Encoding::Windows1252 => text.len(),
    };
    units as u64
}
