//! Strict reading of XML: what quick-xml lets pass and a backup must not hold is refused here.
//!
//! quick-xml checks that tags match. This layer adds: one root and nothing but comments around
//! it, no DTD, characters that XML 1.0 allows, no `]]>` in text, no duplicate attribute, limits on
//! size and depth, known entities only, and an error that knows line, column and byte.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;

use memchr::{memchr, memchr_iter};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::foreign::ForeignLeaf;
use crate::size_limits::MOST_PIECES;
use crate::text::{Text, TextPlace};
use crate::xml_character::illegal_character;
use crate::xml_name::{is_name, split_name};

mod attribute;

use attribute::Attribute;

/// The deepest nesting of elements. GPMC's files are at most 7 deep; targeting trees of
/// preferences, written by people, stay far below this.
const DEEPEST: usize = 100;

/// The largest document, in bytes: the largest Backup.xml known is 2.1 MB.
const LARGEST: usize = 256 << 20;

/// The most tags, comments and the like of a document: an element has two.
const MOST_TAGS: usize = 2 * MOST_PIECES;

/// Whether a document is read at all.
pub(crate) fn check_size(text: &str) -> Result<()> {
    if text.len() > LARGEST {
        let message = format!(
            "the document has {} bytes; at most {LARGEST} are read",
            text.len()
        );
        return Err(Error::new(ErrorKind::Limit, message));
    }
    // A smaller one cannot have so many.
    let may_have = text.len() > MOST_TAGS * "<a>".len();
    // CDATA is text.
    let bytes = text.as_bytes();
    let is_tag = |at: &usize| {
        !bytes
            .get(*at..)
            .is_some_and(|rest| rest.starts_with(b"<!["))
    };
    let mut tags = memchr_iter(b'<', bytes).filter(is_tag);
    if may_have && tags.nth(MOST_TAGS).is_some() {
        let message = format!("the document has more than {MOST_PIECES} elements");
        return Err(Error::new(ErrorKind::Limit, message));
    }
    Ok(())
}

/// A start tag.
pub(crate) struct Tag<'a> {
    /// What stands between `<` and `>` or `/>`.
    raw: &'a str,
    /// The element's name, with which it starts.
    name: &'a str,
    /// The name without its prefix.
    local_name: &'a str,
    /// Byte offset of the `<`.
    offset: usize,
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &'a str {
        self.local_name
    }

    /// Byte offset of the tag within the text.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The tag without its brackets, as it stands.
    pub(crate) fn raw(&self) -> &'a str {
        self.raw
    }

    fn prefix(&self) -> Option<&'a str> {
        let length = self.name.len().checked_sub(self.local_name.len() + 1)?;
        self.name.get(..length)
    }
}

/// The names of a format: their namespace, and the prefix that attributes get when they are written.
pub(crate) struct Vocabulary {
    pub(crate) namespace: &'static str,
    pub(crate) prefix: &'static str,
}

impl Vocabulary {
    /// Of a format without a namespace.
    pub(crate) const OPEN: Self = Self {
        namespace: "",
        prefix: "",
    };
}

/// What an element holds, piece by piece.
pub(crate) enum Content<'a> {
    Element(Tag<'a>),
    /// Text or CDATA, entities resolved.
    Text(Cow<'a, str>),
    /// A comment or processing instruction, as it stands.
    Other(&'a str),
    End,
}

struct Binding<'a> {
    depth: usize,
    /// None for the default namespace.
    prefix: Option<&'a str>,
    uri: Cow<'a, str>,
    /// Whether the URI is that of the vocabulary, so that it need not be compared each time.
    own: bool,
}

/// The declaration of a prefix that holds; `None` is the default namespace.
fn binding<'b, 'a>(bindings: &'b [Binding<'a>], prefix: Option<&str>) -> Option<&'b Binding<'a>> {
    bindings.iter().rev().find(|b| b.prefix == prefix)
}

pub(crate) struct XmlReader<'a> {
    source: &'a Text<'a>,
    vocabulary: &'static Vocabulary,
    reader: Reader<&'a [u8]>,
    /// Where in the text the reader started.
    start: TextPlace,
    depth: usize,
    /// Whether the tag that was read last is an element of its own, whose end comes next.
    is_empty: bool,
    event_start: usize,
    bindings: Vec<Binding<'a>>,
    /// How often the bindings changed.
    changes: usize,
    /// What is known of the tag that was read last.
    last: KnownTag<'a>,
    /// The same of one that was read before: preferences have tags of two kinds in turn.
    other: KnownTag<'a>,
}

/// What was found in a tag and need not be looked for in the next one of its kind.
#[derive(Default)]
struct KnownTag<'a> {
    name: &'a str,
    /// The name without its prefix.
    local_name: &'a str,
    /// Namespace declarations are among them.
    attributes: Vec<Attribute<'a>>,
    /// How often the bindings had changed when the names of the attributes were looked up.
    changes: usize,
}

