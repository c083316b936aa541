//! The start tag of an element, as it stands.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

#[cfg(feature = "xml")]
use memchr::{memchr, memchr_iter, memchr2};

/// What stands between `<` and `>` or `/>`, and where the attributes are in it.
///
/// One text instead of one for each part: most elements of preferences have a dozen attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StartTag {
    text: String,
    /// The length of the element's name, with which the text starts.
    name: usize,
    attributes: Vec<Attribute>,
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
            attributes: Vec::new(),
        }
    }

    /// Reads a tag without its brackets; `None` where an attribute has no value in quotes.
    #[cfg(feature = "xml")]
    pub(super) fn read(tag: &str) -> Option<Self> {
        // Bytes, since all that is looked for is ASCII; of short stretches, one by one.
        let bytes = tag.as_bytes();
        let name = find(bytes, 0, is_space).unwrap_or(bytes.len());
        let mut attributes = Vec::with_capacity(memchr_iter(b'=', bytes).count());
        let mut at = name;
        while let Some(start) = find(bytes, at, |b| !is_space(b)) {
            let name_end = find(bytes, start, |b| b == b'=' || is_space(b))?;
            let equals = find(bytes, name_end, |b| !is_space(b))?;
            let quote_at = find(bytes, equals + 1, |b| !is_space(b))?;
            let quote = *bytes.get(quote_at)?;
            if bytes.get(equals) != Some(&b'=') || !matches!(quote, b'"' | b'\'') {
                return None;
            }
            let value = bytes.get(quote_at + 1..)?;
            let end = quote_at + 1 + memchr(quote, value)?;
            attributes.push(Attribute {
                name: start..name_end,
                value: quote_at + 1..end,
            });
            at = end + 1;
        }
        Some(Self {
            text: tag.to_owned(),
            name,
            attributes,
        })
    }

    /// Whether nothing in the attributes is left to be checked: no name comes twice, and no value has
    /// markup in it.
    #[cfg(feature = "xml")]
    pub(super) fn is_plain(&self) -> bool {
        /// More are looked at with another method than each with each.
        const FEW: usize = 32;
        let bytes = self.text.as_bytes();
        if self.attributes.len() > FEW || memchr2(b'<', b'&', bytes).is_some() {
            return false;
        }
        let mut rest = self.attributes.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let name = bytes.get(first.name.clone());
            let same = |other: &Attribute| {
                other.name.len() == first.name.len() && bytes.get(other.name.clone()) == name
            };
            if others.iter().any(same) {
                return false;
            }
            rest = others;
        }
        true
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
        let attributes = self.attributes.iter();
        attributes.map(|attribute| (self.part(&attribute.name), self.part(&attribute.value)))
    }

    /// The quotes of an attribute.
    pub(super) fn quote(&self, name: &str) -> char {
        let own = self.find(name).map(|(_, own)| own.value.start);
        let before = own.and_then(|start| self.text.get(..start));
        before
            .and_then(|before| before.chars().next_back())
            .unwrap_or('"')
    }

    /// Puts another value between the quotes of an attribute, made for the quote that it has.
    pub(super) fn set(&mut self, name: &str, value: impl FnOnce(char) -> String) {
        let Some(place) = self.find(name).map(|(_, own)| own.value.clone()) else {
            return;
        };
        let quote = self.quote(name);
        self.replace(place, &value(quote));
    }

    /// Adds an attribute behind the others.
    pub(super) fn push(&mut self, name: &str, value: &str) {
        let end = self
            .attributes
            .last()
            .map_or(self.name, |last| last.value.end + 1);
        self.replace(end..end, &format!(" {name}=\"{value}\""));
        let name = end + 1..end + 1 + name.len();
        let value = name.end + 2..name.end + 2 + value.len();
        self.attributes.push(Attribute { name, value });
    }

    /// Takes an attribute away, with the space before it.
    pub(super) fn remove(&mut self, name: &str) {
        let Some((index, own)) = self.find(name) else {
            return;
        };
        let end = own.value.end + 1;
        let before = index
            .checked_sub(1)
            .and_then(|before| self.attributes.get(before));
        let start = before.map_or(self.name, |before| before.value.end + 1);
        self.attributes.remove(index);
        self.replace(start..end, "");
    }

    /// Sets what stands behind the last attribute.
    pub(super) fn set_space(&mut self, space: &str) {
        let end = self
            .attributes
            .last()
            .map_or(self.name, |last| last.value.end + 1);
        self.replace(end..self.text.len(), space);
    }

    fn find(&self, name: &str) -> Option<(usize, &Attribute)> {
        let mut attributes = self.attributes.iter().enumerate();
        attributes.find(|(_, own)| self.part(&own.name) == name)
    }

    fn part(&self, place: &Range<usize>) -> &str {
        self.text.get(place.clone()).unwrap_or_default()
    }

    /// Puts other text in a place, and moves the places that end behind it.
    fn replace(&mut self, place: Range<usize>, new: &str) {
        if self.text.get(place.clone()).is_none() {
            return;
        }
        let moved = |at: &mut usize| {
            if *at >= place.end {
                *at = *at - place.len() + new.len();
            }
        };
        for attribute in &mut self.attributes {
            // The value that is replaced starts where it did.
            let is_own = attribute.value == place;
            moved(&mut attribute.name.start);
            moved(&mut attribute.name.end);
            if !is_own {
                moved(&mut attribute.value.start);
            }
            moved(&mut attribute.value.end);
        }
        self.text.replace_range(place, new);
    }
}

/// The first byte from `from` on that `is_it` takes.
#[cfg(feature = "xml")]
fn find(bytes: &[u8], from: usize, is_it: impl Fn(u8) -> bool) -> Option<usize> {
    let found = bytes.get(from..)?.iter().position(|&b| is_it(b));
    found.map(|length| from + length)
}

#[cfg(feature = "xml")]
fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | b'\n')
}
