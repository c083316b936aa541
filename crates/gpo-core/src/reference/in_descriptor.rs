//! SIDs in a security descriptor in binary.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use sddl_parser::{Acl, SecurityDescriptor, Sid};

use super::{Reference, ReferenceKind, ReferencePlace, ReferenceSetting};
use crate::error::{Error, ErrorKind, Quoted, Result};

/// A place of a SID in a security descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DescriptorPlace {
    /// The owner.
    Owner,
    /// The group.
    Group,
    /// The trustee of an ACE of the DACL, by its number from 0.
    Dacl(usize),
    /// The trustee of an ACE of the SACL, by its number from 0.
    Sacl(usize),
}

impl fmt::Display for DescriptorPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("owner"),
            Self::Group => f.write_str("group"),
            Self::Dacl(n) => write!(f, "DACL, ACE {}", n + 1),
            Self::Sacl(n) => write!(f, "SACL, ACE {}", n + 1),
        }
    }
}

/// The SIDs of a security descriptor, self-relative, in the order of [`DescriptorPlace`].
///
/// Conditions of ACEs are not looked into.
///
/// # Errors
///
/// [`ErrorKind::Syntax`] where the bytes are no security descriptor.
///
/// ```
/// use gpo_core::{descriptor_references, edit_descriptor};
/// use sddl_parser::{SddlContext, SecurityDescriptor};
///
/// let sddl = "O:S-1-5-21-1-2-3-512D:(A;;GA;;;SY)";
/// let bytes = SecurityDescriptor::from_sddl(sddl, &SddlContext::new())?.to_bytes()?;
/// let references = descriptor_references(&bytes)?;
/// assert_eq!(references[0].place.to_string(), "owner");
///
/// let new = edit_descriptor(&bytes, &references[0], Some("S-1-5-21-7-8-9-512"))?;
/// assert_eq!(descriptor_references(&new)?[0].text, "S-1-5-21-7-8-9-512");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn descriptor_references(bytes: &[u8]) -> Result<Vec<Reference>> {
    let descriptor = read(bytes)?;
    let ends = [
        (DescriptorPlace::Owner, descriptor.owner()),
        (DescriptorPlace::Group, descriptor.group()),
    ];
    let ends = ends
        .into_iter()
        .filter_map(|(place, sid)| Some((place, sid?)));
    let dacl = trustees(descriptor.dacl()).map(|(n, sid)| (DescriptorPlace::Dacl(n), sid));
    let sacl = trustees(descriptor.sacl()).map(|(n, sid)| (DescriptorPlace::Sacl(n), sid));
    let all = ends.chain(dacl).chain(sacl);
    let references = all.map(|(place, sid)| Reference {
        kind: ReferenceKind::Sid,
        setting: ReferenceSetting::Permissions,
        place: ReferencePlace::Descriptor(place),
        text: sid.to_string(),
    });
    Ok(references.collect())
}

/// A security descriptor with another SID in a place that [`descriptor_references`] gave; without
/// one, without the ACE.
///
/// # Errors
///
/// [`ErrorKind::Missing`] where something else stands in the place, [`ErrorKind::Value`] for a text
/// that is no SID, [`ErrorKind::Unwritable`] where an owner or group would be taken out, or a list
/// gets too long.
pub fn edit_descriptor(bytes: &[u8], reference: &Reference, sid: Option<&str>) -> Result<Vec<u8>> {
    let mut descriptor = read(bytes)?;
    let ReferencePlace::Descriptor(place) = reference.place else {
        return Err(reference.missing());
    };
    let sid: Option<Sid> = sid.map(parse_sid).transpose()?;
    let there = match place {
        DescriptorPlace::Owner => descriptor.owner(),
        DescriptorPlace::Group => descriptor.group(),
        DescriptorPlace::Dacl(n) => trustee(descriptor.dacl(), n),
        DescriptorPlace::Sacl(n) => trustee(descriptor.sacl(), n),
    };
    if there.copied() != reference.sid() {
        return Err(reference.missing());
    }
    match place {
        DescriptorPlace::Owner | DescriptorPlace::Group if sid.is_none() => {
            return Err(reference.irremovable());
        }
        DescriptorPlace::Owner => descriptor.set_owner(sid),
        DescriptorPlace::Group => descriptor.set_group(sid),
        DescriptorPlace::Dacl(n) => set_trustee(descriptor.dacl_mut(), n, sid)?,
        DescriptorPlace::Sacl(n) => set_trustee(descriptor.sacl_mut(), n, sid)?,
    }
    descriptor.to_bytes().map_err(|error| unwritable(&error))
}

