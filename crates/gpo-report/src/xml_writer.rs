//! XML as .NET's serializer lays it out: UTF-16LE with BOM, CRLF, two blanks for each level.

/// The name of an element with its attributes.
pub(crate) struct Tag<'a> {
    /// The prefix of the name; empty for none.
    pub(crate) prefix: &'a str,
    pub(crate) name: &'a str,
    pub(crate) attributes: &'a [(&'a str, &'a str)],
}

/// Writes elements one below the other.
pub(crate) struct XmlWriter {
    bytes: Vec<u8>,
    depth: usize,
}

impl XmlWriter {
    /// A document with its declaration and nothing else.
    pub(crate) fn new() -> Self {
        let mut writer = Self {
            bytes: Vec::new(),
            depth: 0,
        };
        writer.raw("\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>");
        writer
    }

    /// An element. `content` writes the elements in it, each on lines of its own. Without content
    /// and text it is `<name />`.
    pub(crate) fn element(
        &mut self,
        tag: &Tag<'_>,
        text: &str,
        content: Option<&mut dyn FnMut(&mut Self)>,
    ) {
        self.line();
        self.raw("<");
        self.name(tag);
        for (name, value) in tag.attributes {
            self.raw_all(&[" ", name, "=\""]);
            self.text(value, true);
            self.raw("\"");
        }
        if content.is_none() && text.is_empty() {
            return self.raw(" />");
        }
        self.raw(">");
        self.text(text, false);
        if let Some(content) = content {
            self.depth += 1;
            content(self);
            self.depth -= 1;
            self.line();
        }
        self.raw("</");
        self.name(tag);
        self.raw(">");
    }

    /// The document. There is no line end behind the root.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn line(&mut self) {
        self.raw("\r\n");
        for _ in 0..self.depth {
            self.raw("  ");
        }
    }

    fn name(&mut self, tag: &Tag<'_>) {
        if !tag.prefix.is_empty() {
            self.raw_all(&[tag.prefix, ":"]);
        }
        self.raw(tag.name);
    }

    /// Text between tags or, `quoted`, of an attribute. Line ends between tags stay as they are and
    /// quotes are not escaped there, as in every report of Windows. A character that XML 1.0 (2.2)
    /// cannot hold becomes U+FFFD.
    fn text(&mut self, text: &str, quoted: bool) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
                '"' if quoted => self.raw("&quot;"),
                '\t' if quoted => self.raw("&#x9;"),
                '\n' if quoted => self.raw("&#xA;"),
                '\r' if quoted => self.raw("&#xD;"),
                '\0'..='\u{8}'
                | '\u{b}'
                | '\u{c}'
                | '\u{e}'..='\u{1f}'
                | '\u{fffe}'
                | '\u{ffff}' => {
                    self.raw("\u{fffd}");
                }
                c => self.raw(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn raw_all(&mut self, texts: &[&str]) {
        for text in texts {
            self.raw(text);
        }
    }

    fn raw(&mut self, text: &str) {
        for unit in text.encode_utf16() {
            self.bytes.extend_from_slice(&unit.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(bytes: &[u8]) -> String {
        let units = bytes.chunks_exact(2);
        assert!(units.remainder().is_empty());
        let units: Vec<u16> = units.map(|u| u16::from_le_bytes([u[0], u[1]])).collect();
        String::from_utf16(&units).unwrap()
    }

    fn tag(name: &str) -> Tag<'_> {
        Tag {
            prefix: "",
            name,
            attributes: &[],
        }
    }

    #[test]
    fn elements_stand_one_below_the_other() {
        let mut xml = XmlWriter::new();
        let outer = Tag {
            prefix: "q1",
            name: "A",
            attributes: &[("b", "<\"\n\r\t'&>")],
        };
        xml.element(
            &outer,
            "",
            Some(&mut |xml| {
                xml.element(&tag("B"), "b", None);
                xml.element(
                    &tag("C"),
                    "",
                    Some(&mut |xml| xml.element(&tag("D"), "", None)),
                );
            }),
        );
        assert_eq!(
            decode(&xml.into_bytes()),
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n\
             <q1:A b=\"&lt;&quot;&#xA;&#xD;&#x9;'&amp;&gt;\">\r\n  <B>b</B>\r\n  <C>\r\n    <D />\r\n  \
             </C>\r\n</q1:A>"
        );
    }

    #[test]
    fn line_ends_in_a_text_stay_as_they_are() {
        let mut xml = XmlWriter::new();
        xml.element(&tag("a"), "1\r\n2\n3\r'\"", None);
        assert!(decode(&xml.into_bytes()).ends_with("\r\n<a>1\r\n2\n3\r'\"</a>"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_again(
            text in "\\PC{0,8}|[<>&\"'\\]\\x00-\\x0c\\x0e-\\x1f\u{fffd}-\u{ffff}]{0,8}",
        ) {
            let mut xml = XmlWriter::new();
            let tag = Tag { prefix: "", name: "a", attributes: &[("b", &text)] };
            xml.element(&tag, &text, None);
            let document = decode(&xml.into_bytes());
            let read = roxmltree::Document::parse(document.trim_start_matches('\u{feff}')).unwrap();
            let expected: String = text
                .chars()
                .map(|c| match c {
                    '\n' | '\t' => c,
                    c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => '\u{fffd}',
                    c => c,
                })
                .collect();
            let root = read.root_element();
            prop_assert_eq!(root.text().unwrap_or_default(), &expected);
            prop_assert_eq!(root.attribute("b").unwrap(), expected);
        }
    }
}