impl<'a> XmlReader<'a> {
    pub(crate) fn new(source: &'a Text<'a>, vocabulary: &'static Vocabulary) -> Result<Self> {
        let text = source.as_str();
        let this = Self::at(source, vocabulary, source.start(), 0);
        check_size(text)?;
        // quick-xml would drop it, and then every place would be off by its length.
        if text.starts_with('\u{feff}') {
            return Err(this.error_at(0, ErrorKind::Xml, "a second byte order mark"));
        }
        match illegal_character(text) {
            None => Ok(this),
            Some((offset, c)) => Err(this.error_at(
                offset,
                ErrorKind::Xml,
                format!("the character U+{:04X} is not allowed in XML", u32::from(c)),
            )),
        }
    }

    /// A reader that starts at a place within a text, where so many elements are open. The text itself
    /// is not checked.
    pub(crate) fn at(
        source: &'a Text<'a>,
        vocabulary: &'static Vocabulary,
        start: TextPlace,
        depth: usize,
    ) -> Self {
        let rest = source.as_str().get(start.offset..).unwrap_or_default();
        Self {
            source,
            vocabulary,
            reader: Reader::from_str(rest),
            start,
            depth,
            is_empty: false,
            event_start: start.offset,
            bindings: Vec::new(),
            changes: 0,
            last: KnownTag::default(),
            other: KnownTag::default(),
        }
    }

