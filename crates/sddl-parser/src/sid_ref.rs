//! SIDs read in place.

use core::fmt;

use crate::error::{Error, ErrorKind, Part};
use crate::sid::{HEADER_SIZE, MAX_SUB_AUTHORITIES, Sid};

/// A SID inside other bytes: as [`Sid`], without a copy.
///
/// ```
/// use sddl_parser::{Sid, SidRef};
///
/// let bytes = [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
/// let system = SidRef::from_prefix(&bytes)?;
/// assert_eq!(system.to_string(), "S-1-5-18");
/// assert_eq!(system, "S-1-5-18".parse::<Sid>()?);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SidRef<'a>(&'a [u8]);

impl<'a> SidRef<'a> {
    /// The SID at the start of `bytes`; what follows it is left alone.
    ///
    /// # Errors
    /// Another revision than 1, more than 15 sub-authorities, too few bytes.
    #[inline]
    pub fn from_prefix(bytes: &'a [u8]) -> Result<Self, Error> {
        match bytes {
            [1, count, ..] if usize::from(*count) <= MAX_SUB_AUTHORITIES => {
                Self::checked_prefix(bytes)
                    .ok_or_else(|| truncated(HEADER_SIZE + 4 * usize::from(*count), bytes))
            }
            [1, count, ..] => {
                let kind = ErrorKind::TooManySubAuthorities(usize::from(*count));
                Err(Error::at(kind, Part::Sid, 1))
            }
            [revision, _, ..] => Err(Error::at(ErrorKind::Revision(*revision), Part::Sid, 0)),
            _ => Err(truncated(HEADER_SIZE, bytes)),
        }
    }

    /// The SID at the start of bytes that were checked before.
    #[inline]
    pub(crate) fn checked_prefix(bytes: &'a [u8]) -> Option<Self> {
        let count = usize::from(*bytes.get(1)?);
        bytes.get(..HEADER_SIZE + 4 * count).map(Self)
    }

    /// The bytes of the SID, 8 to 68.
    #[inline]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The identifier authority, 48 bits.
    #[inline]
    pub fn authority(&self) -> u64 {
        self.0
            .iter()
            .take(HEADER_SIZE)
            .skip(2)
            .fold(0, |value, &b| value << 8 | u64::from(b))
    }

    /// The sub-authorities.
    #[inline]
    pub fn sub_authorities(&self) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        let (words, _) = self.0.get(HEADER_SIZE..).unwrap_or_default().as_chunks();
        words.iter().map(|&word| u32::from_le_bytes(word))
    }

    /// A copy that stands on its own.
    pub fn to_sid(&self) -> Sid {
        let mut sub_authorities = [0; MAX_SUB_AUTHORITIES];
        let values = self.sub_authorities();
        let count = values.len();
        for (to, from) in sub_authorities.iter_mut().zip(values) {
            *to = from;
        }
        Sid::known(
            self.authority(),
            sub_authorities.get(..count).unwrap_or_default(),
        )
    }
}

#[cold]
fn truncated(needed: usize, bytes: &[u8]) -> Error {
    Error::at(
        ErrorKind::Truncated {
            needed,
            available: bytes.len(),
        },
        Part::Sid,
        0,
    )
}

impl PartialEq<Sid> for SidRef<'_> {
    fn eq(&self, other: &Sid) -> bool {
        self.authority() == other.authority()
            && self
                .sub_authorities()
                .eq(other.sub_authorities().iter().copied())
    }
}

impl fmt::Display for SidRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_sid(), f)
    }
}

impl fmt::Debug for SidRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SidRef({self})")
    }
}
