//! Principals and paths in a registry.pol.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::{RegistryEntry, RegistryPol, RegistryValue};
use crate::error::Result;
use crate::path::fold_name;
use crate::reference::{
    Edit, Reference, ReferencePlace, ReferenceSetting, RegistryText, Replacements, add_references,
    failed, in_list, in_value, one,
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
            let key: Arc<str> = entry.key.to_string_lossy().into();
            let value_name: Arc<str> = entry.value_name.to_string_lossy().into();
            for (of, text) in texts(entry) {
                let parts = match of {
                    RegistryText::Key => in_list(text),
                    RegistryText::ValueName | RegistryText::Data(_) => in_value(text),
                };
                add_references(&mut found, setting, text, parts, |part| {
                    ReferencePlace::Registry {
                        entry: number,
                        key: Arc::clone(&key),
                        value_name: Arc::clone(&value_name),
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
        one(self.edit_references(&[(reference, Some(text))]))
    }

    pub(crate) fn edit_references(&mut self, edits: &[Edit<'_>]) -> Vec<Result<()>> {
        let mut results = Vec::with_capacity(edits.len());
        for group in edits.chunk_by(|(a, _), (b, _)| a.place.shares_text(&b.place)) {
            let Some((first, _)) = group.first() else {
                continue;
            };
            match self.edit_text(&first.place, group) {
                Some(own) => results.extend(own),
                None => results.extend(failed(group.len(), &first.missing())),
            }
        }
        results
    }

    /// Edits one text; `None` where there is none.
    fn edit_text(&mut self, place: &ReferencePlace, edits: &[Edit<'_>]) -> Option<Vec<Result<()>>> {
        let ReferencePlace::Registry { entry, of, .. } = place else {
            return None;
        };
        let entry = self.entries.get_mut(*entry)?;
        let (_, own) = texts(entry).find(|(own, _)| own == of)?;
        let found = Replacements::of(own, edits, &|reference, text| {
            if text.contains('\0') {
                return Err(reference.unwritable(text));
            }
            Ok(())
        });
        let Some(new) = found.apply(own) else {
            return Some(found.results);
        };
        let written = match (of, &mut entry.value) {
            (RegistryText::Key, _) => new.parse().map(|new| entry.key = new),
            (RegistryText::ValueName, _) => new.parse().map(|new| entry.value_name = new),
            (RegistryText::Data(_), RegistryValue::Sz(own) | RegistryValue::ExpandSz(own)) => {
                *own = new;
                Ok(())
            }
            (RegistryText::Data(n), RegistryValue::MultiSz(own)) => {
                *own.get_mut(*n)? = new;
                Ok(())
            }
            (RegistryText::Data(_), _) => return None,
        };
        Some(found.results(written))
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
