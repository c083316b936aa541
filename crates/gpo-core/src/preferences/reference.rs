//! Principals and server paths in preferences.

use alloc::borrow::{Cow, ToOwned};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{FILTERS, PROPERTIES, Preferences};
use crate::error::Result;
use crate::reference::{
    Edit, Reference, ReferenceKind, ReferencePlace, ReferenceSetting, Replacements, add_references,
    failed, in_list, in_value, one,
};
use crate::xml_document::{XmlElement, XmlStep, xpath};
use crate::xml_writer::check_writable;

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
        one(self.edit_references(&[(reference, Some(text))]))
    }

    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(edits.len());
        edit_below(&mut self.document.root, 0, edits, &mut results);
        results
    }
}

/// An element for each member of a local group.
const MEMBER: &str = "Member";

/// Edits what is in an element and below it, `depth` steps from the root. Files nest at most 100
/// elements, so the recursion ends.
fn edit_below(
    element: &mut XmlElement,
    depth: usize,
    edits: &[Edit<'_>],
    results: &mut Vec<Result<()>>,
) {
    let own = edits.iter().take_while(|edit| path(edit).len() <= depth);
    let (own, below) = edits.split_at(own.count());
    for group in own.chunk_by(|(a, _), (b, _)| a.place.shares_text(&b.place)) {
        edit_text(element, group, results);
    }
    let mut removed = Vec::new();
    let mut children = element.elements_mut().enumerate();
    for group in below.chunk_by(|a, b| path(a).get(depth) == path(b).get(depth)) {
        let number = group.first().and_then(|edit| path(edit).get(depth));
        let child = number.and_then(|number| children.find(|(own, _)| own == number));
        match child {
            Some((number, child)) if is_removed(child, depth + 1, group) => {
                removed.push(number);
                results.extend(group.iter().map(|_| Ok(())));
            }
            Some((_, child)) => edit_below(child, depth + 1, group, results),
            None => results.extend(group.iter().map(|(own, _)| Err(own.missing()))),
        }
    }
    drop(children);
    element.remove_elements(&removed);
}

/// The path to the element of an edit.
fn path<'a>((reference, _): &Edit<'a>) -> &'a [usize] {
    match &reference.place {
        ReferencePlace::Xml { element, .. } => element,
        _ => &[],
    }
}

/// Whether an element is the member of a group, and one of the edits takes the member out.
fn is_removed(element: &XmlElement, depth: usize, edits: &[Edit<'_>]) -> bool {
    let takes_out = |edit: &Edit<'_>| {
        let (reference, text) = edit;
        let own = own_text(element, &reference.place);
        let there = own.is_some_and(|(_, own)| own.contains(&reference.text));
        text.is_none() && path(edit).len() == depth && there
    };
    element.local_name() == MEMBER && edits.iter().any(takes_out)
}

/// The attribute of a place, none for the text, and what it says.
fn own_text<'a>(
    element: &'a XmlElement,
    place: &'a ReferencePlace,
) -> Option<(Option<&'a str>, Cow<'a, str>)> {
    match place {
        ReferencePlace::Xml {
            attribute: Some(name),
            ..
        } => Some((Some(name), element.attribute(name)?)),
        ReferencePlace::Xml {
            attribute: None, ..
        } => Some((None, Cow::Owned(element.text()))),
        _ => None,
    }
}

/// Edits an attribute or the text of an element.
fn edit_text(element: &mut XmlElement, edits: &[Edit<'_>], results: &mut Vec<Result<()>>) {
    let Some((first, _)) = edits.first() else {
        return;
    };
    let own = own_text(element, &first.place);
    let own = own.map(|(attribute, own)| (attribute.map(str::to_owned), own.into_owned()));
    let Some((attribute, own)) = own else {
        results.extend(failed(edits.len(), &first.missing()));
        return;
    };
    let found = Replacements::of(&own, edits, &|_, text| check_writable("the place", text));
    let written = match attribute {
        _ if found.parts.is_empty() => Ok(()),
        Some(name) => element.replace_in_attribute(&name, &found.parts),
        None => element.replace_in_text(&found.parts),
    };
    results.extend(found.results(written));
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
    // Its end tells of most names; to find a prefix, all of a name has to be looked at.
    let is_targeting = steps
        .iter()
        .any(|step| step.element.name().ends_with(FILTERS) && step.element.local_name() == FILTERS);
    let setting = if is_targeting {
        ReferenceSetting::Targeting
    } else {
        ReferenceSetting::Preference
    };
    if parts.is_empty() {
        return;
    }
    let attribute: Option<Arc<str>> = attribute.map(Into::into);
    let xpath: Arc<str> = match &attribute {
        Some(name) => xpath(steps) + "/@" + name,
        None => xpath(steps) + "/text()",
    }
    .into();
    add_references(found, setting, text, parts, |part| ReferencePlace::Xml {
        element: steps.iter().skip(1).map(|step| step.number).collect(),
        attribute: attribute.clone(),
        xpath: Arc::clone(&xpath),
        part,
    });
}
