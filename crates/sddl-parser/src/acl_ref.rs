//! ACLs read in place.

use crate::ace_ref::AceRef;
use crate::bytes::u16_at;
use crate::error::{Error, ErrorKind, Part};

/// Revision, reserved, size, number of ACEs, reserved.
pub(crate) const HEADER_SIZE: usize = 8;

/// An ACL inside other bytes: as [`Acl`](crate::Acl), without a copy. All its ACEs are checked
/// when it is read, so that walking over them cannot fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AclRef<'a> {
    // As long as its size field says.
    bytes: &'a [u8],
    count: usize,
    // Where the last ACE ends.
    end: usize,
}

impl<'a> AclRef<'a> {
    /// The ACL at the start of `bytes`; what follows it is left alone.
    ///
    /// # Errors
    /// Too few bytes, a revision other than 2, 3 or 4 (those that Windows knows), a size field
    /// that does not fit, an ACE that is broken or reaches over the end.
    pub fn from_prefix(bytes: &'a [u8]) -> Result<Self, Error> {
        let (Some(&revision), Some(size), Some(count), true) = (
            bytes.first(),
            u16_at(bytes, 2),
            u16_at(bytes, 4),
            bytes.len() >= HEADER_SIZE,
        ) else {
            let kind = ErrorKind::Truncated {
                needed: HEADER_SIZE,
                available: bytes.len(),
            };
            return Err(Error::at(kind, Part::Dacl, 0));
        };
        if !matches!(revision, 2..=4) {
            return Err(Error::at(ErrorKind::Revision(revision), Part::Dacl, 0));
        }
        let size = usize::from(size);
        let bytes = bytes
            .get(..size)
            .filter(|_| size >= HEADER_SIZE)
            .ok_or_else(|| Error::at(ErrorKind::BadSize(size), Part::Dacl, 2))?;
        let count = usize::from(count);
        let mut end = HEADER_SIZE;
        for _ in 0..count {
            let ace = AceRef::from_prefix(bytes.get(end..).unwrap_or_default());
            end += ace.map_err(|error| error.nested(end))?.as_bytes().len();
        }
        Ok(Self { bytes, count, end })
    }

    /// All bytes of the ACL, with its slack.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// 2, or 4 when there can be object ACEs; 3 was for the compound type.
    pub fn revision(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    /// The first reserved field.
    pub(crate) fn reserved1(&self) -> u8 {
        self.bytes.get(1).copied().unwrap_or_default()
    }

    /// The second reserved field.
    pub(crate) fn reserved2(&self) -> u16 {
        u16_at(self.bytes, 6).unwrap_or_default()
    }

    /// How many ACEs there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is no ACE: nobody has any right.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The ACEs in their order.
    #[inline]
    pub fn aces(&self) -> impl Iterator<Item = AceRef<'a>> + use<'a> {
        let mut rest = self.bytes.get(HEADER_SIZE..self.end).unwrap_or_default();
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            // Its SID was checked when the ACL was read.
            let ace = AceRef::checked(rest)?;
            rest = rest.get(ace.as_bytes().len()..)?;
            Some(ace)
        })
    }

    /// What stands between the last ACE and the end of the ACL.
    pub fn slack(&self) -> &'a [u8] {
        self.bytes.get(self.end..).unwrap_or_default()
    }
}
