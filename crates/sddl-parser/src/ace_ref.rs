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
    // Where the SID stands; zero for a type without a trustee.
    sid: u8,
}

impl<'a> AceRef<'a> {
    /// The ACE at the start of `bytes`; what follows it is left alone.
    ///
    /// # Errors
    /// Too few bytes, a size field smaller than the content or larger than `bytes`, a broken SID.
    #[inline]
    pub fn from_prefix(bytes: &'a [u8]) -> Result<Self, Error> {
        let Some(ace) = Self::checked(bytes) else {
            let kind = ErrorKind::Truncated {
                needed: HEADER_SIZE,
                available: bytes.len(),
            };
            let size = u16_at(bytes, 2).ok_or_else(|| Error::at(kind, Part::Ace, 0))?;
            return Err(Error::at(ErrorKind::BadSize(size.into()), Part::Ace, 2));
        };
        if ace.sid > 0 {
            let offset = usize::from(ace.sid);
            let sid = SidRef::from_prefix(ace.bytes.get(offset..).unwrap_or_default());
            sid.map_err(|error| error.nested(offset))?;
        }
        Ok(ace)
    }

    /// The ACE at the start of `bytes`, if its sizes fit; its SID is not looked at.
    #[inline]
    pub(crate) fn checked(bytes: &'a [u8]) -> Option<Self> {
        let &[ace_type, _, low, high, ..] = bytes else {
            return None;
        };
        let size = usize::from(u16::from_le_bytes([low, high]));
        let bytes = bytes.get(..size).filter(|_| size >= HEADER_SIZE)?;
        let ace_type = AceType(ace_type);
        let sid = if !ace_type.has_trustee() {
            0
        } else if ace_type.is_object() {
            let flags = u32_at(bytes, OBJECT_FLAGS)?;
            let guid = |flag| if flags & flag == 0 { 0 } else { 16 };
            OBJECT_GUIDS + guid(OBJECT_TYPE_PRESENT) + guid(INHERITED_OBJECT_TYPE_PRESENT)
        } else {
            BASIC_SID
        };
        // At most 4 + 4 + 4 + 2 * 16.
        let sid = u8::try_from(sid).ok().filter(|_| sid <= bytes.len())?;
        Some(Self { bytes, sid })
    }

    /// All bytes of the ACE.
    #[inline]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The type.
    #[inline]
    pub fn ace_type(&self) -> AceType {
        AceType(self.bytes.first().copied().unwrap_or_default())
    }

    /// The flags.
    #[inline]
    pub fn flags(&self) -> AceFlags {
        AceFlags::from_bits_retain(self.bytes.get(1).copied().unwrap_or_default())
    }

    /// The rights; `None` for an unknown type.
    #[inline]
    pub fn mask(&self) -> Option<AccessMask> {
        let mask = u32_at(self.bytes, MASK).filter(|_| self.sid > 0);
        mask.map(AccessMask::from_bits_retain)
    }

    /// Whom it is about; `None` for an unknown type.
    #[inline]
    pub fn sid(&self) -> Option<SidRef<'a>> {
        let bytes = self
            .bytes
            .get(usize::from(self.sid)..)
            .filter(|_| self.sid > 0)?;
        SidRef::checked_prefix(bytes)
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
        let start = self.sid().map_or(HEADER_SIZE, |sid| {
            usize::from(self.sid) + sid.as_bytes().len()
        });
        self.bytes.get(start..).unwrap_or_default()
    }
}
