//! Walking a registry.pol in place, without allocation.

use alloc::format;

use super::name::{RegistryName, RegistryNameRef};
use super::value::{RegistryType, RegistryValue};
use super::{RegistryEntry, SIGNATURE, VERSION};
use crate::error::{Error, ErrorKind, Result};

/// A registry.pol that is read in place.
///
/// ```
/// use gpo_core::RegistryPolRef;
///
/// let file = b"PReg\x01\0\0\0[\0K\0\0\0;\0V\0\0\0;\0\x04\0\0\0;\0\x04\0\0\0;\0\x2a\0\0\0]\0";
/// for entry in RegistryPolRef::parse(file)?.entries() {
///     let entry = entry?;
///     assert_eq!(entry.value_name.to_string(), "V");
///     assert_eq!(entry.value().as_dword(), Some(42));
/// }
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RegistryPolRef<'a> {
    bytes: &'a [u8],
}

/// An entry as it lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistryEntryRef<'a> {
    /// Byte offset of the entry's `[` in the file.
    pub offset: usize,
    /// The key below `HKEY_LOCAL_MACHINE` or `HKEY_CURRENT_USER`.
    pub key: RegistryNameRef<'a>,
    /// The value's name, or a directive.
    pub value_name: RegistryNameRef<'a>,
    /// The type of the data.
    pub data_type: RegistryType,
    /// The data, at most 4 GB.
    pub data: &'a [u8],
}

impl<'a> RegistryPolRef<'a> {
    /// A file, of which the header is checked.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Truncated`] for less than 8 bytes, [`ErrorKind::Syntax`] for another signature
    /// than `PReg` or another version than 1.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        let Some((signature, rest)) = bytes.split_first_chunk() else {
            return Err(too_short(bytes.len()));
        };
        if *signature != SIGNATURE {
            let message = format!(
                "a registry.pol starts with PReg, this one with {}",
                signature.escape_ascii()
            );
            return Err(Error::new(ErrorKind::Syntax, message).at_offset(0));
        }
        let Some(version) = rest.first_chunk() else {
            return Err(too_short(bytes.len()));
        };
        let version = u32::from_le_bytes(*version);
        if version != VERSION {
            let message = format!("the version of a registry.pol is 1, this one's is {version}");
            return Err(Error::new(ErrorKind::Syntax, message).at_offset(4));
        }
        Ok(Self { bytes })
    }

    /// The entries in file order; the first error ends them.
    pub fn entries(&self) -> RegistryEntries<'a> {
        RegistryEntries {
            cursor: Cursor {
                bytes: self.bytes,
                rest: self.bytes.get(HEADER..).unwrap_or_default(),
            },
        }
    }
}

fn too_short(length: usize) -> Error {
    let message = format!("the header of a registry.pol is 8 bytes, these are {length}");
    Error::new(ErrorKind::Truncated, message).at_offset(length)
}

/// Bytes of the header.
pub(super) const HEADER: usize = 8;

impl RegistryEntryRef<'_> {
    /// The typed data.
    pub fn value(&self) -> RegistryValue {
        RegistryValue::from_bytes(self.data_type, self.data)
    }

    /// The entry on its own.
    pub fn to_entry(&self) -> RegistryEntry {
        RegistryEntry {
            key: RegistryName::from(self.key),
            value_name: RegistryName::from(self.value_name),
            value: self.value(),
        }
    }
}

/// The entries of a [`RegistryPolRef`].
#[derive(Clone, Debug)]
pub struct RegistryEntries<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Iterator for RegistryEntries<'a> {
    type Item = Result<RegistryEntryRef<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.rest.is_empty() {
            return None;
        }
        let entry = self.cursor.entry().map_err(EntryError::into_error);
        if entry.is_err() {
            self.cursor.rest = &[];
        }
        Some(entry)
    }
}

/// A place in the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    rest: &'a [u8],
}

/// Why an entry could not be read; made into an [`Error`] only where somebody wants to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct EntryError {
    pub(super) offset: usize,
    kind: EntryErrorKind,
}

