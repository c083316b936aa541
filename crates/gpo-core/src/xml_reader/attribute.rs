//! The attributes of a start tag.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};

use memchr::memchr2;
use quick_xml::events::attributes::Attributes as CheckedAttributes;

use super::{Binding, XmlReader, binding};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::xml_attribute::{AttributePlace, attribute_start};
use crate::xml_name::{is_name, split_name};

/// The most attributes of an element: looking for duplicates takes the square of their number.
const MOST_ATTRIBUTES: usize = 256;

/// Tags with more attributes are left to quick-xml.
const FEW: usize = 32;

/// An attribute.
pub(crate) struct Attribute<'a> {
    /// The name as it stands, with its prefix.
    name: &'a str,
    pub(crate) value: Cow<'a, str>,
    /// What the name means here, where it was looked up already.
    meaning: Option<Meaning<'a>>,
}

/// What the name of an attribute means where it stands.
#[derive(Clone, Copy)]
enum Meaning<'a> {
    /// A name of the vocabulary, without its prefix.
    Own(&'a str),
    Foreign,
    /// The prefix that a namespace declaration is for; empty for the default namespace.
    Declaration(&'a str),
    /// A name with a prefix that is not declared.
    Undeclared(&'a str),
}

impl<'a> Meaning<'a> {
    fn of(attribute: &Attribute<'a>, bindings: &[Binding<'a>]) -> Self {
        if let Some(prefix) = attribute.declared_prefix() {
            return Self::Declaration(prefix);
        }
        let (Some(prefix), local_name) = split_name(attribute.name) else {
            return Self::Foreign;
        };
        let binding = binding(bindings, Some(prefix));
        if binding.is_none_or(|b| b.uri.is_empty()) && prefix != "xml" {
            return Self::Undeclared(prefix);
        }
        if binding.is_some_and(|b| b.own) {
            return Self::Own(local_name);
        }
        Self::Foreign
    }
}

impl<'a> Attribute<'a> {
    fn new(name: &'a str, value: Cow<'a, str>) -> Self {
        Self {
            name,
            value,
            meaning: None,
        }
    }

    /// The prefix that a namespace declaration is for; empty for the default namespace.
    pub(super) fn declared_prefix(&self) -> Option<&'a str> {
        let rest = self.name.strip_prefix("xmlns")?;
        if rest.is_empty() {
            return Some("");
        }
        rest.strip_prefix(':')
    }

    /// The place in a tag of an attribute that starts here and has the same name.
    fn same_at(&self, tag: &str, start: usize) -> Option<AttributePlace> {
        let name = start..start + self.name.len();
        if tag.as_bytes().get(name.clone())? != self.name.as_bytes() {
            return None;
        }
        AttributePlace::behind_name(tag, name)
    }

    /// Name and value, to be kept.
    pub(crate) fn to_pair(&self) -> (String, String) {
        (self.name.into(), self.value.as_ref().into())
    }
}

impl<'a> XmlReader<'a> {
    /// The attributes of the tag that was read last, with the local name of those that are in the
    /// vocabulary. Namespace declarations are among them, but for those that the writer makes.
    pub(crate) fn attributes(
        &self,
    ) -> impl Iterator<Item = Result<(Option<&'a str>, &Attribute<'a>)>> {
        self.last.attributes.iter().filter_map(|attribute| {
            let meaning = attribute.meaning;
            match meaning.unwrap_or_else(|| Meaning::of(attribute, &self.bindings)) {
                Meaning::Own(name) => Some(Ok((Some(name), attribute))),
                Meaning::Foreign => Some(Ok((None, attribute))),
                Meaning::Declaration(prefix) => {
                    if !prefix.is_empty() && prefix != self.vocabulary.prefix {
                        return Some(Ok((None, attribute)));
                    }
                    let right = attribute.value == self.vocabulary.namespace;
                    (!right).then(|| Err(self.wrong_namespace(attribute)))
                }
                Meaning::Undeclared(prefix) => {
                    let message = format!("the prefix {} is not declared", Quoted::new(prefix));
                    Some(Err(self.error(ErrorKind::Xml, message)))
                }
            }
        })
    }

    fn wrong_namespace(&self, declaration: &Attribute<'_>) -> Error {
        let message = format!(
            "{} is {}, expected {}",
            declaration.name,
            Quoted::new(&declaration.value),
            self.vocabulary.namespace
        );
        self.error(ErrorKind::Syntax, message)
    }

