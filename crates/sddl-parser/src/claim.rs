//! Claims: resource attributes of an object, attributes of a user or a device.

use alloc::vec::Vec;

use crate::ace::Ace;
use crate::ace_type::AceType;
use crate::bytes::{array, u16_at, u32_at};
use crate::error::{Error, ErrorKind, Part};
use crate::sid::Sid;
use crate::sid_ref::SidRef;
use crate::wide_string::WideString;

/// A named claim with its values, in a resource attribute ACE in the form of
/// `CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1` ([MS-DTYP] 2.4.10.1).
///
/// ```
/// use sddl_parser::{Claim, ClaimValues, SddlContext};
///
/// let claim = Claim::new("Project", ClaimValues::Strings(vec!["Windows".into(), "SQL".into()]));
/// let context = SddlContext::new();
/// assert_eq!(claim.to_sddl(&context)?, r#"("Project",TS,0x0,"Windows","SQL")"#);
/// assert_eq!(Claim::from_bytes(&claim.to_bytes()?)?, claim);
/// # Ok::<(), sddl_parser::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Its name. Upper and lower case are the same.
    pub name: WideString,
    /// The flags of [MS-DTYP] 2.4.10.1, such as [`CASE_SENSITIVE`](Self::CASE_SENSITIVE).
    pub flags: u32,
    /// Its values.
    pub values: ClaimValues,
}

/// The values of a claim, all of one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimValues {
    /// `TI`
    Int64(Vec<i64>),
    /// `TU`
    Uint64(Vec<u64>),
    /// `TS`
    Strings(Vec<WideString>),
    /// `TD`
    Sids(Vec<Sid>),
    /// `TB`
    Booleans(Vec<bool>),
    /// `TX`
    Octets(Vec<Vec<u8>>),
}

/// Offset of the name, type, reserved, flags, number of values.
const HEADER_SIZE: usize = 16;

impl Claim {
    /// Flag: strings are compared with upper and lower case told apart.
    pub const CASE_SENSITIVE: u32 = 2;
    /// Flag: used only to deny.
    pub const USE_FOR_DENY_ONLY: u32 = 4;
    /// Flag: does not count.
    pub const DISABLED: u32 = 0x10;

    /// A claim without flags.
    pub fn new(name: &str, values: ClaimValues) -> Self {
        Self {
            name: name.into(),
            flags: 0,
            values,
        }
    }

