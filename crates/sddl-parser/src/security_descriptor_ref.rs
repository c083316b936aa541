//! Security descriptors read in place.

use crate::acl_ref::AclRef;
use crate::bytes::{u16_at, u32_at};
use crate::control::Control;
use crate::error::{Error, ErrorKind, Part};
use crate::sid_ref::SidRef;

/// Revision, resource manager's byte, control, four offsets.
pub(crate) const HEADER_SIZE: usize = 20;
// Where the header has the offsets of the parts.
pub(crate) const OWNER: usize = 4;
pub(crate) const GROUP: usize = 8;
pub(crate) const SACL: usize = 12;
pub(crate) const DACL: usize = 16;

/// A security descriptor in self-relative form, read in place: nothing is allocated, everything is
/// checked when it is read.
///
/// ```
/// use sddl_parser::{AccessMask, SddlContext, SecurityDescriptor, SecurityDescriptorRef};
///
/// let bytes = SecurityDescriptor::from_sddl("D:(A;;FR;;;AU)(A;;FA;;;BA)", &SddlContext::new())?.to_bytes()?;
/// let descriptor = SecurityDescriptorRef::from_bytes(&bytes)?;
/// let all = descriptor
///     .dacl()
///     .into_iter()
///     .flat_map(|acl| acl.aces())
///     .filter_map(|ace| ace.mask())
///     .fold(AccessMask::empty(), |all, mask| all | mask);
/// assert_eq!(all, AccessMask::FILE_ALL);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecurityDescriptorRef<'a> {
    bytes: &'a [u8],
    control: Control,
    owner: Option<SidRef<'a>>,
    group: Option<SidRef<'a>>,
    sacl: Option<AclRef<'a>>,
    dacl: Option<AclRef<'a>>,
}

/// Where a part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) part: Part,
    pub(crate) start: usize,
    // `start` when the part is missing.
    pub(crate) end: usize,
}

impl Place {
    pub(crate) fn is_missing(self) -> bool {
        self.start == self.end
    }
}

impl<'a> SecurityDescriptorRef<'a> {
    /// Reads a descriptor ([MS-DTYP] 2.4.6). Bytes that belong to no part are kept out of the way;
    /// the parts can stand in any order.
    ///
    /// An ACL is read wherever its offset is not zero, even where the control flags deny that it
    /// is there; [`dacl`](Self::dacl) and [`sacl`](Self::sacl) obey the flags.
    ///
    /// # Errors
    /// Another revision than 1; not self-relative; an offset into the header or behind the end,
    /// parts that overlap (with the offset of the field or of the part); a broken SID or ACL.
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Error> {
        let (Some(&revision), Some(control), true) =
            (bytes.first(), u16_at(bytes, 2), bytes.len() >= HEADER_SIZE)
        else {
            let kind = ErrorKind::Truncated {
                needed: HEADER_SIZE,
                available: bytes.len(),
            };
            return Err(Error::at(kind, Part::Header, 0));
        };
        if revision != 1 {
            return Err(Error::at(ErrorKind::Revision(revision), Part::Header, 0));
        }
        let control = Control::from_bits_retain(control);
        if !control.contains(Control::SELF_RELATIVE) {
            return Err(Error::at(ErrorKind::NotSelfRelative, Part::Header, 2));
        }
        let owner = sid(bytes, Part::Owner, OWNER)?;
        let group = sid(bytes, Part::Group, GROUP)?;
        let sacl = acl(bytes, Part::Sacl, SACL)?;
        let dacl = acl(bytes, Part::Dacl, DACL)?;
        let descriptor = Self {
            bytes,
            control,
            owner,
            group,
            sacl,
            dacl,
        };
        check_overlap(&descriptor.places())?;
        Ok(descriptor)
    }

    /// All bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The control flags.
    pub fn control(&self) -> Control {
        self.control
    }

    /// The resource manager's byte (`Sbz1`).
    pub fn resource_manager_control(&self) -> u8 {
        self.bytes.get(1).copied().unwrap_or_default()
    }

