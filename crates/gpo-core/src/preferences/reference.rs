//! Principals and server paths in preferences.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sddl_parser::Sid;

use crate::xml_document::{XmlDocument, XmlPath, xpath};

/// What a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PreferenceReferenceKind {
    /// A SID.
    Sid,
    /// The name of an account.
    Account,
    /// A path on a server.
    UncPath,
}

/// A principal or path in a preferences file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreferenceReference {
    /// What it is.
    pub kind: PreferenceReferenceKind,
    /// The element.
    pub path: XmlPath,
    /// The attribute; none for the text of the element.
    pub attribute: Option<String>,
    /// The same place as an XPath.
    pub xpath: String,
    /// What stands there.
    pub text: String,
}

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

pub(super) fn find(document: &XmlDocument) -> Vec<PreferenceReference> {
    let mut references = Vec::new();
    document.visit(&mut |steps| {
        let Some((last, before)) = steps.split_last() else {
            return;
        };
        let element = last.element;
        let owner = match element.local_name() {
            super::PROPERTIES => before.last().map_or("", |item| item.element.local_name()),
            name => name,
        };
        let mut add = |kind, attribute: Option<&str>, text: &str| {
            let place = attribute.map_or_else(|| "/text()".into(), |name| format!("/@{name}"));
            references.push(PreferenceReference {
                kind,
                attribute: attribute.map(str::to_owned),
                xpath: xpath(steps) + &place,
                path: steps.iter().skip(1).map(|step| step.number).collect(),
                text: text.to_owned(),
            });
        };
        for (name, value) in element.attributes() {
            let is_account = ACCOUNTS.contains(&(owner, name));
            if let Some(kind) = kind_of(&value, is_account) {
                add(kind, Some(name), &value);
            }
        }
        if element.elements().next().is_none() {
            let text = element.text();
            let is_account = ACCOUNT_TEXTS.contains(&element.local_name());
            if let Some(kind) = kind_of(&text, is_account) {
                add(kind, None, &text);
            }
        }
    });
    references
}

fn kind_of(text: &str, is_account: bool) -> Option<PreferenceReferenceKind> {
    if text.parse::<Sid>().is_ok() {
        return Some(PreferenceReferenceKind::Sid);
    }
    if let Some(server) = text.strip_prefix(r"\\")
        && !server.is_empty()
        && !server.starts_with(['\\', '?', '.'])
    {
        return Some(PreferenceReferenceKind::UncPath);
    }
    (is_account && !text.is_empty()).then_some(PreferenceReferenceKind::Account)
}