    /// Reads up to the root's start tag; gives it and the text before it.
    pub(crate) fn root(&mut self) -> Result<(&'a str, Tag<'a>)> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.open_root(&start, false),
                Event::Empty(start) => return self.open_root(&start, true),
                Event::Decl(_) if self.event_start == 0 => {}
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_space(&text) => {}
                Event::Eof => return Err(self.error(ErrorKind::Xml, "the document has no element")),
                Event::DocType(_) => return Err(self.dtd()),
                _ => return Err(self.error(ErrorKind::Xml, "expected the root element here")),
            }
        }
    }

    fn open_root(&mut self, start: &BytesStart<'a>, is_empty: bool) -> Result<(&'a str, Tag<'a>)> {
        let prolog = self.slice(0, self.event_start);
        Ok((prolog, self.open(start, is_empty)?))
    }

    fn dtd(&self) -> Error {
        self.error(ErrorKind::Xml, "a DTD is not allowed")
    }

    /// Checks the name of the root element.
    pub(crate) fn expect_root(&self, root: &Tag<'a>, name: &str) -> Result<()> {
        if root.local_name() == name && self.is_own(root) {
            return Ok(());
        }
        let message = format!(
            "expected the root element {name} of {}, found {} of {}",
            self.vocabulary.namespace,
            tag_name(root),
            Quoted::new(binding(&self.bindings, root.prefix()).map_or("", |b| &b.uri))
        );
        Err(self.error_at(root.offset, ErrorKind::Syntax, message))
    }

    /// After the root's end: gives the text that follows it.
    pub(crate) fn finish(&mut self) -> Result<&'a str> {
        let end = self.position();
        loop {
            match self.event()? {
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if is_space(&text) => {}
                Event::Eof => return Ok(self.slice(end, self.source.as_str().len())),
                _ => {
                    return Err(
                        self.error(ErrorKind::Xml, "only a comment may follow the root element")
                    );
                }
            }
        }
    }

    /// The next piece of the element that is open.
    pub(crate) fn next(&mut self) -> Result<Content<'a>> {
        // An empty element is a start and an end.
        if self.is_empty {
            self.event_start = self.position();
            return Ok(self.close());
        }
        match self.event()? {
            Event::Start(start) => self.open(&start, false).map(Content::Element),
            Event::Empty(start) => self.open(&start, true).map(Content::Element),
            Event::End(_) => Ok(self.close()),
            Event::Text(text) => {
                let text = text.into_inner();
                // Most texts have no `>` at all, and a search for one byte is the fastest.
                if memchr(b'>', text.as_bytes()).is_some() && text.contains("]]>") {
                    return Err(self.error(ErrorKind::Xml, "\"]]>\" stands in text"));
                }
                Ok(Content::Text(text))
            }
            Event::CData(text) => Ok(Content::Text(text.into_inner())),
            Event::GeneralRef(_) => {
                let raw = self.slice(self.event_start, self.position());
                let text = self.unescape(raw)?;
                Ok(Content::Text(Cow::Owned(text)))
            }
            Event::Comment(_) | Event::PI(_) => Ok(Content::Other(
                self.slice(self.event_start, self.position()),
            )),
            Event::DocType(_) => Err(self.dtd()),
            Event::Decl(_) => Err(self.error(
                ErrorKind::Xml,
                "an XML declaration stands within the document",
            )),
            Event::Eof => {
                Err(self.error(ErrorKind::Truncated, "the document ends within an element"))
            }
        }
    }

    /// The text of the element that was opened last, up to its end; its attributes are kept as those of
    /// the child of this name and number. No child elements are allowed; comments are dropped.
    pub(crate) fn leaf(
        &mut self,
        (name, number): (&'static str, usize),
        leaves: &mut Vec<ForeignLeaf>,
    ) -> Result<String> {
        let attributes = self.attributes();
        let attributes = attributes.map(|attribute| Ok(attribute?.1.to_pair()));
        let attributes: Vec<_> = attributes.collect::<Result<_>>()?;
        if !attributes.is_empty() {
            leaves.push(ForeignLeaf {
                name,
                number,
                attributes,
            });
        }
        let mut value = String::new();
        loop {
            match self.next()? {
                Content::Text(text) if value.is_empty() => value = text.into_owned(),
                Content::Text(text) => value.push_str(&text),
                Content::Other(_) => {}
                Content::End => return Ok(value),
                Content::Element(tag) => {
                    let message = format!("expected text, found the element {}", tag_name(&tag));
                    return Err(self.error_at(tag.offset, ErrorKind::Syntax, message));
                }
            }
        }
    }

    /// Skips the element that `tag` opened; gives it as it stands.
    pub(crate) fn skip(&mut self, tag: &Tag<'a>) -> Result<&'a str> {
        let outer = self.depth - 1;
        while self.depth > outer {
            self.next()?;
        }
        Ok(self.slice(tag.offset, self.position()))
    }

    /// Whether a tag's name is in the vocabulary.
    pub(crate) fn is_own(&self, tag: &Tag<'a>) -> bool {
        binding(&self.bindings, tag.prefix()).is_some_and(|b| b.own)
    }

    /// Whether the element that was opened last declares a prefix; `None` is the default namespace.
    pub(crate) fn declares(&self, prefix: Option<&str>) -> bool {
        let mut declared = self.bindings.iter().filter(|b| b.depth == self.depth);
        declared.any(|b| b.prefix == prefix)
    }

    /// An error at the piece that was read last.
    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Error {
        self.error_at(self.event_start, kind, message)
    }

    /// An error at a tag.
    pub(crate) fn error_in(
        &self,
        tag: &Tag<'a>,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
    ) -> Error {
        self.error_at(tag.offset, kind, message)
    }

    /// The byte offset of the piece that was read last, within the text.
    pub(crate) fn offset(&self) -> usize {
        self.event_start
    }

    /// The piece that was read last, as it stands: nothing for the end of an empty element.
    pub(crate) fn raw(&self) -> &'a str {
        self.slice(self.event_start, self.position())
    }

    /// Puts the place of a byte of the text into an error about a value there.
    pub(crate) fn locate(&self, offset: usize, error: Error) -> Error {
        error.at(self.source.position_behind(&self.start, offset))
    }

    fn error_at(
        &self,
        offset: usize,
        kind: ErrorKind,
        message: impl Into<Cow<'static, str>>,
    ) -> Error {
        self.locate(offset, Error::new(kind, message))
    }

    fn unescape(&self, raw: &str) -> Result<String> {
        match unescape(raw) {
            Ok(text) if illegal_character(&text).is_none() => Ok(text.into_owned()),
            _ => {
                let raw = Quoted::new(raw);
                let message = format!("{raw} holds a reference that XML does not know");
                Err(self.error(ErrorKind::Xml, message))
            }
        }
    }

    fn event(&mut self) -> Result<Event<'a>> {
        self.event_start = self.position();
        self.reader.read_event().map_err(|e| {
            let offset = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
            let offset = self.start.offset.saturating_add(offset);
            self.error_at(offset, ErrorKind::Xml, e.to_string())
        })
    }

    fn open(&mut self, start: &BytesStart<'a>, is_empty: bool) -> Result<Tag<'a>> {
        self.depth += 1;
        self.is_empty = is_empty;
        let offset = self.event_start;
        // The event borrows from the text, too, but its accessors do not say so.
        let raw = self.slice(offset + 1, offset + 1 + start.len());
        let name_length = start.name().into_inner().len();
        let name = raw.get(..name_length).unwrap_or_default();
        let is_known = self.recall(name);
        let tag = Tag {
            raw,
            name,
            local_name: self.last.local_name,
            offset,
        };
        if self.depth > DEEPEST {
            let message = format!("elements are nested more than {DEEPEST} deep");
            return Err(self.error_at(offset, ErrorKind::Limit, message));
        }
        if !is_known && !is_name(name) {
            let message = format!("{} is not a name", tag_name(&tag));
            return Err(self.error_at(offset, ErrorKind::Xml, message));
        }
        self.read_attributes(raw, name_length)?;
        self.bind();
        // A format without a namespace has no names of its own to be told from others.
        if !self.vocabulary.namespace.is_empty() {
            self.look_up_names();
        }
        Ok(tag)
    }

    /// Makes the tag of this name the last one; says whether there was one before.
    fn recall(&mut self, name: &'a str) -> bool {
        if self.last.name != name {
            mem::swap(&mut self.last, &mut self.other);
        }
        // Before the first tag, the name is empty.
        if self.last.name == name && !name.is_empty() {
            return true;
        }
        (self.last.name, self.last.local_name) = (name, split_name(name).1);
        false
    }

    fn close(&mut self) -> Content<'a> {
        self.is_empty = false;
        while self.bindings.pop_if(|b| b.depth >= self.depth).is_some() {
            self.changes += 1;
        }
        self.depth = self.depth.saturating_sub(1);
        Content::End
    }

    /// Notes the namespace declarations of the tag that was read last.
    fn bind(&mut self) {
        for attribute in &self.last.attributes {
            let Some(prefix) = attribute.declared_prefix() else {
                continue;
            };
            self.changes += 1;
            self.bindings.push(Binding {
                depth: self.depth,
                own: attribute.value == self.vocabulary.namespace,
                prefix: (!prefix.is_empty()).then_some(prefix),
                uri: attribute.value.clone(),
            });
        }
    }

    pub(crate) fn position(&self) -> usize {
        let read = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        self.start.offset.saturating_add(read)
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.source.as_str().get(start..end).unwrap_or_default()
    }
}

