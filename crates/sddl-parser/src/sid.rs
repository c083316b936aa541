//! Security identifiers.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::error::{Error, ErrorKind, Part};
use crate::sid_ref::SidRef;

/// Sub-authorities that a SID can have ([MS-DTYP] 2.4.2.2).
pub(crate) const MAX_SUB_AUTHORITIES: usize = 15;
/// Bytes in front of the sub-authorities.
pub(crate) const HEADER_SIZE: usize = 8;
/// The authority has 48 bits.
const MAX_AUTHORITY: u64 = (1 << 48) - 1;

/// A security identifier: a revision of 1, an authority of 48 bits and up to 15 sub-authorities
/// ([MS-DTYP] 2.4.2). 72 bytes on the stack, no allocation.
///
/// The text form is `S-1-<authority>-<sub-authority>…`. As Windows does, it is written in decimal,
/// an authority of 2³² or more in upper-case hexadecimal without padding; both are read in decimal
/// and hexadecimal (`0x`), and a sub-authority too large for its 32 bits becomes 4294967295.
///
/// The order is by authority, then by sub-authorities, then by their number.
///
/// ```
/// use sddl_parser::Sid;
///
/// let admins: Sid = "S-1-5-21-1-2-3-512".parse()?;
/// assert_eq!(admins.rid(), Some(512));
/// assert_eq!(admins.domain().unwrap().to_string(), "S-1-5-21-1-2-3");
/// assert_eq!(Sid::from_bytes(&admins.to_bytes())?, admins);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: u64,
    // Unused places are zero, so that the derived comparisons hold.
    sub_authorities: [u32; MAX_SUB_AUTHORITIES],
    count: u8,
}

impl Sid {
    /// A SID of these parts; `None` with more than 15 sub-authorities or an authority over 48 bits.
    pub const fn new(authority: u64, sub_authorities: &[u32]) -> Option<Self> {
        if authority > MAX_AUTHORITY || sub_authorities.len() > MAX_SUB_AUTHORITIES {
            return None;
        }
        Some(Self::known(authority, sub_authorities))
    }

    /// A SID of parts that are known to fit: the caller passes at most 15 sub-authorities.
    // A const fn cannot use iterators; the loop's bounds are those of both arrays.
    #[allow(clippy::indexing_slicing, clippy::cast_possible_truncation)]
    pub(crate) const fn known(authority: u64, sub_authorities: &[u32]) -> Self {
        let mut sid = Self {
            authority,
            sub_authorities: [0; MAX_SUB_AUTHORITIES],
            count: 0,
        };
        let mut i = 0;
        while i < sub_authorities.len() && i < MAX_SUB_AUTHORITIES {
            sid.sub_authorities[i] = sub_authorities[i];
            i += 1;
        }
        sid.count = i as u8;
        sid
    }

