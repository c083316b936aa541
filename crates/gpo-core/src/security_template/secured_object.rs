//! Services, registry keys and files with their security descriptors.

use alloc::format;

use super::unquoted;
use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::inf::{InfDocument, InfItem};

/// What an object with a security descriptor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecuredObjectKind {
    /// A service of this name. Its number is the start type: 2 automatic, 3 manual, 4 disabled.
    Service,
    /// A registry key, `MACHINE\…` or `USERS\…`. Its number: 0 inheritable permissions are
    /// propagated to what lies below, 1 permissions there are replaced, 2 they are left alone.
    RegistryKey,
    /// A file or folder, with the numbers of registry keys.
    File,
}

impl SecuredObjectKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Service, Self::RegistryKey, Self::File];

    /// The name of the section.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Service => "Service General Setting",
            Self::RegistryKey => "Registry Keys",
            Self::File => "File Security",
        }
    }
}

/// A line `"name",number,"SDDL"`; the quotes may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecuredObject<'a> {
    /// The line, from 1.
    pub line: usize,
    /// The name of the service, or the path of the key or file.
    pub name: &'a str,
    /// The number; what it means depends on the [kind](SecuredObjectKind).
    pub mode: u32,
    /// The security descriptor; empty where a service keeps its own.
    pub sddl: &'a str,
    number: &'a str,
}

pub(super) fn read(
    document: &InfDocument,
    kind: SecuredObjectKind,
) -> impl Iterator<Item = SecuredObject<'_>> {
    let lines = document
        .sections_named(kind.section())
        .flat_map(|section| section.lines());
    lines.filter_map(|(line, text)| match InfItem::of(text) {
        InfItem::Blank | InfItem::Comment(_) | InfItem::Section(_) => None,
        InfItem::Entry { .. } | InfItem::Other(_) => split(line, text),
    })
}

fn split(line: usize, text: &str) -> Option<SecuredObject<'_>> {
    let blanks = [' ', '\t'];
    let text = text.trim_matches(blanks);
    let (name, rest) = match text.strip_prefix('"') {
        Some(text) => {
            let (name, rest) = text.split_once('"')?;
            (name, rest.trim_start_matches(blanks).strip_prefix(',')?)
        }
        None => text.split_once(',')?,
    };
    let (mode, sddl) = rest.split_once(',')?;
    let number = mode.trim_matches(blanks);
    Some(SecuredObject {
        line,
        name,
        mode: number.parse().ok()?,
        sddl: unquoted(sddl.trim_matches(blanks)),
        number,
    })
}

pub(super) fn set(
    document: &mut InfDocument,
    kind: SecuredObjectKind,
    name: &str,
    mode: u32,
    sddl: &str,
) -> Result<()> {
    let text = format!("\"{name}\",{mode},\"{sddl}\"");
    let same = |read: &SecuredObject| (read.name, read.mode, read.sddl) == (name, mode, sddl);
    if text.contains(['\r', '\n']) || !split(0, &text).is_some_and(|read| same(&read)) {
        let message = format!(
            "{} cannot be written as a secured object",
            Quoted::new(&text)
        );
        return Err(Error::new(ErrorKind::Unwritable, message));
    }
    let own = read(document, kind).find(|own| own.name.eq_ignore_ascii_case(name));
    let Some(own) = own else {
        return document.insert_line_in(kind.section(), &text);
    };
    let line = own.line;
    let number = document.text().place_of(line, own.number);
    let descriptor = document.text().place_of(line, own.sddl);
    let (Some(number), Some(descriptor)) = (number, descriptor) else {
        return Ok(());
    };
    let other_number = own.mode != mode;
    // From right to left, so that the places hold.
    document.replace(line, descriptor, sddl)?;
    if other_number {
        document.replace(line, number, &format!("{mode}"))?;
    }
    Ok(())
}