/// The name of a tag, fit for a message.
pub(crate) fn tag_name(tag: &Tag<'_>) -> String {
    Quoted::new(tag.name).to_string()
}

/// XML's white space.
pub(crate) fn is_space(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<usize> {
        let source = Text::decode_xml(text.as_bytes())?;
        let mut reader = XmlReader::new(&source, &Vocabulary::OPEN)?;
        reader.root()?;
        let mut count = 0;
        while reader.depth > 0 {
            reader.next()?;
            count += 1;
        }
        reader.finish()?;
        Ok(count)
    }

    #[test]
    fn what_a_backup_must_not_hold_is_refused_with_its_place() {
        for (text, message) in [
            ("", "no element"),
            (
                "x<a/>",
                "line 1, column 1 (byte 0): expected the root element here",
            ),
            (
                "<a/>x",
                "line 1, column 5 (byte 4): only a comment may follow the root",
            ),
            ("<a/><b/>", "only a comment may follow the root"),
            ("<a>", "ends within an element"),
            ("<a><b></a></b>", "line 1, column 7"),
            ("<!DOCTYPE a><a/>", "DTD"),
            ("<a><!DOCTYPE b></a>", "DTD"),
            ("<a>\n &x; </a>", "line 2, column 2 (byte 5): \"&x;\""),
            ("<a>&#0;</a>", "reference"),
            ("<a>]]></a>", "]]>"),
            ("<a>\u{1}</a>", "U+0001"),
            ("<a>\u{ffff}</a>", "U+FFFF"),
            ("<a b='1' b='2'/>", "duplicate"),
            ("<a b=1/>", ""),
            ("<a b='<'/>", "\"<\" stands in an attribute"),
            ("<a b='&#1;'/>", "reference"),
            ("<1a/>", "not a name"),
            ("< a/>", "not a name"),
            ("<a><1b/></a>", "not a name"),
            ("<a><?xml version='1.0'?></a>", "XML declaration"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
        assert!(read(&nested(100)).is_ok());
        assert_eq!(read(&nested(10_000)).unwrap_err().kind(), ErrorKind::Limit);
    }

    #[test]
    fn namespaces_end_with_their_element() {
        const V: Vocabulary = Vocabulary {
            namespace: "v",
            prefix: "p",
        };
        let text = "<p:a xmlns='u' xmlns:p='v'><b xmlns='v'/><b/><p:c/></p:a>";
        let source = Text::decode_xml(text.as_bytes()).unwrap();
        let mut reader = XmlReader::new(&source, &V).unwrap();
        let (_, root) = reader.root().unwrap();
        reader.expect_root(&root, "a").unwrap();
        for (name, own, raw) in [
            ("b", true, "<b xmlns='v'/>"),
            ("b", false, "<b/>"),
            ("c", true, "<p:c/>"),
        ] {
            let Content::Element(tag) = reader.next().unwrap() else {
                panic!("{raw}")
            };
            assert_eq!((tag.local_name(), reader.is_own(&tag)), (name, own));
            assert_eq!(reader.skip(&tag).unwrap(), raw);
        }
    }
}
