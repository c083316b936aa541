//! An object of the directory with its attributes, as LDAP and LDIF give it.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::directory_object::{DirectoryAttribute, DirectoryObject, number};
use crate::dn::Dn;
use crate::error::{Error, ErrorKind, Quoted, Result};

/// Attributes that the directory keeps for itself; they say nothing about settings.
const OPERATIONAL: [&str; 19] = [
    "canonicalName",
    "cn",
    "createTimeStamp",
    "distinguishedName",
    "dSCorePropagationData",
    "instanceType",
    "isCriticalSystemObject",
    "modifyTimeStamp",
    "name",
    "nTSecurityDescriptor",
    "objectCategory",
    "objectClass",
    "objectGUID",
    "subSchemaSubEntry",
    "systemFlags",
    "uSNChanged",
    "uSNCreated",
    "whenChanged",
    "whenCreated",
];

/// An entry of the directory: a name and the attributes that were asked for, in the order of the
/// source.
///
/// Adapters read entries; [`GpoContainer::from_entries`](crate::GpoContainer::from_entries),
/// [`Principal::from_entry`](crate::Principal::from_entry) and
/// [`WmiFilter::from_entry`](crate::WmiFilter::from_entry) make the model of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The distinguished name; empty for the root of the directory.
    pub dn: String,
    /// The attributes. One that is named twice has the values of both.
    pub attributes: Vec<DirectoryAttribute>,
}

impl DirectoryEntry {
    /// The values of an attribute, whose name has no case.
    pub fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.attributes
            .iter()
            .filter(move |attribute| attribute.name.eq_ignore_ascii_case(name))
            .flat_map(|attribute| attribute.values.iter().map(Vec::as_slice))
    }

    /// The first value of an attribute.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.values(name).next()
    }

    /// The first value of an attribute as text; empty where it is absent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Encoding`] where it is no UTF-8.
    pub fn text(&self, name: &str) -> Result<String> {
        let value = self.value(name).unwrap_or_default();
        str::from_utf8(value).map(Into::into).map_err(|_| {
            let message = format!("the value of {name} is no UTF-8");
            Error::new(ErrorKind::Encoding, message)
        })
    }

    /// A number of 32 bits, signed or not; 0 where it is absent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] where it is no such number.
    pub fn number(&self, name: &str) -> Result<u32> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(0);
        }
        number(&text).ok_or_else(|| {
            let message = format!("{name} is {}, not a number of 32 bits", Quoted::new(&text));
            Error::new(ErrorKind::Value, message)
        })
    }

    /// Whether one of the object classes is this one.
    pub fn has_class(&self, class: &str) -> bool {
        self.values("objectClass")
            .any(|value| value.eq_ignore_ascii_case(class.as_bytes()))
    }

    /// The most specific class: the directory lists it last.
    pub fn class(&self) -> String {
        let class = self.values("objectClass").next_back().unwrap_or_default();
        String::from_utf8_lossy(class).into_owned()
    }

    /// The security descriptor, self-relative.
    pub fn security_descriptor(&self) -> Option<Vec<u8>> {
        self.value("nTSecurityDescriptor").map(Into::into)
    }

    /// The object without what is below it.
    pub fn to_object(&self) -> DirectoryObject {
        let class = self.class();
        let mut attributes: Vec<DirectoryAttribute> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for attribute in &self.attributes {
            if !DirectoryObject::is_setting(&class, &attribute.name) {
                continue;
            }
            let place = places.entry(attribute.name.to_ascii_lowercase());
            let place = *place.or_insert(attributes.len());
            match attributes.get_mut(place) {
                Some(first) => first.values.extend_from_slice(&attribute.values),
                None => attributes.push(attribute.clone()),
            }
        }
        DirectoryObject {
            rdn: Dn::new(&self.dn).rdn().into(),
            class,
            attributes,
            security_descriptor: self.security_descriptor(),
            children: Vec::new(),
        }
    }
}

impl DirectoryObject {
    /// Whether an attribute of an object of this class says something about settings; what the
    /// directory keeps for itself does not, and no source gives it.
    pub fn is_setting(class: &str, attribute: &str) -> bool {
        // The GUID of a software package is the product's name for clients.
        let of_package = attribute.eq_ignore_ascii_case("objectGUID")
            && class.eq_ignore_ascii_case("packageRegistration");
        of_package
            || !OPERATIONAL
                .iter()
                .any(|other| attribute.eq_ignore_ascii_case(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[&str])]) -> DirectoryEntry {
        let attributes = attributes.iter().map(|(name, values)| DirectoryAttribute {
            name: (*name).into(),
            values: values.iter().map(|v| v.as_bytes().to_vec()).collect(),
        });
        DirectoryEntry {
            dn: "CN=a\\, b,CN=Machine".into(),
            attributes: attributes.collect(),
        }
    }

    #[test]
    fn numbers_are_read_signed_and_unsigned() {
        for (text, number) in [
            ("", Some(0)),
            ("7", Some(7)),
            ("-1", Some(u32::MAX)),
            ("4294967295", Some(u32::MAX)),
            ("4294967296", None),
            ("x", None),
        ] {
            let found = entry(&[("Flags", &[text])]).number("flags");
            assert_eq!(found.ok(), number, "{text}");
        }
        assert_eq!(entry(&[]).number("flags").unwrap(), 0);
    }

    #[test]
    fn an_object_has_what_says_something_about_settings() {
        let object = entry(&[
            ("objectClass", &["top", "packageRegistration"]),
            ("cn", &["a, b"]),
            ("objectGUID", &["0123456789abcdef"]),
            ("msiFileList", &["0:x"]),
            ("whenCreated", &["20240102030405.0Z"]),
            ("MSIFILELIST", &["1:y"]),
        ])
        .to_object();
        assert_eq!(
            (object.rdn.as_str(), object.class.as_str()),
            ("CN=a\\, b", "packageRegistration")
        );
        let names: Vec<_> = object.attributes.iter().map(|a| a.name.as_str()).collect();
        assert_eq!(names, ["objectGUID", "msiFileList"]);
        assert_eq!(object.values("msiFileList").len(), 2);
    }
}
