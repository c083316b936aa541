//! The entries of a registry.pol by key and name of the value.

use std::collections::HashMap;

use gpo_core::{RegistryAction, RegistryEntry, RegistryValue, fold_name};

use crate::value::PolicyValue;

/// What a registry.pol decides about each value. Of several entries for one value the last counts.
pub(crate) struct RegistryIndex<'a> {
    entries: &'a [RegistryEntry],
    keys: HashMap<String, KeyEntries>,
    /// The entries that a later one for the same value overrides.
    overridden: Vec<usize>,
}

#[derive(Default)]
struct KeyEntries {
    values: HashMap<String, Decided>,
    /// The entries that set values, in order.
    set: Vec<usize>,
    /// The entry that deletes all values.
    cleared: Option<usize>,
}

#[derive(Clone, Copy)]
struct Decided {
    entry: usize,
    deleted: bool,
}

/// What is decided about a value, and by which entry.
#[derive(Clone, Copy)]
pub(crate) struct Decision<'a> {
    pub(crate) entry: usize,
    /// The data; none where the value is deleted.
    pub(crate) data: Option<&'a RegistryValue>,
}

impl Decision<'_> {
    /// Whether this is what a template writes.
    pub(crate) fn is(self, value: &PolicyValue) -> bool {
        match self.data {
            Some(data) => value.is(data),
            None => *value == PolicyValue::Delete,
        }
    }
}

impl<'a> RegistryIndex<'a> {
    pub(crate) fn new(entries: &'a [RegistryEntry]) -> Self {
        let mut keys: HashMap<String, KeyEntries> = HashMap::new();
        let mut overridden = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let key = keys
                .entry(fold_name(&entry.key.to_string_lossy()))
                .or_default();
            let mut decide = |name: &str, deleted| {
                let entry = number;
                let earlier = key
                    .values
                    .insert(fold_name(name), Decided { entry, deleted });
                overridden.extend(earlier.map(|earlier| earlier.entry));
            };
            match entry.action() {
                RegistryAction::SetValue => {
                    decide(&entry.value_name.to_string_lossy(), false);
                    key.set.push(number);
                }
                RegistryAction::SetIfAbsent(name) => decide(&name.to_string_lossy(), false),
                RegistryAction::DeleteValue(name) => decide(&name.to_string_lossy(), true),
                RegistryAction::DeleteValues(names) => {
                    for name in &names {
                        decide(name, true);
                    }
                }
                RegistryAction::DeleteAllValues => key.cleared = Some(number),
                RegistryAction::CreateKey
                | RegistryAction::DeleteKeys(_)
                | RegistryAction::SecureKey(_) => {}
            }
        }
        Self {
            entries,
            keys,
            overridden,
        }
    }

    /// The entries without an effect, since a later one is for the same value.
    pub(crate) fn overridden(&self) -> &[usize] {
        &self.overridden
    }

    /// The folded names of the keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    /// What is decided about a value.
    pub(crate) fn value(&self, key: &str, name: &str) -> Option<Decision<'a>> {
        let decided = self
            .keys
            .get(&fold_name(key))?
            .values
            .get(&fold_name(name))?;
        let entry = self.entries.get(decided.entry)?;
        Some(Decision {
            entry: decided.entry,
            data: (!decided.deleted).then_some(&entry.value),
        })
    }

    /// The entry that deletes all values of a key.
    pub(crate) fn cleared(&self, key: &str) -> Option<usize> {
        self.keys.get(&fold_name(key))?.cleared
    }

    /// The entries of a key that set values, in order, with their numbers.
    pub(crate) fn values_of(&self, key: &str) -> impl Iterator<Item = (usize, &'a RegistryEntry)> {
        let set = self.keys.get(&fold_name(key)).map(|key| key.set.as_slice());
        let set = set.unwrap_or_default().iter();
        set.filter_map(|number| Some((*number, self.entries.get(*number)?)))
    }
}
