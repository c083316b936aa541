//! The data of registry values.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::error::{Error, ErrorKind, Result};
use crate::text::Encoding;

/// The type of a registry value, `REG_SZ` and so on; any number can stand in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistryType(pub u32);

macro_rules! registry_types {
    ($($number:literal $name:ident $windows:literal $doc:literal;)*) => {
        impl RegistryType {
            $(#[doc = $doc] pub const $name: Self = Self($number);)*

            /// The name that Windows has for it.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($windows),)*
                    _ => None,
                }
            }
        }
    };
}

registry_types! {
    0 NONE "REG_NONE" "No type; without data and value name the entry creates a key.";
    1 SZ "REG_SZ" "Text with a NUL at its end.";
    2 EXPAND_SZ "REG_EXPAND_SZ" "Text in which `%NAME%` stands for an environment variable.";
    3 BINARY "REG_BINARY" "Bytes.";
    4 DWORD "REG_DWORD" "A number of 32 bits.";
    5 DWORD_BIG_ENDIAN "REG_DWORD_BIG_ENDIAN" "A number of 32 bits, the highest byte first.";
    6 LINK "REG_LINK" "The path of a key that this one stands for.";
    7 MULTI_SZ "REG_MULTI_SZ" "Texts, each with a NUL at its end, and one more NUL.";
    8 RESOURCE_LIST "REG_RESOURCE_LIST" "Resources of a driver.";
    9 FULL_RESOURCE_DESCRIPTOR "REG_FULL_RESOURCE_DESCRIPTOR" "Resources of a device.";
    10 RESOURCE_REQUIREMENTS_LIST "REG_RESOURCE_REQUIREMENTS_LIST" "Resources that a driver asks for.";
    11 QWORD "REG_QWORD" "A number of 64 bits.";
}

impl fmt::Display for RegistryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

/// The data of a registry value with its type.
///
/// Data that has exactly the form of its type is typed; any other data is [`Raw`](Self::Raw), such
/// as text without NUL or a `REG_DWORD` of three bytes. So the value and the bytes are one to one.
///
/// ```
/// use gpo_core::{RegistryType, RegistryValue};
///
/// let value = RegistryValue::from_bytes(RegistryType::MULTI_SZ, b"a\0\0\0b\0\0\0\0\0");
/// assert_eq!(value, RegistryValue::MultiSz(vec!["a".into(), "b".into()]));
///
/// let odd = RegistryValue::from_bytes(RegistryType::SZ, b"a\0b\0");
/// assert_eq!(odd.as_sz(), None);
/// assert_eq!(odd.text().as_deref(), Some("ab"));
/// assert_eq!(odd.to_bytes()?, b"a\0b\0");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RegistryValue {
    /// `REG_NONE` without data.
    None,
    /// `REG_SZ`: text and one NUL, which is not part of the text.
    Sz(String),
    /// `REG_EXPAND_SZ`, as `Sz`.
    ExpandSz(String),
    /// `REG_BINARY`.
    Binary(Vec<u8>),
    /// `REG_DWORD` of four bytes.
    Dword(u32),
    /// `REG_DWORD_BIG_ENDIAN` of four bytes.
    DwordBigEndian(u32),
    /// `REG_MULTI_SZ`: texts without their NULs. The empty list is a single NUL (census: 784 of
    /// 863).
    MultiSz(Vec<String>),
    /// `REG_QWORD` of eight bytes.
    Qword(u64),
    /// Data that has not the form of its type, or whose type has no form here.
    Raw(RegistryType, Vec<u8>),
}

impl RegistryValue {
    /// Reads the data of a value.
    pub fn from_bytes(data_type: RegistryType, data: &[u8]) -> Self {
        let typed = match data_type {
            RegistryType::NONE if data.is_empty() => Some(Self::None),
            RegistryType::SZ => terminated(data).map(Self::Sz),
            RegistryType::EXPAND_SZ => terminated(data).map(Self::ExpandSz),
            RegistryType::BINARY => Some(Self::Binary(data.to_owned())),
            RegistryType::DWORD => data
                .try_into()
                .ok()
                .map(u32::from_le_bytes)
                .map(Self::Dword),
            RegistryType::DWORD_BIG_ENDIAN => data
                .try_into()
                .ok()
                .map(u32::from_be_bytes)
                .map(Self::DwordBigEndian),
            RegistryType::MULTI_SZ => list(data).map(Self::MultiSz),
            RegistryType::QWORD => data
                .try_into()
                .ok()
                .map(u64::from_le_bytes)
                .map(Self::Qword),
            _ => None,
        };
        typed.unwrap_or_else(|| Self::Raw(data_type, data.to_owned()))
    }

