//! An XML file as a tree that is written back to the same bytes.

use alloc::borrow::{Cow, ToOwned};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::xml_form::XmlForm;
use crate::xml_name::{is_name, split_name};
use crate::xml_writer::check_writable;

mod raw;
#[cfg(feature = "xml")]
mod read;
#[cfg(feature = "xml")]
mod recover;
mod start_tag;

use raw::resolved;
#[cfg(feature = "xml")]
pub(crate) use recover::XmlParts;
use start_tag::StartTag;

/// An XML file: a tree of elements that keeps spacing, quotes, comments, CDATA and the spelling of
/// references.
///
/// It is for files whose grammar is open, such as preferences. What is read is written back to the
/// same bytes, and an edit changes the attribute or text that it sets.
///
/// # Limits
///
/// 256 MiB, [`MOST_PIECES`](crate::MOST_PIECES) elements, 100 of them in each other, 256 attributes of
/// one; no DTD.
///
/// ```
/// # #[cfg(feature = "xml")] {
/// use gpo_core::XmlDocument;
///
/// let file = b"<?xml version='1.0'?>\r\n<Drives  clsid='{1}'><Drive name=\"S:\" /><!-- x --></Drives>";
/// let mut document = XmlDocument::parse(file)?;
/// let drive = document.root.elements_mut().next().unwrap();
/// assert_eq!(drive.attribute("name").as_deref(), Some("S:"));
/// drive.set_attribute("name", "T & U:")?;
/// assert!(document.to_bytes()?.ends_with(b"<Drive name=\"T &amp; U:\" /><!-- x --></Drives>"));
/// # }
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlDocument {
    /// How the file is stored, and what stands around the root element.
    pub form: XmlForm,
    /// The root element.
    pub root: XmlElement,
}

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlElement {
    start: StartTag,
    nodes: Vec<XmlNode>,
    /// What stands between name and `>` of the end tag; none for `<name/>`.
    end: Option<String>,
}

/// A piece of an element's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum XmlNode {
    /// An element.
    Element(XmlElement),
    /// Text as it stands, with references and CDATA sections; see [`XmlElement::text`].
    Text(String),
    /// A comment or processing instruction as it stands.
    Other(String),
}

impl XmlDocument {
    /// A document in UTF-8 without a byte order mark; `prolog` and `epilog` stand around the root.
    pub fn new(prolog: &str, root: XmlElement, epilog: &str) -> Self {
        let form = XmlForm::new(prolog, epilog);
        Self { form, root }
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that the encoding of the file does not have.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut xml = String::new();
        self.root.append_to(&mut xml);
        self.form.enclose(xml)
    }
}

/// The way from the root element to another: of each element the number, from 0, among the elements
/// of its parent.
pub type XmlPath = Vec<usize>;

impl XmlDocument {
    /// All elements, each before those in it, with their paths.
    pub fn elements(&self) -> impl Iterator<Item = (XmlPath, &XmlElement)> {
        // The elements that are open, each with the elements that are left in it.
        let mut open = Vec::from([self.root.elements().enumerate()]);
        let mut path = XmlPath::new();
        let below = core::iter::from_fn(move || {
            loop {
                let Some((number, element)) = open.last_mut()?.next() else {
                    open.pop();
                    path.pop();
                    continue;
                };
                open.push(element.elements().enumerate());
                path.push(number);
                return Some((path.clone(), element));
            }
        });
        core::iter::once((XmlPath::new(), &self.root)).chain(below)
    }

    /// The element at the end of a path.
    pub fn element(&self, path: &[usize]) -> Option<&XmlElement> {
        path.iter().try_fold(&self.root, |element, &number| {
            element.elements().nth(number)
        })
    }

    /// The element at the end of a path, to be changed.
    pub fn element_mut(&mut self, path: &[usize]) -> Option<&mut XmlElement> {
        path.iter().try_fold(&mut self.root, |element, &number| {
            element.elements_mut().nth(number)
        })
    }

