//! The pieces of XML that the writers of this crate put together. Needs no library, so that a
//! backup can be written without std.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::xml_character::{has_any, illegal_character};

/// A document that is being written.
#[derive(Default)]
pub(crate) struct XmlWriter {
    text: String,
    line_end: &'static str,
    /// Attributes of the element that is written next.
    attributes: String,
}

impl XmlWriter {
    /// A writer with this line end and room for so many bytes.
    pub(crate) fn with_capacity(line_end: &'static str, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            line_end,
            attributes: String::new(),
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }

    pub(crate) fn raw(&mut self, xml: &str) {
        self.text.push_str(xml);
    }

    pub(crate) fn line_end(&mut self) {
        self.text.push_str(self.line_end);
    }

    /// ` name="value"`.
    pub(crate) fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        self.escaped(value);
        self.text.push('"');
    }

    /// GPMC writes `&` as `&amp;` and nothing else of the kind (census); what else cannot stand in
    /// an attribute is written as XML demands.
    fn escaped(&mut self, value: &str) {
        let special = |b: u8| matches!(b, b'&' | b'<' | b'"' | b'\t' | b'\n' | b'\r');
        if !has_any(value, special, special) {
            self.text.push_str(value);
            return;
        }
        for c in value.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' | '\r' => {
                    // Writing to a String cannot fail.
                    let _ = write!(self.text, "&#{};", u32::from(c));
                }
                c => self.text.push(c),
            }
        }
    }

    /// Gives the element of the next call, which holds text only, these attributes.
    pub(crate) fn with_attributes(&mut self, attributes: &[(String, String)]) {
        let start = self.text.len();
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        self.attributes = self.text.split_off(start);
    }

    /// `<name>value</name>`, for the values that are no CDATA in GPMC's files.
    pub(crate) fn text_element(&mut self, name: &str, value: &str) {
        self.open(name);
        for c in value.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                c => self.text.push(c),
            }
        }
        self.close(name);
    }

    /// `<name><![CDATA[value]]></name>`, with an empty value `<name><![CDATA[]]></name>`.
    pub(crate) fn cdata_element(&mut self, name: &str, value: &str) {
        self.open(name);
        self.cdata(value);
        self.close(name);
    }

    /// `<name><![CDATA[value]]></name>`, with an empty value `<name/>`.
    pub(crate) fn leaf(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.empty(name);
        } else {
            self.cdata_element(name, value);
        }
    }

    fn cdata(&mut self, value: &str) {
        self.text.push_str("<![CDATA[");
        if value.contains("]]>") {
            self.text.push_str(&value.replace("]]>", "]]]]><![CDATA[>"));
        } else {
            self.text.push_str(value);
        }
        self.text.push_str("]]>");
    }

    fn open(&mut self, name: &str) {
        self.start(name);
        self.text.push('>');
    }

    fn start(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push_str(&self.attributes);
        self.attributes.clear();
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    pub(crate) fn empty(&mut self, name: &str) {
        self.start(name);
        self.text.push_str("/>");
    }
}

/// Checks that every character can stand in XML.
pub(crate) fn check_writable(what: &str, value: &str) -> Result<()> {
    match illegal_character(value) {
        None => Ok(()),
        Some((_, c)) => Err(Error::new(
            ErrorKind::Unwritable,
            format!(
                "{what} {} has the character U+{:04X}, which XML cannot hold",
                Quoted::new(value),
                u32::from(c)
            ),
        )),
    }
}
