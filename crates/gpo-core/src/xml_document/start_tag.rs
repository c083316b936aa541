//! The start tag of an element, as it stands.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::ops::Range;

#[cfg(feature = "xml")]
use memchr::{memchr, memchr2};

/// What stands between `<` and `>` or `/>`.
///
/// Where the attributes are is looked up in it: most are never asked for, and a list of their places
/// would take as much memory and time as the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartTag {
    text: String,
    /// The length of the element's name, with which the text starts.
    name: usize,
}

/// The places of an attribute's name and of its value between the quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attribute {
    name: Range<usize>,
    value: Range<usize>,
}

impl StartTag {
    pub(super) fn new(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            name: name.len(),
        }
    }

    /// Reads a tag without its brackets, and tells whether nothing in the attributes is left to be
    /// checked: no name comes twice, and no value has markup in it. `None` where an attribute has no
    /// value in quotes.
    #[cfg(feature = "xml")]
    pub(super) fn read(tag: &str) -> Option<(Self, bool)> {
        /// More are looked at with another method than each with each.
        const FEW: usize = 32;
        let bytes = tag.as_bytes();
        let name = find(bytes, 0, is_space).unwrap_or(bytes.len());
        let mut is_plain = memchr2(b'<', b'&', bytes).is_none();
        let mut names: [&[u8]; FEW] = [&[]; FEW];
        let (mut count, mut at) = (0, name);
        while let Some(start) = find(bytes, at, |b| !is_space(b)) {
            let found = attribute(bytes, start)?;
            at = found.value.end + 1;
            let own = bytes.get(found.name)?;
            let before = names.get(..count).unwrap_or(&[]);
            is_plain &= !before.contains(&own);
            match names.get_mut(count) {
                Some(place) => *place = own,
                None => is_plain = false,
            }
            count += 1;
        }
        let text = tag.to_owned();
        Some((Self { text, name }, is_plain))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the element.
    pub(super) fn name(&self) -> &str {
        self.part(&(0..self.name))
    }

    /// Names and values as they stand.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let places = self.places();
        places.map(|place| (self.part(&place.name), self.part(&place.value)))
    }

    /// The quotes of an attribute.
    pub(super) fn quote(&self, name: &str) -> char {
        let own = self.find(name).map(|own| own.value.start);
        let before = own.and_then(|start| self.text.get(..start));
        before
            .and_then(|before| before.chars().next_back())
            .unwrap_or('"')
    }

    /// Puts another value between the quotes of an attribute, made for the quote that it has.
    pub(super) fn set(&mut self, name: &str, value: impl FnOnce(char) -> String) {
        let Some(place) = self.find(name).map(|own| own.value) else {
            return;
        };
        let quote = self.quote(name);
        self.replace(place, &value(quote));
    }

    /// Adds an attribute behind the others.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        let end = self.end();
        self.replace(end..end, &format!(" {name}=\"{value}\""));
    }

    /// Takes an attribute away, with the space before it.
    pub(super) fn remove(&mut self, name: &str) {
        let mut start = self.name;
        let mut place = None;
        for own in self.places() {
            let end = own.value.end + 1;
            if self.part(&own.name) == name {
                place = Some(start..end);
                break;
            }
            start = end;
        }
        if let Some(place) = place {
            self.replace(place, "");
        }
    }

    /// Sets what stands behind the last attribute.
    pub(super) fn set_space(&mut self, space: &str) {
        self.replace(self.end()..self.text.len(), space);
    }

    /// The end of the last attribute, else of the name.
    fn end(&self) -> usize {
        let last = self.places().last();
        last.map_or(self.name, |last| last.value.end + 1)
    }

    fn find(&self, name: &str) -> Option<Attribute> {
        self.places().find(|own| self.part(&own.name) == name)
    }

    fn places(&self) -> impl Iterator<Item = Attribute> {
        let mut at = self.name;
        core::iter::from_fn(move || {
            let bytes = self.text.as_bytes();
            let start = find(bytes, at, |b| !is_space(b))?;
            let found = attribute(bytes, start)?;
            at = found.value.end + 1;
            Some(found)
        })
    }

    fn part(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    fn replace(&mut self, place: Range<usize>, new: &str) {
        if self.text.get(place.clone()).is_some() {
            self.text.replace_range(place, new);
        }
    }
}

/// The attribute that starts here; none where its value is not in quotes.
// Bytes, since all that is looked for is ASCII; of short stretches, one by one.
fn attribute(bytes: &[u8], start: usize) -> Option<Attribute> {
    let name_end = find(bytes, start, |b| b == b'=' || is_space(b))?;
    let equals = find(bytes, name_end, |b| !is_space(b))?;
    let quote_at = find(bytes, equals + 1, |b| !is_space(b))?;
    let quote = *bytes.get(quote_at)?;
    if bytes.get(equals) != Some(&b'=') || !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let end = find_quote(bytes, quote_at + 1, quote)?;
    Some(Attribute {
        name: start..name_end,
        value: quote_at + 1..end,
    })
}

#[cfg(feature = "xml")]
fn find_quote(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    let found = memchr(quote, bytes.get(from..)?);
    found.map(|length| from + length)
}

/// Without the library, byte by byte.
#[cfg(not(feature = "xml"))]
fn find_quote(bytes: &[u8], from: usize, quote: u8) -> Option<usize> {
    find(bytes, from, |b| b == quote)
}

/// The first byte from `from` on that `is_it` takes.
fn find(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let found = bytes.get(from..)?.iter().position(|&b| is_it(b));
    found.map(|length| from + length)
}

fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}
