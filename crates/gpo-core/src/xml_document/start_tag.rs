//! The start tag of an element, as it stands.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::ops::Range;

#[cfg(feature = "xml")]
use crate::xml_attribute::name_end;
use crate::xml_attribute::{AttributePlace, attribute_start};

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

impl StartTag {
    pub(super) fn new(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            name: name.len(),
        }
    }

    /// A tag without its brackets, whose attributes the reader has checked.
    #[cfg(feature = "xml")]
    pub(super) fn checked(tag: &str) -> Self {
        Self {
            text: tag.to_owned(),
            name: name_end(tag),
        }
    }

    /// A tag without its brackets; none where an attribute has no name or no value in quotes.
    #[cfg(feature = "xml")]
    pub(super) fn read(tag: &str) -> Option<Self> {
        let start = Self::checked(tag);
        attribute_start(tag, start.end()).is_none().then_some(start)
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
            let end = own.end();
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
        last.map_or(self.name, |last| last.end())
    }

    fn find(&self, name: &str) -> Option<AttributePlace> {
        self.places().find(|own| self.part(&own.name) == name)
    }

    fn places(&self) -> impl Iterator<Item = AttributePlace> {
        let mut at = self.name;
        core::iter::from_fn(move || {
            let start = attribute_start(&self.text, at)?;
            let found = AttributePlace::at(&self.text, start)?;
            at = found.end();
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
