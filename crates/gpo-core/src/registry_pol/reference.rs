//! Principals and paths in a registry.pol.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::{RegistryEntry, RegistryPol, RegistryValue};
use crate::error::Result;
use crate::path::fold_name;
use crate::reference::{
    Reference, ReferencePlace, ReferenceSetting, RegistryText, add_references, in_list, in_value,
    removal,
};

impl RegistryPol {
    /// The SIDs and server paths in keys, value names and texts, in file order.
    ///
    /// Texts are the data of `REG_SZ`, `REG_EXPAND_SZ` and `REG_MULTI_SZ`, unless it is
    /// [`Raw`](RegistryValue::Raw).
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let setting = setting(entry);
            for (of, text) in texts(entry) {
                let parts = match of {
                    RegistryText::Key => in_list(text),
                    RegistryText::ValueName | RegistryText::Data(_) => in_value(text),
                };
                add_references(&mut found, setting, text, parts, |part| {
                    ReferencePlace::Registry {
                        entry: number,
                        key: entry.key.to_string_lossy().into_owned(),
                        value_name: entry.value_name.to_string_lossy().into_owned(),
                        of,
                        part,
                    }
                });
            }
        }
        found
    }

    /// Puts other text in a place that [`references`](Self::references) gave.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`](crate::ErrorKind::Missing) where something else stands there,
    /// [`ErrorKind::Value`](crate::ErrorKind::Value) or
    /// [`ErrorKind::Unwritable`](crate::ErrorKind::Unwritable) for NUL.
    pub fn set_reference(&mut self, reference: &Reference, text: &str) -> Result<()> {
        self.edit_reference(reference, |own, part| {
            let new = reference.replaced(own, part, text)?;
            if new.contains('\0') {
                return Err(reference.unwritable(text));
            }
            Ok(new)
        })
    }

    /// Takes the ACE of a SID out of a descriptor.
    pub(crate) fn remove_reference(&mut self, reference: &Reference) -> Result<()> {
        self.edit_reference(reference, |own, part| {
            let there = own.get(part.clone()) == Some(reference.text.as_str());
            let ace = removal::ace(own, part).filter(|_| there);
            let ace = ace.ok_or_else(|| reference.irremovable())?;
            let mut own = own.to_owned();
            own.replace_range(ace, "");
            Ok(own)
        })
    }

    /// Puts another text in the place of the one that a reference is in.
    fn edit_reference(
        &mut self,
        reference: &Reference,
        new: impl FnOnce(&str, &Range<usize>) -> Result<String>,
    ) -> Result<()> {
        let ReferencePlace::Registry {
            entry, of, part, ..
        } = &reference.place
        else {
            return Err(reference.missing());
        };
        let missing = || reference.missing();
        let entry = self.entries.get_mut(*entry).ok_or_else(missing)?;
        let own = texts(entry)
            .find(|(own, _)| own == of)
            .ok_or_else(missing)?;
        let new = new(own.1, part)?;
        match (of, &mut entry.value) {
            (RegistryText::Key, _) => entry.key = new.parse()?,
            (RegistryText::ValueName, _) => entry.value_name = new.parse()?,
            (RegistryText::Data(_), RegistryValue::Sz(own) | RegistryValue::ExpandSz(own)) => {
                *own = new;
            }
            (RegistryText::Data(n), RegistryValue::MultiSz(own)) => {
                *own.get_mut(*n).ok_or_else(missing)? = new;
            }
            (RegistryText::Data(_), _) => return Err(missing()),
        }
        Ok(())
    }
}

fn setting(entry: &RegistryEntry) -> ReferenceSetting {
    let key: Cow<'_, str> = entry.key.to_string_lossy();
    let key: String = fold_name(&key);
    if key.contains("\\WINDOWSFIREWALL\\") {
        ReferenceSetting::FirewallRule
    } else if key.contains("\\SRPV2\\") {
        ReferenceSetting::AppLockerRule
    } else {
        ReferenceSetting::RegistryPolicy
    }
}

/// The texts of an entry, from left to right.
fn texts(entry: &RegistryEntry) -> impl Iterator<Item = (RegistryText, &str)> {
    let names = [
        (RegistryText::Key, entry.key.as_str()),
        (RegistryText::ValueName, entry.value_name.as_str()),
    ];
    let names = names.into_iter().filter_map(|(of, name)| Some((of, name?)));
    let (one, list) = match &entry.value {
        RegistryValue::Sz(text) | RegistryValue::ExpandSz(text) => {
            (Some(text.as_str()), [].as_slice())
        }
        RegistryValue::MultiSz(texts) => (None, texts.as_slice()),
        _ => (None, [].as_slice()),
    };
    let texts = one.into_iter().chain(list.iter().map(String::as_str));
    names.chain(
        texts
            .enumerate()
            .map(|(n, text)| (RegistryText::Data(n), text)),
    )
}
