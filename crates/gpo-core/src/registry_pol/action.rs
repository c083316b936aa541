//! What an entry of a registry.pol does.

use alloc::string::String;
use alloc::vec::Vec;

use super::RegistryEntry;
use super::name::RegistryName;
use super::value::RegistryValue;

/// What an entry does to its key ([MS-GPREG] 2.2.1, 3.2.5.1).
///
/// Most entries set a value. A value name that starts with `**` is a directive, recognised without
/// case; one that is none of these names sets a value of that odd name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryAction {
    /// Sets a value.
    SetValue,
    /// `**soft.NAME`: sets the value unless the key has it.
    SetIfAbsent(RegistryName),
    /// No value name, no type, no data: makes the key.
    CreateKey,
    /// `**del.NAME`: deletes the value.
    DeleteValue(RegistryName),
    /// `**delvals.`, with or without the dot: deletes all values of the key.
    DeleteAllValues,
    /// `**DeleteValues`: deletes the values listed in the data, with `;` between them.
    DeleteValues(Vec<String>),
    /// `**DeleteKeys`: deletes the keys listed in the data, with `;` between them.
    DeleteKeys(Vec<String>),
    /// `**SecureKey`: 1 leaves the key to administrators and the system, 0 undoes it.
    SecureKey(bool),
}

impl RegistryEntry {
    /// What the entry does.
    pub fn action(&self) -> RegistryAction {
        let name = &self.value_name;
        if name.is_empty() && self.value == RegistryValue::None {
            return RegistryAction::CreateKey;
        }
        let is = |directive: &str| {
            name.as_str()
                .is_some_and(|name| name.eq_ignore_ascii_case(directive))
        };
        if is("**delvals") || is("**delvals.") {
            return RegistryAction::DeleteAllValues;
        }
        if let Some(value) = name.strip_prefix("**del.") {
            return RegistryAction::DeleteValue(value);
        }
        if let Some(value) = name.strip_prefix("**soft.") {
            return RegistryAction::SetIfAbsent(value);
        }
        if is("**DeleteValues")
            && let Some(values) = self.value.text()
        {
            return RegistryAction::DeleteValues(split_list(&values));
        }
        if is("**DeleteKeys")
            && let Some(keys) = self.value.text()
        {
            return RegistryAction::DeleteKeys(split_list(&keys));
        }
        if is("**SecureKey")
            && let Some(number @ 0..=1) = self.value.as_dword()
        {
            return RegistryAction::SecureKey(number == 1);
        }
        RegistryAction::SetValue
    }
}

fn split_list(list: &str) -> Vec<String> {
    list.split(';')
        .filter(|item| !item.is_empty())
        .map(String::from)
        .collect()
}
