//! registry.pol: the registry values of one half of a GPO.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, ErrorKind, Result};
use crate::size_limits::MOST_PIECES;

mod action;
mod name;
mod reader;
mod recover;
mod reference;
mod secret;
mod value;

pub use action::RegistryAction;
use name::FoldedName;
pub use name::{RegistryName, RegistryNameRef};
pub use reader::{RegistryEntries, RegistryEntryRef, RegistryPolRef};
pub use value::{RegistryType, RegistryValue};

const SIGNATURE: [u8; 4] = *b"PReg";
const VERSION: u32 = 1;

/// `registry.pol`: what a GPO writes into the registry ([MS-GPREG] 2.2.1).
///
/// | part | bytes |
/// |---|---|
/// | header | `PReg`, version 1 as 32 bits |
/// | entry | `[` key NUL `;` value name NUL `;` type `;` size `;` data `]` |
///
/// Delimiters and names are UTF-16LE, type and size are 32 bits, all numbers little-endian. Keys
/// lie below `HKEY_LOCAL_MACHINE` in `Machine\registry.pol`, below `HKEY_CURRENT_USER` in
/// `User\registry.pol`. Delimiters also stand in names and data, so only NUL and size tell where
/// those end. Windows' own limits (259 characters a name, 65,535 bytes of data) are not enforced
/// here.
///
/// A document is its entries in file order; whatever [`parse`](Self::parse) takes is written back to
/// the same bytes. Entries are applied in order, so of two for one value the last one wins. To read a
/// file in place, without allocation, take a [`RegistryPolRef`].
///
/// # Limits
///
/// Names and values are kept as they are, also where they are no text. A size in an entry is never
/// believed before the bytes are there.
///
/// ```
/// use gpo_core::{RegistryPol, RegistryValue};
///
/// let mut pol = RegistryPol::default();
/// pol.set(r"Software\Policies\Demo", "Level", RegistryValue::Dword(3))?;
/// pol.delete(r"Software\Policies\Demo", "Old")?;
///
/// let pol = RegistryPol::parse(&pol.to_bytes()?)?;
/// let entry = pol.get(r"SOFTWARE\policies\demo", "LEVEL").unwrap();
/// assert_eq!(entry.value.as_dword(), Some(3));
/// assert_eq!(pol.entries[1].value_name.to_string(), "**del.Old");
/// # Ok::<(), gpo_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistryPol {
    /// The entries in file order.
    pub entries: Vec<RegistryEntry>,
}

/// An entry of a registry.pol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RegistryEntry {
    /// The key below `HKEY_LOCAL_MACHINE` or `HKEY_CURRENT_USER`.
    pub key: RegistryName,
    /// The value's name, empty for the default value, or a directive: see
    /// [`action`](Self::action).
    pub value_name: RegistryName,
    /// The data.
    pub value: RegistryValue,
}

impl RegistryEntry {
    /// An entry that sets a value.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for NUL in a name.
    pub fn set(key: &str, value_name: &str, value: RegistryValue) -> Result<Self> {
        Ok(Self {
            key: key.parse()?,
            value_name: value_name.parse()?,
            value,
        })
    }

    /// An entry that deletes a value, as Windows writes it: `**del.NAME` with one space as text.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn delete(key: &str, value_name: &str) -> Result<Self> {
        let value_name: RegistryName = value_name.parse()?;
        Ok(Self {
            key: key.parse()?,
            value_name: value_name.with_prefix("**del."),
            value: RegistryValue::Sz(" ".into()),
        })
    }

    /// An entry that deletes all values of a key, as Windows writes it.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn delete_all_values(key: &str) -> Result<Self> {
        Self::set(key, "**delvals.", RegistryValue::Sz(" ".into()))
    }

    /// An entry that makes a key.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn create_key(key: &str) -> Result<Self> {
        Self::set(key, "", RegistryValue::None)
    }

    /// The value that the entry decides about, and whether it does so for good.
    fn slot(&self) -> Option<Slot> {
        Some(match self.action() {
            RegistryAction::SetValue => Slot::Value(self.value_name.clone()),
            RegistryAction::DeleteValue(name) | RegistryAction::SetIfAbsent(name) => {
                Slot::Value(name)
            }
            RegistryAction::CreateKey => Slot::Key,
            RegistryAction::DeleteAllValues => Slot::AllValues,
            RegistryAction::SecureKey(_) => Slot::Security,
            RegistryAction::DeleteValues(_) | RegistryAction::DeleteKeys(_) => return None,
        })
    }

    fn is_for(&self, key: &RegistryName, value_name: &RegistryName) -> bool {
        self.key.is_same(key)
            && matches!(self.slot(), Some(Slot::Value(name)) if name.is_same(value_name))
    }
}

/// What an entry decides about in its key.
enum Slot {
    Value(RegistryName),
    AllValues,
    Key,
    Security,
}