    /// Reads one SID that fills `bytes`.
    ///
    /// # Errors
    /// Another revision than 1, more than 15 sub-authorities, too few or too many bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let sid = SidRef::from_prefix(bytes)?;
        if sid.as_bytes().len() == bytes.len() {
            Ok(sid.to_sid())
        } else {
            Err(Error::at(ErrorKind::BadSize(bytes.len()), Part::Sid, 1))
        }
    }

    /// The bytes as they stand in an ACE: 8 + 4 × the number of sub-authorities.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.size());
        self.write_bytes(&mut bytes);
        bytes
    }

    pub(crate) fn write_bytes(&self, out: &mut Vec<u8>) {
        // Revision 1 and the number stand where the two high bytes of the authority are free.
        let mut header = self.authority.to_be_bytes();
        let [revision, count, ..] = &mut header;
        (*revision, *count) = (1, self.count);
        out.extend_from_slice(&header);
        for sub_authority in self.sub_authorities() {
            out.extend_from_slice(&sub_authority.to_le_bytes());
        }
    }

    /// Size of the binary form in bytes, 8 to 68.
    pub fn size(&self) -> usize {
        HEADER_SIZE + 4 * usize::from(self.count)
    }

    /// The identifier authority: 1 for `S-1-1-0`, 5 for what Windows NT itself issues.
    pub fn authority(&self) -> u64 {
        self.authority
    }

    /// The sub-authorities, at most 15.
    pub fn sub_authorities(&self) -> &[u32] {
        self.sub_authorities
            .get(..usize::from(self.count))
            .unwrap_or_default()
    }

    /// The last sub-authority, which names an account in its domain.
    pub fn rid(&self) -> Option<u32> {
        self.sub_authorities().last().copied()
    }

    /// The SID without its last sub-authority: of an account, the domain's.
    pub fn domain(&self) -> Option<Self> {
        let (_, domain) = self.sub_authorities().split_last()?;
        Some(Self::known(self.authority, domain))
    }

    /// The account `rid` of the domain that this SID names; `None` if there is no room for it.
    pub fn with_rid(&self, rid: u32) -> Option<Self> {
        let mut sid = *self;
        *sid.sub_authorities.get_mut(usize::from(self.count))? = rid;
        sid.count += 1;
        Some(sid)
    }

    /// Whether this is the SID of a domain: `S-1-5-21` and three more sub-authorities.
    pub fn is_domain(&self) -> bool {
        self.authority == 5 && matches!(self.sub_authorities(), [21, _, _, _])
    }

    /// Reads `S-1-…` that fills `text`. The error's offset counts in `text`.
    pub(crate) fn from_text(text: &[u8]) -> Result<Self, (ErrorKind, usize)> {
        const AUTHORITY: ErrorKind = ErrorKind::Expected("an authority of at most 48 bits");
        let [b'S' | b's', b'-', b'1', b'-', rest @ ..] = text else {
            return Err((ErrorKind::Expected("a SID (S-1-…)"), 0));
        };
        let mut rest = rest;
        let offset = |rest: &[u8]| text.len() - rest.len();
        let (authority, length) = number(rest).ok_or((AUTHORITY, offset(rest)))?;
        if authority > MAX_AUTHORITY {
            return Err((AUTHORITY, offset(rest)));
        }
        rest = rest.get(length..).unwrap_or_default();
        let mut sid = Self {
            authority,
            sub_authorities: [0; MAX_SUB_AUTHORITIES],
            count: 0,
        };
        while let [b'-', after @ ..] = rest {
            let (value, length) =
                number(after).ok_or((ErrorKind::Expected("a sub-authority"), offset(after)))?;
            *sid.sub_authorities.get_mut(usize::from(sid.count)).ok_or((
                ErrorKind::TooManySubAuthorities(MAX_SUB_AUTHORITIES + 1),
                offset(after),
            ))? = u32::try_from(value).unwrap_or(u32::MAX);
            sid.count += 1;
            rest = after.get(length..).unwrap_or_default();
        }
        if !rest.is_empty() || sid.count == 0 {
            return Err((ErrorKind::Expected("a sub-authority"), offset(rest)));
        }
        Ok(sid)
    }
}

/// A number in decimal or, after `0x`, in hexadecimal, at the start of `text`: its value, held at
/// `u64::MAX` when larger, and its length.
fn number(text: &[u8]) -> Option<(u64, usize)> {
    let (digits, radix, prefix) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16, 2),
        digits => (digits, 10, 0),
    };
    let mut value = 0_u64;
    let mut length = 0;
    while let Some(digit) = digits
        .get(length)
        .and_then(|&b| char::from(b).to_digit(radix))
    {
        value = value
            .saturating_mul(u64::from(radix))
            .saturating_add(u64::from(digit));
        length += 1;
    }
    (length > 0).then_some((value, prefix + length))
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.width().is_none() {
            return self.write_text(f);
        }
        let mut text = String::new();
        self.write_text(&mut text)?;
        f.pad(&text)
    }
}

impl Sid {
    /// Writes the text form. `write!` costs more than the digits, so they are made here.
    pub(crate) fn write_text(&self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str("S-1-")?;
        match u32::try_from(self.authority) {
            Ok(authority) => write_decimal(out, authority)?,
            Err(_) => write!(out, "0x{:X}", self.authority)?,
        }
        for &sub_authority in self.sub_authorities() {
            out.write_char('-')?;
            write_decimal(out, sub_authority)?;
        }
        Ok(())
    }
}

fn write_decimal(out: &mut impl fmt::Write, mut value: u32) -> fmt::Result {
    let mut digits = [b'0'; 10];
    let mut start = digits.len();
    for (i, digit) in digits.iter_mut().enumerate().rev() {
        // A remainder of ten fits a byte.
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        start = i;
        if value == 0 {
            break;
        }
    }
    out.write_str(core::str::from_utf8(digits.get(start..).unwrap_or_default()).unwrap_or_default())
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sid({self})")
    }
}

impl FromStr for Sid {
    type Err = Error;

    /// Reads the `S-1-…` form. Aliases need a domain: see [`SddlContext::parse_sid`](crate::SddlContext::parse_sid).
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_text(text.as_bytes())
            .map_err(|(kind, offset)| Error::in_text(kind, Part::Sid, text, offset))
    }
}
