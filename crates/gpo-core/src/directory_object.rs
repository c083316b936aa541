//! Objects below a GPO's container: software packages, printer connections, wireless policies.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::Result;
use crate::msi_file_list::MsiFile;
use crate::reference::{
    Reference, ReferencePlace, ReferenceSetting, Replacements, add_references, failed, in_value,
    one,
};

/// An object of the directory, with what is below it.
///
/// Values are as LDAP gives them: text in UTF-8, numbers in decimal, GUIDs and binary data as
/// bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryObject {
    /// The relative name, `CN=Class Store`, spelled as in the directory.
    pub rdn: String,
    /// The most specific object class.
    pub class: String,
    /// The attributes that say something about settings, in the order of the source.
    pub attributes: Vec<DirectoryAttribute>,
    /// The security descriptor, self-relative, where the source gives one.
    pub security_descriptor: Option<Vec<u8>>,
    /// The objects below it.
    pub children: Vec<DirectoryObject>,
}

/// An attribute of a directory object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryAttribute {
    /// Its LDAP name.
    pub name: String,
    /// Its values.
    pub values: Vec<Vec<u8>>,
}

/// What an object below a GPO's container is, by its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DirectoryObjectKind {
    /// `container`, `classStore`, `organizationalUnit`: it holds others.
    Container,
    /// `packageRegistration`: a package of software installation ([MS-GPSI]).
    SoftwarePackage,
    /// `ms-net-ieee-80211-GroupPolicy`, or `msieee80211-Policy` of Windows XP: a policy for wireless
    /// networks ([MS-GPWL]).
    WirelessPolicy,
    /// `ms-net-ieee-8023-GroupPolicy`: a policy for wired networks ([MS-GPWL]).
    WiredPolicy,
    /// `ipsecPolicy`: the link to a policy of IP security ([MS-GPIPSEC]).
    IpsecPolicy,
    /// `msPrint-ConnectionPolicy`: a printer that is connected ([MS-GPDPC]).
    PrinterConnection,
    /// Any other class.
    Other,
}

impl DirectoryObjectKind {
    /// The kind of an object of this class, found without case.
    pub fn of_class(class: &str) -> Self {
        let classes = [
            ("container", Self::Container),
            ("classStore", Self::Container),
            ("organizationalUnit", Self::Container),
            ("packageRegistration", Self::SoftwarePackage),
            ("ms-net-ieee-80211-GroupPolicy", Self::WirelessPolicy),
            ("msieee80211-Policy", Self::WirelessPolicy),
            ("ms-net-ieee-8023-GroupPolicy", Self::WiredPolicy),
            ("ipsecPolicy", Self::IpsecPolicy),
            ("msPrint-ConnectionPolicy", Self::PrinterConnection),
        ];
        let known = classes
            .into_iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(class));
        known.map_or(Self::Other, |(_, kind)| kind)
    }
}

impl DirectoryObject {
    /// What it is.
    pub fn kind(&self) -> DirectoryObjectKind {
        DirectoryObjectKind::of_class(&self.class)
    }

    /// The values of an attribute, found without case.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes
            .iter()
            .find(|a| a.name.eq_ignore_ascii_case(name))
            .map_or(&[], |a| &a.values)
    }

    /// The SIDs and server paths in its attributes, not those of the objects below it.
    ///
    /// Values that are no text are left out.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for attribute in &self.attributes {
            let name: Arc<str> = attribute.name.as_str().into();
            let is_file = attribute.name.eq_ignore_ascii_case("msiFileList");
            for (value, text) in attribute.values.iter().enumerate() {
                let Ok(text) = str::from_utf8(text) else {
                    continue;
                };
                let file = MsiFile::parse(text).ok().filter(|_| is_file);
                let (start, setting, parts) = match file {
                    Some(file) => {
                        let parts = in_value(file.path);
                        (
                            text.len() - file.path.len(),
                            ReferenceSetting::PackageFile,
                            parts,
                        )
                    }
                    None => (0, ReferenceSetting::DirectoryAttribute, in_value(text)),
                };
                let parts = parts.into_iter();
                let parts = parts.map(|(part, kind)| (start + part.start..start + part.end, kind));
                add_references(&mut found, setting, text, parts, |part| {
                    let name = Arc::clone(&name);
                    ReferencePlace::Attribute { name, value, part }
                });
            }
        }
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        one(self.edit_references(&[(reference, Some(text))]))
    }

    /// Edits references; see `SettingsFile::edit_references`. Nothing can be taken out of an
    /// attribute.
    pub fn edit_references(&mut self, edits: &[(&Reference, Option<&str>)]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(edits.len());
        for group in edits.chunk_by(|(a, _), (b, _)| a.place.shares_text(&b.place)) {
            let Some((first, _)) = group.first() else {
                continue;
            };
            let own = match &first.place {
                ReferencePlace::Attribute { name, value, .. } => {
                    let mut attributes = self.attributes.iter_mut();
                    let attribute = attributes.find(|own| *own.name == **name);
                    attribute.and_then(|own| own.values.get_mut(*value))
                }
                _ => None,
            };
            let text = own.as_ref().and_then(|own| str::from_utf8(own).ok());
            let Some(text) = text else {
                results.extend(failed(group.len(), &first.missing()));
                continue;
            };
            let found = Replacements::of(text, group, &|_, _| Ok(()));
            let new = found.apply(text).map(String::into_bytes);
            if let (Some(own), Some(new)) = (own, new) {
                *own = new;
            }
            results.extend(found.results(Ok(())));
        }
        results
    }

    /// The child with this relative name, found without case.
    pub fn child(&self, rdn: &str) -> Option<&Self> {
        find(&self.children, rdn)
    }
}

/// A number of 32 bits, which the directory holds signed and tools write either way.
pub(crate) fn number(text: &str) -> Option<u32> {
    let signed = || text.parse::<i32>().ok().map(i32::cast_unsigned);
    text.parse().ok().or_else(signed)
}

/// The object with this relative name, found without case.
pub(crate) fn find<'a>(objects: &'a [DirectoryObject], rdn: &str) -> Option<&'a DirectoryObject> {
    objects.iter().find(|o| o.rdn.eq_ignore_ascii_case(rdn))
}