#[derive(Clone, Copy, Debug)]
enum EntryErrorKind {
    /// This delimiter, which follows that field, is not there.
    Delimiter(u8, &'static str),
    /// The name has no terminating NUL.
    Name(&'static str),
    /// The file ends in this field.
    Field(&'static str),
    /// The data is longer than the file.
    Data { size: u32, left: usize },
}

impl EntryError {
    pub(super) fn into_error(self) -> Error {
        let (kind, message) = match self.kind {
            EntryErrorKind::Delimiter(delimiter, after) => (
                ErrorKind::Syntax,
                format!("'{}' should stand {after}", char::from(delimiter)),
            ),
            EntryErrorKind::Name(name) => (
                ErrorKind::Truncated,
                format!("the {name} that starts here has no end"),
            ),
            EntryErrorKind::Field(field) => (
                ErrorKind::Truncated,
                format!("the file ends in the {field}"),
            ),
            EntryErrorKind::Data { size, left } => (
                ErrorKind::Truncated,
                format!("the entry has {size} bytes of data, the file {left} more"),
            ),
        };
        Error::new(kind, message).at_offset(self.offset)
    }
}

/// The parts of an entry before its data.
pub(super) struct EntryHead<'a> {
    offset: usize,
    key: RegistryNameRef<'a>,
    value_name: RegistryNameRef<'a>,
    data_type: RegistryType,
    size: u32,
}

impl<'a> EntryHead<'a> {
    pub(super) fn with_data(self, data: &'a [u8]) -> RegistryEntryRef<'a> {
        RegistryEntryRef {
            offset: self.offset,
            key: self.key,
            value_name: self.value_name,
            data_type: self.data_type,
            data,
        }
    }
}

impl<'a> Cursor<'a> {
    pub(super) fn at(bytes: &'a [u8], offset: usize) -> Self {
        let rest = bytes.get(offset..).unwrap_or_default();
        Self { bytes, rest }
    }

    pub(super) fn offset(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    /// Reads an entry.
    #[inline]
    pub(super) fn entry(&mut self) -> Result<RegistryEntryRef<'a>, EntryError> {
        let head = self.head()?;
        let data = self.data(&head)?;
        Ok(head.with_data(data))
    }

    /// Reads an entry up to its data.
    #[inline]
    pub(super) fn head(&mut self) -> Result<EntryHead<'a>, EntryError> {
        let offset = self.offset();
        self.delimiter(b'[', "at the start of an entry")?;
        let key = self.name("key")?;
        self.delimiter(b';', "behind the key")?;
        let value_name = self.name("value name")?;
        self.delimiter(b';', "behind the value name")?;
        let data_type = RegistryType(self.number("type")?);
        self.delimiter(b';', "behind the type")?;
        let size = self.number("size")?;
        self.delimiter(b';', "behind the size")?;
        Ok(EntryHead {
            offset,
            key,
            value_name,
            data_type,
            size,
        })
    }

    /// Reads the data of an entry and what ends it.
    #[inline]
    pub(super) fn data(&mut self, head: &EntryHead<'a>) -> Result<&'a [u8], EntryError> {
        let size = usize::try_from(head.size).unwrap_or(usize::MAX);
        let Some((data, rest)) = self.rest.split_at_checked(size) else {
            let left = self.rest.len();
            let size = head.size;
            return Err(self.error(EntryErrorKind::Data { size, left }));
        };
        self.rest = rest;
        self.delimiter(b']', "behind the data")?;
        Ok(data)
    }

    #[inline]
    fn delimiter(&mut self, delimiter: u8, after: &'static str) -> Result<(), EntryError> {
        match self.rest.split_first_chunk() {
            Some((&unit, rest)) if unit == [delimiter, 0] => {
                self.rest = rest;
                Ok(())
            }
            _ => Err(self.error(EntryErrorKind::Delimiter(delimiter, after))),
        }
    }

    #[inline]
    fn name(&mut self, what: &'static str) -> Result<RegistryNameRef<'a>, EntryError> {
        let Some(length) = find_nul(self.rest) else {
            return Err(self.error(EntryErrorKind::Name(what)));
        };
        let (name, rest) = self.rest.split_at_checked(length).unwrap_or_default();
        self.rest = rest.get(2..).unwrap_or_default();
        Ok(RegistryNameRef::new(name))
    }

    #[inline]
    fn number(&mut self, what: &'static str) -> Result<u32, EntryError> {
        let Some((&number, rest)) = self.rest.split_first_chunk() else {
            return Err(self.error(EntryErrorKind::Field(what)));
        };
        self.rest = rest;
        Ok(u32::from_le_bytes(number))
    }

    fn error(&self, kind: EntryErrorKind) -> EntryError {
        let offset = self.offset();
        EntryError { offset, kind }
    }
}

/// The bytes before the first UTF-16 unit that is zero.
#[inline]
pub(super) fn find_nul(bytes: &[u8]) -> Option<usize> {
    // Four units at a time: subtracting 1 from each borrows from its top bit only where the unit is
    // zero; the lowest bit that is set is right even if a borrow runs on into higher units.
    const ONES: u64 = 0x0001_0001_0001_0001;
    const TOPS: u64 = 0x8000_8000_8000_8000;
    let (words, tail) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let zeros = word.wrapping_sub(ONES) & !word & TOPS;
        if zeros != 0 {
            return Some(8 * index + (zeros.trailing_zeros() / 16 * 2) as usize);
        }
    }
    let nul = tail
        .as_chunks::<2>()
        .0
        .iter()
        .position(|unit| *unit == [0, 0])?;
    Some(8 * words.len() + 2 * nul)
}