impl RegistryPol {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Syntax`] or [`ErrorKind::Truncated`] at the byte where the file ends to be one;
    /// [`ErrorKind::Limit`] for more than [`MOST_PIECES`] entries.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let mut entries = Vec::new();
        for entry in RegistryPolRef::parse(bytes)?.entries() {
            if entries.len() == MOST_PIECES {
                let message = format!("the file has more than {MOST_PIECES} entries");
                return Err(Error::new(ErrorKind::Limit, message));
            }
            entries.push(entry?.to_entry());
        }
        Ok(Self { entries })
    }

    /// The bytes of the file.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unwritable`] for NUL in a text, or data of 4 GB.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&SIGNATURE);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        for entry in &self.entries {
            bytes.extend_from_slice(b"[\0");
            entry.key.append_to(&mut bytes);
            bytes.extend_from_slice(b";\0");
            entry.value_name.append_to(&mut bytes);
            bytes.extend_from_slice(b";\0");
            bytes.extend_from_slice(&entry.value.data_type().0.to_le_bytes());
            bytes.extend_from_slice(b";\0");
            let size_at = bytes.len();
            bytes.extend_from_slice(b"\0\0\0\0;\0");
            let start = bytes.len();
            entry.value.append_to(&mut bytes)?;
            let size = u32::try_from(bytes.len() - start).map_err(|_| {
                Error::new(ErrorKind::Unwritable, "an entry has 4 GB of data or more")
            })?;
            if let Some(place) = bytes.get_mut(size_at..size_at + 4) {
                place.copy_from_slice(&size.to_le_bytes());
            }
            bytes.extend_from_slice(b"]\0");
        }
        Ok(bytes)
    }

    /// The entry that decides about a value: the last one for its key and name, which may also
    /// [delete](RegistryAction::DeleteValue) it. Names are compared without case.
    ///
    /// Directives for a whole key are not looked at.
    pub fn get(&self, key: &str, value_name: &str) -> Option<&RegistryEntry> {
        let (key, name) = (key.parse().ok()?, value_name.parse().ok()?);
        self.entries
            .iter()
            .rev()
            .find(|entry| entry.is_for(&key, &name))
    }

    /// Sets a value: the entry that decides about it gets the data, or a new one is appended.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Value`] for NUL in a name.
    pub fn set(&mut self, key: &str, value_name: &str, value: RegistryValue) -> Result<()> {
        self.put(RegistryEntry::set(key, value_name, value)?, value_name)
    }

    /// Has a value deleted on the computers that get the GPO.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn delete(&mut self, key: &str, value_name: &str) -> Result<()> {
        self.put(RegistryEntry::delete(key, value_name)?, value_name)
    }

    fn put(&mut self, new: RegistryEntry, value_name: &str) -> Result<()> {
        let name = value_name.parse()?;
        let old = self
            .entries
            .iter_mut()
            .rev()
            .find(|old| old.is_for(&new.key, &name));
        match old {
            // The names keep their spelling.
            Some(old) if old.value_name.is_same(&new.value_name) => old.value = new.value,
            Some(old) => *old = new,
            None => self.entries.push(new),
        }
        Ok(())
    }

    /// Takes every entry for a value out of the file, so that the GPO says nothing about it.
    /// Returns how many there were.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn remove(&mut self, key: &str, value_name: &str) -> Result<usize> {
        let (key, name) = (key.parse()?, value_name.parse()?);
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.is_for(&key, &name));
        Ok(before - self.entries.len())
    }

    /// Appends the entries of another file, which win, and drops the entries that they
    /// [override](Self::effective).
    pub fn merge(&mut self, other: &Self) {
        self.entries.extend_from_slice(&other.entries);
        let mut overridden = self.overridden().into_iter();
        self.entries.retain(|_| overridden.next() == Some(false));
    }

    /// The entries that have an effect: those that no later entry overrides.
    ///
    /// An entry is overridden by a later one that sets or deletes the same value, or that deletes all
    /// values of its key. [`SetIfAbsent`](RegistryAction::SetIfAbsent) overrides nothing; lists of
    /// values or keys to delete override nothing and are never overridden.
    pub fn effective(&self) -> impl Iterator<Item = &RegistryEntry> {
        self.entries
            .iter()
            .zip(self.overridden())
            .filter_map(|(entry, overridden)| (!overridden).then_some(entry))
    }

    fn overridden(&self) -> Vec<bool> {
        let mut later: BTreeMap<FoldedName, KeyState> = BTreeMap::new();
        let mut overridden = vec![false; self.entries.len()];
        for (entry, overridden) in self.entries.iter().zip(&mut overridden).rev() {
            let Some(slot) = entry.slot() else { continue };
            let state = later.entry(entry.key.folded()).or_default();
            *overridden = match slot {
                Slot::Value(name) => {
                    let name = name.folded();
                    let soft = matches!(entry.action(), RegistryAction::SetIfAbsent(_));
                    state.all_values
                        || state.values.contains(&name)
                        || (!soft && !state.values.insert(name))
                }
                Slot::AllValues => core::mem::replace(&mut state.all_values, true),
                Slot::Key => core::mem::replace(&mut state.created, true),
                Slot::Security => core::mem::replace(&mut state.security, true),
            };
        }
        overridden
    }
}

/// What later entries decide about a key.
#[derive(Default)]
struct KeyState {
    values: BTreeSet<FoldedName>,
    all_values: bool,
    created: bool,
    security: bool,
}

#[cfg(test)]
mod tests;