    /// Reads a claim; bytes that belong to none of its parts are ignored.
    ///
    /// # Errors
    /// An unknown type; an offset out of range; a value that is cut off; values that share bytes,
    /// so that they would take more room than there is.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let (Some(name), Some(value_type), Some(flags), Some(count)) = (
            u32_at(bytes, 0),
            u16_at(bytes, 4),
            u32_at(bytes, 8),
            u32_at(bytes, 12),
        ) else {
            let kind = ErrorKind::Truncated {
                needed: HEADER_SIZE,
                available: bytes.len(),
            };
            return Err(Error::at(kind, Part::ResourceAttribute, 0));
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let offsets = bytes.get(HEADER_SIZE..).unwrap_or_default().as_chunks().0;
        let offsets = offsets.get(..count).ok_or_else(|| {
            Error::at(
                ErrorKind::BadSize(count),
                Part::ResourceAttribute,
                HEADER_SIZE - 4,
            )
        })?;
        let mut reader = Reader {
            bytes,
            used: HEADER_SIZE + 4 * count,
        };
        let name = reader.string(name, 0)?;
        let at = |i: usize, offset: &[u8; 4]| (u32::from_le_bytes(*offset), HEADER_SIZE + 4 * i);
        let offsets = offsets.iter().enumerate().map(|(i, offset)| at(i, offset));
        let values = match value_type {
            1 => ClaimValues::Int64(
                offsets
                    .map(|(o, f)| reader.eight(o, f).map(i64::from_le_bytes))
                    .collect::<Result<_, _>>()?,
            ),
            2 => ClaimValues::Uint64(
                offsets
                    .map(|(o, f)| reader.eight(o, f).map(u64::from_le_bytes))
                    .collect::<Result<_, _>>()?,
            ),
            3 => ClaimValues::Strings(
                offsets
                    .map(|(o, f)| reader.string(o, f))
                    .collect::<Result<_, _>>()?,
            ),
            5 => ClaimValues::Sids(
                offsets
                    .map(|(o, f)| reader.sid(o, f))
                    .collect::<Result<_, _>>()?,
            ),
            6 => ClaimValues::Booleans(
                offsets
                    .map(|(o, f)| reader.boolean(o, f))
                    .collect::<Result<_, _>>()?,
            ),
            0x10 => ClaimValues::Octets(
                offsets
                    .map(|(o, f)| reader.octets(o, f).map(<[u8]>::to_vec))
                    .collect::<Result<_, _>>()?,
            ),
            _ => return Err(malformed("a known type of claim", 4)),
        };
        Ok(Self {
            name,
            flags,
            values,
        })
    }

    /// The bytes as Windows lays them out: offsets, name, values in their order, filled up to a
    /// multiple of four.
    ///
    /// # Errors
    /// [`ErrorKind::Malformed`] for a NUL in a string, [`ErrorKind::TooLarge`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let mut offsets = Vec::new();
        let mut content = Vec::new();
        write_string(&self.name, &mut content)?;
        let value_type: u16 = match &self.values {
            ClaimValues::Int64(values) => {
                for value in values {
                    write(&value.to_le_bytes(), &mut offsets, &mut content);
                }
                1
            }
            ClaimValues::Uint64(values) => {
                for value in values {
                    write(&value.to_le_bytes(), &mut offsets, &mut content);
                }
                2
            }
            ClaimValues::Strings(values) => {
                for value in values {
                    offsets.push(content.len());
                    write_string(value, &mut content)?;
                }
                3
            }
            ClaimValues::Sids(values) => {
                values
                    .iter()
                    .try_for_each(|v| write_octets(&v.to_bytes(), &mut offsets, &mut content))?;
                5
            }
            ClaimValues::Booleans(values) => {
                for &value in values {
                    write(&u64::from(value).to_le_bytes(), &mut offsets, &mut content);
                }
                6
            }
            ClaimValues::Octets(values) => {
                values
                    .iter()
                    .try_for_each(|v| write_octets(v, &mut offsets, &mut content))?;
                0x10
            }
        };
        let start = HEADER_SIZE + 4 * offsets.len();
        let mut out = Vec::with_capacity(start + content.len() + 3);
        out.extend_from_slice(&to_u32(start)?.to_le_bytes());
        out.extend_from_slice(&value_type.to_le_bytes());
        out.extend_from_slice(&[0; 2]);
        out.extend_from_slice(&self.flags.to_le_bytes());
        out.extend_from_slice(&to_u32(offsets.len())?.to_le_bytes());
        for offset in offsets {
            out.extend_from_slice(&to_u32(start + offset)?.to_le_bytes());
        }
        out.extend_from_slice(&content);
        out.resize(out.len().next_multiple_of(4), 0);
        Ok(out)
    }
}

impl Ace {
    /// The claim; `None` unless the ACE is a resource attribute.
    ///
    /// # Errors
    /// As [`Claim::from_bytes`].
    pub fn claim(&self) -> Result<Option<Claim>, Error> {
        let is_attribute = self.ace_type() == AceType::SYSTEM_RESOURCE_ATTRIBUTE;
        is_attribute
            .then(|| Claim::from_bytes(self.data()))
            .transpose()
    }

    /// With this claim behind the SID.
    ///
    /// # Errors
    /// As [`Claim::to_bytes`] and [`Ace::with_data`].
    pub fn with_claim(self, claim: &Claim) -> Result<Self, Error> {
        self.with_data(claim.to_bytes()?)
    }
}

