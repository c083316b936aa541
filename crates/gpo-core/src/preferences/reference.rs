//! Principals and server paths in preferences.

use alloc::borrow::{Cow, ToOwned};
use alloc::vec::Vec;

use super::{FILTERS, PROPERTIES, Preferences};
use crate::error::Result;
use crate::reference::{
    Reference, ReferenceKind, ReferencePlace, ReferenceSetting, add_references, in_list, in_value,
};
use crate::xml_document::{XmlNode, XmlStep, xpath};

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
        let own = match attribute {
            Some(name) => element.attribute(name).unwrap_or_default(),
            None => Cow::Owned(element.text()),
        };
        if own.get(part.clone()) != Some(reference.text.as_str()) {
            return Err(reference.missing());
        }
        match attribute {
            _ if text == reference.text => Ok(()),
            Some(name) => element.replace_in_attribute(name, part, text),
            None => element.replace_in_text(part, text),
        }
    }

    /// Takes out the `Member` of a local group that a reference is in, and all that stands in it.
    pub(crate) fn remove_reference(&mut self, reference: &Reference) -> Result<()> {
        let ReferencePlace::Xml { element: path, .. } = &reference.place else {
            return Err(reference.missing());
        };
        let parts = path
            .split_last()
            .and_then(|(&last, above)| Some((last, self.document.element_mut(above)?)));
        let (last, parent) = parts.ok_or_else(|| reference.missing())?;
        let nodes = parent.nodes_mut();
        let mut elements = nodes
            .iter()
            .enumerate()
            .filter_map(|(at, node)| match node {
                XmlNode::Element(element) => Some((at, element.local_name())),
                XmlNode::Text(_) | XmlNode::Other(_) => None,
            });
        let (at, name) = elements.nth(last).ok_or_else(|| reference.missing())?;
        if name != MEMBER {
            return Err(reference.irremovable());
        }
        nodes.remove(at);
        // The line that it had to itself.
        let before = at.checked_sub(1);
        if let Some(before) = before
            && let Some(XmlNode::Text(text)) = nodes.get(before)
            && text.trim().is_empty()
        {
            nodes.remove(before);
        }
        Ok(())
    }
}

/// An element for each member of a local group.
const MEMBER: &str = "Member";

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
