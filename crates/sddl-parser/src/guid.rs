//! GUIDs of object ACEs.

use core::fmt;
use core::str::FromStr;

use crate::error::{Error, ErrorKind, Part};

/// A GUID in the layout of Windows: the first three fields little-endian ([MS-DTYP] 2.3.4.2).
///
/// ```
/// use sddl_parser::Guid;
///
/// let apply: Guid = "edacfd8f-ffb3-11d1-b41d-00a0c968f939".parse()?;
/// assert_eq!(apply.to_bytes()[..4], [0x8f, 0xfd, 0xac, 0xed]);
/// assert_eq!(apply.to_string(), "edacfd8f-ffb3-11d1-b41d-00a0c968f939");
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

/// Where the text's pairs of hexadecimal digits go in the bytes of Windows.
const TEXT_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
/// Length of the text form.
pub(crate) const TEXT_LENGTH: usize = 36;

impl Guid {
    /// From the 16 bytes as they stand in an ACE.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From the usual fields, for constants: `Guid::from_fields(0xedacfd8f, 0xffb3, 0x11d1, [0xb4, …])`.
    pub const fn from_fields(d1: u32, d2: u16, d3: u16, d4: [u8; 8]) -> Self {
        let (a, b, c) = (d1.to_le_bytes(), d2.to_le_bytes(), d3.to_le_bytes());
        let [a0, a1, a2, a3] = a;
        let [b0, b1] = b;
        let [c0, c1] = c;
        let [e0, e1, e2, e3, e4, e5, e6, e7] = d4;
        Self([
            a0, a1, a2, a3, b0, b1, c0, c1, e0, e1, e2, e3, e4, e5, e6, e7,
        ])
    }

    /// The 16 bytes as they stand in an ACE.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The text form as ASCII bytes.
    pub(crate) fn to_text(self) -> [u8; TEXT_LENGTH] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let digit = |n: u8| DIGITS.get(usize::from(n & 15)).copied().unwrap_or(b'0');
        let mut text = [b'-'; TEXT_LENGTH];
        let mut out = text.iter_mut();
        for (i, &from) in TEXT_ORDER.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) {
                out.next();
            }
            let byte = self.0.get(from).copied().unwrap_or(0);
            if let (Some(high), Some(low)) = (out.next(), out.next()) {
                *high = digit(byte >> 4);
                *low = digit(byte);
            }
        }
        text
    }

    /// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, nothing else.
    pub(crate) fn from_text(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let mut bytes = [0; 16];
        let mut input = text.iter();
        for (i, &to) in TEXT_ORDER.iter().enumerate() {
            if matches!(i, 4 | 6 | 8 | 10) && input.next() != Some(&b'-') {
                return None;
            }
            let high = char::from(*input.next()?).to_digit(16)?;
            let low = char::from(*input.next()?).to_digit(16)?;
            *bytes.get_mut(to)? = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(core::str::from_utf8(&self.to_text()).unwrap_or_default())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guid({self})")
    }
}

impl FromStr for Guid {
    type Err = Error;

    /// Reads the form without braces, in any case, as SDDL has it.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_text(text.as_bytes()).ok_or_else(|| {
            Error::in_text(
                ErrorKind::Expected("a GUID without braces"),
                Part::Guid,
                text,
                0,
            )
        })
    }
}

#[cfg(feature = "uuid")]
impl From<uuid::Uuid> for Guid {
    fn from(uuid: uuid::Uuid) -> Self {
        Self(uuid.to_bytes_le())
    }
}

#[cfg(feature = "uuid")]
impl From<Guid> for uuid::Uuid {
    fn from(guid: Guid) -> Self {
        Self::from_bytes_le(guid.0)
    }
}