fn malformed(expected: &'static str, offset: usize) -> Error {
    Error::at(
        ErrorKind::Malformed(expected),
        Part::ResourceAttribute,
        offset,
    )
}

fn to_u32(size: usize) -> Result<u32, Error> {
    u32::try_from(size).map_err(|_| Error::new(ErrorKind::TooLarge(size), Part::ResourceAttribute))
}

fn write(value: &[u8], offsets: &mut Vec<usize>, content: &mut Vec<u8>) {
    offsets.push(content.len());
    content.extend_from_slice(value);
}

fn write_octets(
    value: &[u8],
    offsets: &mut Vec<usize>,
    content: &mut Vec<u8>,
) -> Result<(), Error> {
    write(&to_u32(value.len())?.to_le_bytes(), offsets, content);
    content.extend_from_slice(value);
    Ok(())
}

/// With the NUL that ends it.
fn write_string(value: &WideString, content: &mut Vec<u8>) -> Result<(), Error> {
    if value.units().contains(&0) {
        let kind = ErrorKind::Malformed("a string without NUL");
        return Err(Error::new(kind, Part::ResourceAttribute));
    }
    value.write_le_bytes(content);
    content.extend_from_slice(&[0; 2]);
    Ok(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    // The sizes of all that was read: values that share bytes cannot make a small ACE a large value.
    used: usize,
}

impl<'a> Reader<'a> {
    /// The bytes from `offset` on, which stands in the field at `field`.
    fn from(&self, offset: u32, field: usize) -> Result<&'a [u8], Error> {
        usize::try_from(offset)
            .ok()
            .and_then(|start| self.bytes.get(start..))
            .ok_or_else(|| {
                Error::at(
                    ErrorKind::OffsetOutOfRange(offset),
                    Part::ResourceAttribute,
                    field,
                )
            })
    }

    fn count(&mut self, size: usize, field: usize) -> Result<(), Error> {
        self.used = self.used.saturating_add(size);
        if self.used <= self.bytes.len() {
            return Ok(());
        }
        Err(Error::at(
            ErrorKind::Overlap,
            Part::ResourceAttribute,
            field,
        ))
    }

    fn eight(&mut self, offset: u32, field: usize) -> Result<[u8; 8], Error> {
        self.count(8, field)?;
        array(self.from(offset, field)?, 0).ok_or_else(|| malformed("eight bytes", field))
    }

    fn boolean(&mut self, offset: u32, field: usize) -> Result<bool, Error> {
        match u64::from_le_bytes(self.eight(offset, field)?) {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(malformed("0 or 1", field)),
        }
    }

    fn string(&mut self, offset: u32, field: usize) -> Result<WideString, Error> {
        let units = self.from(offset, field)?.as_chunks::<2>().0;
        let length = units.iter().position(|unit| *unit == [0; 2]);
        let length = length.ok_or_else(|| malformed("a string that ends with NUL", field))?;
        self.count(2 * length + 2, field)?;
        let units = units.iter().take(length);
        Ok(units
            .map(|&unit| u16::from_le_bytes(unit))
            .collect::<Vec<_>>()
            .into())
    }

    fn octets(&mut self, offset: u32, field: usize) -> Result<&'a [u8], Error> {
        let bytes = self.from(offset, field)?;
        let size = u32_at(bytes, 0).and_then(|size| usize::try_from(size).ok());
        let octets = size.and_then(|size| bytes.get(4..)?.get(..size));
        let octets = octets.ok_or_else(|| malformed("a length and that many bytes", field))?;
        self.count(4 + octets.len(), field)?;
        Ok(octets)
    }

    fn sid(&mut self, offset: u32, field: usize) -> Result<Sid, Error> {
        let octets = self.octets(offset, field)?;
        let sid = SidRef::from_prefix(octets).map(|sid| sid.to_sid());
        sid.map_err(|_| malformed("a SID", field))
    }
}
