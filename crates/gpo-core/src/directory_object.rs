//! Objects below a GPO's container: software packages, printer connections, wireless policies.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Result;
use crate::msi_file_list::MsiFile;
use crate::reference::{Reference, ReferencePlace, ReferenceSetting, add_references, in_value};

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
                    let name = attribute.name.clone();
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
        let ReferencePlace::Attribute { name, value, part } = &reference.place else {
            return Err(reference.missing());
        };
        let attribute = self.attributes.iter_mut().find(|own| own.name == *name);
        let own = attribute.and_then(|own| own.values.get_mut(*value));
        let own = own.ok_or_else(|| reference.missing())?;
        let there = str::from_utf8(own).map_err(|_| reference.missing())?;
        *own = reference.replaced(there, part, text)?.into_bytes();
        Ok(())
    }

    /// The child with this relative name, found without case.
    pub fn child(&self, rdn: &str) -> Option<&Self> {
        find(&self.children, rdn)
    }
}

/// The object with this relative name, found without case.
pub(crate) fn find<'a>(objects: &'a [DirectoryObject], rdn: &str) -> Option<&'a DirectoryObject> {
    objects.iter().find(|o| o.rdn.eq_ignore_ascii_case(rdn))
}
