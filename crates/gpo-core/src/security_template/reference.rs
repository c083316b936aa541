//! Principals and paths in a security template.

use alloc::vec::Vec;

use super::principal::{GROUP_MEMBERSHIP, PRIVILEGE_RIGHTS};
use super::{SecuredObjectKind, SecurityTemplate, principal, unquoted};
use crate::error::Result;
use crate::reference::{
    Edit, Reference, ReferenceKind, ReferencePlace, ReferenceSetting, in_list, in_value, one,
};
use crate::registry_pol::RegistryType;

impl SecurityTemplate {
    /// The principals of user rights and restricted groups, the SIDs in descriptors, and the SIDs and
    /// server paths in registry values, by line.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        let document = &self.document;
        for (section, setting) in [
            (PRIVILEGE_RIGHTS, ReferenceSetting::UserRight),
            (GROUP_MEMBERSHIP, ReferenceSetting::RestrictedGroup),
        ] {
            let sections = document.sections_named(section);
            for principal in sections.flat_map(principal::of_section) {
                let kind = match principal.sid() {
                    Some(_) => ReferenceKind::Sid,
                    None => ReferenceKind::Account,
                };
                let whole = Vec::from([(0..principal.text.len(), kind)]);
                document.add_references(&mut found, setting, principal.line, principal.text, whole);
            }
        }
        for value in self.registry_values() {
            let (text, parts) = match value.data_type {
                RegistryType::SZ | RegistryType::EXPAND_SZ => {
                    let text = unquoted(value.data);
                    (text, in_value(text))
                }
                _ => (value.data, in_list(value.data)),
            };
            let setting = ReferenceSetting::SecurityOption;
            document.add_references(&mut found, setting, value.line, text, parts);
        }
        for kind in SecuredObjectKind::ALL {
            for object in self.secured_objects(kind) {
                let setting = ReferenceSetting::SecuredObject(kind);
                // A file may lie on a server.
                let name = in_value(object.name);
                document.add_references(&mut found, setting, object.line, object.name, name);
                let parts = in_list(object.sddl);
                document.add_references(&mut found, setting, object.line, object.sddl, parts);
            }
        }
        found.sort_by_key(|reference| match &reference.place {
            ReferencePlace::Line { line, part } => (*line, part.start),
            _ => (0, 0),
        });
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave. In user rights and
    /// restricted groups it is `*SID` or a name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there,
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for text that would end the place,
    /// such as a comma or a quote.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        one(self.edit_references(&[(reference, Some(text))]))
    }

    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        self.document.edit_references(edits, &|reference, text| {
            let is_listed = matches!(
                reference.setting,
                ReferenceSetting::UserRight | ReferenceSetting::RestrictedGroup
            );
            if text.contains(if is_listed { [',', '='] } else { [',', '"'] }) {
                return Err(reference.unwritable(text));
            }
            Ok(())
        })
    }
}