fn parse_sid(text: &str) -> Result<Sid> {
    text.parse().map_err(|_| {
        let message = format!("{} is no SID", Quoted::new(text));
        Error::new(ErrorKind::Value, message)
    })
}

fn unwritable(error: &sddl_parser::Error) -> Error {
    Error::new(ErrorKind::Unwritable, error.to_string())
}

fn read(bytes: &[u8]) -> Result<SecurityDescriptor> {
    SecurityDescriptor::from_bytes(bytes)
        .map_err(|error| Error::new(ErrorKind::Syntax, error.to_string()))
}

fn trustees(acl: Option<&Acl>) -> impl Iterator<Item = (usize, &Sid)> {
    let aces = acl.into_iter().flat_map(|acl| acl.aces.iter());
    aces.enumerate()
        .filter_map(|(n, ace)| Some((n, ace.sid()?)))
}

fn trustee(acl: Option<&Acl>, n: usize) -> Option<&Sid> {
    acl?.aces.get(n)?.sid()
}

fn set_trustee(acl: Option<&mut Acl>, n: usize, sid: Option<Sid>) -> Result<()> {
    let Some(acl) = acl else { return Ok(()) };
    match (acl.aces.get_mut(n), sid) {
        (Some(ace), Some(sid)) => {
            let new = ace.clone().with_sid(sid);
            *ace = new.map_err(|error| unwritable(&error))?;
        }
        (Some(_), None) => {
            acl.aces.remove(n);
        }
        (None, _) => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sddl_parser::SddlContext;

    #[test]
    fn sids_are_replaced_where_they_stand() {
        let context = SddlContext::new();
        let sddl = |text: &str| SecurityDescriptor::from_sddl(text, &context).unwrap();
        let before = "O:S-1-5-21-1-2-3-4G:BAD:P(A;CI;GA;;;S-1-5-21-1-2-3-4)(D;;GW;;;WD)\
                      S:(AU;SA;FA;;;S-1-5-21-1-2-3-4)";
        let bytes = sddl(before).to_bytes().unwrap();
        let references = descriptor_references(&bytes).unwrap();
        let shown: Vec<_> = references
            .iter()
            .map(|r| format!("{}: {}", r.place, r.text))
            .collect();
        assert_eq!(
            shown,
            [
                "owner: S-1-5-21-1-2-3-4",
                "group: S-1-5-32-544",
                "DACL, ACE 1: S-1-5-21-1-2-3-4",
                "DACL, ACE 2: S-1-1-0",
                "SACL, ACE 1: S-1-5-21-1-2-3-4",
            ]
        );
        let edit = |bytes: &[u8], n: usize, sid| edit_descriptor(bytes, &references[n], sid);
        for (n, own) in references.iter().enumerate() {
            assert_eq!(edit(&bytes, n, Some(&own.text)).unwrap(), bytes);
        }
        let new = edit(&bytes, 3, Some("S-1-5-11")).unwrap();
        let new = edit(&new, 2, None).unwrap();
        let new = edit(&new, 0, Some("S-1-5-18")).unwrap();
        let shown = SecurityDescriptor::from_bytes(&new).unwrap();
        let after = "O:SYG:BAD:P(D;;GW;;;AU)S:(AU;SA;FA;;;S-1-5-21-1-2-3-4)";
        assert_eq!(shown.to_sddl(&context).unwrap(), after);

        for (bytes, sid, kind) in [
            (&bytes, None, ErrorKind::Unwritable),
            (&bytes, Some("x"), ErrorKind::Value),
            (&new, Some("S-1-1-0"), ErrorKind::Missing),
            (&Vec::new(), Some("S-1-1-0"), ErrorKind::Syntax),
        ] {
            assert_eq!(edit(bytes, 0, sid).unwrap_err().kind(), kind);
        }
    }
}
