//! Who has a right, and who is in a group.

use alloc::format;
use alloc::string::String;

use sddl_parser::Sid;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::inf::{InfDocument, InfEntry, InfSection};

pub(super) const PRIVILEGE_RIGHTS: &str = "Privilege Rights";
pub(super) const GROUP_MEMBERSHIP: &str = "Group Membership";

/// A user right and who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivilegeRight<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The right, `SeBackupPrivilege`.
    pub privilege: &'a str,
    list: &'a str,
}

/// One list of a restricted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupMembership<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The group, `*SID` or a name.
    pub group: &'a str,
    /// Which list it is.
    pub of: GroupList,
    list: &'a str,
}

/// The two lists of a restricted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupList {
    /// Who is in the group; anybody else is removed.
    Members,
    /// Which groups the group is in, in addition to others.
    MemberOf,
}

impl GroupList {
    /// What follows the group in the key.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Members => "__Members",
            Self::MemberOf => "__Memberof",
        }
    }
}

/// A principal of a user right or restricted group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplatePrincipal<'a> {
    /// The line, from 1.
    pub line: usize,
    /// What it is in its line.
    pub role: PrincipalRole,
    /// `*SID` or a name, as written.
    pub text: &'a str,
}

/// What a principal is in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalRole {
    /// The restricted group that the line is about.
    Group,
    /// The n-th of the list, from 0.
    Listed(usize),
}

impl<'a> TemplatePrincipal<'a> {
    /// The SID, if the principal is one.
    pub fn sid(&self) -> Option<Sid> {
        self.text.strip_prefix('*')?.parse().ok()
    }

    /// The name, if the principal is one: all that does not start with `*`.
    pub fn name(&self) -> Option<&'a str> {
        (!self.text.starts_with('*')).then_some(self.text)
    }
}

impl<'a> PrivilegeRight<'a> {
    /// Who has the right, from left to right; nobody where the list is empty.
    pub fn principals(&self) -> impl Iterator<Item = TemplatePrincipal<'a>> + use<'a> {
        listed(self.line, self.list)
    }
}

impl<'a> From<InfEntry<'a>> for PrivilegeRight<'a> {
    fn from(entry: InfEntry<'a>) -> Self {
        Self {
            line: entry.line,
            privilege: entry.key,
            list: entry.value,
        }
    }
}

impl<'a> GroupMembership<'a> {
    pub(super) fn read(entry: InfEntry<'a>) -> Option<Self> {
        [GroupList::Members, GroupList::MemberOf]
            .into_iter()
            .find_map(|of| {
                let length = entry.key.len().checked_sub(of.suffix().len())?;
                let (group, suffix) = entry.key.split_at_checked(length)?;
                suffix.eq_ignore_ascii_case(of.suffix()).then_some(Self {
                    line: entry.line,
                    group,
                    of,
                    list: entry.value,
                })
            })
    }

    /// The list from left to right.
    pub fn principals(&self) -> impl Iterator<Item = TemplatePrincipal<'a>> + use<'a> {
        listed(self.line, self.list)
    }
}

/// The principals of a list; an empty place between two commas is none.
fn listed(line: usize, list: &str) -> impl Iterator<Item = TemplatePrincipal<'_>> {
    let texts = list.split(',').map(|text| text.trim_matches([' ', '\t']));
    texts
        .filter(|text| !text.is_empty())
        .enumerate()
        .map(move |(n, text)| TemplatePrincipal {
            line,
            role: PrincipalRole::Listed(n),
            text,
        })
}

/// The principals of a section, if it is one of the two that have some.
pub(super) fn of_section(section: InfSection<'_>) -> impl Iterator<Item = TemplatePrincipal<'_>> {
    let rights = section.name.eq_ignore_ascii_case(PRIVILEGE_RIGHTS);
    let groups = section.name.eq_ignore_ascii_case(GROUP_MEMBERSHIP);
    section
        .entries()
        .take_while(move |_| rights || groups)
        .flat_map(move |entry| {
            let membership = if groups {
                GroupMembership::read(entry)
            } else {
                None
            };
            let group = membership.map(|membership| TemplatePrincipal {
                line: entry.line,
                role: PrincipalRole::Group,
                text: membership.group,
            });
            let list = if rights || membership.is_some() {
                entry.value
            } else {
                ""
            };
            group.into_iter().chain(listed(entry.line, list))
        })
}

pub(super) fn set(
    document: &mut InfDocument,
    line: usize,
    role: PrincipalRole,
    text: &str,
) -> Result<()> {
    let own = document
        .sections()
        .flat_map(of_section)
        .find(|principal| (principal.line, principal.role) == (line, role))
        .ok_or_else(|| Error::new(ErrorKind::Missing, format!("no principal in line {line}")))?;
    if own.text == text {
        return Ok(());
    }
    check(text)?;
    if role == PrincipalRole::Group && text.contains('=') {
        return Err(unwritable(text));
    }
    match document.text().place_of(line, own.text) {
        Some(place) => document.replace(line, place, text),
        None => Ok(()),
    }
}

pub(super) fn list(principals: &[&str]) -> Result<String> {
    principals
        .iter()
        .try_for_each(|principal| check(principal))?;
    Ok(principals.join(","))
}

fn check(principal: &str) -> Result<()> {
    let blanks = principal.trim_matches([' ', '\t']).len() != principal.len();
    if principal.is_empty() || blanks || principal.contains([',', '\r', '\n']) {
        return Err(unwritable(principal));
    }
    Ok(())
}

fn unwritable(principal: &str) -> Error {
    let message = format!(
        "{} cannot be written as a principal",
        Quoted::new(principal)
    );
    Error::new(ErrorKind::Unwritable, message)
}
