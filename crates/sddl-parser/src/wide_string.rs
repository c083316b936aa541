//! UTF-16 strings of claims and conditions.

use alloc::vec::Vec;
use core::fmt::{self, Write as _};

/// A string as Windows has it: any 16-bit units, usually UTF-16. Units that are no UTF-16 are kept.
///
/// ```
/// use sddl_parser::WideString;
///
/// let title = WideString::from("Größe");
/// assert_eq!(title.units().len(), 5);
/// assert_eq!(title.to_string(), "Größe");
/// assert!(title.eq_ignore_case(&WideString::from("grÖße")));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WideString(Vec<u16>);

impl WideString {
    /// The 16-bit units.
    pub fn units(&self) -> &[u16] {
        &self.0
    }

    /// Whether there are no units.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are the same when upper and lower case are not told apart.
    pub fn eq_ignore_case(&self, other: &Self) -> bool {
        self.folded().eq(other.folded())
    }

    /// The order when upper and lower case are not told apart.
    pub(crate) fn cmp_ignore_case(&self, other: &Self) -> core::cmp::Ordering {
        self.folded().cmp(other.folded())
    }

    fn folded(&self) -> impl Iterator<Item = u32> {
        let upper = |unit: Result<char, core::char::DecodeUtf16Error>| match unit {
            Ok(c) => {
                let mut upper = c.to_uppercase();
                // What becomes several letters stays as it is, as in Windows' table.
                match (upper.next(), upper.next()) {
                    (Some(upper), None) => u32::from(upper),
                    _ => u32::from(c),
                }
            }
            Err(lone) => u32::from(lone.unpaired_surrogate()),
        };
        char::decode_utf16(self.0.iter().copied()).map(upper)
    }

    /// From little-endian bytes; `None` for an odd number of them.
    pub(crate) fn from_le_bytes(bytes: &[u8]) -> Option<Self> {
        let (units, rest) = bytes.as_chunks();
        let units = || units.iter().map(|&unit| u16::from_le_bytes(unit));
        rest.is_empty().then(|| Self(units().collect()))
    }

    pub(crate) fn write_le_bytes(&self, out: &mut Vec<u8>) {
        out.extend(self.0.iter().flat_map(|unit| unit.to_le_bytes()));
    }

    /// Size in bytes.
    pub(crate) fn size(&self) -> usize {
        2 * self.0.len()
    }
}

impl From<Vec<u16>> for WideString {
    fn from(units: Vec<u16>) -> Self {
        Self(units)
    }
}

impl From<&str> for WideString {
    fn from(text: &str) -> Self {
        Self(text.encode_utf16().collect())
    }
}

impl fmt::Display for WideString {
    /// Writes what is UTF-16, and `U+FFFD` for each unit that is not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::decode_utf16(self.0.iter().copied())
            .try_for_each(|c| f.write_char(c.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}