    /// Calls `visit` for each element, before those in it, with the steps that lead there.
    pub(crate) fn visit<'a>(&'a self, visit: &mut dyn FnMut(&[XmlStep<'a>])) {
        let root = XmlStep {
            element: &self.root,
            number: 0,
            same: 1,
        };
        visit_from(&mut Vec::from([root]), visit);
    }
}

/// A step from an element to one in it.
#[derive(Clone, Copy)]
pub(crate) struct XmlStep<'a> {
    pub(crate) element: &'a XmlElement,
    /// The number, from 0, among the elements of its parent.
    pub(crate) number: usize,
    /// The number, from 1, among those of its name.
    same: usize,
}

/// Files nest at most 100 elements, so the recursion ends.
fn visit_from<'a>(steps: &mut Vec<XmlStep<'a>>, visit: &mut dyn FnMut(&[XmlStep<'a>])) {
    let Some(&XmlStep { element, .. }) = steps.last() else {
        return;
    };
    visit(steps);
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, element) in element.elements().enumerate() {
        let same = names.entry(element.name()).or_default();
        *same += 1;
        let same = *same;
        steps.push(XmlStep {
            element,
            number,
            same,
        });
        visit_from(steps, visit);
        steps.pop();
    }
}

/// Steps as an XPath, `/Groups/Group[2]/Properties[1]`; of one with more than 500 bytes the end, as
/// far as it goes, behind `…`.
pub(crate) fn xpath(steps: &[XmlStep<'_>]) -> String {
    const LONGEST: usize = 500;
    let own = |(depth, step): (usize, &XmlStep<'_>)| match depth {
        0 => format!("/{}", step.element.name()),
        _ => format!("/{}[{}]", step.element.name(), step.same),
    };
    let mut left = LONGEST;
    let mut names = Vec::with_capacity(steps.len());
    for step in steps.iter().enumerate().rev() {
        // A name alone may be too long.
        let name = Some(step)
            .filter(|(_, step)| step.element.name().len() < left)
            .map(own);
        let Some(name) = name.filter(|name| name.len() <= left) else {
            names.push("…".into());
            break;
        };
        left -= name.len();
        names.push(name);
    }
    names.reverse();
    names.concat()
}

impl XmlElement {
    /// An element `<name/>`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name that is none.
    pub fn new(name: &str) -> Result<Self> {
        check_name(name)?;
        Ok(Self {
            start: StartTag::new(name),
            nodes: Vec::new(),
            end: None,
        })
    }

    /// An element of this text. One without text is written `<name />`, as .NET does.
    pub(crate) fn of_text(name: &str, text: &str) -> Result<Self> {
        let mut element = Self::new(name)?;
        element.set_text(text)?;
        element
            .start
            .set_space(if text.is_empty() { " " } else { "" });
        Ok(element)
    }

    /// The element, written `<name></name>` where it is empty.
    #[must_use]
    pub(crate) fn with_end_tag(mut self) -> Self {
        self.add_end_tag();
        self
    }

    /// Writes the element `<name></name>` where it is empty.
    pub(crate) fn add_end_tag(&mut self) {
        self.end.get_or_insert_default();
    }

    /// Adds an element behind the others, on a line of its own: `before` stands in front of it, and
    /// `after` in front of the end tag.
    pub(crate) fn push_line(&mut self, before: &str, element: Self, after: &str) {
        match self.nodes.last_mut() {
            Some(XmlNode::Text(text)) if text.trim().is_empty() => before.clone_into(text),
            _ => self.nodes.push(XmlNode::Text(before.to_owned())),
        }
        self.nodes.push(XmlNode::Element(element));
        self.nodes.push(XmlNode::Text(after.to_owned()));
    }

    /// The name with its prefix.
    pub fn name(&self) -> &str {
        self.start.name()
    }

    /// The name without its prefix.
    pub fn local_name(&self) -> &str {
        split_name(self.name()).1
    }

    /// The attributes in file order, namespace declarations among them, with their values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        let attributes = self.start.attributes();
        attributes.map(|(name, raw)| (name, resolved(raw)))
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut attributes = self.start.attributes();
        let (_, raw) = attributes.find(|(own, _)| *own == name)?;
        Some(resolved(raw))
    }

    /// Sets an attribute; one that is not there is added behind the others.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a name that is none, or a character that XML does not allow.
    pub fn set_attribute(&mut self, name: &str, value: &str) -> Result<()> {
        check_writable("the attribute", value)?;
        match self.attribute(name) {
            Some(own) if own == value => {}
            Some(_) => self.start.set(name, |quote| escaped(value, quote)),
            None => {
                check_name(name)?;
                self.start.push(name, &escaped(value, '"'));
            }
        }
        Ok(())
    }

    /// Takes an attribute away.
    pub fn remove_attribute(&mut self, name: &str) {
        self.start.remove(name);
    }

    /// The content in file order.
    pub fn nodes(&self) -> &[XmlNode] {
        &self.nodes
    }

    /// The content, to be changed. An element that ends in `/>` gets an end tag when it is written
    /// with content.
    pub fn nodes_mut(&mut self) -> &mut Vec<XmlNode> {
        &mut self.nodes
    }

    /// The elements in this one.
    pub fn elements(&self) -> impl Iterator<Item = &XmlElement> {
        self.nodes.iter().filter_map(|node| match node {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) | XmlNode::Other(_) => None,
        })
    }

    /// The elements in this one, to be changed.
    pub fn elements_mut(&mut self) -> impl Iterator<Item = &mut XmlElement> {
        self.nodes.iter_mut().filter_map(|node| match node {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) | XmlNode::Other(_) => None,
        })
    }

    /// The first element of this name, prefixes aside, in this one.
    pub fn element(&self, name: &str) -> Option<&XmlElement> {
        self.elements().find(|element| element.local_name() == name)
    }

    /// The first element of this name, prefixes aside, to be changed.
    pub fn element_mut(&mut self, name: &str) -> Option<&mut XmlElement> {
        self.elements_mut()
            .find(|element| element.local_name() == name)
    }

    /// The text in this element, references and CDATA sections resolved, without that of elements in
    /// it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for node in &self.nodes {
            if let XmlNode::Text(raw) = node {
                for piece in raw::pieces(raw) {
                    text.push_str(&piece.resolved());
                }
            }
        }
        text
    }

    /// Puts other text in parts of the [`text`](Self::text), from left to right; what stands around
    /// them keeps its bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow, [`ErrorKind::Missing`]
    /// where a part is not in one piece.
    pub(crate) fn replace_in_text(&mut self, parts: &[(Range<usize>, &str)]) -> Result<()> {
        for (_, new) in parts {
            check_writable("the text", new)?;
        }
        // `]]>` would end a section.
        let new = |text: &str, is_section| {
            if is_section {
                (!text.contains(']')).then(|| text.to_owned())
            } else {
                Some(escaped_text(text))
            }
        };
        let (mut start, mut rest) = (0, parts);
        for node in &mut self.nodes {
            let XmlNode::Text(raw) = node else { continue };
            let length: usize = raw::pieces(raw).map(|piece| piece.resolved().len()).sum();
            let own = rest.partition_point(|(part, _)| part.end <= start + length);
            let (here, behind) = rest.split_at(own);
            let shifted = here.iter().map(|(part, new)| {
                let from = part.start.checked_sub(start)?;
                Some((from..part.end - start, *new))
            });
            let shifted: Option<Vec<_>> = shifted.collect();
            let replaced = shifted.and_then(|parts| raw::replaced_in_pieces(raw, &parts, new));
            *raw = replaced.ok_or_else(in_pieces)?;
            (start, rest) = (start + length, behind);
        }
        if rest.is_empty() {
            Ok(())
        } else {
            Err(in_pieces())
        }
    }

    /// Puts other text in parts of an attribute's value, from left to right; what stands around
    /// them keeps its bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow, [`ErrorKind::Missing`]
    /// where there is no such attribute or part.
    pub(crate) fn replace_in_attribute(
        &mut self,
        name: &str,
        parts: &[(Range<usize>, &str)],
    ) -> Result<()> {
        let value = self.start.attributes().find(|(own, _)| *own == name);
        let (_, raw) = value.ok_or_else(in_pieces)?;
        let quote = self.start.quote(name);
        let mut escaped_parts = Vec::with_capacity(parts.len());
        for (part, new) in parts {
            check_writable("the attribute", new)?;
            escaped_parts.push((part.clone(), escaped(new, quote)));
        }
        let new = raw::replaced(raw, &escaped_parts).ok_or_else(in_pieces)?;
        self.start.set(name, |_| new);
        Ok(())
    }

    /// Takes out elements in this one, by their numbers from 0, each with the blanks before it.
    pub(crate) fn remove_elements(&mut self, numbers: &[usize]) {
        let mut number = 0;
        let mut kept: Vec<XmlNode> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes.drain(..) {
            if let XmlNode::Element(_) = node {
                number += 1;
                if numbers.binary_search(&(number - 1)).is_ok() {
                    kept.pop_if(
                        |last| matches!(last, XmlNode::Text(text) if text.trim().is_empty()),
                    );
                    continue;
                }
            }
            kept.push(node);
        }
        self.nodes = kept;
    }

    /// Sets the text of an element. Elements and comments in it are lost, unless it has this text.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for a character that XML does not allow.
    pub fn set_text(&mut self, text: &str) -> Result<()> {
        check_writable("the text", text)?;
        if self.text() != text {
            self.nodes.clear();
            if !text.is_empty() {
                self.nodes.push(XmlNode::Text(escaped_text(text)));
            }
        }
        Ok(())
    }

    /// Makes text the content, with line ends as the writers of Windows put them into a file: CRLF,
    /// of which a reader makes line feeds.
    pub(crate) fn set_lines(&mut self, text: &str) {
        let raw = escaped_text(&text.replace("\r\n", "\n")).replace('\n', "\r\n");
        self.nodes.clear();
        if !raw.is_empty() {
            self.nodes.push(XmlNode::Text(raw));
        }
    }

    fn append_to(&self, xml: &mut String) {
        let start = self.start.as_str();
        let (start, end_space) = match &self.end {
            None if self.nodes.is_empty() => {
                xml.extend(["<", start, "/>"]);
                return;
            }
            // The blank before `/>` is not one before `>`.
            None => (start.trim_end(), ""),
            Some(space) => (start, space.as_str()),
        };
        xml.extend(["<", start]);
        xml.push('>');
        for node in &self.nodes {
            match node {
                XmlNode::Element(element) => element.append_to(xml),
                XmlNode::Text(raw) | XmlNode::Other(raw) => xml.push_str(raw),
            }
        }
        xml.extend(["</", self.name(), end_space, ">"]);
    }
}

fn in_pieces() -> Error {
    Error::new(ErrorKind::Missing, "the text is not in one piece")
}

/// An attribute's value as the editors of preferences write it.
fn escaped(value: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' if quote == '\'' => escaped.push_str("&apos;"),
            '\r' => escaped.push_str("&#xD;"),
            '\n' => escaped.push_str("&#xA;"),
            '\t' => escaped.push_str("&#x9;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn escaped_text(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    // A reader makes one line feed of a carriage return and a line feed.
    text.replace('\r', "&#xD;")
}

fn check_name(name: &str) -> Result<()> {
    if !is_name(name) {
        let message = format!("{} is no name in XML", Quoted::new(name));
        return Err(Error::new(ErrorKind::Unwritable, message));
    }
    Ok(())
}
