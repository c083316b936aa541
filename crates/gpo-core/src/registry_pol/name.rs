//! Names of keys and values: UTF-16 that need not be well-formed.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::error::{Error, ErrorKind, Quoted, Result};
use crate::path::upper;
use crate::text::Encoding;

/// The name of a registry key or value as it lies in a file: UTF-16LE without its NUL.
///
/// The registry takes any UTF-16 units, also half a surrogate pair, which is no text. Shown, that
/// becomes U+FFFD; compared and written back, it stays what it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RegistryNameRef<'a> {
    bytes: &'a [u8],
}

impl<'a> RegistryNameRef<'a> {
    /// `bytes` are whole units, none of them zero.
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The UTF-16LE bytes, an even number.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The UTF-16 units.
    pub fn units(self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        let (units, _) = self.bytes.as_chunks();
        units.iter().map(|unit| u16::from_le_bytes(*unit))
    }

    /// Whether the registry takes both for the same name, which ignores case.
    pub fn is_same(self, name: &str) -> bool {
        fold(self.units()).eq(fold(name.encode_utf16()))
    }
}

impl fmt::Display for RegistryNameRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::decode_utf16(self.units())
            .try_for_each(|c| fmt::Write::write_char(f, c.unwrap_or(char::REPLACEMENT_CHARACTER)))
    }
}

impl fmt::Debug for RegistryNameRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&format!("{self}"), f)
    }
}

/// Characters and halves of surrogate pairs in the case that the registry compares by.
pub(super) type FoldedName = Vec<Result<char, u16>>;

/// Units in the case that the registry compares by: the simple upper case of each character.
fn fold(units: impl Iterator<Item = u16>) -> impl Iterator<Item = Result<char, u16>> {
    char::decode_utf16(units).map(|c| c.map(upper).map_err(|e| e.unpaired_surrogate()))
}

/// The name of a registry key or value.
///
/// It holds no NUL, and equals only what is written the same; [`is_same`](Self::is_same) ignores
/// case, as the registry does.
///
/// ```
/// use gpo_core::RegistryName;
///
/// let name: RegistryName = "EnableLUA".parse()?;
/// assert!(name.is_same(&"enablelua".parse()?));
/// assert_eq!(name.as_str(), Some("EnableLUA"));
///
/// let odd = RegistryName::from_units(&[0x41, 0xd800])?;
/// assert_eq!((odd.as_str(), odd.to_string().as_str()), (None, "A\u{fffd}"));
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct RegistryName {
    form: Form,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Form {
    Text(String),
    /// Only what is no text, so that equal names are equal values.
    Units(Vec<u16>),
}

impl Default for Form {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl RegistryName {
    /// A name of these UTF-16 units, which need not be well-formed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for a unit that is zero.
    pub fn from_units(units: &[u16]) -> Result<Self> {
        if units.contains(&0) {
            return Err(Error::new(
                ErrorKind::Value,
                "the name of a registry key or value cannot hold NUL",
            ));
        }
        let form =
            String::from_utf16(units).map_or_else(|_| Form::Units(units.to_vec()), Form::Text);
        Ok(Self { form })
    }

    /// The name, if it is well-formed.
    pub fn as_str(&self) -> Option<&str> {
        match &self.form {
            Form::Text(text) => Some(text),
            Form::Units(_) => None,
        }
    }

    /// The name with U+FFFD for what is not well-formed.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match &self.form {
            Form::Text(text) => Cow::Borrowed(text),
            Form::Units(units) => Cow::Owned(String::from_utf16_lossy(units)),
        }
    }

    /// Whether there is nothing: the name of a key's default value.
    pub fn is_empty(&self) -> bool {
        self.as_str() == Some("")
    }

    /// Whether the registry takes both for the same name, which ignores case.
    pub fn is_same(&self, other: &Self) -> bool {
        fold(self.units()).eq(fold(other.units()))
    }

    /// The name as a key of a map that ignores case.
    pub(super) fn folded(&self) -> FoldedName {
        fold(self.units()).collect()
    }

    /// The UTF-16 units.
    pub fn units(&self) -> impl Iterator<Item = u16> + '_ {
        let (text, units) = match &self.form {
            Form::Text(text) => (text.as_str(), [].as_slice()),
            Form::Units(units) => ("", units.as_slice()),
        };
        text.encode_utf16().chain(units.iter().copied())
    }

    /// What follows `prefix`, compared without ASCII case.
    pub(super) fn strip_prefix(&self, prefix: &str) -> Option<Self> {
        let rest = match &self.form {
            Form::Text(text) => {
                let (head, rest) = text.split_at_checked(prefix.len())?;
                head.eq_ignore_ascii_case(prefix)
                    .then(|| Form::Text(rest.to_owned()))?
            }
            Form::Units(units) => {
                let (head, rest) = units.split_at_checked(prefix.len())?;
                let head = String::from_utf16(head).ok()?;
                // What is not well-formed is still in the rest.
                head.eq_ignore_ascii_case(prefix)
                    .then(|| Form::Units(rest.to_vec()))?
            }
        };
        Some(Self { form: rest })
    }

    /// This name behind a prefix, which holds no NUL.
    pub(super) fn with_prefix(&self, prefix: &str) -> Self {
        let form = match &self.form {
            Form::Text(text) => Form::Text(format!("{prefix}{text}")),
            Form::Units(units) => {
                Form::Units(prefix.encode_utf16().chain(units.iter().copied()).collect())
            }
        };
        Self { form }
    }

    pub(super) fn append_to(&self, bytes: &mut Vec<u8>) {
        match &self.form {
            Form::Text(text) => Encoding::append_utf16_le(text, bytes),
            Form::Units(units) => bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes())),
        }
        bytes.extend_from_slice(&[0, 0]);
    }
}

impl From<RegistryNameRef<'_>> for RegistryName {
    fn from(name: RegistryNameRef<'_>) -> Self {
        let form = match Encoding::Utf16Le.decode(name.bytes, 0) {
            Ok(text) => Form::Text(text.into_owned()),
            Err(_) => Form::Units(name.units().collect()),
        };
        Self { form }
    }
}

impl FromStr for RegistryName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.contains('\0') {
            let message = format!(
                "{} cannot be the name of a registry key or value, it holds NUL",
                Quoted::new(text)
            );
            return Err(Error::new(ErrorKind::Value, message));
        }
        let form = Form::Text(text.to_owned());
        Ok(Self { form })
    }
}

impl fmt::Display for RegistryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_string_lossy())
    }
}

impl fmt::Debug for RegistryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_string_lossy(), f)
    }
}
