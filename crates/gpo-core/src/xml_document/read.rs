//! Reading the tree, on the strict reader that all XML goes through.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::{XmlAttribute, XmlDocument, XmlElement, XmlNode};
use crate::error::{ErrorKind, Result};
use crate::text::Text;
use crate::xml_form::XmlForm;
use crate::xml_reader::{Content, Tag, XmlReader};

impl XmlDocument {
    /// Reads a file, whatever encoding it declares.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] where the bytes are no text, [`ErrorKind::Xml`] where that is no
    /// well-formed XML or has a DTD, [`ErrorKind::Limit`] for more than 100 elements in each other.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = Text::decode_xml(bytes)?;
        let mut reader = XmlReader::new(&text)?;
        let (prolog, root) = reader.root()?;
        // The elements that are open, the innermost last; no recursion on hostile input.
        let mut open = Vec::from([start(&reader, &root)?]);
        let root = loop {
            let content = reader.next()?;
            let raw = reader.raw();
            let node = match content {
                Content::Element(tag) => {
                    open.push(start(&reader, &tag)?);
                    continue;
                }
                Content::Text(_) => XmlNode::Text(raw.to_owned()),
                Content::Other(_) => XmlNode::Other(raw.to_owned()),
                Content::End => {
                    let Some(mut element) = open.pop() else {
                        return Err(reader.error(ErrorKind::Xml, "no element ends here"));
                    };
                    if let Some(name) = raw.strip_prefix("</").and_then(|raw| raw.strip_suffix('>'))
                    {
                        let space = name.get(element.name.len()..).unwrap_or_default();
                        element.end = Some(space.to_owned());
                    }
                    if open.is_empty() {
                        break element;
                    }
                    XmlNode::Element(element)
                }
            };
            if let Some(parent) = open.last_mut() {
                parent.push(node);
            }
        };
        let epilog = reader.finish()?;
        let form = XmlForm::of(&text, prolog, epilog);
        Ok(Self { form, root })
    }
}

impl XmlElement {
    /// Adds content; text behind text is one node.
    fn push(&mut self, node: XmlNode) {
        if let XmlNode::Text(more) = &node
            && let Some(XmlNode::Text(text)) = self.nodes.last_mut()
        {
            text.push_str(more);
        } else {
            self.nodes.push(node);
        }
    }
}

