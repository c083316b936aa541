//! XML as .NET's serializer lays it out: UTF-16LE with BOM, CRLF, two blanks for each level.

/// Writes elements one below the other. An element holds either elements or text.
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

    /// `<name>`, what `content` writes, `</name>`. The name may have attributes behind it.
    pub(crate) fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.line();
        self.raw_all(&["<", name, ">"]);
        self.depth += 1;
        content(self);
        self.depth -= 1;
        self.line();
        self.raw_all(&["</", without_attributes(name), ">"]);
    }

    /// `<name>text</name>`; where there is no text, `<name />`.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.line();
        if text.is_empty() {
            return self.raw_all(&["<", name, " />"]);
        }
        self.raw_all(&["<", name, ">"]);
        self.text(text);
        self.raw_all(&["</", without_attributes(name), ">"]);
    }

    /// A leaf with `true` or `false`.
    pub(crate) fn boolean(&mut self, name: &str, value: bool) {
        self.leaf(name, if value { "true" } else { "false" });
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

    /// Text between tags. Line ends stay as they are and quotes are not escaped, as in every report
    /// of Windows. A character that XML 1.0 (2.2) cannot hold becomes U+FFFD.
    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.raw("&amp;"),
                '<' => self.raw("&lt;"),
                '>' => self.raw("&gt;"),
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

fn without_attributes(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(name, _)| name)
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

    #[test]
    fn elements_stand_one_below_the_other() {
        let mut xml = XmlWriter::new();
        xml.element("A xmlns=\"n\"", |xml| {
            xml.leaf("B", "b");
            xml.element("C", |xml| xml.leaf("D xmlns=\"n\"", ""));
            xml.boolean("E", true);
        });
        assert_eq!(
            decode(&xml.into_bytes()),
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-16\"?>\r\n\
             <A xmlns=\"n\">\r\n  <B>b</B>\r\n  <C>\r\n    <D xmlns=\"n\" />\r\n  </C>\r\n  \
             <E>true</E>\r\n</A>"
        );
    }

    #[test]
    fn line_ends_in_a_text_stay_as_they_are() {
        let mut xml = XmlWriter::new();
        xml.leaf("a", "1\r\n2\n3\r'\"");
        assert!(decode(&xml.into_bytes()).ends_with("\r\n<a>1\r\n2\n3\r'\"</a>"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_again(
            text in "\\PC{0,8}|[<>&\"'\\]\\x00-\\x0c\\x0e-\\x1f\u{fffd}-\u{ffff}]{0,8}",
        ) {
            let mut xml = XmlWriter::new();
            xml.leaf("a", &text);
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
            prop_assert_eq!(read.root_element().text().unwrap_or_default(), expected);
        }
    }
}