    /// Finds and checks the attributes of a tag, which starts with a name of so many bytes.
    pub(super) fn read_attributes(&mut self, tag: &'a str, name: usize) -> Result<()> {
        if self.plain_attributes(tag, name).is_some() {
            return Ok(());
        }
        self.last.attributes.clear();
        self.checked_attributes(tag, name)
    }

    /// Looks up what the names of the tag that was read last mean, but for those that are known from
    /// one before, where the same prefixes were declared.
    pub(super) fn look_up_names(&mut self) {
        let changed = self.last.changes != self.changes;
        self.last.changes = self.changes;
        for attribute in &mut self.last.attributes {
            if attribute.meaning.is_none() || changed {
                attribute.meaning = Some(Meaning::of(attribute, &self.bindings));
            }
        }
    }

    /// None where one has a reference or is wrong, and where there are many.
    fn plain_attributes(&mut self, tag: &'a str, name: usize) -> Option<()> {
        if tag.len() > name && memchr2(b'<', b'&', tag.as_bytes()).is_some() {
            return None;
        }
        let (mut at, mut count) = (name, 0);
        while let Some(start) = attribute_start(tag, at) {
            // Tags of a kind have the same names in the same order; those of the one before are checked.
            if let Some(same) = self.last.attributes.get_mut(count)
                && let Some(place) = same.same_at(tag, start)
            {
                at = place.end();
                same.value = Cow::Borrowed(tag.get(place.value)?);
            } else {
                self.last.attributes.truncate(count);
                let place = AttributePlace::at(tag, start)?;
                at = place.end();
                let name = tag.get(place.name)?;
                let mut before = self.last.attributes.iter();
                if count == FEW || before.any(|before| before.name == name) {
                    return None;
                }
                let value = Cow::Borrowed(tag.get(place.value)?);
                self.last.attributes.push(Attribute::new(name, value));
            }
            count += 1;
        }
        self.last.attributes.truncate(count);
        Some(())
    }

    /// As quick-xml reads them, which tells what is wrong.
    #[cold]
    fn checked_attributes(&mut self, tag: &'a str, name: usize) -> Result<()> {
        for attribute in CheckedAttributes::new(tag, name) {
            if self.last.attributes.len() == MOST_ATTRIBUTES {
                let message = format!("an element has more than {MOST_ATTRIBUTES} attributes");
                return Err(self.error(ErrorKind::Limit, message));
            }
            let attribute =
                attribute.map_err(|error| self.error(ErrorKind::Xml, error.to_string()))?;
            let name = attribute.key.into_inner();
            if !is_name(name) {
                let message = format!("{} is not a name for an attribute", Quoted::new(name));
                return Err(self.error(ErrorKind::Xml, message));
            }
            let value = self.attribute_value(attribute.value)?;
            self.last.attributes.push(Attribute::new(name, value));
        }
        Ok(())
    }

