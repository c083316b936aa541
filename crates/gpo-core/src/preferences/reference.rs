//! Principals and server paths in preferences.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::{FILTERS, PROPERTIES, Preferences};
use crate::error::Result;
use crate::reference::{
    Reference, ReferenceKind, ReferencePlace, ReferenceSetting, add_references, in_list, in_value,
};
use crate::xml_document::{XmlStep, xpath};

/// Attributes that name an account, by the element that they are of; of `Properties` by the item.
const ACCOUNTS: [(&str, &str); 15] = [
    ("DataSource", "username"),
    ("Drive", "userName"),
    ("FilterGroup", "name"),
    ("FilterUser", "name"),
    ("Group", "groupName"),
    ("ImmediateTask", "runAs"),
    ("ImmediateTaskV2", "runAs"),
    ("LocalPrinter", "username"),
    ("Member", "name"),
    ("NTService", "accountName"),
    ("PortPrinter", "username"),
    ("SharedPrinter", "username"),
    ("Task", "runAs"),
    ("TaskV2", "runAs"),
    ("User", "userName"),
];

/// Elements whose text names an account: those of a scheduled task.
const ACCOUNT_TEXTS: [&str; 2] = ["GroupId", "UserId"];

impl Preferences {
    /// The principals and server paths in the file, each at its place.
    ///
    /// Found are the SIDs and server paths in attributes and texts, and the attributes and texts that
    /// name an account. GPMC lists none of them in Backup.xml (census: 0 of 30 SIDs, 0 of 31 paths).
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        self.document.visit(&mut |steps| {
            let Some((XmlStep { element, .. }, before)) = steps.split_last() else {
                return;
            };
            let owner = match element.local_name() {
                PROPERTIES => before.last().map_or("", |item| item.element.local_name()),
                name => name,
            };
            for (name, value) in element.attributes() {
                // A password says nothing about principals, and is not to be shown.
                if name != PASSWORD {
                    add(
                        &mut found,
                        steps,
                        Some(name),
                        &value,
                        ACCOUNTS.contains(&(owner, name)),
                    );
                }
            }
            if element.elements().next().is_none() {
                let is_account = ACCOUNT_TEXTS.contains(&element.local_name());
                add(&mut found, steps, None, &element.text(), is_account);
            }
        });
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there,
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for a character that XML does not
    /// allow.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        let ReferencePlace::Xml {
            element,
            attribute,
            part,
            ..
        } = &reference.place
        else {
            return Err(reference.missing());
        };
        let element = self.document.element_mut(element);
        let element = element.ok_or_else(|| reference.missing())?;
        let Some(name) = attribute else {
            let new = reference.replaced(&element.text(), part, text)?;
            return element.set_text(&new);
        };
        let own = element.attribute(name).unwrap_or_default();
        let new = reference.replaced(&own, part, text)?;
        element.set_attribute(name, &new)
    }
}

/// The attribute of a password.
pub(super) const PASSWORD: &str = "cpassword";

/// Adds what is in an attribute or, without one, in the text of the last element.
fn add(
    found: &mut Vec<Reference>,
    steps: &[XmlStep<'_>],
    attribute: Option<&str>,
    text: &str,
    is_account: bool,
) {
    let mut parts = match attribute {
        Some("args" | "arguments") => in_list(text),
        _ => in_value(text),
    };
    if is_account && parts.is_empty() && !text.is_empty() {
        parts.push((0..text.len(), ReferenceKind::Account));
    }
    let is_targeting = steps
        .iter()
        .any(|step| step.element.local_name() == FILTERS);
    let setting = if is_targeting {
        ReferenceSetting::Targeting
    } else {
        ReferenceSetting::Preference
    };
    add_references(found, setting, text, parts, |part| ReferencePlace::Xml {
        element: steps.iter().skip(1).map(|step| step.number).collect(),
        attribute: attribute.map(str::to_owned),
        xpath: match attribute {
            Some(name) => xpath(steps) + "/@" + name,
            None => xpath(steps) + "/text()",
        },
        part,
    });
}
