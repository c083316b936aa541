//! Reading the tree, on the strict reader that all XML goes through.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::vec::Vec;

use super::{StartTag, XmlDocument, XmlElement, XmlNode};
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::text::Text;
use crate::xml_form::XmlForm;
use crate::xml_reader::{Content, Tag, Vocabulary, XmlReader};

impl XmlDocument {
    /// Reads a file, whatever encoding it declares.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] where the bytes are no text, [`ErrorKind::Xml`] where that is no
    /// well-formed XML or has a DTD, [`ErrorKind::Limit`] for more than 100 elements in each other.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let text = Text::decode_xml(bytes)?;
        let mut reader = XmlReader::new(&text, &Vocabulary::OPEN)?;
        let (prolog, root) = reader.root()?;
        let mut open = Vec::from([start(&root)]);
        let root = read_root(&mut reader, &mut open)?;
        let form = XmlForm::of(&text, prolog, reader.finish()?);
        Ok(Self { form, root })
    }
}

/// Reads the content of an element, which is the first of those that are open.
///
/// The innermost is the last one of them; no recursion on hostile input.
pub(super) fn read_root(
    reader: &mut XmlReader<'_>,
    open: &mut Vec<XmlElement>,
) -> Result<XmlElement> {
    loop {
        let content = reader.next()?;
        let raw = reader.raw();
        let node = match content {
            Content::Element(tag) => {
                open.push(start(&tag));
                continue;
            }
            Content::Text(_) => XmlNode::Text(raw.to_owned()),
            Content::Other(_) => XmlNode::Other(raw.to_owned()),
            Content::End => {
                let Some(mut element) = open.pop() else {
                    return Err(reader.error(ErrorKind::Xml, "no element ends here"));
                };
                if let Some(name) = raw.strip_prefix("</").and_then(|raw| raw.strip_suffix('>')) {
                    let space = name.get(element.name().len()..).unwrap_or_default();
                    element.end = Some(space.to_owned());
                }
                if open.is_empty() {
                    return Ok(element);
                }
                XmlNode::Element(element)
            }
        };
        if let Some(parent) = open.last_mut() {
            parent.push(node);
        }
    }
}

impl XmlDocument {
    /// Checks the name of the root element, its prefix aside.
    pub(crate) fn expect_root(&self, file: &str, name: &str) -> Result<()> {
        let found = self.root.local_name();
        if found != name {
            let message = format!(
                "the root element of {file} is {name}, that of this file {}",
                Quoted::new(found)
            );
            return Err(Error::new(ErrorKind::Syntax, message));
        }
        Ok(())
    }
}

impl XmlElement {
    /// Adds content; text behind text is one node.
    pub(super) fn push(&mut self, node: XmlNode) {
        if let XmlNode::Text(more) = &node
            && let Some(XmlNode::Text(text)) = self.nodes.last_mut()
        {
            text.push_str(more);
        } else {
            // Most elements have one node, and room for four takes ten times theirs.
            if self.nodes.is_empty() {
                self.nodes.reserve_exact(1);
            }
            self.nodes.push(node);
        }
    }
}

/// The element of a start tag, its spacing kept.
pub(super) fn start(tag: &Tag<'_>) -> XmlElement {
    XmlElement {
        start: StartTag::checked(tag.raw()),
        nodes: Vec::new(),
        end: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        for name in ["", "a b", "1", "a:", ":a", "a:b:c"] {
            let error = document.root.set_attribute(name, "").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unwritable, "{name}");
            assert!(XmlElement::new(name).is_err(), "{name}");
        }
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
            "<a =\"1\"/>",
            "<a b='1' b='2'/>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a b='&x;'/>",
            "<a b='<'/>",
            "<a b:c:d='1'/>",
            "<a xmlns:='1'/>",
            "<a -b='1'/>",
            "<a><b 1='&amp;'/></a>",
            "<a:b:c/>",
            "<a:1/>",
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
        fn attributes_are_those_of_the_reader(
            attributes in "( {1,2}[b-dé]{1,2} ?= ?(\"[^\"<&\\pC]?\"|'(&amp;|&#65;|\"|x)?')){0,4} ?",
        ) {
            let xml = format!("<a{attributes}/>");
            let source = Text::decode_xml(xml.as_bytes()).unwrap();
            let mut reader = XmlReader::new(&source, &Vocabulary::OPEN).unwrap();
            let expected = match reader.root() {
                Ok(_) => Some(reader.attributes().map(|read| read.unwrap().1.to_pair())),
                Err(_) => None,
            };
            let document = XmlDocument::parse(xml.as_bytes());
            let own = document.as_ref().ok().map(|document| {
                let attributes = document.root.attributes();
                attributes.map(|(name, value)| (name.to_owned(), value.into_owned()))
            });
            prop_assert_eq!(own.map(Vec::from_iter), expected.map(Vec::from_iter));
        }

        #[test]
        fn attributes_behave_like_a_list(
            tag in "a( [b-d]='[xy]{0,2}'){0,1}",
            edits in prop::collection::vec(("[b-e]", "[xy<\"']{0,3}", any::<bool>()), 0..8),
        ) {
            let mut document = parse(&format!("<{tag} />"));
            let own = |document: &XmlDocument| -> Vec<(String, String)> {
                let attributes = document.root.attributes();
                attributes.map(|(name, value)| (name.into(), value.into())).collect()
            };
            let mut list = own(&document);
            for (name, value, remove) in edits {
                if remove {
                    document.root.remove_attribute(&name);
                    list.retain(|(own, _)| *own != name);
                } else {
                    document.root.set_attribute(&name, &value).unwrap();
                    match list.iter_mut().find(|(own, _)| *own == name) {
                        Some((_, own)) => *own = value,
                        None => list.push((name, value)),
                    }
                }
                prop_assert_eq!(&own(&document), &list);
                prop_assert_eq!(&own(&parse(&text(&document))), &list);
                prop_assert!(text(&document).ends_with(" />"));
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