    /// The owner.
    pub fn owner(&self) -> Option<SidRef<'a>> {
        self.owner
    }

    /// The primary group.
    pub fn group(&self) -> Option<SidRef<'a>> {
        self.group
    }

    /// The DACL; `None` when there is none and when it is null.
    pub fn dacl(&self) -> Option<AclRef<'a>> {
        self.dacl
            .filter(|_| self.control.contains(Control::DACL_PRESENT))
    }

    /// The SACL; `None` when there is none and when it is null.
    pub fn sacl(&self) -> Option<AclRef<'a>> {
        self.sacl
            .filter(|_| self.control.contains(Control::SACL_PRESENT))
    }

    /// Whether there is a DACL, but a null one: everybody has every right.
    pub fn has_null_dacl(&self) -> bool {
        self.control.contains(Control::DACL_PRESENT) && self.dacl.is_none()
    }

    /// The DACL's bytes, even where the control flags deny them.
    pub(crate) fn stored_dacl(&self) -> Option<AclRef<'a>> {
        self.dacl
    }

    /// The SACL's bytes, even where the control flags deny them.
    pub(crate) fn stored_sacl(&self) -> Option<AclRef<'a>> {
        self.sacl
    }

    /// Where the parts stand: owner, group, SACL, DACL.
    pub(crate) fn places(&self) -> [Place; 4] {
        let place = |part, field, size: Option<usize>| {
            let start = u32_at(self.bytes, field).and_then(|start| usize::try_from(start).ok());
            let start = start.unwrap_or_default();
            Place {
                part,
                start,
                end: start + size.unwrap_or_default(),
            }
        };
        let sid = |sid: Option<SidRef<'_>>| sid.map(|sid| sid.as_bytes().len());
        let acl = |acl: Option<AclRef<'_>>| acl.map(|acl| acl.as_bytes().len());
        [
            place(Part::Owner, OWNER, sid(self.owner)),
            place(Part::Group, GROUP, sid(self.group)),
            place(Part::Sacl, SACL, acl(self.sacl)),
            place(Part::Dacl, DACL, acl(self.dacl)),
        ]
    }
}

/// The bytes from the offset in `field` on, and the offset; `None` for an offset of zero.
fn part_at(bytes: &[u8], part: Part, field: usize) -> Result<Option<(&[u8], usize)>, Error> {
    let offset = u32_at(bytes, field).unwrap_or_default();
    if offset == 0 {
        return Ok(None);
    }
    usize::try_from(offset)
        .ok()
        .filter(|start| (HEADER_SIZE..bytes.len()).contains(start))
        .and_then(|start| Some((bytes.get(start..)?, start)))
        .map(Some)
        .ok_or_else(|| Error::at(ErrorKind::OffsetOutOfRange(offset), part, field))
}

fn sid(bytes: &[u8], part: Part, field: usize) -> Result<Option<SidRef<'_>>, Error> {
    let Some((rest, start)) = part_at(bytes, part, field)? else {
        return Ok(None);
    };
    let sid = SidRef::from_prefix(rest).map_err(|error| error.nested(start).about(part))?;
    Ok(Some(sid))
}

fn acl(bytes: &[u8], part: Part, field: usize) -> Result<Option<AclRef<'_>>, Error> {
    let Some((rest, start)) = part_at(bytes, part, field)? else {
        return Ok(None);
    };
    let acl = AclRef::from_prefix(rest).map_err(|error| error.nested(start).in_acl(part))?;
    Ok(Some(acl))
}

fn check_overlap(places: &[Place; 4]) -> Result<(), Error> {
    for (i, place) in places
        .iter()
        .enumerate()
        .filter(|(_, place)| !place.is_missing())
    {
        let others = places.iter().take(i).filter(|other| !other.is_missing());
        for other in others {
            if place.start < other.end && other.start < place.end {
                return Err(Error::at(ErrorKind::Overlap, place.part, place.start));
            }
        }
    }
    Ok(())
}