/// The element of a start tag, its spacing kept.
fn start(reader: &XmlReader<'_>, tag: &Tag<'_>) -> Result<XmlElement> {
    // Checks what the scan below relies on: names, quotes, no duplicates, known references.
    reader
        .attributes(tag)
        .try_for_each(|attribute| attribute.map(drop))?;
    let mut rest = tag.raw();
    let name_length = rest.find([' ', '\t', '\r', '\n']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at_checked(name_length).unwrap_or((rest, ""));
    rest = tail;
    let mut attributes = Vec::new();
    while let Some(attribute) = take_attribute(&mut rest) {
        attributes.push(attribute);
    }
    if !rest.trim_ascii().is_empty() {
        return Err(reader.error_in(
            tag,
            ErrorKind::Xml,
            "an attribute of this tag has no value in quotes",
        ));
    }
    Ok(XmlElement {
        name: name.to_owned(),
        attributes,
        space: rest.to_owned(),
        nodes: Vec::new(),
        end: None,
    })
}

fn take_attribute(rest: &mut &str) -> Option<XmlAttribute> {
    let text = *rest;
    let name_start = text.len() - text.trim_ascii_start().len();
    let (space, text) = text.split_at_checked(name_start)?;
    let (before, _) = text.split_once('=')?;
    let name = before.trim_ascii_end();
    let behind_name = text.get(name.len()..)?;
    let quote_at = behind_name.find(['"', '\''])?;
    let (equals, quoted) = behind_name.split_at_checked(quote_at)?;
    let quote = quoted.chars().next()?;
    let (raw, after) = quoted.get(1..)?.split_once(quote)?;
    *rest = after;
    Some(XmlAttribute {
        space: space.to_owned(),
        name: name.to_owned(),
        equals: equals.to_owned(),
        quote,
        raw: raw.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;
    use proptest::prelude::*;

    fn parse(xml: &str) -> XmlDocument {
        XmlDocument::parse(xml.as_bytes()).unwrap()
    }

    fn text(document: &XmlDocument) -> String {
        String::from_utf8(document.to_bytes().unwrap()).unwrap()
    }

    #[test]
    fn spacing_and_spelling_survive() {
        for xml in [
            "<a/>",
            "<a></a>",
            "<a ></a\n>",
            "<?xml version='1.0'?>\n<!-- x --><a b = \"1\"\tc='\"' />\n<!-- y -->\n",
            "<a>x &amp; &#x41;<![CDATA[<]]>y<b/><!-- z --><?pi?> </a>",
            "<p:a xmlns:p='u' p:b='&gt;>'/>",
            "<a b='='/>",
            "<a b=\">\" c=\"/\"/>",
        ] {
            assert_eq!(text(&parse(xml)), xml);
        }
    }

    #[test]
    fn edits_touch_only_what_they_change() {
        let xml = "<a  x = '1' y=\"&#65;\"><b>t &lt;<![CDATA[&]]></b><c/></a>";
        let mut document = parse(xml);
        assert_eq!(document.root.attribute("y").as_deref(), Some("A"));
        assert_eq!(document.root.element("b").unwrap().text(), "t <&");
        document.root.set_attribute("x", "1").unwrap();
        document.root.set_attribute("y", "A").unwrap();
        document
            .root
            .elements_mut()
            .next()
            .unwrap()
            .set_text("t <&")
            .unwrap();
        assert_eq!(text(&document), xml);

        document.root.set_attribute("x", "'\"<\n").unwrap();
        document.root.set_attribute("z", "2").unwrap();
        document
            .root
            .elements_mut()
            .nth(1)
            .unwrap()
            .set_text("]]>")
            .unwrap();
        let after = "<a  x = '&apos;&quot;&lt;&#xA;' y=\"&#65;\" z=\"2\"><b>t &lt;<![CDATA[&]]></b><c>]]&gt;</c></a>";
        assert_eq!(text(&document), after);
        let error = document.root.set_attribute("x", "\u{1}").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unwritable);
        assert!(document.root.set_attribute("a b", "").is_err());
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for xml in [
            "",
            "a",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a b/>",
            "<a b=1/>",
            "<a b='1' b='2'/>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a b='&x;'/>",
            "<a b='<'/>",
            "<a/>x",
        ] {
            assert!(XmlDocument::parse(xml.as_bytes()).is_err(), "{xml}");
        }
        let deep = "<a>".repeat(100_000);
        let error = XmlDocument::parse(deep.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Limit);
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(xml in "(<a( ?[bc] ?= ?(\"[^\"<&]?\"|'&amp;'))? ?/?>|</a ?>|x|&lt;|<!--z-->|<!\\[CDATA\\[.\\]\\]>|<\\?p\\?>|\n){0,10}") {
            let xml = format!("<r>{xml}</r>");
            if let Ok(document) = XmlDocument::parse(xml.as_bytes()) {
                prop_assert_eq!(text(&document), xml);
            }
        }

        #[test]
        fn what_was_set_is_read(value in "\\PC{0,8}", body in "(\\PC|[\r\n\t&<>\"'\\]]){0,8}") {
            let mut document = XmlDocument::new("", XmlElement::new("a").unwrap(), "");
            document.root.set_attribute("v", &body).unwrap();
            document.root.set_text(&value).unwrap();
            let read = parse(&text(&document));
            prop_assert_eq!(read.root.attribute("v").unwrap(), body);
            prop_assert_eq!(read.root.text(), value);
            prop_assert_eq!(text(&read), text(&document));
        }
    }
}
