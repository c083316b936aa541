//! Objects below a GPO's container: software packages, printer connections, wireless policies.

use alloc::string::String;
use alloc::vec::Vec;

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

impl DirectoryObject {
    /// The values of an attribute, found without case.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes
            .iter()
            .find(|a| a.name.eq_ignore_ascii_case(name))
            .map_or(&[], |a| &a.values)
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