    /// The type.
    pub const fn data_type(&self) -> RegistryType {
        match self {
            Self::None => RegistryType::NONE,
            Self::Sz(_) => RegistryType::SZ,
            Self::ExpandSz(_) => RegistryType::EXPAND_SZ,
            Self::Binary(_) => RegistryType::BINARY,
            Self::Dword(_) => RegistryType::DWORD,
            Self::DwordBigEndian(_) => RegistryType::DWORD_BIG_ENDIAN,
            Self::MultiSz(_) => RegistryType::MULTI_SZ,
            Self::Qword(_) => RegistryType::QWORD,
            Self::Raw(data_type, _) => *data_type,
        }
    }

    /// The data as a file holds it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for NUL in a text, which would end it.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.append_to(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn append_to(&self, bytes: &mut Vec<u8>) -> Result<()> {
        match self {
            Self::None => {}
            Self::Sz(text) | Self::ExpandSz(text) => append_terminated(text, bytes)?,
            Self::Binary(data) | Self::Raw(_, data) => bytes.extend_from_slice(data),
            Self::Dword(number) => bytes.extend_from_slice(&number.to_le_bytes()),
            Self::DwordBigEndian(number) => bytes.extend_from_slice(&number.to_be_bytes()),
            Self::Qword(number) => bytes.extend_from_slice(&number.to_le_bytes()),
            Self::MultiSz(texts) => {
                texts
                    .iter()
                    .try_for_each(|text| append_terminated(text, bytes))?;
                bytes.extend_from_slice(&[0, 0]);
            }
        }
        Ok(())
    }

    /// The text of a `REG_SZ`.
    pub fn as_sz(&self) -> Option<&str> {
        match self {
            Self::Sz(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a `REG_EXPAND_SZ`.
    pub fn as_expand_sz(&self) -> Option<&str> {
        match self {
            Self::ExpandSz(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a `REG_MULTI_SZ`.
    pub fn as_multi_sz(&self) -> Option<&[String]> {
        match self {
            Self::MultiSz(texts) => Some(texts),
            _ => None,
        }
    }

    /// The number of a `REG_DWORD`.
    pub const fn as_dword(&self) -> Option<u32> {
        match self {
            Self::Dword(number) => Some(*number),
            _ => None,
        }
    }

    /// The number of a `REG_QWORD`.
    pub const fn as_qword(&self) -> Option<u64> {
        match self {
            Self::Qword(number) => Some(*number),
            _ => None,
        }
    }

    /// The text of a `REG_SZ` or `REG_EXPAND_SZ` as Windows would read it: up to the first NUL, or to
    /// the end where there is none. `None` for other types and for what is no UTF-16.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Sz(text) | Self::ExpandSz(text) => Some(Cow::Borrowed(text)),
            Self::Raw(RegistryType::SZ | RegistryType::EXPAND_SZ, data) => {
                let end = super::reader::find_nul(data).unwrap_or(data.len());
                Encoding::Utf16Le.decode(data.get(..end)?, 0).ok()
            }
            _ => None,
        }
    }
}

/// Text with its only NUL at the end.
fn terminated(data: &[u8]) -> Option<String> {
    let text = data.strip_suffix(&[0, 0])?;
    let text = Encoding::Utf16Le.decode(text, 0).ok()?;
    (!text.contains('\0')).then(|| text.into_owned())
}

/// Texts, each with a NUL at its end, and one more NUL.
fn list(data: &[u8]) -> Option<Vec<String>> {
    let texts = data.strip_suffix(&[0, 0])?;
    let texts = Encoding::Utf16Le.decode(texts, 0).ok()?;
    if texts.is_empty() {
        return Some(Vec::new());
    }
    Some(
        texts
            .strip_suffix('\0')?
            .split('\0')
            .map(str::to_owned)
            .collect(),
    )
}

fn append_terminated(text: &str, bytes: &mut Vec<u8>) -> Result<()> {
    if let Some(offset) = text.find('\0') {
        let message =
            format!("a registry text ends at its first NUL, this one has one at {offset}");
        return Err(Error::new(ErrorKind::Unwritable, message));
    }
    Encoding::append_utf16_le(text, bytes);
    bytes.extend_from_slice(&[0, 0]);
    Ok(())
}
