//! ACEs read in place.

use crate::access_mask::AccessMask;
use crate::ace::{AceFlags, ObjectTypes};
use crate::ace_type::AceType;
use crate::bytes::{array, u16_at, u32_at};
use crate::error::{Error, ErrorKind, Part};
use crate::guid::Guid;
use crate::sid_ref::SidRef;

/// Type, flags, size.
pub(crate) const HEADER_SIZE: usize = 4;
const MASK: usize = HEADER_SIZE;
const BASIC_SID: usize = MASK + 4;
const OBJECT_FLAGS: usize = BASIC_SID;
const OBJECT_GUIDS: usize = OBJECT_FLAGS + 4;
/// Bits of an object ACE's flags field.
pub(crate) const OBJECT_TYPE_PRESENT: u32 = 1;
pub(crate) const INHERITED_OBJECT_TYPE_PRESENT: u32 = 2;

/// An ACE inside other bytes: as [`Ace`](crate::Ace), without a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AceRef<'a> {
    // As long as its size field says.
    bytes: &'a [u8],
    // Of a type with a trustee: the SID in `bytes`, checked.
    sid: Option<(usize, SidRef<'a>)>,
}

impl<'a> AceRef<'a> {
    /// The ACE at the start of `bytes`; what follows it is left alone.
    ///
    /// # Errors
    /// Too few bytes, a size field smaller than the content or larger than `bytes`, a broken SID.
    pub fn from_prefix(bytes: &'a [u8]) -> Result<Self, Error> {
        let (Some(&ace_type), Some(size)) = (bytes.first(), u16_at(bytes, 2)) else {
            let kind = ErrorKind::Truncated {
                needed: HEADER_SIZE,
                available: bytes.len(),
            };
            return Err(Error::at(kind, Part::Ace, 0));
        };
        let size = usize::from(size);
        let bad_size = || Error::at(ErrorKind::BadSize(size), Part::Ace, 2);
        let ace_type = AceType(ace_type);
        let bytes = bytes
            .get(..size)
            .filter(|_| size >= HEADER_SIZE)
            .ok_or_else(bad_size)?;
        if !ace_type.has_trustee() {
            return Ok(Self { bytes, sid: None });
        }
        let offset = if ace_type.is_object() {
            let flags = u32_at(bytes, OBJECT_FLAGS).ok_or_else(bad_size)?;
            let guid = |flag| if flags & flag == 0 { 0 } else { 16 };
            OBJECT_GUIDS + guid(OBJECT_TYPE_PRESENT) + guid(INHERITED_OBJECT_TYPE_PRESENT)
        } else {
            BASIC_SID
        };
        let sid = bytes.get(offset..).ok_or_else(bad_size)?;
        let sid = SidRef::from_prefix(sid).map_err(|error| error.nested(offset))?;
        Ok(Self {
            bytes,
            sid: Some((offset, sid)),
        })
    }

    /// All bytes of the ACE.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The type.
    pub fn ace_type(&self) -> AceType {
        AceType(self.bytes.first().copied().unwrap_or_default())
    }

    /// The flags.
    pub fn flags(&self) -> AceFlags {
        AceFlags::from_bits_retain(self.bytes.get(1).copied().unwrap_or_default())
    }

    /// The rights; `None` for an unknown type.
    pub fn mask(&self) -> Option<AccessMask> {
        self.sid?;
        u32_at(self.bytes, MASK).map(AccessMask::from_bits_retain)
    }

    /// Whom it is about; `None` for an unknown type.
    pub fn sid(&self) -> Option<SidRef<'a>> {
        self.sid.map(|(_, sid)| sid)
    }

    /// The GUIDs; `None` unless the type [is an object type](AceType::is_object).
    pub fn object_types(&self) -> Option<ObjectTypes> {
        if !self.ace_type().is_object() {
            return None;
        }
        let flags = u32_at(self.bytes, OBJECT_FLAGS)?;
        let mut at = OBJECT_GUIDS;
        let mut guid = |flag| {
            if flags & flag == 0 {
                return None;
            }
            let guid = array(self.bytes, at).map(Guid::from_bytes);
            at += 16;
            guid
        };
        let mut types = ObjectTypes::new(
            guid(OBJECT_TYPE_PRESENT),
            guid(INHERITED_OBJECT_TYPE_PRESENT),
        );
        types.other_flags = flags & !(OBJECT_TYPE_PRESENT | INHERITED_OBJECT_TYPE_PRESENT);
        Some(types)
    }

    /// What follows the SID: a condition, a claim, or bytes without a meaning. Of an unknown type,
    /// all that follows the header.
    pub fn data(&self) -> &'a [u8] {
        let start = self
            .sid
            .map_or(HEADER_SIZE, |(at, sid)| at + sid.as_bytes().len());
        self.bytes.get(start..).unwrap_or_default()
    }
}
