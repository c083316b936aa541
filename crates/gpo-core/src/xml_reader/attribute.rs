//! The attributes of a start tag.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use quick_xml::escape::unescape;
use quick_xml::events::attributes::Attributes as CheckedAttributes;

use super::{Tag, XmlReader, illegal_character};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::xml_attribute::{AttributePlace, attribute_start};
use crate::xml_name::{is_name, split_name};

/// The most attributes of an element: looking for duplicates takes the square of their number.
const MOST_ATTRIBUTES: usize = 256;

/// An attribute.
pub(crate) struct Attribute<'a> {
    /// The name as it stands, with its prefix.
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
}

impl<'a> Attribute<'a> {
    /// The prefix that a namespace declaration is for; empty for the default namespace.
    pub(super) fn declared_prefix(&self) -> Option<&'a str> {
        let rest = self.name.strip_prefix("xmlns")?;
        if rest.is_empty() {
            return Some("");
        }
        rest.strip_prefix(':')
    }

    /// Name and value, to be kept.
    pub(crate) fn into_owned(self) -> (String, String) {
        (self.name.into(), self.value.into_owned())
    }
}

impl<'a> XmlReader<'a> {
    pub(super) fn check_attributes(&self, tag: &Tag<'a>) -> Result<()> {
        self.attributes(tag)
            .try_for_each(|attribute| attribute.map(drop))
    }

    /// The attributes of a tag, namespace declarations left aside.
    pub(crate) fn attributes<'t>(
        &'t self,
        tag: &'t Tag<'a>,
    ) -> impl Iterator<Item = Result<Attribute<'a>>> {
        self.all_attributes(tag).filter(|attribute| {
            !attribute
                .as_ref()
                .is_ok_and(|attribute| attribute.declared_prefix().is_some())
        })
    }

    /// The attributes of an element of a format, with the local name of those that are in its
    /// vocabulary. Namespace declarations are among them, but for those that the writer makes.
    pub(crate) fn attributes_of<'t>(
        &'t self,
        tag: &'t Tag<'a>,
    ) -> impl Iterator<Item = Result<(Option<&'a str>, Attribute<'a>)>> {
        self.all_attributes(tag).filter_map(move |attribute| {
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(error) => return Some(Err(error)),
            };
            if let Some(prefix) = attribute.declared_prefix() {
                if !prefix.is_empty() && prefix != self.vocabulary.prefix {
                    return Some(Ok((None, attribute)));
                }
                let right = attribute.value == self.vocabulary.namespace;
                return (!right).then(|| Err(self.wrong_namespace(tag, &attribute)));
            }
            let (Some(prefix), local) = split_name(attribute.name) else {
                return Some(Ok((None, attribute)));
            };
            let binding = self.binding(Some(prefix));
            if binding.is_none_or(|b| b.uri.is_empty()) && prefix != "xml" {
                let message = format!("the prefix {} is not declared", Quoted::new(prefix));
                return Some(Err(self.error_in(tag, ErrorKind::Xml, message)));
            }
            let own = binding.is_some_and(|b| b.own);
            Some(Ok((own.then_some(local), attribute)))
        })
    }

    fn wrong_namespace(&self, tag: &Tag<'a>, declaration: &Attribute<'_>) -> Error {
        let message = format!(
            "{} is {}, expected {}",
            declaration.name,
            Quoted::new(&declaration.value),
            self.vocabulary.namespace
        );
        self.error_in(tag, ErrorKind::Syntax, message)
    }

    /// The attributes of a tag and its namespace declarations.
    pub(super) fn all_attributes<'t>(&'t self, tag: &'t Tag<'a>) -> Attributes<'t, 'a> {
        Attributes {
            reader: self,
            tag,
            at: tag.name.len(),
            names: [""; FEW],
            count: 0,
            checked: None,
        }
    }

    fn attribute_value(&self, tag: &Tag<'a>, raw: Cow<'a, str>) -> Result<Cow<'a, str>> {
        if raw.contains('<') {
            return Err(self.error_in(tag, ErrorKind::Xml, "\"<\" stands in an attribute"));
        }
        if !raw.contains('&') {
            return Ok(raw);
        }
        match unescape(&raw) {
            Ok(value) if illegal_character(&value).is_none() => Ok(Cow::Owned(value.into_owned())),
            _ => Err(self.bad_reference(tag.offset, &raw)),
        }
    }
}

/// More attributes are left to quick-xml, which does not compare each with each.
const FEW: usize = 8;