    fn attribute_value(&self, raw: Cow<'a, str>) -> Result<Cow<'a, str>> {
        if raw.contains('<') {
            return Err(self.error(ErrorKind::Xml, "\"<\" stands in an attribute"));
        }
        if !raw.contains('&') {
            return Ok(raw);
        }
        self.unescape(&raw).map(Cow::Owned)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::text::Text;
    use crate::xml_reader::{Content, Vocabulary};
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::escape::unescape;
    use quick_xml::events::{BytesStart, Event};

    type Pairs = Vec<(String, String)>;

    /// The attributes of the root element, or of the one with which its content starts.
    fn read(text: &str) -> Result<Pairs> {
        let source = Text::decode_xml(text.as_bytes())?;
        let mut reader = XmlReader::new(&source, &Vocabulary::OPEN)?;
        reader.root()?;
        reader.next()?;
        Ok(reader
            .last
            .attributes
            .iter()
            .map(Attribute::to_pair)
            .collect())
    }

    /// What quick-xml makes of the attributes of a tag, which takes any name.
    fn expected(tag: &BytesStart<'_>) -> Result<Pairs, String> {
        let pairs = tag.attributes().map(|attribute| {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let name = attribute.key.into_inner();
            if !is_short_name(name) {
                return Err(format!(
                    "{} is not a name for an attribute",
                    Quoted::new(name)
                ));
            }
            if attribute.value.contains('<') {
                return Err("\"<\" stands in an attribute".into());
            }
            let value = unescape(&attribute.value).map_err(|_| {
                let raw = Quoted::new(&attribute.value);
                format!("{raw} holds a reference that XML does not know")
            })?;
            Ok((name.into(), value.into_owned()))
        });
        pairs.collect()
    }

    /// Whether this is a name, in the letters that the names of these tests are made of.
    fn is_short_name(name: &str) -> bool {
        let is_part = |part: &str| {
            part.starts_with(char::is_alphabetic)
                && part.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        name.split(':').count() <= 2 && name.split(':').all(is_part)
    }

    #[test]
    fn a_name_that_is_none_is_refused_with_its_place() {
        for name in ["x:i:nil", "xmlns:", ":b", "-b", "b:1", "b["] {
            // Before it nothing, an attribute, and one that quick-xml reads.
            for before in ["", "a='1' ", "a='&amp;' "] {
                let text = format!("<a {before}{name}='y'/>");
                let error = read(&text).expect_err(&text).to_string();
                let message = format!("{name:?} is not a name for an attribute");
                assert_eq!(error, format!("line 1, column 1 (byte 0): {message}"));
            }
        }
    }

    #[test]
    fn a_name_means_what_the_declarations_say_where_it_stands() {
        const V: Vocabulary = Vocabulary {
            namespace: "v",
            prefix: "p",
        };
        let text = "<r xmlns:p='v' xmlns:q='v'><a p:x='1' y=''/><a p:x='2' y=''/>\
            <b xmlns:q='u'><a q:x='3'/></b><a q:x='4'/>\
            <a xmlns:q='u' q:x='5'/><a xmlns:q='v' q:x='6'/><a xml:x='7'/></r>";
        let source = Text::decode_xml(text.as_bytes()).unwrap();
        let mut reader = XmlReader::new(&source, &V).unwrap();
        reader.root().unwrap();
        let mut own = Vec::new();
        while reader.depth > 0 {
            if let Content::Element(_) = reader.next().unwrap() {
                for attribute in reader.attributes() {
                    let (name, attribute) = attribute.unwrap();
                    own.extend(name.map(|name| format!("{name}={}", attribute.value)));
                }
            }
        }
        assert_eq!(own, ["x=1", "x=2", "x=4", "x=6"]);
        let error = |text: &str| {
            let source = Text::decode_xml(text.as_bytes()).unwrap();
            let mut reader = XmlReader::new(&source, &V).unwrap();
            reader.root().unwrap();
            let error = reader.attributes().find_map(Result::err);
            error.unwrap().to_string()
        };
        assert!(error("<r q:x=''/>").contains("\"q\" is not declared"));
        assert!(error("<r xmlns:q='' q:x=''/>").contains("\"q\" is not declared"));
        assert!(error("<r xmlns:p='u'/>").contains("\"u\", expected v"));
    }

    #[test]
    fn attributes_are_limited() {
        let tag = |count: usize| {
            let attributes: Vec<_> = (0..count).map(|n| format!(" a{n}='{n}'")).collect();
            format!("<a{}/>", attributes.concat())
        };
        assert_eq!(read(&tag(256)).unwrap().len(), 256);
        assert_eq!(read(&tag(257)).unwrap_err().kind(), ErrorKind::Limit);
    }

    proptest! {
        #[test]
        fn attributes_and_errors_are_those_of_quick_xml_but_for_names(
            attributes in "( {0,2}([b-d]{0,2}|[bé1:-]{1,3}) ?=? ?(\"[^\"<\\pC]?\"|'(&amp;|&x;|<|x)?'|x)?){0,12} ?",
            before in "( b='')?( c='')?( bc='')?( é='1')?",
        ) {
            let text = format!("<a {attributes}/>");
            let event = Reader::from_str(&text).read_event();
            // A tag that ends within a value is none.
            let Ok(Event::Start(tag) | Event::Empty(tag)) = event else {
                return Err(TestCaseError::reject("no tag"));
            };
            let own = read(&format!("<r{before}>{text}</r>")).map_err(|error| {
                let error = error.to_string();
                error.split_once("): ").unwrap().1.to_string()
            });
            prop_assert_eq!(own, expected(&tag));
        }
    }
}
