//! The directory of the domain in `testdata/`, as changes to another domain.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;

use crate::Result;

/// A record of an LDIF file: the name of the object and its attributes, in their order.
pub(super) struct Record {
    pub(super) dn: String,
    pub(super) attributes: Vec<(String, Vec<u8>)>,
}

/// What a directory sets by itself, or what belongs to the domain that the record is from.
const NOT_TAKEN_OVER: &[&str] = &[
    "cn",
    "nTSecurityDescriptor",
    "objectGUID",
    "objectSid",
    "whenChanged",
    "whenCreated",
];

impl Record {
    /// Reads what `cargo xtask testdata` writes: lines that are not folded.
    pub(super) fn read_all(text: &str) -> Result<Vec<Self>> {
        let mut records: Vec<Self> = Vec::new();
        for line in text.lines() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if name.starts_with('#') || name == "version" {
                continue;
            }
            let value = match value.strip_prefix(':') {
                Some(base64) => BASE64.decode(base64.trim_start())?,
                None => value.trim_start().into(),
            };
            if name == "dn" {
                records.push(Self {
                    dn: String::from_utf8(value)?,
                    attributes: Vec::new(),
                });
            } else if let Some(record) = records.last_mut() {
                record.attributes.push((name.to_owned(), value));
            }
        }
        Ok(records)
    }

    /// Replaces text in the name and the values.
    pub(super) fn replace(&mut self, old: &str, new: &str) {
        self.dn = self.dn.replace(old, new);
        for (_, value) in &mut self.attributes {
            if let Ok(text) = str::from_utf8(value) {
                *value = text.replace(old, new).into_bytes();
            }
        }
    }

    pub(super) fn has_class(&self, class: &str) -> bool {
        let mut attributes = self.attributes.iter();
        attributes.any(|(name, value)| name == "objectClass" && value == class.as_bytes())
    }

    /// LDIF that makes the object.
    pub(super) fn add(&self) -> String {
        let mut text = line("dn", self.dn.as_bytes()) + "changetype: add\n";
        for (name, value) in self.taken_over() {
            text += &line(name, value);
        }
        text + "\n"
    }

    /// LDIF that sets the attributes of the object that is there.
    pub(super) fn modify(&self) -> String {
        let mut text = line("dn", self.dn.as_bytes()) + "changetype: modify\n";
        for (name, value) in self.taken_over() {
            if name != "objectClass" {
                let _ = write!(text, "replace: {name}\n{}-\n", line(name, value));
            }
        }
        text + "\n"
    }

    fn taken_over(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.attributes
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .filter(|(name, _)| !NOT_TAKEN_OVER.contains(name))
    }
}

fn line(name: &str, value: &[u8]) -> String {
    format!("{name}:: {}\n", BASE64.encode(value))
}