/// The attributes of a tag, from left to right. From the first one on that has a reference or is
/// wrong they are left to quick-xml, which tells what is wrong.
pub(super) struct Attributes<'t, 'a> {
    reader: &'t XmlReader<'a>,
    tag: &'t Tag<'a>,
    /// Where in the tag the next one is looked for.
    at: usize,
    /// Those that were found.
    names: [&'a str; FEW],
    count: usize,
    checked: Option<CheckedAttributes<'a>>,
}

impl<'a> Attributes<'_, 'a> {
    /// The attribute that starts here; none where something is wrong with it, or where it is one of many.
    fn plain(&mut self, start: usize) -> Option<Attribute<'a>> {
        let raw = self.tag.raw;
        let place = AttributePlace::at(raw, start)?;
        let end = place.end();
        let (name, value) = (raw.get(place.name)?, raw.get(place.value)?);
        let (before, rest) = self.names.split_at_mut_checked(self.count)?;
        if place.has_markup || before.contains(&name) {
            return None;
        }
        *rest.first_mut()? = name;
        self.at = end;
        Some(Attribute {
            name,
            value: Cow::Borrowed(value),
        })
    }

    /// The next of those that are left, as quick-xml reads it.
    #[cold]
    fn checked(&mut self) -> Option<Result<Attribute<'a>>> {
        let (reader, tag) = (self.reader, self.tag);
        let checked = self.checked.get_or_insert_with(|| {
            let mut all = CheckedAttributes::new(tag.raw, tag.name.len());
            // It looks for duplicates among those that it has read.
            all.by_ref().take(self.count).for_each(drop);
            all
        });
        let attribute = checked.next()?;
        if self.count == MOST_ATTRIBUTES {
            let message = format!("an element has more than {MOST_ATTRIBUTES} attributes");
            return Some(Err(reader.error_in(tag, ErrorKind::Limit, message)));
        }
        let attribute =
            attribute.map_err(|error| reader.error_in(tag, ErrorKind::Xml, error.to_string()));
        Some(attribute.and_then(|attribute| {
            let name = attribute.key.into_inner();
            if !is_name(name) {
                let message = format!("{} is not a name for an attribute", Quoted::new(name));
                return Err(reader.error_in(tag, ErrorKind::Xml, message));
            }
            let value = reader.attribute_value(tag, attribute.value)?;
            Ok(Attribute { name, value })
        }))
    }
}

impl<'a> Iterator for Attributes<'_, 'a> {
    type Item = Result<Attribute<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        // The error about the first one too many ends them.
        if self.count > MOST_ATTRIBUTES {
            return None;
        }
        let plain = match self.checked {
            None => self.plain(attribute_start(self.tag.raw, self.at)?),
            Some(_) => None,
        };
        let attribute = plain.map(Ok).or_else(|| self.checked())?;
        self.count += 1;
        Some(attribute)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::text::Text;
    use crate::xml_reader::Vocabulary;
    use proptest::prelude::*;
    use quick_xml::events::attributes::AttrError;

    type Pairs = Vec<(String, String)>;

    /// Whether this is a name, in the letters that the names of these tests are made of.
    fn is_short_name(name: &str) -> bool {
        let is_part = |part: &str| {
            part.starts_with(char::is_alphabetic)
                && part.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        name.split(':').count() <= 2 && name.split(':').all(is_part)
    }

    /// The attributes of the root, and what quick-xml makes of them, which takes any name.
    fn read(text: &str) -> Result<(Result<Pairs>, Result<Pairs>)> {
        let source = Text::decode_xml(text.as_bytes())?;
        let mut reader = XmlReader::new(&source, &Vocabulary::OPEN)?;
        let (_, root) = reader.root()?;
        let own = reader.all_attributes(&root);
        let checked = CheckedAttributes::new(root.raw, root.name.len()).map(|attribute| {
            let wrong = |e: AttrError| reader.error_in(&root, ErrorKind::Xml, e.to_string());
            let attribute = attribute.map_err(wrong)?;
            let name = attribute.key.into_inner();
            if !is_short_name(name) {
                let message = format!("\"{name}\" is not a name for an attribute");
                return Err(reader.error_in(&root, ErrorKind::Xml, message));
            }
            let value = reader.attribute_value(&root, attribute.value)?;
            Ok((name.into(), value.into_owned()))
        });
        let own = own.map(|attribute| attribute.map(Attribute::into_owned));
        Ok((own.collect(), checked.collect()))
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_its_place() {
        for (name, message) in [
            ("x:i:nil", "\"x:i:nil\" is not a name for an attribute"),
            ("xmlns:", "\"xmlns:\" is not a name for an attribute"),
            (":b", "\":b\" is not a name for an attribute"),
            ("-b", "\"-b\" is not a name for an attribute"),
            ("b:1", "\"b:1\" is not a name for an attribute"),
            ("b[", "\"b[\" is not a name for an attribute"),
        ] {
            // Before it nothing, an attribute, and one that quick-xml reads.
            for before in ["", "a='1' ", "a='&amp;' "] {
                let text = format!("<a {before}{name}='y'/>");
                let own = read(&text).and_then(|(own, _)| own);
                let error = own.expect_err(&text).to_string();
                let place = "line 1, column 1 (byte 0): ";
                assert_eq!(error.strip_prefix(place), Some(message), "{text}");
            }
        }
    }

    #[test]
    fn attributes_are_limited() {
        let tag = |count: usize| {
            let attributes: Vec<_> = (0..count).map(|n| format!(" a{n}='{n}'")).collect();
            format!("<a{}/>", attributes.concat())
        };
        assert_eq!(read(&tag(256)).unwrap().0.unwrap().len(), 256);
        let error = read(&tag(257)).unwrap().0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    proptest! {
        #[test]
        fn attributes_and_errors_are_those_of_quick_xml_but_for_names(
            attributes in "( {0,2}([b-d]{0,2}|[bé1:-]{1,3}) ?=? ?(\"[^\"<]?\"|'(&amp;|&x;|<|x)?'|x)?){0,12} ?",
        ) {
            if let Ok((own, checked)) = read(&format!("<a {attributes}/>")) {
                prop_assert_eq!(own, checked);
            }
        }
    }
}
